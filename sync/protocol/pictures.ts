/**
 * Pictures: how the pictures of a visit in doubt travel, version 1 (SPEC.md SY50-SY57). One line of JSON, and behind it the
 * picture's own bytes where it is one. Pure.
 * Holds always: what is decoded is bounded, is a picture by its own first bytes, and has the hash that it was announced by;
 * a fault says what is wrong instead of throwing. The edge writes questions and reads answers, the relay the other way round.
 */
import { z } from 'zod'
import { err, ok, type Result } from '../../src/core/result.ts'
import { fridgeIdSchema, type AnswerOf } from './messages.ts'
import {
  decodeLine,
  encodeLine,
  malformed,
  refusals,
  refusalStatus,
  sha256Of,
  sha256Schema,
  signedAbout,
  tooBig,
} from './question.ts'

export const picturesPath = '/sync/v1/pictures'
/** Of one picture, and of all that one visit may have. */
export const maxPictureBytes = 192 * 1024
export const maxVisitPictures = 16
export const maxVisitBytes = 1024 * 1024
const maxHeadBytes = 8 * 1024
/** Of a question's body: its line and one picture. */
export const maxQuestionBytes = maxHeadBytes + maxPictureBytes

export const pictureWhys = ['before', 'crossing', 'after'] as const
export const pictureTypes = ['image/jpeg', 'image/webp'] as const
export type PictureType = (typeof pictureTypes)[number]

const visit = z.string().regex(/^[0-9A-Za-z][0-9A-Za-z-]{0,63}$/)
const about = {
  sha256: sha256Schema,
  bytes: z.int().min(1).max(maxPictureBytes),
  camera: z.string().regex(/^[a-z0-9]{1,20}$/),
  why: z.enum(pictureWhys),
  /** The fridge's time. */
  atMs: z.int().nonnegative(),
}
const aboutSchema = z.strictObject(about)
/** A picture as it is announced. */
export type PictureAbout = z.infer<typeof aboutSchema>

const headSchema = z.discriminatedUnion('type', [
  /** What there is of a visit: which of it are wanted? */
  z.strictObject({ type: z.literal('list'), fridge: fridgeIdSchema, visit, pictures: z.array(aboutSchema).max(maxVisitPictures) }),
  /** One of them; its bytes follow the line. */
  z.strictObject({ type: z.literal('picture'), fridge: fridgeIdSchema, visit, ...about }),
]) // prettier-ignore
type Head = z.infer<typeof headSchema>

export type PictureList = Extract<Head, { type: 'list' }>
export type SentPicture = Extract<Head, { type: 'picture' }> & {
  readonly mediaType: PictureType
  readonly picture: Uint8Array
}

/** Why a picture, or a visit's pictures, are not wanted: nobody waits for them, or there is no more room for this fridge. */
export const unwantedReasons = ['notInReview', 'noRoom'] as const

export const pictureAnswerSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('wanted'), sha256: z.array(sha256Schema).max(maxVisitPictures) }),
  z.object({ type: z.literal('kept') }),
  z.object({ type: z.literal('unwanted'), why: z.enum(unwantedReasons) }),
  tooBig,
  ...refusals,
])
export type PictureAnswer = z.infer<typeof pictureAnswerSchema>

export const pictureAnswerStatus: Readonly<Record<PictureAnswer['type'], number>> = {
  wanted: 200,
  kept: 200,
  unwanted: 409,
  tooBig: 413,
  ...refusalStatus,
}

/** The bytes that are signed for a question about pictures whose body is `body` as sent. */
export const signedPictures = signedAbout('pictures')

export const encodeList = (list: Omit<PictureList, 'type'>): Uint8Array => encodeLine({ type: 'list', ...list })

export const encodePicture = (
  to: { readonly fridge: string; readonly visit: string },
  about: PictureAbout,
  picture: Uint8Array,
): Uint8Array => encodeLine({ type: 'picture', ...to, ...about }, picture)

type Fault = AnswerOf<'malformed'> | AnswerOf<'tooBig'>

export function decodeQuestion(body: Uint8Array): Result<PictureList | SentPicture, Fault> {
  if (body.length > maxQuestionBytes) return err({ type: 'tooBig', what: `a picture is at most ${maxPictureBytes} bytes` })
  const line = decodeLine(body, maxHeadBytes, headSchema)
  if (!line.ok) return line
  const { head, rest } = line.value
  if (head.type === 'list') {
    const bytes = head.pictures.reduce((sum, one) => sum + one.bytes, 0)
    if (bytes > maxVisitBytes) return err({ type: 'tooBig', what: `a visit has at most ${maxVisitBytes} bytes` })
    return rest.length === 0 ? ok(head) : err(malformed('something follows the list'))
  }
  if (rest.length !== head.bytes || sha256Of(rest) !== head.sha256)
    return err(malformed('the picture is not the one that its line names'))
  const mediaType = mediaTypeOf(rest)
  return mediaType === null ? err(malformed('neither a JPEG nor a WebP')) : ok({ ...head, mediaType, picture: rest })
} // prettier-ignore

/** By its own first bytes; what it is called says nothing. */
function mediaTypeOf(bytes: Uint8Array): PictureType | null {
  const head = Buffer.from(bytes.subarray(0, 12))
  if (head[0] === 0xff && head[1] === 0xd8 && head[2] === 0xff) return 'image/jpeg'
  return head.toString('latin1', 0, 4) === 'RIFF' && head.toString('latin1', 8, 12) === 'WEBP' ? 'image/webp' : null
}
