/**
 * Window: how what a fridge sells is told to phones, names and pictures, version 1 (SPEC.md SY60-SY62). One line of JSON, and
 * behind it a picture's own bytes where it is one. Pure.
 * Holds always: what is decoded is bounded; a picture is of the kind that it is called by its own first bytes, and has the hash
 * that it was announced by. The edge writes questions and reads answers, the relay the other way round.
 */
import { z } from 'zod'
import { err, ok, type Result } from '../../src/core/result.ts'
import { readJson } from './json.ts'
import { fridgeIdSchema, type AnswerOf } from './messages.ts'
import { sha256Of } from './pictures.ts'

export const windowPath = '/sync/v1/window'
export const maxProductPictureBytes = 256 * 1024
const maxHeadBytes = 256 * 1024
export const maxWindowBytes = maxHeadBytes + maxProductPictureBytes

export const productPictureTypes = ['image/svg+xml', 'image/png', 'image/jpeg', 'image/webp'] as const
export type ProductPictureType = (typeof productPictureTypes)[number]

const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
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
          picture: sha256.nullable(),
        }),
      )
      .max(500),
  }),
  z.strictObject({
    type: z.literal('picture'),
    fridge: fridgeIdSchema,
    sha256,
    mediaType: z.enum(productPictureTypes),
  }),
])
type Head = z.infer<typeof headSchema>
export type WindowTold = Extract<Head, { type: 'window' }>
export type WindowPicture = Extract<Head, { type: 'picture' }> & { readonly picture: Uint8Array }

const detail = z.string().max(500)
export const windowAnswerSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('wanted'), sha256: z.array(sha256).max(500), phone: z.string().max(300).nullable() }),
  z.object({ type: z.literal('kept') }),
  z.object({ type: z.literal('noRoom') }),
  z.object({ type: z.literal('unknownFridge') }),
  z.object({ type: z.literal('revoked') }),
  z.object({ type: z.literal('badSignature') }),
  z.object({ type: z.literal('foreignRows') }),
  z.object({ type: z.literal('tooBig'), what: detail }),
  z.object({ type: z.literal('malformed'), what: detail }),
  z.object({ type: z.literal('unsupportedVersion'), supported: z.array(z.int()) }),
  z.object({ type: z.literal('busy'), retryAfterMs: z.int().nonnegative() }),
  z.object({ type: z.literal('failed') }),
])
export type WindowAnswer = z.infer<typeof windowAnswerSchema>

export const windowAnswerStatus: Readonly<Record<WindowAnswer['type'], number>> = {
  wanted: 200,
  kept: 200,
  noRoom: 409,
  unknownFridge: 401,
  revoked: 403,
  badSignature: 401,
  foreignRows: 403,
  tooBig: 413,
  malformed: 400,
  unsupportedVersion: 400,
  busy: 503,
  failed: 500,
}

/** The bytes that are signed for a window, or a picture of it, whose body is `body` as sent. */
export const signedWindow = (fridge: string, body: Uint8Array): Uint8Array =>
  Buffer.concat([Buffer.from(`visionvend sync 1 window\n${fridge}\n`), body])

export const encodeWindow = (told: Omit<WindowTold, 'type'>): Uint8Array =>
  Buffer.from(`${JSON.stringify({ type: 'window', ...told })}\n`)

export const encodeWindowPicture = ({ picture, ...head }: Omit<WindowPicture, 'type'>): Uint8Array =>
  Buffer.concat([Buffer.from(`${JSON.stringify({ type: 'picture', ...head })}\n`), picture])

type Fault = AnswerOf<'malformed'> | AnswerOf<'tooBig'>

export function decodeWindow(body: Uint8Array): Result<WindowTold | WindowPicture, Fault> {
  if (body.length > maxWindowBytes) return err({ type: 'tooBig', what: `a window has at most ${maxHeadBytes} bytes` })
  const end = body.subarray(0, maxHeadBytes).indexOf(0x0a)
  if (end < 0) return err(malformed('the first line does not end'))
  const json = readJson(Buffer.from(body.subarray(0, end)).toString('utf8'))
  if (!json.ok) return err(malformed('the first line is no JSON'))
  const head = headSchema.safeParse(json.value)
  if (!head.success) {
    const [issue] = head.error.issues
    return err(malformed(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'does not fit'}`.slice(0, 500)))
  }
  const picture = body.subarray(end + 1)
  if (head.data.type === 'window') return picture.length === 0 ? ok(head.data) : err(malformed('something follows'))
  if (picture.length > maxProductPictureBytes)
    return err({ type: 'tooBig', what: `a product's picture has at most ${maxProductPictureBytes} bytes` })
  if (sha256Of(picture) !== head.data.sha256) return err(malformed('the picture is not the one that its line names'))
  if (!isOf(head.data.mediaType, picture)) return err(malformed(`it is no ${head.data.mediaType}`))
  return ok({ ...head.data, picture })
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

const malformed = (what: string): Fault => ({ type: 'malformed', what })
