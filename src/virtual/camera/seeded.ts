/** Seeded: dice for one concern of one seed, so that another draw here changes nothing there. */
import { createDice, type Dice } from '../world/dice.ts'
import { scrambled } from './weather.ts'

export function diceFor(seed: number, concern: string): Dice {
  let word = scrambled(seed)
  for (let at = 0; at < concern.length; at++) word = scrambled(word ^ (concern.charCodeAt(at) + at * 257))
  return createDice({
    bytes: (count) => Uint8Array.from({ length: count }, () => (word = scrambled(word + 0x9e3779b9)) & 255),
    uuid: () => '',
  })
}
