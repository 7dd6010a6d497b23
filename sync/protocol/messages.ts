/**
 * Messages: all that a fridge and its relay say to each other about rows, version 1 (SPEC.md).
 * Holds always: what is parsed by these schemas is bounded; a code that is not in here is not spoken.
 * The edge writes batches and reads answers, the relay the other way round.
 */
import { z } from 'zod'

export const protocolVersion = 1
export const supportedVersions: readonly number[] = [protocolVersion]

export const maxRows = 1_000
/** Of a batch, compressed or not, in bytes. */
export const maxBatchBytes = 1024 * 1024
/** Of one row's body as UTF-8. */
export const maxBodyBytes = 128 * 1024
export const maxDepth = 32

export const headerNames = { protocol: 'vv-protocol', fridge: 'vv-fridge', signature: 'vv-signature' } as const
export const paths = { rows: '/sync/v1/rows', pair: '/sync/v1/pair' } as const

const fridge = z.string().regex(/^[a-z0-9-]{1,40}$/)
const seq = z.int().nonnegative()
const hash = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .transform((hex): Uint8Array => Buffer.from(hex, 'hex'))
const detail = z.string().max(500)

export const fridgeIdSchema = fridge

// ---- fridge to relay -------------------------------------------------------------------------------------------------

export const withheldReasons = ['tooBig', 'poison'] as const
export type WithheldReason = (typeof withheldReasons)[number]

const wireRow = z.union([
  z.strictObject({ atMs: z.number(), body: z.string() }),
  z.strictObject({ atMs: z.number(), withheld: z.enum(withheldReasons), hash }),
])
export const batchSchema = z.strictObject({
  fridge,
  fromSeq: seq.min(1),
  previousHash: hash,
  /** Of the last row; of an empty batch, the previous one again. */
  lastHash: hash,
  rows: z.array(wireRow).max(maxRows),
  /** The row before `fromSeq` is the last that both have: what the relay has behind it, this fridge no longer has [SY18]. */
  restart: z.literal(true).optional(),
})
/** Rows `fromSeq`, `fromSeq + 1`, ...; a withheld one gives its hash, so that the chain goes on behind it. */
export type Batch = z.infer<typeof batchSchema>
export type WireRow = z.infer<typeof wireRow>

export const pairRequestSchema = z.strictObject({
  protocol: z.int(),
  code: z.string().min(1).max(40),
  fridge,
  publicKey: z.base64().length(44),
  signature: z.base64().length(88),
})
export type PairRequest = z.infer<typeof pairRequestSchema>

// ---- relay to fridge -------------------------------------------------------------------------------------------------

/** Why a row was set aside. `unstorable`: the relay's database refused what the event says. */
export const refusalReasons = [
  'notJson',
  'tooDeep',
  'tooBig',
  'unknownEvent',
  'foreignFridge',
  'unstorable',
  'poison',
] as const
export type RefusalReason = (typeof refusalReasons)[number]

const accepted = z.object({
  type: z.literal('accepted'),
  upto: seq,
  refused: z.array(z.object({ seq, why: z.enum(refusalReasons), detail })),
})
const unsupported = z.object({ type: z.literal('unsupportedVersion'), supported: z.array(z.int()) })
const malformed = z.object({ type: z.literal('malformed'), what: detail })

export const answerSchema = z.discriminatedUnion('type', [
  accepted,
  z.object({ type: z.literal('gap'), expectedSeq: seq.min(1) }),
  z.object({ type: z.literal('fork'), seq }),
  z.object({ type: z.literal('brokenChain'), seq }),
  z.object({ type: z.literal('unknownFridge') }),
  z.object({ type: z.literal('revoked') }),
  z.object({ type: z.literal('badSignature') }),
  z.object({ type: z.literal('foreignRows') }),
  z.object({ type: z.literal('tooBig'), what: detail }),
  malformed,
  unsupported,
  z.object({ type: z.literal('busy'), retryAfterMs: z.int().nonnegative() }),
  z.object({ type: z.literal('failed') }),
])
export type Answer = z.infer<typeof answerSchema>
export type AnswerOf<Type extends Answer['type']> = Extract<Answer, { type: Type }>
export type Refused = AnswerOf<'accepted'>['refused'][number]

export const answerStatus: Readonly<Record<Answer['type'], number>> = {
  accepted: 200,
  gap: 409,
  fork: 409,
  brokenChain: 409,
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

export const pairAnswerSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('paired'), fridge }),
  z.object({ type: z.literal('badCode') }),
  z.object({ type: z.literal('badSignature') }),
  z.object({ type: z.literal('taken') }),
  z.object({ type: z.literal('busy'), retryAfterMs: z.int().nonnegative() }),
  malformed,
  unsupported,
])
export type PairAnswer = z.infer<typeof pairAnswerSchema>

export const pairAnswerStatus: Readonly<Record<PairAnswer['type'], number>> = {
  paired: 200,
  badCode: 403,
  badSignature: 401,
  taken: 409,
  busy: 503,
  malformed: 400,
  unsupportedVersion: 400,
}
