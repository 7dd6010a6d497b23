/**
 * Contract of the virtual fridge: what its page (and any script) may do to the world, and what the world answers.
 * `GET /virtual/world` is the truth; the fridge itself never reads it.
 */
import { z } from 'zod'
import { skuSchema } from '../core/definition.ts'

const sku = z.string().min(1).max(64)
const shelf = z.int().min(1).max(8)

export const cardSchema = z.object({ uid: z.string().regex(/^[0-9A-Fa-f]{8,20}$/, 'a card uid is 8 to 20 hex digits') })
export const doorSchema = z.object({ open: z.boolean() })
export const takeSchema = z.object({ sku, count: z.int().min(1).max(20).default(1), shelf: shelf.optional() })
export const returnSchema = z.object({ sku, shelf: shelf.optional() })
/**
 * Fresh units onto a shelf, as an operator brings them. The weight, of one unit and its standard deviation between units, is
 * needed where the shop's catalogue does not know the product: one that was defined from afar.
 */
export const fillSchema = z
  .strictObject({
    sku: skuSchema,
    shelf,
    count: z.int().min(1).max(50),
    weightGrams: z.number().min(5).max(20_000).optional(),
    weightSpreadGrams: z.number().min(0).max(2_000).optional(),
  })
  .refine(({ weightGrams, weightSpreadGrams }) => (weightGrams === undefined) === (weightSpreadGrams === undefined), {
    message: 'goes with weightSpreadGrams: both, or neither',
    path: ['weightGrams'],
  }) // prettier-ignore
/** `on: false` pulls the plug: runtime and controller die at once; `on: true` starts them again. */
export const powerSchema = z.object({ on: z.boolean() })
export const networkSchema = z.object({ on: z.boolean() })
/** A number holds the air at it, null leaves it to the compressor; `sensor: false` kills the thermometer. */
export const temperatureSchema = z.object({
  celsius: z.number().min(-40).max(60).nullable(),
  sensor: z.boolean().default(true),
})
export const bankFaults = [
  'none', 'decline', 'insufficientFunds', 'timeoutBeforeEffect', 'timeoutAfterEffect', 'error500', 'rateLimit', 'duplicateWebhook',
] as const // prettier-ignore
export const bankFaultSchema = z.object({ fault: z.enum(bankFaults), count: z.int().min(1).max(1000).optional() })
/** The pretend person at the desk who decides what a visit in review took. */
export const reviewSchema = z.object({
  visit: z.uuid(),
  lines: z.array(z.object({ sku, count: z.int().positive().max(99) })),
})

/** `GET /virtual/camera/left` and `/right`: a JPEG of what that camera sees now; 503 while it gives none. */
export const cameraIdSchema = z.enum(['left', 'right'])
/**
 * `POST /virtual/camera`: what is wrong with lenses and light, all of it anew with each order. `fault` is of one camera, or
 * of both. `brightness` 1 is as it should be; `fog` is how much the glass fogs up as the door opens; `body` stands in the way.
 */
export const cameraConditionsSchema = z.strictObject({
  camera: cameraIdSchema.optional(),
  fault: z.enum(['none', 'black', 'frozen', 'blind']).default('none'),
  brightness: z.number().min(0).max(3).default(1),
  fog: z.number().min(0).max(1).default(0),
  body: z.boolean().default(false),
})

/** Pushed whole over the WebSocket /virtual/live when it changes, and by GET /virtual/world. */
export const worldSchema = z.object({
  type: z.literal('world'),
  power: z.boolean(),
  network: z.boolean(),
  door: z.object({ open: z.boolean(), locked: z.boolean() }),
  temperatureCelsius: z.number().nullable(),
  signal: z.string(),
  shelves: z.array(
    z.object({
      shelf: z.int(),
      /** What stands there in truth, counted by product. */
      items: z.array(z.object({ sku: z.string(), count: z.int().positive() })),
      trueGrams: z.number(),
    }),
  ),
  /** In the shopper's hands since the door was opened. */
  hand: z.array(z.object({ sku: z.string(), count: z.int().positive() })),
  bankFault: z.enum(bankFaults),
  cards: z.array(z.object({ uid: z.string(), kind: z.enum(['good', 'declined', 'insufficientFunds', 'expired']) })),
  operator: z.object({ name: z.string(), pin: z.string() }).nullable(),
  /** The relay beside the fridge, once it takes requests, and in which file its owner's key is. */
  relay: z.object({ url: z.string(), ownerKeyFile: z.string() }).nullable().optional(),
})
export type World = z.infer<typeof worldSchema>

/** What a command on the world answers: done, or why it can't be done (door closed, none left, power off). */
export const worldAnswerSchema = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), world: worldSchema }),
  z.object({ ok: z.literal(false), error: z.object({ code: z.string(), message: z.string() }) }),
])
export type WorldAnswer = z.infer<typeof worldAnswerSchema>
