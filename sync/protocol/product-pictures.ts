/**
 * Product pictures: how a fridge gets the pictures of products that its relay defined, version 1 (SPEC.md SY81-SY84). Pure.
 * Holds always: a part is bounded, names the picture by its SHA-256 and how long it is, and where in it the part begins; so what
 * was cut off goes on where it stopped. The edge writes questions and reads answers, the relay the other way round.
 */
import { z } from 'zod'
import { mostPictureBytes } from '../../src/core/definition.ts'
import { err, ok, type Result } from '../../src/core/result.ts'
import { readJson } from './json.ts'
import { fridgeIdSchema, type AnswerOf } from './messages.ts'
import { firstIssue, malformed, refusals, refusalStatus, sha256Schema, signedAbout } from './question.ts'

export const productPicturesPath = '/sync/v1/product-pictures'
/** Of a part, before base64. */
export const mostPartBytes = 48 * 1024
export const maxPartQuestionBytes = 1_024

const position = z.int().min(0).max(mostPictureBytes)

const partQuestionSchema = z.strictObject({
  type: z.literal('part'),
  fridge: fridgeIdSchema,
  sha256: sha256Schema,
  from: position,
})
export type PartQuestion = z.infer<typeof partQuestionSchema>

export const partAnswerSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('part'),
    sha256: sha256Schema,
    /** Of the whole picture. */
    bytes: position.min(1),
    from: position,
    base64: z.base64().max(Math.ceil(mostPartBytes / 3) * 4),
  }),
  /** The relay has no such picture. */
  z.object({ type: z.literal('unknown') }),
  ...refusals,
])
export type PartAnswer = z.infer<typeof partAnswerSchema>

export const partAnswerStatus: Readonly<Record<PartAnswer['type'], number>> = {
  part: 200,
  unknown: 404,
  ...refusalStatus,
}

export const signedPart = signedAbout('product pictures')

export const encodePart = (question: Omit<PartQuestion, 'type'>): Uint8Array =>
  Buffer.from(JSON.stringify({ type: 'part', ...question }))

export function decodePart(body: Uint8Array): Result<PartQuestion, AnswerOf<'malformed'>> {
  const json = body.length > maxPartQuestionBytes ? null : readJson(Buffer.from(body).toString('utf8'))
  const question = partQuestionSchema.safeParse(json?.ok === true ? json.value : null)
  return question.success ? ok(question.data) : err(malformed(firstIssue(question.error)))
}
