import { expect, test } from 'vitest'
import { defaultLimits } from '../../../src/cabinet/cabinet.ts'
import { bySku, onShelves } from '../../../src/catalog/stock.ts'
import { effectSchema, type Effect } from '../../../src/core/effects.ts'
import { eventSchema, type Event, type EventOf } from '../../../src/core/events.ts'
import { sku, visitId } from '../../../src/core/ids.ts'
import { minor } from '../../../src/core/money.ts'
import { minuteMs, secondMs } from '../../../src/core/time.ts'
import {
  closedReason,
  evolve,
  newFridge,
  nextDeadline,
  step,
  type Fridge,
  type FridgeInput,
  type Live,
} from '../../../src/runtime/fridge.ts'
import { known } from '../../../src/runtime/remote.ts'
import { holdKey, unlockKey } from '../../../src/session/keys.ts'
import { pear } from '../catalog/pear.ts'
import { Story } from '../session/story.ts'
import { laneOf, type Command, type Lane, type Order } from '../../../sync/protocol/mqtt.ts'
import { orderDigest } from '../../../sync/protocol/order-digest.ts'

const visit = '00000000-0000-4000-8000-000000000001'
const other = '00000000-0000-4000-8000-000000000002'
const adopted: EventOf<'CatalogueAdopted'> = {
  type: 'CatalogueAdopted', hash: 'a', currency: 'EUR',
  products: [
    { sku: sku('cola'), priceMinor: minor(250), weightGrams: 350, weightSpreadGrams: 3, shelf: 1 },
    { sku: sku('bar'), priceMinor: minor(150), weightGrams: 50, weightSpreadGrams: 1, shelf: 2 },
  ],
} // prettier-ignore
const hold = {
  reference: 'pi_1',
  paymentMethod: 'pm_1',
  fingerprint: 'fp_1',
  amountMinor: 1500,
  currency: 'EUR',
  captureWithinMs: 6 * 86_400_000,
} as const
const unlock = (of = visit, parts: object = {}): Order => ({ type: 'unlock', visit: of, hold: { ...hold, ...parts } })
const openDoor = (of = visit): Order => ({ type: 'openDoor', visit: of })
const prices = (priceMinor: number, of = 'cola'): Order => ({ type: 'prices', prices: [{ sku: of, priceMinor }] })

const commandOf = (order: Order, lane: Lane, number: number): Command => ({ fridge: 'f', untilMs: 0, by: 'the owner', reason: 'why', order, lane, number, digest: orderDigest(order) }) // prettier-ignore

/** A fridge that sells, told step by step; what it writes goes through the ledger's own schemas, as on disk. */
class Told {
  fridge: Fridge = newFridge
  live: Live = { doorOpen: false, storageFull: false, weights: [1000, 2000] }
  atMs = 1_000_000
  readonly events: Event[] = []
  readonly effects: Effect[] = []
  readonly numbers: Record<Lane, number> = { now: 0, kept: 0 }

  constructor() {
    this.write(adopted)
    this.write({ type: 'StockCounted', sku: sku('cola'), shelf: 1, count: 8, by: 'x', reason: 'y' })
    this.write({ type: 'ControllerFound', bootId: 1, doorOpen: false })
    this.tell({ type: 'TemperatureRead', celsius: 4 })
  }

  private write(event: Event): void {
    this.fridge = evolve(this.fridge, eventSchema.parse(JSON.parse(JSON.stringify(event))), this.atMs)
  }

  tell(input: FridgeInput): string[] {
    const { events, effects } = step(this.fridge, input, this.atMs, this.live, defaultLimits)
    for (const event of events) this.write(event)
    this.events.push(...events)
    for (const effect of effects) this.effects.push(effectSchema.parse(JSON.parse(JSON.stringify(effect))))
    return events.map(({ type }) => type)
  }

  /** As they were ordered last, by lane and number. */
  readonly given = new Map<string, Command>()

  order(order: Order, parts: Partial<Command> = {}): string[] {
    const lane = laneOf[order.type]
    const number = parts.number ?? (this.numbers[lane] += 1)
    const command = { ...commandOf(order, lane, number), untilMs: this.atMs + 5 * secondMs }
    if (!this.given.has(`${lane} ${number}`)) this.given.set(`${lane} ${number}`, { ...command, ...parts })
    return this.tell({ type: 'CommandReceived', command: { ...command, ...parts } })
  }

  outcome(lane: Lane, number: number) {
    const command = this.given.get(`${lane} ${number}`) ?? commandOf(openDoor(), lane, number)
    return known(this.fridge.remote, command)
  }

  later(ms: number): this {
    this.atMs += ms
    return this
  }

  get at(): string {
    return this.fridge.visits.session.at
  }

  settle(cans: number): void {
    const id = visitId(visit)
    this.tell({ type: 'UnlockAnswered', visit: id, key: unlockKey(id), answer: 'unlocked' })
    this.tell({ type: 'DoorOpened' })
    this.later(20_000).tell({ type: 'DoorClosed' })
    const weigh = this.effects.at(-1)
    if (weigh?.type !== 'ResolveBasket') throw new Error('nothing is weighed')
    const cola = { sku: sku('cola'), count: cans, priceMinor: minor(250) }
    const sure = { moves: [], probability: 0.999, sureLines: [], runnerUp: [], after: [] }
    this.tell({
      type: 'BasketWeighed',
      visit: id,
      key: weigh.key,
      resolution: { ...sure, lines: cans > 0 ? [cola] : [] },
    })
  }
}

test('[S18] [D1] a hold that the relay brought opens the door, and is captured or released once, by the fridge', () => {
  const told = new Told()
  expect(told.order(unlock())).toEqual(['CommandTaken', 'VisitStarted', 'HoldPlaced', 'UnlockRequested'])
  expect(told.effects.map(({ type }) => type)).toEqual(['UnlockDoor'])
  expect(told.at).toBe('unlocking')
  expect(told.outcome('now', 1)).toEqual({ outcome: 'done', why: null })
  told.settle(1)
  expect(told.effects.at(-1)).toMatchObject({ type: 'CaptureHold', reference: 'pi_1', amountMinor: 250 })
  expect(told.effects.filter(({ type }) => type === 'PlaceHold')).toEqual([])
  const empty = new Told()
  empty.order(unlock())
  empty.settle(0)
  expect(empty.effects.at(-1)).toMatchObject({ type: 'ReleaseHold', reference: 'pi_1', hold: { key: holdKey(visitId(visit)) } }) // prettier-ignore
})

test('[M2] [S10] what a basket costs beyond the hold that was brought is forgiven', () => {
  const told = new Told()
  told.order(unlock())
  told.settle(7)
  expect(told.effects.at(-1)).toMatchObject({ type: 'CaptureHold', amountMinor: 1500 })
})

test('[S18] [S1] [S2] a brought hold starts nothing while somebody is at the door, nothing may be sold, or nothing is weighed', () => {
  const brought = (change: (story: Story) => void): string[] => {
    const story = new Story()
    change(story)
    const card = { paymentMethod: 'pm_1', fingerprint: 'fp_9' }
    return story.tell({ type: 'HoldBrought', visit: visitId(other), card, reference: 'pi_9', holdMinor: minor(1000), currency: 'EUR', captureWithinMs: 1_000 }).events // prettier-ignore
  }
  expect(brought(() => {})).toEqual(['VisitStarted', 'HoldPlaced', 'UnlockRequested'])
  expect(brought((story) => story.tap())).toEqual([])
  expect(brought((story) => (story.around = { ...story.around, closed: true }))).toEqual([])
  expect(brought((story) => (story.around = { ...story.around, weights: null }))).toEqual([])
  expect(brought((story) => (story.around = { ...story.around, denied: new Set(['fp_9']) }))).toEqual([])
})

test('[SY33] [Y5] a command that is known is not acted on again, also after a restart that replays the ledger', () => {
  const told = new Told()
  told.order(unlock(), { number: 3 })
  expect(told.order(unlock(), { number: 3 })).toEqual([])
  expect(told.order(unlock(other), { number: 2 })).toEqual([])
  expect(told.outcome('now', 2)).toBe('unknown')
  expect(told.outcome('now', 4)).toBeNull()
  told.settle(1)
  expect(told.order(unlock(other), { number: 3 })).toEqual([])
  let again = newFridge
  for (const event of told.events)
    again = evolve(again, eventSchema.parse(JSON.parse(JSON.stringify(event))), told.atMs)
  expect(known(again.remote, told.given.get('now 3') as Command)).toEqual({ outcome: 'done', why: null })
  told.tell({ type: 'Restarted', fridge: 'f' as never, version: '1', offMs: 0 })
  expect(told.order(unlock(other), { number: 3 })).toEqual([])
  for (let number = 4; number < 104; number++) told.order(openDoor(), { number })
  expect(told.outcome('now', 3)).toBe('unknown')
  expect(told.outcome('now', 103)).toMatchObject({ outcome: 'refused' })
})

test('[SY72] [Y5] a number that another command has used up answers for that one only', () => {
  const told = new Told()
  told.order(unlock())
  const mine = commandOf(unlock(), 'now', 1)
  expect(known(told.fridge.remote, mine)).toEqual({ outcome: 'done', why: null })
  for (const another of [unlock(other), openDoor()].map((order) => commandOf(order, 'now', 1)))
    expect(known(told.fridge.remote, another)).toBe('unknown')
  expect(known(told.fridge.remote, { ...mine, by: 'another' })).toBe('unknown')
  expect(told.order(unlock(other), { number: 1 })).toEqual([])
})

test('[SY85] [Y5] of the same kind, person and reason it answers for the same order only; rows of before say nothing of it', () => {
  const told = new Told()
  told.order(prices(300))
  const mine = commandOf(prices(300), 'kept', 1)
  const another = commandOf(prices(400), 'kept', 1)
  expect(known(told.fridge.remote, mine)).toEqual({ outcome: 'done', why: null })
  expect(known(told.fridge.remote, another)).toBe('unknown')
  expect(told.order(prices(400), { number: 1 })).toEqual([])
  const older = told.events.map(({ ...event }) => {
    if (event.type === 'CommandTaken') delete event.digest
    return event
  })
  const again = older.reduce((fridge, event) => evolve(fridge, eventSchema.parse(event), told.atMs), newFridge)
  for (const command of [mine, another]) expect(known(again.remote, command)).toEqual({ outcome: 'done', why: null })
  expect(orderDigest({ a: [{ c: 1, b: null }], d: 'x' })).toBe(orderDigest({ d: 'x', a: [{ b: null, c: 1 }] }))
  expect(orderDigest(prices(300))).toBe('e5c6cef157f0b8c3862a822f5e06ac01')
})

test('[SY34] [Y5] a command whose time has passed when it would be written is not written', () => {
  const told = new Told()
  expect(told.order(unlock(), { untilMs: told.atMs - 1 })).toEqual([])
  expect(told.order(openDoor(), { number: 2, untilMs: told.atMs - 1 })).toEqual([])
  expect([told.effects, told.at, told.outcome('now', 1)]).toEqual([[], 'idle', null])
})

test('[SY35] [S18] a fridge that may not sell, or is busy, refuses: nothing is written but that, and the door stays shut', () => {
  const refused = (why: string, order: Order, prepare: (told: Told) => void): void => {
    const told = new Told()
    prepare(told)
    const before = told.effects.length
    expect(told.order(order)).toEqual(['CommandTaken'])
    expect(told.outcome('now', 1)).toEqual({ outcome: 'refused', why })
    expect(told.effects.length).toBe(before)
    expect(told.events.at(-1)).toMatchObject({ type: 'CommandTaken', by: 'the owner', reason: 'why', outcome: 'refused', about: visit }) // prettier-ignore
  }
  const card = { paymentMethod: 'pm_2', fingerprint: 'fp_2' }
  const tap = (told: Told): void =>
    void told.tell({ type: 'CardPresented', visit: visitId(other), card, holdMinor: minor(1000), currency: 'EUR' })
  refused('busy', unlock(), tap)
  refused('busy', openDoor(), tap)
  refused('storage', unlock(), (told) => (told.live = { ...told.live, storageFull: true }))
  refused('doorOpen', unlock(), (told) => (told.live = { ...told.live, doorOpen: true }))
  refused('doorOpen', openDoor(), (told) => (told.live = { ...told.live, doorOpen: true }))
  refused('starting', unlock(), (told) => (told.live = { ...told.live, weights: null }))
  refused('currency', unlock(visit, { currency: 'USD' }), () => {})
  refused('denied', unlock(), (told) => told.order({ type: 'denied', fingerprints: ['fp_1'] }))
})

test('[SY40] a door that is opened for the owner’s person sells nothing, and nobody buys meanwhile', () => {
  const told = new Told()
  expect(told.order(openDoor())).toEqual(['CommandTaken', 'ServiceBegan'])
  expect(told.effects).toMatchObject([{ type: 'UnlockDoor', visit }])
  expect(closedReason(told.fridge, told.live)).toBe('doorOpen')
  expect(told.order(unlock(other))).toEqual(['CommandTaken'])
  told.tell({ type: 'UnlockAnswered', visit: visitId(visit), key: told.effects[0]?.key ?? ('' as never), answer: 'unlocked' }) // prettier-ignore
  told.tell({ type: 'DoorOpened' })
  told.tell({ type: 'DoorClosed' })
  expect(told.tell({ type: 'DoorRelocked', visit: visitId(visit), reason: 'doorClosed' })).toEqual(['ServiceEnded'])
  expect(closedReason(told.fridge, told.live)).toBeNull()
  expect(told.events.some(({ type }) => type === 'BasketResolved' || type === 'VisitStarted')).toBe(false)
})

test('[SY40] a service ends, whatever never comes', () => {
  const begun = (): Told => {
    const told = new Told()
    told.order(openDoor())
    return told
  }
  const refused = begun()
  const key = refused.effects[0]?.key ?? ('' as never)
  expect(refused.tell({ type: 'UnlockAnswered', visit: visitId(visit), key, answer: 'busy' })).toEqual(['ServiceEnded'])
  const silent = begun()
  expect(silent.tell({ type: 'UnlockAnswered', visit: visitId(visit), key, answer: 'timeout' })).toEqual(['ServiceEnded']) // prettier-ignore
  expect(silent.effects.at(-1)?.type).toBe('RelockDoor')
  const forgotten = begun()
  expect(nextDeadline(forgotten.fridge)).toBe(forgotten.atMs + 30 * minuteMs)
  expect(forgotten.later(30 * minuteMs).tell({ type: 'TimePassed' })).toContain('ServiceEnded')
  expect(begun().tell({ type: 'Restarted', fridge: 'f' as never, version: '1', offMs: 0 })).toContain('ServiceEnded')
  const back = begun()
  back.tell({ type: 'ControllerLost' })
  expect(back.tell({ type: 'ControllerFound', bootId: 2, uptimeMs: 1, doorOpen: false, lockOpen: false })).toContain(
    'ServiceEnded',
  )
})

test('[S19] a card that the owner turns away holds nothing and is told so', () => {
  const told = new Told()
  expect(told.order({ type: 'denied', fingerprints: ['fp_2'] })).toEqual(['CommandTaken', 'CardsDenied'])
  const tap = (fingerprint: string): string[] =>
    told.tell({ type: 'CardPresented', visit: visitId(visit), card: { paymentMethod: 'pm', fingerprint }, holdMinor: minor(1000), currency: 'EUR' }) // prettier-ignore
  expect(tap('fp_2')).toEqual(['VisitStarted', 'HoldDeclined', 'VisitEnded'])
  expect(told.effects).toEqual([])
  expect(told.fridge.visits.settlements.size).toBe(0)
  told.order({ type: 'denied', fingerprints: [] })
  expect(tap('fp_2')).toEqual(['VisitStarted'])
})

test('[K5] [SY41] prices from afar stand above the catalogue’s, also above one that is adopted later', () => {
  const told = new Told()
  const price = (): number | undefined => told.fridge.stock.catalogue?.products.find((one) => one.sku === 'cola')?.priceMinor // prettier-ignore
  expect(told.order(prices(300))).toEqual(['CommandTaken', 'PricesSet'])
  expect(price()).toBe(300)
  told.tell({ type: 'CatalogueOffered', hash: 'b', events: [{ ...adopted, hash: 'b' }] })
  expect([price(), told.fridge.stock.catalogue?.hash]).toEqual([300, 'b'])
  expect(told.order(prices(100, 'nothing'))).toEqual(['CommandTaken'])
  expect(told.outcome('kept', 2)).toEqual({ outcome: 'refused', why: 'unknownProduct' })
  told.order(unlock())
  expect(told.order(prices(400))).toEqual(['CommandTaken'])
  expect([price(), told.outcome('kept', 3)]).toEqual([300, { outcome: 'refused', why: 'busy' }])
})

test('[K5] [L4] a product that is given another shelf takes what is believed to stand there along', () => {
  const told = new Told()
  const moved: Order = { type: 'planogram', places: [{ sku: 'cola', shelf: 3 }] }
  expect(told.order(moved)).toEqual(['CommandTaken', 'PlacesSet', 'StockCounted', 'StockCounted'])
  expect(onShelves(told.fridge.stock)).toEqual([{ sku: 'cola', shelf: 3, count: 8 }])
  expect(bySku(told.fridge.stock).get(sku('cola'))).toBe(8)
  expect(told.order(moved)).toEqual(['CommandTaken', 'PlacesSet'])
})

test('[K6] a review is charged by the prices of its visit, also after others were set or its product is sold no more', () => {
  for (const change of ['prices', 'catalogue'] as const) {
    const told = new Told()
    told.order(unlock())
    const id = visitId(visit)
    told.tell({ type: 'UnlockAnswered', visit: id, key: unlockKey(id), answer: 'unlocked' })
    told.tell({ type: 'DoorOpened' })
    told.later(31 * minuteMs).tell({ type: 'TimePassed' })
    told.tell({ type: 'DoorClosed' })
    told.later(minuteMs).tell({ type: 'TimePassed' })
    if (change === 'prices')
      expect(told.order({ type: 'prices', prices: [{ sku: 'cola', priceMinor: 900 }] })).toContain('PricesSet')
    else told.tell({ type: 'CatalogueOffered', hash: 'b', events: [{ ...adopted, hash: 'b', products: adopted.products.slice(1) }] }) // prettier-ignore
    expect(told.events.at(-1)?.type).toMatch(/PricesSet|CatalogueAdopted/)
    told.order({ type: 'review', visit, taken: [{ sku: 'cola', count: 2 }] })
    expect(told.effects.at(-1)).toMatchObject({ type: 'CaptureHold', amountMinor: 500 })
  }
})

test('[SY41] a review that is decided from afar is decided as at the fridge, and once', () => {
  const told = new Told()
  told.order(unlock())
  const id = visitId(visit)
  told.tell({ type: 'UnlockAnswered', visit: id, key: unlockKey(id), answer: 'unlocked' })
  told.tell({ type: 'DoorOpened' })
  told.later(31 * minuteMs).tell({ type: 'TimePassed' })
  expect(told.fridge.visits.settlements.get(id)?.at).toBe('review')
  const verdict = (count: number, of = 'cola'): Order => ({ type: 'review', visit, taken: [{ sku: of, count }] })
  expect(told.order(verdict(1, 'nothing'))).toEqual(['CommandTaken'])
  expect(told.order(verdict(2))).toEqual(['CommandTaken', 'ReviewDecided', 'CaptureRequested'])
  expect(told.effects.at(-1)).toMatchObject({ type: 'CaptureHold', amountMinor: 500 })
  expect(told.order(verdict(1))).toEqual(['CommandTaken'])
  expect(told.outcome('kept', 3)).toEqual({ outcome: 'refused', why: 'notInReview' })
})

const define = (parts: Partial<typeof pear> = {}): Order => ({ type: 'product', product: { ...pear, ...parts } })

test('[K9] [SY80] a product from afar is defined once, whole, and between two visits only', () => {
  const told = new Told()
  const priceOf = (which: string) => told.fridge.stock.catalogue?.products.find((one) => one.sku === which)?.priceMinor
  told.order(unlock())
  expect(told.order(define())).toEqual(['CommandTaken'])
  expect(told.outcome('kept', 1)).toMatchObject({ outcome: 'refused', why: 'busy' })
  expect(priceOf('pear')).toBeUndefined()
  told.settle(1)
  expect(told.order(define())).toEqual(['CommandTaken', 'ProductDefined'])
  expect(told.order(define(), { number: 2 })).toEqual([])
  expect(priceOf('pear')).toBe(230)
  expect(told.order({ type: 'counts', counts: [{ sku: pear.sku, shelf: 2, count: 6 }] })).toEqual([
    'CommandTaken',
    'StockCounted',
  ])
  expect(bySku(told.fridge.stock).get(pear.sku)).toBe(6)
  expect(told.order({ type: 'offers', offers: [{ sku: pear.sku, offered: false }] })).toEqual([
    'CommandTaken',
    'OffersSet',
  ])
  expect(told.order(define({ weightGrams: 270 }))).toEqual(['CommandTaken', 'ProductDefined'])
})

test('[K9] a definition that does not fit the fridge is refused by name, and nothing of it is done', () => {
  const told = new Told()
  const refused = (order: Order): string => {
    expect(told.order(order)).toEqual(['CommandTaken'])
    return told.outcome('kept', told.numbers.kept) === 'unknown'
      ? ''
      : String(Object(told.outcome('kept', told.numbers.kept))['why'])
  }
  expect(refused(define({ currency: 'GBP' }))).toBe('currency')
  expect(refused(define({ sku: sku('cola') }))).toBe('skuTaken')
  expect(refused(define({ sku: sku('COLA') }))).toBe('skuTaken')
  expect(refused(define({ shelf: 3 }))).toBe('noShelf')
  expect(
    refused({
      type: 'offers',
      offers: [
        { sku: sku('cola'), offered: false },
        { sku: pear.sku, offered: false },
      ],
    }),
  ).toBe('unknownProduct')
  expect(refused({ type: 'counts', counts: [{ sku: sku('cola'), shelf: 9, count: 1 }] })).toBe('noShelf')
  expect(refused({ type: 'counts', counts: [{ sku: pear.sku, shelf: 1, count: 1 }] })).toBe('unknownProduct')
  expect(told.fridge.stock.defined.size + told.fridge.stock.withdrawn.size).toBe(0)
})
