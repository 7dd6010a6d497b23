/**
 * Effects: what the ledger has promised to do. Imperative, kept in the same transaction as the events that want them,
 * performed by runtime/outbox, answered by an input. Each is named by a key for ever.
 *
 * `afterRestart` says what recovery may do with one that has no answer yet: money is asked again by its key; a door is
 * never opened on an old promise (law D1), and what a dead process was looking at is looked at anew.
 */
import { z } from 'zod'
import { currencies, type Minor } from './money.ts'
import type { EffectKey, VisitId } from './ids.ts'

const key = z.string().transform((text) => text as EffectKey)
const visit = z.string().transform((text) => text as VisitId)
const amountMinor = z.int().nonnegative().transform((amount) => amount as Minor) // prettier-ignore

const hold = z.object({
  key,
  visit,
  paymentMethod: z.string(),
  amountMinor,
  currency: z.enum(currencies),
  askedAtMs: z.number(),
})

export const effectSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('PlaceHold'), key, visit, hold }),
  z.object({ type: z.literal('UnlockDoor'), key, visit, expiresAtMs: z.number() }),
  z.object({ type: z.literal('RelockDoor'), key, visit }),
  z.object({ type: z.literal('ResolveBasket'), key, visit, baseline: z.array(z.number().nullable()) }),
  z.object({ type: z.literal('CaptureHold'), key, visit, reference: z.string(), amountMinor, askedAtMs: z.number() }),
  z.object({
    type: z.literal('ReleaseHold'),
    key,
    visit,
    reference: z.string().nullable(),
    hold,
    askedAtMs: z.number(),
  }),
])

export type Effect = z.infer<typeof effectSchema>
export type EffectOf<Type extends Effect['type']> = Extract<Effect, { type: Type }>

export const afterRestart = {
  PlaceHold: 'abandon',
  UnlockDoor: 'abandon',
  RelockDoor: 'abandon',
  ResolveBasket: 'abandon',
  CaptureHold: 'repeat',
  ReleaseHold: 'repeat',
} as const satisfies Record<Effect['type'], 'repeat' | 'abandon'>
