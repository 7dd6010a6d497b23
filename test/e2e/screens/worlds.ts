/** Recorded worlds of the virtual fridge: at rest, unlocked, open with something in the hand, and without power. */
import type { World } from '../../../src/contract/virtual.ts'
import { catalogue, stockOf } from './views.ts'

const shelfNumbers = [...new Set(catalogue.products.map((product) => product.shelf))].sort((a, b) => a - b)

const atRest: World = {
  type: 'world',
  power: true,
  network: true,
  door: { open: false, locked: true },
  temperatureCelsius: 3.6,
  signal: 'idle',
  shelves: shelfNumbers.map((shelf) => {
    const items = catalogue.products
      .filter((product) => product.shelf === shelf)
      .map((product) => ({ sku: product.sku, count: stockOf(product.sku) }))
    return { shelf, items, trueGrams: 0 }
  }),
  hand: [],
  bankFault: 'none',
  cards: [
    { uid: '04A1B2C3D4E5F6', kind: 'good' },
    { uid: '04A1B2C3D4E5F7', kind: 'declined' },
    { uid: '04A1B2C3D4E5F8', kind: 'insufficientFunds' },
    { uid: '04A1B2C3D4E5F9', kind: 'expired' },
  ],
  operator: { name: 'ada', pin: '314159' },
}

export const worlds = {
  atRest,
  unlocked: { ...atRest, door: { open: false, locked: false }, signal: 'unlocked' },
  open: {
    ...atRest,
    door: { open: true, locked: false },
    signal: 'unlocked',
    hand: [
      { sku: 'ombra-cola', count: 2 },
      { sku: 'midi-salmon-poke', count: 1 },
    ],
    shelves: atRest.shelves.map((shelf) =>
      shelf.shelf === 2 ? { ...shelf, items: [...shelf.items, { sku: 'pling-lime', count: 1 }] } : shelf,
    ),
  },
  dark: { ...atRest, power: false, temperatureCelsius: null, signal: 'off' },
} as const satisfies Record<string, World>
