/**
 * Window: how what a fridge sells is told to phones, names and pictures, version 1 (SPEC.md SY60-SY62). One line of JSON, and
 * behind it a picture's own bytes where it is one. Pure.
 * Holds always: what is decoded is bounded; a picture is of the kind that it is called by its own first bytes, and has the hash
 * that it was announced by. The edge writes questions and reads answers, the relay the other way round.
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

export const windowPath = '/sync/v1/window'
export const maxProductPictureBytes = 256 * 1024
const maxHeadBytes = 256 * 1024
export const maxWindowBytes = maxHeadBytes + maxProductPictureBytes

export const productPictureTypes = ['image/svg+xml', 'image/png', 'image/jpeg', 'image/webp'] as const
export type ProductPictureType = (typeof productPictureTypes)[number]

const name = z.string().max(200)
const headSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('window'),
    fridge: fridgeIdSchema,
    contact: z.string().max(120),
    products: z
      .array(
        z.strictObject({
          sku: z.string().min(1).max(64),
          name: z.strictObject({ en: name, es: name, de: name }),
          picture: sha256Schema.nullable(),
        }),
      )
      .max(500),
  }),
  z.strictObject({
    type: z.literal('picture'),
    fridge: fridgeIdSchema,
    sha256: sha256Schema,
    mediaType: z.enum(productPictureTypes),
  }),
])
type Head = z.infer<typeof headSchema>
export type WindowTold = Extract<Head, { type: 'window' }>
export type WindowPicture = Extract<Head, { type: 'picture' }> & { readonly picture: Uint8Array }

export const windowAnswerSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('wanted'),
    sha256: z.array(sha256Schema).max(500),
    phone: z.string().max(300).nullable(),
  }),
  z.object({ type: z.literal('kept') }),
  z.object({ type: z.literal('noRoom') }),
  tooBig,
  ...refusals,
])
export type WindowAnswer = z.infer<typeof windowAnswerSchema>

export const windowAnswerStatus: Readonly<Record<WindowAnswer['type'], number>> = {
  wanted: 200,
  kept: 200,
  noRoom: 409,
  tooBig: 413,
  ...refusalStatus,
}

/** The bytes that are signed for a window, or a picture of it, whose body is `body` as sent. */
export const signedWindow = signedAbout('window')

export const encodeWindow = (told: Omit<WindowTold, 'type'>): Uint8Array => encodeLine({ type: 'window', ...told })

export const encodeWindowPicture = ({ picture, ...head }: Omit<WindowPicture, 'type'>): Uint8Array =>
  encodeLine({ type: 'picture', ...head }, picture)

type Fault = AnswerOf<'malformed'> | AnswerOf<'tooBig'>

export function decodeWindow(body: Uint8Array): Result<WindowTold | WindowPicture, Fault> {
  if (body.length > maxWindowBytes) return err({ type: 'tooBig', what: `a window has at most ${maxHeadBytes} bytes` })
  const line = decodeLine(body, maxHeadBytes, headSchema)
  if (!line.ok) return line
  const { head, rest: picture } = line.value
  if (head.type === 'window') return picture.length === 0 ? ok(head) : err(malformed('something follows'))
  if (picture.length > maxProductPictureBytes)
    return err({ type: 'tooBig', what: `a product's picture has at most ${maxProductPictureBytes} bytes` })
  if (sha256Of(picture) !== head.sha256) return err(malformed('the picture is not the one that its line names'))
  if (!isOf(head.mediaType, picture)) return err(malformed(`it is no ${head.mediaType}`))
  return ok({ ...head, picture })
}

/** By its own first bytes. */
function isOf(type: ProductPictureType, bytes: Uint8Array): boolean {
  const head = Buffer.from(bytes.subarray(0, 512))
  switch (type) {
    case 'image/svg+xml':
      return /^(?:\ufeff)?\s*(?:<\?xml|<!--|<svg|<!doctype svg)/i.test(head.toString('utf8'))
    case 'image/png':
      return head.subarray(0, 8).equals(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]))
    case 'image/jpeg':
      return head.subarray(0, 3).equals(Buffer.from([0xff, 0xd8, 0xff]))
    case 'image/webp':
      return head.toString('latin1', 0, 4) === 'RIFF' && head.toString('latin1', 8, 12) === 'WEBP'
  }
}
