/**
 * Seeds that once found something, each with what it found. They stay: what broke once breaks again.
 */
import { expect, test } from 'vitest'
import { simulate } from './simulation.ts'

/** A seed's story may change with the code; these are run for what they were, and for luck. */
const found: readonly (readonly [number, string])[] = [
  [3, 'a full disk turned cards away, and the screen went on inviting (L5)'],
  [6, 'ten hours without power and a clock that stood still, and warm food was sold (D5)'],
  [39, 'the program stood still with the door open, and did not know that the air had been warm meanwhile (D5)'],
  [111, 'a sensor was dead over a power cut that the clock did not see (D5)'],
  [133, 'two units were taken for one that weighs the same; within what is claimed, and no law broken'],
  [205, 'a forced door that closed within the contact`s bounce is not for anybody to see (the auditor was wrong)'],
  [5_037, 'the next shopper was charged for what a thief took, for the shelves were not weighed again (M2)'],
  [5_043, 'a visit was settled on weights that had waited for the link (M2)'],
  [5_062, 'without power somebody else forced the door; the shopper who never opened it was charged (M1)'],
  [10_543, 'a clock behind the ledger`s said that half an hour of open door was no time at all (D5)'],
  [20_029, 'after standing still for four hours a tap was sold before the link noticed the silence (D5)'],
  [340, 'a clock that lost 19 hours over a power cut, so that a doubt waited for longer than its hold (excused)'],
  [718, 'the plug was pulled after an unlock, the door forced without power, and the shopper was charged (M1)'],
  [60_974, 'the same in the very instant of the unlock (M1)'],
  [60_102, 'nobody read the sensor for hours, the clock stood behind, and the air was cold again at the start (D5)'],
  [60_853, 'a door was forced in the instant after a standstill'],
  [
    60_575,
    'a clock that had been ahead saw no time pass over 65 hours without power, and a hold was asked for again (M6)',
  ],
  [9, 'the link fell silent under an unlock, which opened the door for a visit that had ended (D1)'],
]

test.each(found)('seed %i: %s', async (seed) => {
  // Without cameras, as they were found: with them, other visits go to review, and the story is another.
  const { violations } = await simulate({ seed, cameras: false, orders: false })
  expect(violations.map(({ law, what }) => `[${law}] ${what}`)).toEqual([])
})

test('seed 662: with cameras; a bank that is slow is not held still with the fridge (M6)', async () => {
  const { violations } = await simulate({ seed: 662 })
  expect(violations.map(({ law, what }) => `[${law}] ${what}`)).toEqual([])
})
