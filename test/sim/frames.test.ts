/**
 * A rehearsal of the seeds that run with real pictures and models (`npm run sim -- --frames --seeds 100`): a short one, with
 * all its faults, judged by every law.
 */
import { expect, test } from 'vitest'
import { openFramedEyes } from '../../scripts/basket/frames.ts'
import { loadShop } from '../../src/virtual/shop.ts'
import { defaultProductsDir } from '../../src/runtime/places.ts'
import { simulate } from './simulation.ts'

test('[VIS36] [VIS37] no law is broken where the real models look at real pictures', async () => {
  const shop = loadShop(defaultProductsDir)
  if (!shop.ok) throw new Error('the default shop loads')
  const eyes = await openFramedEyes(shop.value)
  let looked = 0
  const frames: typeof eyes = {
    async see(...visit) {
      const seen = await eyes.see(...visit)
      looked += seen.pictures
      return seen
    },
  }
  const { violations } = await simulate({ seed: 1, events: 60, cameras: true, frames })
  expect(violations.map(({ law, what }) => `[${law}] ${what}`)).toEqual([])
  expect(looked).toBeGreaterThan(20)
})
