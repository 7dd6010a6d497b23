/** Fleet places: where fridges stand, and what they said over time, between the relay and an owner's pages. */
import { z } from 'zod'
import { currencies } from '../core/money.ts'

const text = (most: number) => z.string().trim().max(most)
const position = {
  latitude: z.number().min(-90).max(90).nullable(),
  longitude: z.number().min(-180).max(180).nullable(),
}

/** `version`: the one that was seen; 0 where none was set yet. */
export const placeSchema = z.strictObject({
  fridge: z.string(),
  label: text(60),
  address: text(200),
  ...position,
  version: z.int().min(0),
})
export type FleetPlace = z.infer<typeof placeSchema>

export const placeChangeSchema = placeSchema
  .omit({ fridge: true })
  .extend({ reason: z.string().trim().min(3).max(200) })
  .refine(({ latitude, longitude }) => (latitude === null) === (longitude === null), {
    message: 'latitude and longitude go together',
    path: ['longitude'],
  })
export type PlaceChange = z.infer<typeof placeChangeSchema>

/** `changed`: somebody else set it after it was seen; this is what stands now. */
export const placeAnswerSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('set'), place: placeSchema }),
  z.object({ type: z.literal('changed'), by: z.string(), place: placeSchema }),
])
export type PlaceAnswer = z.infer<typeof placeAnswerSchema>

/** `was`: what was seen. Null: nobody says, and the most that ever stood there counts. */
const capacity = z.int().min(1).max(500).nullable()
export const capacityChangeSchema = z.strictObject({
  capacities: z
    .array(z.strictObject({ shelf: z.int().min(1).max(20), sku: z.string().min(1).max(64), capacity, was: capacity }))
    .min(1)
    .max(200),
  reason: z.string().trim().min(3).max(200),
})
export type CapacityChange = z.infer<typeof capacityChangeSchema>

/** Nothing was set where one of them was changed by somebody else meanwhile, or nothing of it was ever counted there. */
export const capacityAnswerSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('set') }),
  z.object({ type: z.enum(['changed', 'unknown']), shelf: z.number(), sku: z.string() }),
])
export type CapacityAnswer = z.infer<typeof capacityAnswerSchema>

/** How full its shelves are, and whether one product is nearly gone. */
export const fleetFillSchema = z.object({
  fridge: z.string(),
  units: z.number(),
  room: z.number(),
  low: z.number(),
})
export type FleetFill = z.infer<typeof fleetFillSchema>

/** One quarter of an hour of a fridge. `units` of `room`: what stood in it; `pending`: rows that the relay had not. */
export const sampleSchema = z.object({
  atMs: z.number(),
  celsius: z.number().nullable(),
  units: z.number().nullable(),
  room: z.number().nullable(),
  pending: z.number().nullable(),
  silentMs: z.number().nullable(),
})
export type FleetSample = z.infer<typeof sampleSchema>

export const fridgeSaleSchema = z.object({
  fridge: z.string(),
  currency: z.enum(currencies),
  receipts: z.number(),
  chargedMinor: z.number(),
})
