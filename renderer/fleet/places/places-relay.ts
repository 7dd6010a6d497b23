/** Places relay: what the map, a fridge's place and its charts ask of the relay. */
import { z } from 'zod'
import {
  capacityAnswerSchema,
  fleetFillSchema,
  fridgeSaleSchema,
  placeAnswerSchema,
  placeSchema,
  sampleSchema,
  type CapacityChange,
  type PlaceChange,
} from '../../../src/contract/fleet-places.ts'

/** Asks with the owner's key; with a body, it is a POST. */
export type Ask = <T>(path: string, schema: z.ZodType<T>, body?: object) => Promise<T>

export const placesOver = (ask: Ask) => ({
  places: async () => (await ask('/places', z.object({ places: z.array(placeSchema) }))).places,
  fill: async () => (await ask('/fill', z.object({ fill: z.array(fleetFillSchema) }))).fill,
  setPlace: (fridge: string, change: PlaceChange) => ask(`/fridges/${fridge}/place`, placeAnswerSchema, change),
  setCapacities: (fridge: string, change: CapacityChange) =>
    ask(`/fridges/${fridge}/capacities`, capacityAnswerSchema, change),
  samples: async (fridge: string, fromMs: number, toMs: number) =>
    (
      await ask(
        `/fridges/${fridge}/samples?fromMs=${fromMs}&toMs=${toMs}`,
        z.object({ samples: z.array(sampleSchema) }),
      )
    ).samples,
  salesByFridge: async (fromMs: number, toMs: number) =>
    (await ask(`/sales/fridges?fromMs=${fromMs}&toMs=${toMs}`, z.object({ sales: z.array(fridgeSaleSchema) }))).sales,
})
