/**
 * Seeds that once found something, each with what it found. They stay: what broke once breaks again.
 */
import { expect, test } from 'vitest'
import { simulate } from './simulation.ts'

/** A seed's story may change with the code; these are run for what they were, and for luck. */
const found: readonly (readonly [number, string])[] = [
  [3, 'a full disk turned cards away, and the screen went on inviting (L5)'],
  [6, 'ten hours without power and a clock that stood still, and warm food was sold (D5)'],
  [9, 'the link fell silent under an unlock, which opened the door for a visit that had ended (D1)'],
]

test.each(found)('seed %i: %s', async (seed) => {
  const { violations } = await simulate({ seed })
  expect(violations.map(({ law, what }) => `[${law}] ${what}`)).toEqual([])
})
