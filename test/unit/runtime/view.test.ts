import { expect, test } from 'vitest'
import { kioskViewSchema } from '../../../src/contract/kiosk.ts'
import { minor } from '../../../src/core/money.ts'
import { newFridge, type Live } from '../../../src/runtime/fridge.ts'
import { isPast, screenDeadline, viewOf, type Seen } from '../../../src/runtime/view.ts'
import { signalOf } from '../../../src/runtime/signals.ts'
import { cola, feast, Story, visit } from '../session/story.ts'

const live: Live = { doorOpen: false, storageFull: false, weights: [0] }
const catalogue = { type: 'CatalogueAdopted' as const, hash: 'h', currency: 'EUR' as const, products: [] }
const seen = (story: Story, more: Partial<Seen> = {}): Seen => ({
  fridge: {
    ...newFridge,
    visits: story.visits,
    cabinet: { ...newFridge.cabinet, controllerUp: true },
    stock: { ...newFridge.stock, catalogue },
  },
  live,
  sign: { id: 'f', name: 'F', contact: 'C' },
  currency: 'EUR',
  holdMinor: minor(1000),
  online: true,
  temperatureCelsius: 4,
  glance: [],
  moving: false,
  dismissed: null,
  cardWaits: false,
  atMs: story.atMs,
  ...more,
})
const screen = (story: Story, more: Partial<Seen> = {}) => kioskViewSchema.parse(viewOf(seen(story, more))).screen

test('[M8] before a card is tapped, the view says what it will be asked to reserve', () => {
  expect(viewOf(seen(new Story()))).toMatchObject({ holdMinor: 1000, screen: { at: 'attract' } })
})

test('a closed fridge says why, and the same closed fridge lets a visit end in peace', () => {
  const closed = { live: { ...live, storageFull: true } }
  expect(screen(new Story(), closed)).toEqual({ at: 'closed', reason: 'storage' })
  expect(screen(Story.shopping(), closed)).toMatchObject({ at: 'shopping' })
})

test('the live basket is what the shelves show, and its total adds up', () => {
  const glance = [cola, feast]
  expect(screen(Story.shopping(), { glance })).toMatchObject({
    at: 'shopping',
    lines: glance,
    totalMinor: 1750,
    leftOpen: 0,
  })
})

test('[M9] a receipt is "paying" until the bank has said so, and has its number only then', () => {
  const story = Story.settling()
  story.weighed({ lines: [cola] })
  expect(screen(story)).toMatchObject({ at: 'receipt', chargedMinor: 250, payment: 'paying', number: null })
  story.captured(250)
  expect(screen(story)).toMatchObject({ at: 'receipt', payment: 'paid', number: '000001' })
})

test('[M4] an empty basket says that nothing was charged', () => {
  const story = Story.settling()
  story.weighed({ lines: [] })
  expect(screen(story)).toEqual({ at: 'nothingTaken', holdMinor: 1000 })
})

test('[M5] a doubt says what is sure', () => {
  const story = Story.settling()
  story.weighed({ lines: [cola, feast], sureLines: [cola], probability: 0.5 })
  expect(screen(story)).toMatchObject({ at: 'unsure', sureLines: [cola], sureMinor: 250 })
})

test('the last screen goes by itself, or when it is put away, and not when another visit`s was', () => {
  const story = Story.settling()
  story.weighed({ lines: [cola] })
  const due = screenDeadline(seen(story).fridge) ?? 0
  expect(screen(story, { atMs: due - 1 })).toMatchObject({ at: 'receipt' })
  expect(screen(story, { atMs: due })).toEqual({ at: 'attract' })
  expect(screen(story, { dismissed: visit })).toEqual({ at: 'attract' })
  expect(screen(story, { dismissed: 'another' })).toMatchObject({ at: 'receipt' })
})

test('a refusal`s red light does not outlive its screen', () => {
  const story = Story.settling()
  story.weighed({ lines: [cola] })
  expect(signalOf(story.visits.session, false, false)).toBe('thanks')
  expect(isPast(story.visits.session, visit, story.atMs)).toBe(true)
  expect(signalOf(story.visits.session, false, true)).toBe('idle')
})

test('[D3] light and buzzer say what the screen says', () => {
  const story = Story.shopping()
  expect(signalOf(story.visits.session, false, false)).toBe('unlocked')
  story.tell({ type: 'DoorLeftOpen', seconds: 60 })
  expect(signalOf(story.visits.session, false, false)).toBe('askClose')
  story.tell({ type: 'DoorLeftOpen', seconds: 120 })
  expect(signalOf(story.visits.session, false, false)).toBe('alert')
  expect(signalOf(new Story().visits.session, true, false)).toBe('error')
})
