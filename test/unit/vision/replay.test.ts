/** Replay: what a fridge kept of a visit, what is said of it otherwise today, and the page that shows both. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { minor } from '../../../src/core/money.ts'
import type { Event } from '../../../src/core/events.ts'
import { sku } from '../../../src/core/ids.ts'
import type { Sighting, Sights } from '../../../src/core/sighting.ts'
import type { Resolution } from '../../../src/fusion/evidence.ts'
import { openLedger } from '../../../src/ledger/ledger.ts'
import { basketText, difference } from '../../../scripts/replay/difference.ts'
import { page } from '../../../scripts/replay/page.ts'
import { servePage } from '../../../scripts/replay/server.ts'
import { cabinetOf, storedVisit, visitsIn } from '../../../scripts/replay/stored.ts'
import { tampersIn, tamperText } from '../../../scripts/replay/tampers.ts'
import type { Today } from '../../../scripts/replay/today.ts'
import { languages } from '../../../scripts/replay/words.ts'

const cola = sku('cola')
const lime = sku('lime')
const visit = 'b0c0ffee-0000-4000-8000-000000000001'

const seen = (what: typeof cola, probability: number, shelf = 1): Sighting => ({
  witness: 'left-shelves',
  direction: 'taken',
  shelf,
  atMs: null,
  candidates: [{ sku: what, probability }],
  noneProbability: 1 - probability,
})
const sights = (...sightings: Sighting[]): Sights => ({
  witnesses: [{ id: 'left-shelves', kind: 'shelf', blindShare: 0, blindShelves: [] }],
  sightings,
})
const basket = (what: typeof cola) => ({ lines: [{ sku: what, count: 1 }], probability: 0.99 })

describe('what is said otherwise', () => {
  test('nothing, where it is seen alike and as surely, but for another machine`s rounding', () => {
    expect(
      difference(
        { ...basket(cola), sights: sights(seen(cola, 0.9)) },
        { ...basket(cola), sights: sights(seen(cola, 0.93)) },
      ),
    ).toBe(null)
  })

  test('another product, another certainty, what is seen no more and what is new', () => {
    const was = sights(seen(cola, 0.9), seen(lime, 0.8, 2), seen(cola, 0.9, 3))
    const now = sights(seen(lime, 0.9), seen(lime, 0.6, 2), seen(cola, 0.9, 4))
    const found = difference({ ...basket(cola), sights: was }, { ...basket(lime), sights: now })
    expect(found?.basket?.now.lines).toEqual([{ sku: lime, count: 1 }])
    expect(found?.moved.map(({ now: one }) => one.shelf)).toEqual([1, 2])
    expect(found?.gone.map(({ shelf }) => shelf)).toEqual([3])
    expect(found?.come.map(({ shelf }) => shelf)).toEqual([4])
  })

  test('two of one kind are two, in any order', () => {
    const twice = sights(seen(cola, 0.9), seen(lime, 0.9))
    const turned = sights(seen(lime, 0.9), seen(cola, 0.9))
    expect(difference({ ...basket(cola), sights: twice }, { ...basket(cola), sights: turned })).toBe(null)
  })

  test('a camera that has gone blind, or does not see a shelf any more', () => {
    const blind: Sights = {
      witnesses: [{ id: 'left-shelves', kind: 'shelf', blindShare: 1, blindShelves: [2] }],
      sightings: [],
    }
    const found = difference({ ...basket(cola), sights: sights() }, { ...basket(cola), sights: blind })
    expect(found?.witnesses).toEqual([
      { id: 'left-shelves', was: 'saw 100 % of the time', now: 'saw 0 % of the time, not shelf 2' },
    ])
  })

  test('where nothing was kept of what was seen, only the basket can differ', () => {
    expect(difference({ ...basket(cola), sights: null }, { ...basket(cola), sights: sights(seen(cola, 1)) })).toBe(null)
    expect(basketText([])).toBe('nothing')
  })
})

describe('what a fridge kept', () => {
  let dir: string
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'replay-'))
    await mkdir(join(dir, 'evidence', visit), { recursive: true })
    await writeFile(
      join(dir, 'evidence', visit, 'visit.json'),
      JSON.stringify({ visit, beganMs: 1_000, seen: sights() }),
    )
    for (const [atMs, why] of [
      [1_900, 'before'],
      [3_100, 'after'],
    ])
      await writeFile(join(dir, 'evidence', visit, `${atMs}-left-${atMs}-${why}.jpg`), 'jpeg')
  })
  afterEach(async () => rm(dir, { recursive: true, force: true }))

  function write(events: readonly (readonly [number, Event])[]): void {
    const ledger = openLedger(dir)
    for (const [atMs, event] of events) ledger.commit({ atMs, events: [event], effects: [], done: [], abandoned: [] })
    ledger.close()
  }
  const id = visit as never
  const product = { sku: cola, priceMinor: minor(200), weightGrams: 330, weightSpreadGrams: 2, shelf: 1 }
  const story: readonly (readonly [number, Event])[] = [
    [500, { type: 'CatalogueAdopted', hash: 'h', currency: 'EUR', products: [product] }],
    [600, { type: 'StockCounted', sku: cola, shelf: 1, count: 4, by: 'o', reason: 'filled' }],
    [1_000, { type: 'UnlockRequested', visit: id, baseline: [1_320] }],
    [2_000, { type: 'DoorOpened', visit: id }],
    [2_500, { type: 'StockCounted', sku: cola, shelf: 1, count: 9, by: 'o', reason: 'meanwhile' }],
    [3_000, { type: 'DoorClosed', visit: id }],
    [
      3_500,
      {
        type: 'BasketResolved',
        visit: id,
        lines: [{ sku: cola, count: 1, priceMinor: minor(200) }],
        moves: [{ sku: cola, shelf: 1, count: -1 }],
        totalMinor: minor(200),
        probability: 0.999,
        before: [1_320],
        after: [990],
      },
    ],
  ]

  test('[D4] [VIS53] a forced door is no visit, and its pictures are listed in the order in which they were taken', async () => {
    const folder = join(dir, 'evidence', 'tamper-12')
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, 'visit.json'), JSON.stringify({ visit: 'tamper-12', beganMs: 5_000 }))
    for (const name of ['6000-left-2-after.jpg', '5100-right-1-during.jpg', 'notes.txt'])
      await writeFile(join(folder, name), '')
    expect(await visitsIn(dir)).toEqual([visit])
    const [tamper, ...more] = await tampersIn(dir)
    expect(more).toEqual([])
    const pictures = ['5100-right-1-during.jpg', '6000-left-2-after.jpg'].map((name) => join(folder, name))
    expect(tamper).toEqual({ tamper: 'tamper-12', beganMs: 5_000, pictures })
    if (tamper === undefined) return
    expect(tamperText(tamper, true)).toBe(
      `tamper-12: the door was forced at 1970-01-01T00:00:05.000Z, 2 pictures\n  ${pictures.join('\n  ')}\n`,
    )
  })

  test('pictures, times, weights, what stood there, and what was said', async () => {
    write(story)
    expect(await visitsIn(dir)).toEqual([visit])
    const stored = await storedVisit(dir, visit)
    if (!stored.ok) throw new Error(stored.error)
    const { openedMs, closedMs, before, after, said, stock, pictures } = stored.value
    expect({ openedMs, closedMs, before, after }).toEqual({
      openedMs: 2_000,
      closedMs: 3_000,
      before: [1_320],
      after: [990],
    })
    expect(said).toEqual({ lines: [{ sku: cola, count: 1 }], probability: 0.999, reviewed: false })
    expect(stock).toEqual([{ sku: cola, shelf: 1, count: 4 }]) // of then: the sale itself has not happened yet
    expect(pictures.map(({ why }) => why)).toEqual(['before', 'after'])
  })

  test('what is missing is named: no ledger, an unfinished visit, damaged evidence, no such visit, no cameras', async () => {
    const said = async (): Promise<string> => {
      const stored = await storedVisit(dir, visit)
      return stored.ok ? '' : stored.error
    }
    expect(await said()).toContain('ledger.db')
    write(story.slice(0, 4))
    expect(await said()).toContain('not opened and closed')
    await writeFile(
      join(dir, 'evidence', visit, 'visit.json'),
      JSON.stringify({ visit, beganMs: 1, seen: { witnesses: 3 } }),
    )
    expect(await said()).toContain('damaged')
    const other = await storedVisit(dir, '../../etc')
    expect(other.ok ? '' : other.error).toContain('no evidence')
    const cabinet = await cabinetOf(dir)
    expect(cabinet.ok ? '' : cabinet.error).toContain('--cameras')
  })
})

describe('the page', () => {
  const resolution = {
    ...basket(cola),
    moves: [],
    runnerUp: null,
    baskets: [],
    sure: [],
    unknownProbability: 0,
    unexplainedGrams: [],
    exhausted: false,
  } satisfies Resolution
  const picture = { atMs: 1_900, camera: 'left', number: 1, why: 'before' as const, file: '/nowhere.jpg' }
  const today: Today = {
    frames: [
      {
        picture,
        width: 640,
        height: 360,
        found: [{ kind: 'product', score: 0.9, box: { left: 1, top: 2, width: 3, height: 4 }, track: 7 }],
        looks: [],
      },
    ],
    sights: sights(seen(sku('<script>'), 0.9)),
    resolution,
    scalesAlone: { ...resolution, probability: 0.5 },
  }
  const stored = {
    visit,
    openedMs: 2_000,
    closedMs: 3_000,
    pictures: [picture],
    seen: null,
    before: [1_320, null],
    after: [990, null],
    said: { ...basket(cola), reviewed: true },
    decided: null,
    products: [],
    stock: [],
  }
  const cabinet = {
    cameras: [{ id: 'left', source: '', width: 640, height: 360, framesPerSecond: 10, shelves: [], opening: null }],
    gallery: '',
  }

  test('tells everything in each language, and runs nothing of what a file may say', () => {
    for (const language of languages) {
      const html = page({ stored, today, apart: null, cabinet }, { token: 'T', language, theme: 'light' })
      expect(html).toContain('&lt;script&gt;')
      expect(html).not.toContain('<script')
      for (const piece of ['cola', 'href="#p0"', '/T/0.jpg', 'id="p0"', '>7<']) expect(html).toContain(piece)
      expect(html).not.toMatch(/undefined|NaN|\[object/)
    }
  })

  test('answers nobody who was not told its address', async () => {
    const served = await servePage(stored, today, null, cabinet)
    const url = new URL(served.address)
    expect(url.hostname).toBe('127.0.0.1')
    try {
      const answer = await fetch(served.address)
      expect(answer.status).toBe(200)
      expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'")
      expect((await fetch(`${served.address}page.css`)).status).toBe(200)
      for (const path of ['/', `/${'x'.repeat(32)}/`, `${url.pathname}0.jpg`, `${url.pathname}../package.json`])
        expect((await fetch(new URL(path, url))).status, path).toBe(404)
      expect((await fetch(served.address, { method: 'POST' })).status).toBe(404)
    } finally {
      served.close()
    }
  })
})
