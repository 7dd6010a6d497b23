/**
 * Checkpoint: the whole folded state as text, so that old rows may go from the disk and a start need not read them.
 *
 * Pure. Holds always (ledger SPEC LED10): thawed(frozen(state)) is that state; text of another version is refused by name. The
 * form is JSON; maps and sets, which JSON has not, are objects with one key `$map` or `$set`.
 */
import { z } from 'zod'
import { err, ok, type Result } from '../core/result.ts'
import type { Fridge } from './fridge.ts'

/** Goes up whenever what the fold leaves changes; the test's snapshot says when. Then an older text needs a step of its own here. */
const version = 3

const whole = z.object({
  version: z.int(),
  fridge: z.object({ visits: z.unknown(), cabinet: z.unknown(), stock: z.unknown(), remote: z.unknown() }),
})

/** Key order is that of the fold, so that the same rows give the same text. */
export const frozen = (fridge: Fridge): string =>
  JSON.stringify({ version, fridge }, (_key, value: unknown) => {
    if (value instanceof Map) return { $map: [...value] }
    if (value instanceof Set) return { $set: [...value] }
    return value
  })

/** Fails with what is wrong. The text is believed otherwise: the ledger has checked its hash against the chain. */
export function thawed(text: string): Result<Fridge, string> {
  let read: unknown
  try {
    read = JSON.parse(text, (_key, value: unknown) => {
      if (typeof value !== 'object' || value === null) return value
      if ('$map' in value) return new Map(value.$map as [unknown, unknown][])
      if ('$set' in value) return new Set(value.$set as unknown[])
      return value
    })
  } catch {
    return err('it is not JSON')
  }
  const known = whole.safeParse(read)
  if (!known.success) return err(z.prettifyError(known.error))
  if (known.data.version === 1) return ok(sinceBills(sinceDefinitions(known.data.fridge as Fridge)))
  if (known.data.version === 2) return ok(sinceBills(known.data.fridge as Fridge))
  if (known.data.version !== version)
    return err(`it has version ${known.data.version}, and this program knows ${version}`)
  return ok(known.data.fridge as Fridge)
}

/** From version 1 to 2: nobody had defined or withdrawn a product from afar. */
const sinceDefinitions = (fridge: Fridge): Fridge => ({
  ...fridge,
  stock: { ...fridge.stock, defined: new Map(), withdrawn: new Set() },
})

/** From version 2 to 3: no visit had been billed as one of two products. */
const sinceBills = (fridge: Fridge): Fridge => ({ ...fridge, stock: { ...fridge.stock, perhaps: new Map() } })
