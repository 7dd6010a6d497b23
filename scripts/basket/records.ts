/**
 * Records: visits with the truth beside them, one JSON object a line, whoever made them: the model of errors, rendered
 * frames, or a fridge whose visits somebody looked at. What scripts/fit-sights.ts counts from.
 */
import { z } from 'zod'
import { sku, type Sku } from '../../src/core/ids.ts'
import type { Sights } from '../../src/core/sighting.ts'
import type { Evidence } from '../../src/fusion/evidence.ts'
import type { Identified } from '../../vision/track/sightings.ts'
import type { TrueMove } from '../../src/virtual/sights/draw.ts'

export interface SightRecord {
  readonly visit: string
  /** Each unit that was moved, in order of time; a sku of null is a thing that the shop does not sell. */
  readonly truth: readonly TrueMove[]
  readonly sights: Sights
  /** What the scales and the books said; without it, a visit tells nothing of how far witnesses are to be trusted together. */
  readonly weighed?: Pick<Evidence, 'stock' | 'shelves'>
  /** The looks of which each sighting of a crossing was made, in their order. */
  readonly looks?: readonly (readonly Identified[])[]
  /** Which shopper it was, and what made seeing hard. */
  readonly scenario?: string
}

const share = z.number().min(0).max(1)
const shelf = z.number().int().min(1)
const skuText = z.string().transform((text): Sku => sku(text))
const recordSchema = z.object({
  visit: z.string(),
  truth: z.array(
    z.object({ direction: z.enum(['taken', 'returned']), sku: z.string().nullable(), shelf, atMs: z.number() }),
  ),
  sights: z.object({
    witnesses: z.array(
      z.object({
        id: z.string(),
        kind: z.enum(['crossing', 'shelf']),
        blindShare: share,
        blindShelves: z.array(shelf),
      }),
    ),
    sightings: z.array(
      z.object({
        witness: z.string(),
        direction: z.enum(['taken', 'returned']),
        shelf: shelf.nullable(),
        atMs: z.number().nullable(),
        candidates: z.array(z.object({ sku: skuText, probability: share })),
        noneProbability: share,
      }),
    ),
    taught: z.array(skuText).optional(),
  }),
  weighed: z
    .object({
      stock: z.array(z.object({ sku: skuText, shelf, count: z.number() })),
      shelves: z.array(z.object({ shelf, beforeGrams: z.number().nullable(), afterGrams: z.number().nullable() })),
    })
    .optional(),
  looks: z
    .array(
      z.array(
        z.object({
          candidates: z.array(z.object({ product: z.string(), probability: share })),
          noneProbability: share,
        }),
      ),
    )
    .optional(),
  scenario: z.string().optional(),
})

export const recordLine = (record: SightRecord): string => `${JSON.stringify(record)}\n`

/** Throws with file and line where one is not a record. */
export function readRecords(text: string, file: string): SightRecord[] {
  return text.split('\n').flatMap((line, index): SightRecord[] => {
    if (line.trim() === '') return []
    let raw: unknown
    try {
      raw = JSON.parse(line)
    } catch {
      throw new Error(`${file}:${index + 1}: this is no JSON`)
    }
    const read = recordSchema.safeParse(raw)
    if (read.success) {
      const { sights, weighed, looks, scenario, ...rest } = read.data
      const { taught, ...seen } = sights
      return [
        {
          ...rest,
          sights: { ...seen, ...(taught && { taught }) },
          ...(weighed && { weighed }),
          ...(looks && { looks }),
          ...(scenario !== undefined && { scenario }),
        },
      ]
    }
    const [issue] = read.error.issues
    throw new Error(`${file}:${index + 1}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'no record'}`)
  })
}
