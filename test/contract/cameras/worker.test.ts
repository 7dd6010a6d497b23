/** The vision worker as the runtime has it: a process of its own, real models, drawn cameras, answers in time. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { tamperId, type VisitId } from '../../../src/core/ids.ts'
import { silent } from '../../../src/core/ports.ts'
import type { Sights } from '../../../src/core/sighting.ts'
import { realClock } from '../../../src/runtime/clock.ts'
import { createEyes } from '../../../src/runtime/eyes.ts'
import { home, modelsDir } from '../../../src/runtime/places.ts'
import { visionWorkerFlag } from '../../../src/runtime/settings.ts'
import { processesWith } from './sources.ts'
import { openFridgeStage, teachInPlace, type FridgeStage } from './fridge-stage.ts'

const clock = realClock(0)
/** Other tests share the machine: what is right is asked for here, how fast it is says the benchmark. */
const patientMs = 4_000
const skus = ['ombra-cola', 'ombra-zero', 'solita-orange', 'almina-milk']
let stage: FridgeStage
let eyes: ReturnType<typeof createEyes>
let evidence: string

async function until(what: string, met: () => boolean, withinMs = 30_000): Promise<void> {
  const endMs = performance.now() + withinMs
  while (!met()) {
    if (performance.now() > endMs) throw new Error(`${what}: not within ${withinMs} ms`)
    await pause(10)
  }
}

beforeAll(async () => {
  stage = await openFridgeStage()
  evidence = join(stage.dir, 'evidence')
  await stage.show([])
  const gallery = await teachInPlace(stage, skus, join(stage.dir, 'gallery'))
  eyes = createEyes({
    clock,
    log: silent,
    settings: {
      cameras: stage.cameras,
      gallery,
      galleryCache: join(stage.dir, 'learned'),
      taught: null,
      models: modelsDir,
      evidence,
    },
    settleWithinMs: patientMs,
    worker: { program: join(home, 'src', 'runtime', 'main.ts'), args: [visionWorkerFlag] },
  })
  eyes.start()
  await until('the worker is ready', () => eyes.health().worker === 'ready', 60_000)
}, 90_000)
afterAll(async () => {
  eyes.close()
  await stage.close()
})

let visits = 0
const nextVisit = (): VisitId => `visit-${(visits += 1)}` as VisitId

/** A visit up to the closed door: the shelves as they stood, what is done meanwhile, and as they were left. */
async function shop(
  acts: Parameters<FridgeStage['show']>[0],
  during = async (): Promise<void> => {},
): Promise<VisitId> {
  const id = nextVisit()
  await stage.show([])
  eyes.begin(id)
  await until('cameras are on', () => stage.watching() === 2)
  await pause(800)
  eyes.doorOpened()
  await pause(200)
  await during()
  await stage.show(acts)
  await pause(100)
  eyes.doorClosed()
  return id
}

async function leave(): Promise<void> {
  eyes.end()
  await until('cameras are off', () => stage.watching() === 0)
}

const told = ({ sightings }: Sights): string[] =>
  sightings
    .map(({ witness, direction, shelf, candidates }) => `${witness} ${direction} ${candidates[0]?.sku} ${shelf}`)
    .toSorted()
const blindShares = ({ witnesses }: Sights): number[] => witnesses.map(({ blindShare }) => blindShare)
const worker = (): number => {
  const [pid] = processesWith(visionWorkerFlag)
  if (pid === undefined) throw new Error('there is no worker')
  return pid
}

test('[VIS36] [VIS39] what was taken is named by both cameras, and its pictures are kept', async () => {
  const id = await shop([{ type: 'take', sku: 'solita-orange', shelf: 2 }])
  const sights = await eyes.settle(id)
  await leave()
  expect(told(sights)).toEqual(['left-shelves taken solita-orange 2', 'right-shelves taken solita-orange 2'])
  for (const { candidates, noneProbability } of sights.sightings)
    expect(candidates.reduce((sum, { probability }) => sum + probability, noneProbability)).toBeCloseTo(1, 6)
  expect(sights.witnesses).toEqual(
    ['left', 'right'].map((camera) => ({ id: `${camera}-shelves`, kind: 'shelf', blindShare: 0, blindShelves: [] })),
  )
  expect(sights.taught).toEqual(skus.toSorted())
  await until('the evidence is written', () =>
    readFileSync(join(evidence, id, 'visit.json'), 'utf8').includes('"seen"'),
  )
  const kept = readdirSync(join(evidence, id)).join(' ')
  for (const camera of ['left', 'right'])
    for (const why of ['before', 'after']) expect(kept).toMatch(new RegExp(`${camera}-\\d+-${why}\\.jpg`))
})

test('[D4] [VIS31] [VIS53] the pictures of a forced door are kept under its row, and those of the visit after it under its own', async () => {
  await stage.show([])
  eyes.begin(tamperId(7))
  eyes.doorOpened()
  await until('cameras are on', () => stage.watching() === 2)
  await pause(1_000)
  eyes.doorClosed()
  await pause(1_500)
  eyes.end()
  const id = await shop([])
  await eyes.settle(id)
  await leave()
  const kept = (name: string): string => readdirSync(join(evidence, name)).join(' ')
  await until('the evidence is written', () => kept(id).includes('after'))
  expect(readFileSync(join(evidence, 'tamper-7', 'visit.json'), 'utf8')).toContain('"visit":"tamper-7"')
  for (const camera of ['left', 'right'])
    for (const why of ['(before|during|crossing)', 'after'])
      expect(kept('tamper-7')).toMatch(new RegExp(`${camera}-\\d+-${why}\\.jpg`))
})

test('[VIS36] a worker that stands still costs the cameras, and not the time', async () => {
  const pid = worker()
  const id = await shop([], async () => void process.kill(pid, 'SIGSTOP'))
  const startMs = performance.now()
  const sights = await eyes.settle(id)
  const tookMs = performance.now() - startMs
  process.kill(pid, 'SIGCONT')
  await leave()
  expect(blindShares(sights)).toEqual([1, 1])
  expect(tookMs).toBeLessThan(patientMs + 1_000)
})

test('[VIS38] a worker that is killed in the middle of a visit is blind for it, and back for the next', async () => {
  const id = await shop([], async () => {
    process.kill(worker(), 'SIGKILL')
    await until('it is told', () => eyes.health().worker === 'down')
  })
  expect(blindShares(await eyes.settle(id))).toEqual([1, 1])
  await leave()
  await until('it is ready again', () => eyes.health().worker === 'ready', 60_000)
  const next = await shop([{ type: 'take', sku: 'solita-orange', shelf: 2 }])
  expect(told(await eyes.settle(next))).toHaveLength(2)
  await leave()
})
