import { createHash, createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { channelKeys, channelPublicKey, channelRoot, signedChannel } from '../../../sync/protocol/channel.ts'
import {
  commandSchema,
  downTopic,
  laneOf,
  onlineSchema,
  orderSchema,
  readTopic,
  upTopic,
} from '../../../sync/protocol/mqtt.ts'
import { maxMessageBytes, open, seal } from '../../../sync/protocol/sealed.ts'
import { signingKey } from '../../../sync/protocol/signing.ts'
import { mayHear, maySay } from '../../../sync/relay/broker/rights.ts'

interface Message {
  readonly topic: string
  readonly body: unknown
  readonly message: string
}
interface Vector {
  readonly fridge: string
  readonly fridgeSecret: string
  readonly relaySecret: string
  readonly fridgeKey: string
  readonly relayKey: string
  readonly root: string
  readonly up: string
  readonly down: string
  readonly password: string
  readonly request: {
    readonly seed: string
    readonly atMs: number
    readonly signed: string
    readonly signature: string
  }
  readonly command: Message & { readonly number: number }
  readonly goodbye: Message & { readonly counter: number }
}
/** Computed a second time by another program, in another language, from SPEC.md alone. */
const golden = JSON.parse(readFileSync('test/vectors/sync/mqtt-version-1.json', 'utf8')) as Vector
const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex')
const hex = (some: Uint8Array | null): string => Buffer.from(some ?? []).toString('hex')
const { fridge, fridgeKey, relayKey } = golden
const parts = { fridge, fridgeKey, relayKey }
const key = createHash('sha256').update('key').digest()

test('[SY31] the golden channel: both sides come to the same root and keys, and the question is signed', () => {
  expect(channelPublicKey(bytes(golden.fridgeSecret))).toBe(fridgeKey)
  expect(channelPublicKey(bytes(golden.relaySecret))).toBe(relayKey)
  expect(hex(channelRoot(bytes(golden.fridgeSecret), relayKey, parts))).toBe(golden.root)
  expect(hex(channelRoot(bytes(golden.relaySecret), fridgeKey, parts))).toBe(golden.root)
  const keys = channelKeys(bytes(golden.root))
  expect([hex(keys.up), hex(keys.down), keys.password]).toEqual([golden.up, golden.down, golden.password])
  const { seed, atMs, signed, signature } = golden.request
  expect(hex(signedChannel(fridge, atMs, fridgeKey))).toBe(signed)
  expect(Buffer.from(signingKey(bytes(seed)).sign(bytes(signed))).toString('base64')).toBe(signature)
})

test('[SY31] a key that is no point, or gives a secret known to all, opens nothing', () => {
  for (const bad of [Buffer.alloc(32).toString('base64'), Buffer.alloc(31, 1).toString('base64'), ''])
    expect(channelRoot(bytes(golden.fridgeSecret), bad, parts)).toBeNull()
  const other = channelRoot(bytes(golden.fridgeSecret), relayKey, { ...parts, fridge: 'fridge-2' })
  expect(hex(other)).not.toBe(golden.root)
})

test('[SY32] the golden messages, to the byte', () => {
  const { command, goodbye } = golden
  expect(hex(seal(bytes(golden.down), command.topic, command.number, command.body))).toBe(command.message)
  expect(hex(seal(bytes(golden.up), goodbye.topic, goodbye.counter, goodbye.body))).toBe(goodbye.message)
  expect(open(bytes(golden.down), command.topic, bytes(command.message))).toEqual({
    ok: true,
    value: { counter: 7, body: command.body },
  })
  expect(commandSchema.safeParse(command.body).success).toBe(true)
  expect(onlineSchema.safeParse(goodbye.body).success).toBe(true)
})

test('[SY32] a message that was changed anywhere, cut, moved to another topic or sealed with another key is not read', () => {
  const topic = downTopic('fridge-1', 'now')
  const message = seal(key, topic, 3, { a: 'body' })
  fc.assert(
    fc.property(fc.nat(message.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const changed = Buffer.from(message)
      changed[at] = (changed[at] ?? 0) ^ flip
      expect(open(key, topic, changed).ok).toBe(false)
    }),
  )
  for (let length = 0; length < message.length; length++)
    expect(open(key, topic, message.subarray(0, length)).ok).toBe(false)
  for (const other of [downTopic('fridge-1', 'kept'), downTopic('fridge-2', 'now'), upTopic('fridge-1', 'state')])
    expect(open(key, other, message)).toEqual({ ok: false, error: 'badSeal' })
  expect(open(Buffer.alloc(32), topic, message)).toEqual({ ok: false, error: 'badSeal' })
})

test('[SY32] what is too big, too deep, of another version or no JSON is said to be so', () => {
  const topic = upTopic('fridge-1', 'state')
  expect(open(key, topic, Buffer.alloc(maxMessageBytes + 1))).toEqual({ ok: false, error: 'tooBig' })
  const next = Buffer.from(seal(key, topic, 1, {}))
  next[0] = 2
  expect(open(key, topic, next)).toEqual({ ok: false, error: 'unsupportedVersion' })
  let deep: unknown = 1
  for (let at = 0; at < 40; at++) deep = [deep]
  expect(open(key, topic, seal(key, topic, 1, deep))).toEqual({ ok: false, error: 'malformed' })
  const raw = Buffer.concat([Buffer.of(1), Buffer.alloc(8), Buffer.alloc(32), Buffer.from('{')])
  const mac = createHmac('sha256', key).update(`visionvend mqtt 1\n${topic}\n`)
  mac.update(raw.subarray(0, 9)).update(raw.subarray(41)).digest().copy(raw, 9) // prettier-ignore
  expect(open(key, topic, raw)).toEqual({ ok: false, error: 'malformed' })
})

test('[SY39] [Y4] a fridge says what fridges say, hears its own commands, and names no other, however it writes it', () => {
  expect(['online', 'state', 'outcome'].every((what) => maySay('fridge-1', `fridge/fridge-1/up/${what}`))).toBe(true)
  for (const topic of [
    'fridge/fridge-2/up/state',
    'fridge/fridge-1/down/now',
    'fridge/fridge-1/up/other',
    '$SYS/relay/x',
  ])
    expect(maySay('fridge-1', topic)).toBe(false)
  expect(mayHear('fridge-1', 'fridge/fridge-1/down/+')).toBe(true)
  expect(mayHear('fridge-1', 'fridge/fridge-1/down/now')).toBe(true)
  for (const filter of [
    '#',
    '+/fridge-1/down/+',
    'fridge/+/down/+',
    'fridge/fridge-2/down/+',
    'fridge/fridge-1/#',
    '$share/relay/fridge/fridge-1/down/+',
  ])
    expect(mayHear('fridge-1', filter)).toBe(false)
  for (const topic of ['fridge/a b/up/state', 'fridge//up/state', 'x/fridge-1/up/state', 'fridge/fridge-1/sideways/x'])
    expect(readTopic(topic)).toBeNull()
  expect(Object.keys(laneOf).toSorted()).toEqual(orderSchema.options.map((one) => one.shape.type.value).toSorted())
})
