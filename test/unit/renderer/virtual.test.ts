import { expect, test } from 'vitest'
import type { World } from '../../../src/contract/virtual.ts'
import { en } from '../../../renderer/languages/virtual/en.ts'
import { scaleOf } from '../../../renderer/virtual/cabinet.tsx'
import { stepAfter, wayAtFirst } from '../../../renderer/virtual/steps.tsx'
import { command, whyNot, type Product } from '../../../renderer/virtual/world.ts'
import { addressOf } from '../../../renderer/address.ts'

const world = (change: Partial<World> = {}): World => ({
  type: 'world',
  power: true,
  network: true,
  door: { open: false, locked: true },
  temperatureCelsius: 4,
  signal: 'idle',
  shelves: [{ shelf: 1, items: [{ sku: 'cola', count: 2 }], trueGrams: 700 }],
  hand: [],
  bankFault: 'none',
  cards: [],
  operator: null,
  ...change,
})
const address = addressOf({ hash: '#token=abc', origin: 'http://127.0.0.1:1' })

test('a newcomer is led from card to receipt by what the world shows', () => {
  const held = [{ sku: 'cola', count: 1 }]
  const path = [
    world(),
    world({ door: { open: false, locked: false } }),
    world({ door: { open: true, locked: false } }),
    world({ door: { open: true, locked: false }, hand: held }),
    // The door is closed and its bolt not back yet: twice, for the world is pushed whenever anything changes.
    world({ door: { open: false, locked: false }, hand: held }),
    world({ door: { open: false, locked: false }, hand: held }),
    world({ hand: held }),
    world(),
    world({ door: { open: false, locked: false } }),
    world(),
  ]
  const steps: number[] = []
  let way = wayAtFirst
  for (const each of path) {
    way = { step: stepAfter(way, each), door: each.door }
    steps.push(way.step)
  }
  expect(steps).toEqual([0, 1, 2, 3, 4, 4, 4, 4, 1, 0])
})

test('a refusal is explained by the state of the world, in the page’s language', () => {
  const open = world({ door: { open: true, locked: false } })
  expect(whyNot({ to: 'door', open: true }, world(), en.errors)).toBe(en.errors.locked)
  expect(whyNot({ to: 'door', open: true }, world({ power: false }), en.errors)).toBe(en.errors.dark)
  expect(whyNot({ to: 'take', sku: 'cola', shelf: 1 }, world(), en.errors)).toBe(en.errors.closed)
  expect(whyNot({ to: 'take', sku: 'water', shelf: 1 }, open, en.errors)).toBe(en.errors.none)
  expect(whyNot({ to: 'return', sku: 'cola' }, open, en.errors)).toBe(en.errors.hand)
  expect(whyNot({ to: 'card', uid: '00' }, world({ power: false }), en.errors)).toBe(en.errors.dark)
  expect(whyNot({ to: 'network', on: false }, world(), en.errors)).toBeNull()
})

test('a server that is gone or talks nonsense is an outcome, not a crash', async () => {
  const before = globalThis.fetch
  try {
    globalThis.fetch = () => Promise.reject(new TypeError('gone'))
    expect(await command({ to: 'power', on: false }, address, world(), en.errors)).toEqual({
      done: false,
      message: en.errors.unreachable,
    })
    globalThis.fetch = async () => new Response('[]')
    expect(await command({ to: 'power', on: false }, address, world(), en.errors)).toEqual({
      done: false,
      message: en.errors.unreachable,
    })
    globalThis.fetch = async () =>
      new Response(JSON.stringify({ ok: false, error: { code: 'odd', message: 'it is odd' } }))
    expect(await command({ to: 'network', on: false }, address, world(), en.errors)).toEqual({
      done: false,
      message: 'it is odd',
    })
  } finally {
    globalThis.fetch = before
  }
})

test('the goods are drawn to one scale, by which the widest shelf and all shelves above each other fit', () => {
  const product = (sku: string, width: number, height: number): [string, Product] => [
    sku,
    {
      sku, name: { en: sku, es: sku, de: sku }, priceMinor: 1, shelf: 1, kind: 'can', allergens: [], weightGrams: 1,
      sizeMm: { width, height, depth: 10 }, pictureUrl: '',
    },
  ] // prettier-ignore
  const narrow = scaleOf(world(), new Map([product('a', 66, 115)]))
  const wide = scaleOf(world(), new Map([product('a', 500, 115), product('b', 500, 115)]))
  expect(wide).toBeLessThan(narrow)
  expect(wide * (2 * 516)).toBeCloseTo(38.4)
})

test('an address keeps the token out of everything but sockets and pictures', () => {
  const secret = addressOf({ hash: '#token=s3cret&language=de', origin: 'http://127.0.0.1:80' })
  expect(secret.wish('language')).toBe('de')
  expect(secret.live('/api/kiosk')).toBe('ws://127.0.0.1/api/kiosk?token=s3cret')
  expect(secret.picture('/api/products/a%20b/picture')).toBe('/api/products/a%20b/picture?token=s3cret')
  expect(secret.headers).toEqual({ authorization: 'Bearer s3cret' })
})
