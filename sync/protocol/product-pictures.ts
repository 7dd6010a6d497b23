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

export const productPicturesPath = '/sync/v1/product-pictures'
/** Of a part, before base64. */
export const mostPartBytes = 48 * 1024
export const maxPartQuestionBytes = 1_024

const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const position = z.int().min(0).max(mostPictureBytes)

const partQuestionSchema = z.strictObject({ type: z.literal('part'), fridge: fridgeIdSchema, sha256, from: position })
export type PartQuestion = z.infer<typeof partQuestionSchema>

const detail = z.string().max(500)
export const partAnswerSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('part'),
    sha256,
    /** Of the whole picture. */
    bytes: position.min(1),
    from: position,
    base64: z.base64().max(Math.ceil(mostPartBytes / 3) * 4),
  }),
  /** The relay has no such picture. */
  z.object({ type: z.literal('unknown') }),
  z.object({ type: z.literal('unknownFridge') }),
  z.object({ type: z.literal('revoked') }),
  z.object({ type: z.literal('badSignature') }),
  z.object({ type: z.literal('foreignRows') }),
  z.object({ type: z.literal('malformed'), what: detail }),
  z.object({ type: z.literal('unsupportedVersion'), supported: z.array(z.int()) }),
  z.object({ type: z.literal('busy'), retryAfterMs: z.int().nonnegative() }),
  z.object({ type: z.literal('failed') }),
])
export type PartAnswer = z.infer<typeof partAnswerSchema>

export const partAnswerStatus: Readonly<Record<PartAnswer['type'], number>> = {
  part: 200,
  unknown: 404,
  unknownFridge: 401,
  revoked: 403,
  badSignature: 401,
  foreignRows: 403,
  malformed: 400,
  unsupportedVersion: 400,
  busy: 503,
  failed: 500,
}

export const signedPart = (fridge: string, body: Uint8Array): Uint8Array =>
  Buffer.concat([Buffer.from(`visionvend sync 1 product pictures\n${fridge}\n`), body])

export const encodePart = (question: Omit<PartQuestion, 'type'>): Uint8Array =>
  Buffer.from(JSON.stringify({ type: 'part', ...question }))

export function decodePart(body: Uint8Array): Result<PartQuestion, AnswerOf<'malformed'>> {
  const json = body.length > maxPartQuestionBytes ? null : readJson(Buffer.from(body).toString('utf8'))
  const question = partQuestionSchema.safeParse(json?.ok === true ? json.value : null)
  if (question.success) return ok(question.data)
  const [issue] = question.error.issues
  return err({ type: 'malformed', what: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`.slice(0, 500) })
}
