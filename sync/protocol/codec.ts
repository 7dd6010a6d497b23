/**
 * Codec: a batch to bytes and back: JSON in one zstd frame (SPEC.md). Pure.
 * Holds always: decoding takes no more memory than the bound [SY3], believes nothing before it is checked, and says what
 * is wrong instead of throwing.
 */
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { err, ok, type Result } from '../../src/core/result.ts'
import { dictionary } from './dictionary.ts'
import { readJson } from './json.ts'
import { batchSchema, maxBatchBytes, maxBodyBytes, type AnswerOf, type Batch } from './messages.ts'

export type DecodeFault = AnswerOf<'tooBig'> | AnswerOf<'malformed'>

/** A batch's bytes. The writer keeps to the bounds; `decodeBatch` holds it to them. */
export function encodeBatch(batch: Batch): Uint8Array {
  const rows = batch.rows.map((row) => ('hash' in row ? { ...row, hash: hex(row.hash) } : row))
  const text = JSON.stringify({
    ...batch,
    previousHash: hex(batch.previousHash),
    lastHash: hex(batch.lastHash),
    rows,
  })
  return zstdCompressSync(Buffer.from(text, 'utf8'), { dictionary })
}

export function decodeBatch(bytes: Uint8Array): Result<Batch, DecodeFault> {
  if (bytes.length > maxBatchBytes) return err(tooBig(`a batch is at most ${maxBatchBytes} bytes, not ${bytes.length}`))
  let text: Buffer
  try {
    text = zstdDecompressSync(bytes, { dictionary, maxOutputLength: maxBatchBytes })
  } catch (error) {
    if (codeOf(error) === 'ERR_BUFFER_TOO_LARGE')
      return err(tooBig(`a batch decompresses to at most ${maxBatchBytes} bytes`))
    return err(malformed('the body is no zstd frame of this version'))
  }
  const json = readJson(text)
  if (!json.ok) return err(malformed(`the batch is ${json.error === 'notJson' ? 'no JSON' : 'nested too deep'}`))
  const batch = batchSchema.safeParse(json.value)
  if (!batch.success) {
    const [issue] = batch.error.issues
    return err(malformed(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'does not fit'}`.slice(0, 500)))
  }
  const { fromSeq, rows } = batch.data
  if (!Number.isSafeInteger(fromSeq + rows.length)) return err(malformed('fromSeq: goes beyond what can be counted'))
  // No text takes more bytes than three for each of its units.
  const big = rows.findIndex(
    (row) => 'body' in row && 3 * row.body.length > maxBodyBytes && Buffer.byteLength(row.body) > maxBodyBytes,
  )
  if (big >= 0) return err(tooBig(`row ${fromSeq + big}: a body is at most ${maxBodyBytes} bytes`))
  return ok(batch.data)
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const tooBig = (what: string): DecodeFault => ({ type: 'tooBig', what })
const malformed = (what: string): DecodeFault => ({ type: 'malformed', what })
const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
