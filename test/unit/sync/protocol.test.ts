import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { chainHash } from '../../../src/ledger/chain.ts'
import { nextBatch, start } from '../../../sync/edge/batches.ts'
import { chainStart, digestOf, hashOf, rowDigest } from '../../../sync/protocol/chain.ts'
import { decodeBatch, encodeBatch } from '../../../sync/protocol/codec.ts'
import { dictionary } from '../../../sync/protocol/dictionary.ts'
import { readJson } from '../../../sync/protocol/json.ts'
import {
  answerSchema,
  answerStatus,
  maxBatchBytes,
  maxBodyBytes,
  maxDepth,
  maxRows,
  type Batch,
} from '../../../sync/protocol/messages.ts'
import { publicKeyOf, signedPair, signedRows, signingKey, verified } from '../../../sync/protocol/signing.ts'
import { createBooks } from './books.ts'

interface Vector {
  dictionarySha256: string
  seed: string
  publicKey: string
  rows: { seq: number; atMs: number; body: string; hash: string }[]
  batch: { fridge: string; rows: { body?: string }[] }
  wire: string
  signature: string
  pair: { code: string; fridge: string; signature: string }
}
const golden = JSON.parse(readFileSync('test/vectors/sync/version-1.json', 'utf8')) as Vector
const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex')
const hex = (some: Uint8Array): string => Buffer.from(some).toString('hex')
const packed = (value: unknown): Uint8Array =>
  zstdCompressSync(typeof value === 'string' ? value : JSON.stringify(value), { dictionary })
const batch = (parts: Partial<Batch> = {}): Batch => ({
  fridge: 'fridge-1',
  fromSeq: 1,
  previousHash: chainStart,
  lastHash: chainStart,
  rows: [],
  ...parts,
})
const wire = (parts: Record<string, unknown>): Record<string, unknown> => ({
  fridge: 'fridge-1',
  fromSeq: 1,
  previousHash: '0'.repeat(64),
  lastHash: '0'.repeat(64),
  rows: [],
  ...parts,
})

test('[SY1] the golden chain, as the relay computes it and as the ledger does', () => {
  let tip = digestOf(chainStart)
  for (const { seq, atMs, body, hash } of golden.rows) {
    expect(hex(chainHash(hashOf(tip), seq, atMs, body))).toBe(hash)
    tip = rowDigest(tip, seq, atMs, body)
    expect(hex(hashOf(tip))).toBe(hash)
  }
  expect(golden.rows.length).toBe(3)
})

test('[SY1] relay and ledger agree on any row', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.maxSafeNat(),
      fc.double({ noNaN: true }),
      fc.string({ unit: 'binary' }),
      (previous, seq, atMs, body) => {
        const digest = rowDigest(digestOf(previous), seq, atMs, body)
        expect(hex(hashOf(digest))).toBe(hex(chainHash(previous, seq, atMs, body)))
      },
    ),
  )
})

test('[SY2] the golden signatures: a batch and a pairing, by the key of a known seed', () => {
  const key = signingKey(bytes(golden.seed))
  expect(key.publicKey).toBe(golden.publicKey)
  const known = publicKeyOf(Buffer.from(golden.publicKey, 'base64'))!
  const body = bytes(golden.wire)
  const signature = Buffer.from(golden.signature, 'base64')
  expect(Buffer.from(key.sign(signedRows('fridge-1', body))).toString('base64')).toBe(golden.signature)
  expect(verified(known, signedRows('fridge-1', body), signature)).toBe(true)
  expect(verified(known, signedRows('fridge-2', body), signature)).toBe(false)
  expect(verified(known, signedRows('fridge-1', body.subarray(1)), signature)).toBe(false)
  expect(verified(known, signedRows('fridge-1', body), signature.subarray(1))).toBe(false)
  const { code, fridge } = golden.pair
  expect(Buffer.from(key.sign(signedPair(code, fridge, golden.publicKey))).toString('base64')).toBe(
    golden.pair.signature,
  )
  expect(publicKeyOf(Buffer.alloc(31))).toBeNull()
})

test('[SY14] the golden batch is read, and the dictionary is the one of this version', () => {
  expect(createHash('sha256').update(dictionary).digest('hex')).toBe(golden.dictionarySha256)
  const read = decodeBatch(bytes(golden.wire))
  if (!read.ok) throw new Error(JSON.stringify(read.error))
  expect(read.value.rows.map((row) => ('body' in row ? row.body : row.withheld))).toEqual([
    ...golden.rows.map(({ body }) => body),
    'tooBig',
  ])
  expect(hex(encodeBatch(read.value))).toBe(golden.wire)
})

test('[SY1] any batch comes back as it went', () => {
  const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((some) => Buffer.from(some))
  const row = fc.oneof(
    fc.record({ atMs: fc.double({ noNaN: true, noDefaultInfinity: true }), body: fc.string({ unit: 'grapheme' }) }),
    fc.record({ atMs: fc.integer(), withheld: fc.constantFrom('tooBig' as const, 'poison' as const), hash }),
  )
  const any = fc.record({
    fridge: fc.stringMatching(/^[a-z0-9-]{1,40}$/),
    fromSeq: fc.integer({ min: 1 }),
    previousHash: hash,
    lastHash: hash,
    rows: fc.array(row, { maxLength: 20 }),
  })
  fc.assert(
    fc.property(any, (sent) => {
      const read = decodeBatch(encodeBatch(sent))
      expect(read).toEqual({ ok: true, value: JSON.parse(JSON.stringify(sent), revive) })
    }),
    { numRuns: 50 },
  )
})
/** Buffers through JSON; and -0, which JSON writes as 0. */
const revive = (_key: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer' && 'data' in value
    ? Buffer.from(value.data as number[])
    : value

test('[SY3] a bomb is refused by its size, and costs no more than the bound', () => {
  const bomb = zstdCompressSync(Buffer.alloc(50_000_000, 0x20), { dictionary })
  expect(bomb.length).toBeLessThan(10_000)
  const before = process.memoryUsage().arrayBuffers
  expect(decodeBatch(bomb)).toMatchObject({ ok: false, error: { type: 'tooBig' } })
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * maxBatchBytes)
  expect(decodeBatch(new Uint8Array(maxBatchBytes + 1))).toMatchObject({ ok: false, error: { type: 'tooBig' } })
})

test('[SY3] too many rows and too long a row are refused', () => {
  const rows = Array.from({ length: maxRows + 1 }, () => ({ atMs: 1, body: '{}' }))
  expect(decodeBatch(packed(wire({ rows })))).toMatchObject({ ok: false, error: { type: 'malformed' } })
  expect(decodeBatch(packed(wire({ rows: rows.slice(1) }))).ok).toBe(true)
  const long = [{ atMs: 1, body: 'ü'.repeat(maxBodyBytes / 2) + '.' }]
  expect(decodeBatch(packed(wire({ rows: long })))).toEqual({
    ok: false,
    error: { type: 'tooBig', what: `row 1: a body is at most ${maxBodyBytes} bytes` },
  })
})

test('[SY4] brackets are counted before anything is parsed, and those in texts do not count', () => {
  const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)
  expect(readJson(nested(maxDepth)).ok).toBe(true)
  expect(readJson(nested(maxDepth + 1))).toEqual({ ok: false, error: 'tooDeep' })
  expect(readJson(nested(1_000_000))).toEqual({ ok: false, error: 'tooDeep' })
  expect(readJson(JSON.stringify(`"\\${nested(100)}`)).ok).toBe(true)
  for (const bytes of [
    nested(maxDepth + 1),
    `{"a\\"":"\\\\",${`"b":{`.repeat(maxDepth)}`,
    `["${nested(100)}\\\\",${nested(100)}]`,
  ])
    expect(readJson(Buffer.from(bytes))).toEqual({ ok: false, error: 'tooDeep' })
  expect(readJson(Buffer.from(`["ü${nested(100)}\\"${nested(100)}"]`)).ok).toBe(true)
  expect(readJson('{"a":}')).toEqual({ ok: false, error: 'notJson' })
  expect(decodeBatch(packed(`{"rows":${nested(100)}}`))).toMatchObject({
    error: { what: 'the batch is nested too deep' },
  })
})

test.each([
  ['no zstd', Buffer.from('{}'), 'the body is no zstd frame of this version'],
  ['zstd without this version`s dictionary', zstdCompressSync('no JSON either'), 'the batch is no JSON'],
  ['nothing', Buffer.alloc(0), 'the body is no zstd frame of this version'],
  ['no JSON', packed('{'), 'the batch is no JSON'],
  ['a number', packed('7'), ': Invalid input: expected object, received number'],
  ['a fridge`s id with a slash', packed(wire({ fridge: '../x' })), 'fridge: Invalid string'],
  ['row 0', packed(wire({ fromSeq: 0 })), 'fromSeq: Too small'],
  ['half a row', packed(wire({ fromSeq: 1.5 })), 'fromSeq: Invalid input'],
  ['a hash in capitals', packed(wire({ previousHash: 'A'.repeat(64) })), 'previousHash: Invalid string'],
  ['an unknown field', packed(wire({ more: 1 })), ': Unrecognized key: "more"'],
  [
    'a row of both kinds',
    packed(wire({ rows: [{ atMs: 1, body: '', hash: '0'.repeat(64) }] })),
    'rows.0: Unrecognized key',
  ],
  [
    'rows beyond counting',
    packed(wire({ fromSeq: Number.MAX_SAFE_INTEGER, rows: [{ atMs: 1, body: '' }] })),
    'fromSeq: goes beyond',
  ],
])('[SY8] %s is malformed, and the answer says where', (_what, sent, says) => {
  const read = decodeBatch(sent)
  expect(read).toMatchObject({ ok: false, error: { type: 'malformed', what: expect.stringContaining(says) as string } })
})

test('[SY8] the codes are a closed set, each with its status', () => {
  expect(answerSchema.safeParse({ type: 'perhaps' }).success).toBe(false)
  expect(Object.keys(answerStatus).length).toBe(answerSchema.options.length)
  expect(answerSchema.parse({ type: 'gap', expectedSeq: 3 })).toEqual({ type: 'gap', expectedSeq: 3 })
})

test('[SY3] a body of nothing but escapes still fits a batch by itself', () => {
  const body = '\u0001'.repeat(maxBodyBytes)
  const sent = batch({ rows: [{ atMs: 1, body }] })
  expect(decodeBatch(encodeBatch(sent)).ok).toBe(true)
})

test('[SY3] a batch is cut by the byte, whatever its letters take in JSON', () => {
  for (const letters of ['plain ', '"', 'ü', '\u0001', '\u{1f600}']) {
    const books = createBooks()
    for (let row = 1; row <= 80; row++) books.writeBody(row, letters.repeat((700 * row) / letters.length))
    let room = maxBatchBytes - 512
    const fits = books.all().findIndex(({ body }) => (room -= 128 + Buffer.byteLength(JSON.stringify(body))) < 0)
    const cut = nextBatch(books, 'fridge-1', start, 1_000, new Map())
    if (!cut.ok) throw new Error(`row ${cut.error.seq}`)
    expect([letters, cut.value.rows.length]).toEqual([letters, fits])
    expect(decodeBatch(encodeBatch(cut.value)).ok).toBe(true)
  }
})
