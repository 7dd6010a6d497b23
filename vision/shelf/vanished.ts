/**
 * Vanished: where in the picture before stood what is not in the picture after, for a person's verdict to name. The comparison
 * that the fridge itself makes (compare.ts), asked for its places instead of its names.
 * Holds always: null where something came as well, or nothing can be told: then no place has a sure name. Called by the command.
 */
import type { Cut } from '../embed/views.ts'
import type { Picture } from '../embed/picture.ts'
import { compare, type Still } from './compare.ts'

/** The places, or null where they are not all of one kind: gone. */
export async function vanished(before: Still, after: Still): Promise<readonly Cut[] | null> {
  const gone: Cut[] = []
  let came = 0
  await compare(before, after, [], async (picture: Picture, cuts: readonly Cut[]) => {
    if (picture === before.picture) gone.push(...cuts)
    else came += cuts.length
    return []
  })
  return came > 0 ? null : gone
}
