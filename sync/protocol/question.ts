/**
 * Question: what a fridge asks its relay beside rows (pictures, the window, pictures of products) has in common: the bytes that are
 * signed, the line of JSON before a picture's own bytes, and the answers to whoever may not ask. Pure.
 * Holds always: no more of a body is read as JSON than its line may have; a fault says what is wrong instead of throwing.
 */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { err, ok, type Result } from '../../src/core/result.ts'
import { readJson } from './json.ts'
import type { AnswerOf } from './messages.ts'

export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/)
export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

const what = z.string().max(500)

/** Answers to any question, whatever it asks. */
export const refusals = [
  z.object({ type: z.literal('unknownFridge') }),
  z.object({ type: z.literal('revoked') }),
  z.object({ type: z.literal('badSignature') }),
  z.object({ type: z.literal('foreignRows') }),
  z.object({ type: z.literal('malformed'), what }),
  z.object({ type: z.literal('unsupportedVersion'), supported: z.array(z.int()) }),
  z.object({ type: z.literal('busy'), retryAfterMs: z.int().nonnegative() }),
  z.object({ type: z.literal('failed') }),
] as const

/** An answer to what carries bytes. */
export const tooBig = z.object({ type: z.literal('tooBig'), what })

export const refusalStatus = {
  unknownFridge: 401,
  revoked: 403,
  badSignature: 401,
  foreignRows: 403,
  malformed: 400,
  unsupportedVersion: 400,
  busy: 503,
  failed: 500,
} as const

/** The bytes that a fridge signs for a question about `topic` whose body is `body` as sent. */
export const signedAbout =
  (topic: string) =>
  (fridge: string, body: Uint8Array): Uint8Array =>
    Buffer.concat([Buffer.from(`visionvend sync 1 ${topic}\n${fridge}\n`), body])

/** A line of JSON, and the bytes that belong to it. */
export const encodeLine = (head: object, bytes: Uint8Array = new Uint8Array()): Uint8Array =>
  Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), bytes])

/** The line of at most `maxBytes`, and what follows it. */
export function decodeLine<Head>(
  body: Uint8Array,
  maxBytes: number,
  schema: z.ZodType<Head>,
): Result<{ readonly head: Head; readonly rest: Uint8Array }, AnswerOf<'malformed'>> {
  const end = body.subarray(0, maxBytes).indexOf(0x0a)
  if (end < 0) return err(malformed('the first line does not end'))
  const json = readJson(Buffer.from(body.subarray(0, end)).toString('utf8'))
  if (!json.ok) return err(malformed('the first line is no JSON'))
  const head = schema.safeParse(json.value)
  return head.success ? ok({ head: head.data, rest: body.subarray(end + 1) }) : err(malformed(firstIssue(head.error)))
}

export const firstIssue = ({ issues: [issue] }: z.ZodError): string =>
  `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'does not fit'}`.slice(0, 500)

export const malformed = (said: string): AnswerOf<'malformed'> => ({ type: 'malformed', what: said })
