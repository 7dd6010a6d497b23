import { expect, test } from 'vitest'
import { defaultLimits } from '../../../src/cabinet/cabinet.ts'
import { evolve, newFridge, step, type Fridge, type FridgeInput, type Live } from '../../../src/runtime/fridge.ts'
import type { Event } from '../../../src/core/events.ts'
import { Story } from '../session/story.ts'

const live: Live = { doorOpen: false, storageFull: false, weights: [0] }
const adopted = (hash: string): Event => ({ type: 'CatalogueAdopted', hash, currency: 'EUR', products: [] })
const offered = (hash: string): FridgeInput => ({ type: 'CatalogueOffered', hash, events: [adopted(hash)] })
const told = (fridge: Fridge, input: FridgeInput) => step(fridge, input, 0, live, defaultLimits)

test('[K4] the same catalogue offered again writes nothing; another one does', () => {
  const fridge = evolve(newFridge, adopted('a'), 0)
  expect(told(fridge, offered('a')).events).toEqual([])
  expect(told(fridge, offered('b')).events).toEqual([adopted('b')])
})

test('prices hold for a whole visit: a new catalogue waits until nobody is at the door', () => {
  const fridge = { ...evolve(newFridge, adopted('a'), 0), visits: Story.shopping().visits }
  expect(told(fridge, offered('b')).events).toEqual([])
})

test('an input that changes nothing wants nothing written', () => {
  expect(told(newFridge, { type: 'Performed' })).toEqual({ events: [], effects: [] })
  expect(told(newFridge, { type: 'Cancelled' })).toEqual({ events: [], effects: [] })
})
