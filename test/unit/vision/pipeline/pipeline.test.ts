/** A visit before drawn shelves: what is told of it, and when nothing can be. */
import { beforeEach, expect, test, vi } from 'vitest'
import type { Sku } from '../../../../src/core/ids.ts'
import { silent, type Cancel, type Clock } from '../../../../src/core/ports.ts'
import { nothingSeen, type Sights } from '../../../../src/core/sighting.ts'
import type { Camera } from '../../../../vision/camera/camera.ts'
import type { Shot } from '../../../../vision/camera/frame.ts'
import type { Keeper } from '../../../../vision/evidence/keeper.ts'
import type { Looker } from '../../../../vision/pipeline/looker.ts'
import { createPipeline, type Pipeline } from '../../../../vision/pipeline/pipeline.ts'
import { identify, jpegOf, pictureOf, regions, size, type Light, type Package } from '../shelf/shelves.ts'

const red: Package = { product: 'red', at: [120, 165], tall: 90 }
const green: Package = { product: 'green', at: [300, 165], tall: 90 }
const blue: Package = { product: 'blue', at: [420, 335], tall: 100 }
const full = [red, green, blue]
const arm = '<rect x="280" y="60" width="60" height="300" fill="#b98a6a"/>'

let nowMs: number
let on: boolean
let give: (shot: Shot) => void
let latest: Shot | null
let number: number
let looker: Looker | null
let kept: string[]
let lost: string | null
let pipeline: Pipeline
let health: number

/** Time that only the test moves; what was due by then happens at once. */
let due: { atMs: number; call: () => void }[]
const clock: Clock = {
  nowMs: () => nowMs,
  after(delayMs, call): Cancel {
    const entry = { atMs: nowMs + delayMs, call }
    due.push(entry)
    return () => void (due = due.filter((one) => one !== entry))
  },
}
function pass(ms: number): void {
  nowMs += ms
  for (const entry of due.filter(({ atMs }) => atMs <= nowMs)) {
    due = due.filter((one) => one !== entry)
    entry.call()
  }
}
const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setTimeout(resolve, 1))
}

const camera: Camera = {
  id: 'one',
  start() {
    on = true
    latest = null
  },
  async stop() {
    on = false
  },
  latest: () => latest,
  onShot(listener) {
    give = listener
  },
  state: () => ({ lost, shots: number, damaged: 0, firstShotMs: 0 }),
}
/** Knows nothing, and has no detector. */
const blindLooker: Looker = {
  taught: [],
  identify: async () => [],
  embed: async () => [],
  name: () => ({ product: null, candidates: [], noneProbability: 1 }),
  fuse: () => ({ candidates: [], noneProbability: 1 }),
  detect: null,
}
const keeper: Keeper = {
  begin: (visit) => void kept.push(`begin ${visit}`),
  keep: (_shot, why) => void kept.push(why),
  end: async () => void kept.push('end'),
}

beforeEach(() => {
  nowMs = 1_000_000
  on = false
  latest = null
  number = 0
  kept = []
  due = []
  lost = null
  health = 0
  looker = { ...blindLooker, taught: ['red' as Sku, 'green' as Sku, 'blue' as Sku], identify }
  pipeline = createPipeline({
    cameras: [{ camera, regions, opening: null }],
    looker: () => looker,
    keeper,
    clock,
    log: silent,
    seen: () => {},
    healthChanged: () => void (health += 1),
  })
})

async function show(packages: readonly Package[], light: Light = {}, times = 3): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    pass(100)
    number += 1
    const jpeg = await jpegOf(await pictureOf(packages, { ...light, seed: number }))
    latest = { camera: 'one', number, atMs: nowMs, jpeg, ...size }
    give(latest)
    await pipeline.rest()
  }
}

/** Door open, an arm, what is left, door closed; then the answer. */
async function visit(left: readonly Package[], light: Light = {}, before = full): Promise<Sights> {
  pipeline.begin('v1')
  await show(before)
  pipeline.opened(nowMs)
  await show(before, { before: arm })
  await show(left, light)
  pipeline.closed(nowMs)
  await show(left, light)
  return pipeline.settle(nowMs + 500)
}
const told = ({ sightings }: Sights): string[] =>
  sightings.map(({ direction, shelf, candidates }) => `${direction} ${candidates[0]?.sku} ${shelf}`)

test('[VIS36] [VIS40] a visit is told: cameras on, what was taken, evidence kept, cameras off', async () => {
  expect(on).toBe(false)
  const sights = await visit([green, blue])
  expect(on).toBe(true)
  expect(told(sights)).toEqual(['taken red 1'])
  expect(sights.witnesses).toEqual([{ id: 'one-shelves', kind: 'shelf', blindShare: 0, blindShelves: [] }])
  await pipeline.end()
  expect(on).toBe(false)
  expect(kept[0]).toBe('begin v1')
  expect(kept.at(-1)).toBe('end')
  for (const why of ['before', 'crossing', 'after']) expect(kept).toContain(why)
})

test('[VIS36] a camera`s pictures are compared while another one`s are waited for', async () => {
  const silentOne: Camera = { ...camera, id: 'two', latest: () => null, onShot: () => {} }
  let looks = 0
  pipeline = createPipeline({
    cameras: [camera, silentOne].map((each) => ({ camera: each, regions, opening: null })),
    looker: () => ({
      ...blindLooker,
      taught: ['red' as Sku],
      identify: async (...asked) => {
        looks += 1
        return identify(...asked)
      },
    }),
    keeper,
    clock,
    log: silent,
    seen: () => {},
    healthChanged: () => {},
  })
  pipeline.begin('v1')
  await show(full)
  pipeline.opened(nowMs)
  await show(full, { before: arm })
  pipeline.closed(nowMs)
  await show([green, blue])
  looks = 0
  const answer = pipeline.settle(nowMs + 500)
  await vi.waitFor(() => expect(looks).toBeGreaterThan(0))
  expect(due.length).toBeGreaterThan(0) // the other one's picture is still waited for
  pass(1_000)
  const { witnesses } = await answer
  expect(witnesses.map(({ id, blindShare }) => [id, blindShare])).toEqual([
    ['one-shelves', 0],
    ['two-shelves', 1],
  ])
})

test('[D4] [VIS53] a forced door is asked nothing, and how it left the shelves is kept all the same', async () => {
  pipeline.begin('tamper-7')
  pipeline.opened(nowMs)
  await show(full)
  await show([green, blue], { before: arm })
  pipeline.closed(nowMs)
  await show([green, blue])
  await pipeline.end()
  for (const why of ['before', 'crossing', 'after']) expect(kept).toContain(why)
})

test('[VIS53] what is begun while the cameras go off keeps its own pictures', async () => {
  await visit([green, blue])
  const ending = pipeline.end()
  pipeline.begin('v2')
  await ending
  expect(kept.slice(-2)).toEqual(['end', 'begin v2'])
})

test('[VIS37] what comes too late to speak from, or can`t be named, is still kept for whoever decides the visit', async () => {
  looker = null
  await visit([green, blue])
  await pipeline.end()
  expect(kept).toContain('after')
  looker = { ...blindLooker, identify }
  kept = []
  pipeline.begin('v2')
  await show(full)
  pipeline.opened(nowMs)
  await show(full, { before: arm })
  pipeline.closed(nowMs)
  await show([green, blue], {}, 1) // one picture behind the closed door: nobody knows whether it stood still
  const sights = pipeline.settle(nowMs + 100)
  pass(100)
  expect((await sights).witnesses).toMatchObject([{ id: 'one-shelves' }])
  expect(kept).not.toContain('after')
  await pipeline.end()
  expect(kept).toContain('after')
})

test('[VIS37] black pictures at the end are not seen, and the fault is told', async () => {
  pipeline.begin('v1')
  await show(full)
  pipeline.opened(nowMs)
  await show(full, { gain: 0.01 })
  pipeline.closed(nowMs)
  await show([green, blue], { gain: 0.01 })
  const sights = pipeline.settle(nowMs + 500)
  pass(500)
  expect(await sights).toMatchObject({ sightings: [], witnesses: [{ blindShare: 1 }] })
  expect(pipeline.health()).toMatchObject([{ camera: 'one', fault: 'black' }])
  expect(health).toBeGreaterThan(0)
})

test('[VIS37] a camera that gives nothing after the door was closed has not seen the end', async () => {
  pipeline.begin('v1')
  await show(full)
  pipeline.opened(nowMs)
  await show([green, blue], { before: arm })
  await show([green, blue])
  pass(300)
  lost = 'unplugged'
  pass(600)
  pipeline.closed(nowMs)
  const settled = pipeline.settle(nowMs + 500)
  pass(300)
  const sights = await settled
  expect(told(sights)).toEqual(['taken red 1'])
  const { blindShare } = sights.witnesses[0]!
  expect(blindShare).toBeGreaterThan(0.4)
  expect(blindShare).toBeLessThan(1)
  expect(pipeline.health()).toMatchObject([{ camera: 'one', fault: 'lost', says: 'unplugged' }])
})

test('[VIS37] without models the witness is blind', async () => {
  looker = null
  expect((await visit([green, blue])).witnesses[0]?.blindShare).toBe(1)
})

test('[VIS38] with a model that fails the witness is blind, and for the next visit it is not', async () => {
  const good = looker
  looker = { ...blindLooker, identify: async () => Promise.reject(new Error('out of memory')) }
  expect(await visit([green, blue])).toMatchObject({ sightings: [], witnesses: [{ blindShare: 1 }] })
  await pipeline.end()
  looker = good
  expect(told(await visit([green, blue]))).toEqual(['taken red 1'])
})

test('[VIS36] a model that takes too long costs its camera the visit, and not the time', async () => {
  pipeline.begin('v1')
  await show(full)
  pipeline.opened(nowMs)
  await show([green, blue], { before: arm }, 1)
  pipeline.closed(nowMs)
  await show([green, blue])
  looker = { ...blindLooker, identify: async () => new Promise(() => {}) }
  const sights = pipeline.settle(nowMs + 500)
  await turns()
  pass(500)
  expect(await sights).toMatchObject({ sightings: [], witnesses: [{ blindShare: 1 }] })
})

test('[VIS36] [VIS37] when the last look comes too late, what was told before stands, and the rest was not seen', async () => {
  pipeline.begin('v1')
  await show(full)
  pipeline.opened(nowMs)
  await show([green, blue], { before: arm }, 2)
  await show([green, blue])
  pass(200)
  pipeline.closed(nowMs)
  await show([green, blue])
  looker = { ...blindLooker, identify: async () => new Promise(() => {}) }
  const settled = pipeline.settle(nowMs + 500)
  await turns()
  pass(500)
  const sights = await settled
  expect(told(sights)).toEqual(['taken red 1'])
  expect(sights.witnesses[0]!.blindShare).toBeGreaterThan(0.2)
  expect(sights.witnesses[0]!.blindShare).toBeLessThan(0.8)
})

test('[VIS37] nobody who was not there from the beginning tells anything', async () => {
  expect(await pipeline.settle(nowMs)).toBe(nothingSeen)
})

test('[VIS40] a look through the cameras at the start keeps no picture, and ends with cameras off', async () => {
  const checked = pipeline.check()
  await show(full, {}, 1)
  await checked
  expect(on).toBe(false)
  expect(kept).toEqual([])
})
