/** Pictures are kept for a set time and no longer (law P2), and give way when the disk is full (law L5). */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { silent, type Cancel, type Clock } from '../../../../src/core/ports.ts'
import { dayMs, hourMs, minuteMs } from '../../../../src/core/time.ts'
import type { Shot } from '../../../../vision/camera/frame.ts'
import { pictureNamed } from '../../../../vision/evidence/folder.ts'
import { createKeeper } from '../../../../vision/evidence/keeper.ts'
import {
  defaultKeepMs,
  defaultMostBytes,
  startRetention,
  type Retention,
} from '../../../../vision/evidence/retention.ts'

let dir: string
let nowMs: number
let due: { atMs: number; call: () => void }[]
let freeBytes: number
let running: Retention | null

const clock: Clock = {
  nowMs: () => nowMs,
  after(delayMs, call): Cancel {
    const entry = { atMs: nowMs + delayMs, call }
    due.push(entry)
    return () => void (due = due.filter((one) => one !== entry))
  },
}

beforeEach(() => {
  dir = join(mkdtempSync(join(tmpdir(), 'evidence-')), 'evidence')
  nowMs = 1_000 * dayMs
  due = []
  freeBytes = 10 ** 12
  running = null
})
afterEach(() => {
  running?.stop()
  rmSync(join(dir, '..'), { recursive: true, force: true })
})

const shot = (number: number, bytes = 1_000, camera = 'left'): Shot => ({
  camera,
  number,
  atMs: nowMs,
  jpeg: new Uint8Array(bytes).fill(number),
  width: 64,
  height: 48,
})

async function visit(name: string, pictures = 3): Promise<void> {
  const keeper = createKeeper(dir, silent)
  keeper.begin(name, nowMs)
  for (let number = 1; number <= pictures; number += 1) keeper.keep(shot(number), 'before')
  await keeper.end({ witnesses: [] })
}

/** The runtime starts, at this time; its settings may differ. */
async function start(changes: { keepMs?: number; mostBytes?: number } = {}): Promise<void> {
  running?.stop()
  due = []
  running = startRetention({
    dir,
    clock,
    log: silent,
    keepMs: defaultKeepMs,
    mostBytes: defaultMostBytes,
    freeBytes: () => freeBytes,
    reserveBytes: 1_000,
    ...changes,
  })
  await running.sweep()
}

/** Time passes, and whatever is due happens at its time. */
async function pass(ms: number): Promise<void> {
  const endMs = nowMs + ms
  for (;;) {
    const next = due.filter(({ atMs }) => atMs <= endMs).toSorted((a, b) => a.atMs - b.atMs)[0]
    if (next === undefined) break
    due = due.filter((one) => one !== next)
    nowMs = next.atMs
    next.call()
    await running?.sweep()
  }
  nowMs = endMs
}

const visits = (): string[] =>
  readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .toSorted()

test('[P2] [VIS31] pictures are files that only the fridge reads, and say what they are', async () => {
  await visit('a1')
  expect(statSync(join(dir, 'a1')).mode & 0o777).toBe(0o700)
  const names = readdirSync(join(dir, 'a1'))
  for (const name of names) expect(statSync(join(dir, 'a1', name)).mode & 0o777).toBe(0o600)
  expect(names.map(pictureNamed).filter((picture) => picture !== null)).toMatchObject(
    [1, 2, 3].map((number) => ({ atMs: nowMs, camera: 'left', number, why: 'before' })),
  )
  expect(JSON.parse(readFileSync(join(dir, 'a1', 'visit.json'), 'utf8'))).toMatchObject({ visit: 'a1', beganMs: nowMs })
})

test('[P2] [VIS32] pictures are there for seven days and gone within an hour after, with nobody asking', async () => {
  await start()
  await visit('a1')
  await pass(6 * dayMs)
  await visit('b2')
  await pass(dayMs - minuteMs)
  expect(visits()).toEqual(['a1', 'b2'])
  await pass(hourMs + minuteMs)
  expect(visits()).toEqual(['b2'])
  await pass(6 * dayMs)
  expect(visits()).toEqual([])
})

test('[P2] [VIS32] an operator may set another time, also for what is kept already', async () => {
  await visit('a1')
  await start({ keepMs: 2 * dayMs })
  await pass(dayMs)
  expect(visits()).toEqual(['a1'])
  await pass(dayMs + hourMs)
  expect(visits()).toEqual([])
})

test('[P2] [VIS32] time counts across restarts and while the power was off', async () => {
  await start()
  await visit('a1')
  for (let day = 0; day < 3; day += 1) {
    await pass(dayMs)
    await start()
  }
  running?.stop()
  due = []
  nowMs += 3 * dayMs
  await start()
  expect(visits()).toEqual(['a1'])
  nowMs += dayMs + 1
  await start()
  expect(visits()).toEqual([])
})

test('[P2] [VIS33] a clock that jumps back deletes nothing early and keeps nothing for ever', async () => {
  await start()
  await visit('a1')
  await pass(2 * dayMs)
  for (const years of [1, 30, 0.5]) {
    nowMs -= years * 365 * dayMs // and back on the way: a clock that nobody can believe
    await start()
    expect(visits()).toEqual(['a1'])
  }
  await pass(5 * dayMs - 2 * hourMs)
  expect(visits()).toEqual(['a1'])
  await pass(4 * hourMs)
  expect(visits()).toEqual([])
})

test('[P2] [VIS33] a power cut in the middle of finding such a jump moves nothing twice', async () => {
  await start()
  await visit('a1')
  await visit('b2')
  await pass(dayMs)
  const swept = readFileSync(join(dir, 'swept.json'))
  nowMs -= 100 * dayMs
  await start()
  writeFileSync(join(dir, 'swept.json'), swept) // as if it had died before the end
  await start()
  await pass(6 * dayMs - 2 * hourMs)
  expect(visits()).toEqual(['a1', 'b2'])
  await pass(3 * hourMs)
  expect(visits()).toEqual([])
})

test('[P2] [VIS33] what does not say when it began goes seven days after it was found', async () => {
  mkdirSync(join(dir, 'c3'), { recursive: true })
  writeFileSync(join(dir, 'c3', 'visit.json'), '{"visit":"c3","beganMs":')
  writeFileSync(join(dir, 'c3', '5-left-1-after.jpg'), 'x')
  mkdirSync(join(dir, 'd4'))
  writeFileSync(join(dir, 'd4', 'visit.json'), JSON.stringify({ visit: 'd4', beganMs: nowMs + 400 * dayMs }))
  await start()
  await pass(6 * dayMs)
  expect(visits()).toEqual(['c3', 'd4'])
  await pass(dayMs + hourMs)
  expect(visits()).toEqual([])
})

test('[L5] [VIS34] pictures give way when the disk is full, the oldest first, and as few as will do', async () => {
  for (const name of ['a1', 'b2', 'c3']) {
    await visit(name)
    await pass(minuteMs)
  }
  await start()
  freeBytes = 0
  const removed = (): number => 3 - visits().length
  running?.stop()
  running = startRetention({
    dir,
    clock,
    log: silent,
    keepMs: defaultKeepMs,
    mostBytes: defaultMostBytes,
    freeBytes: () => (removed() >= 2 ? 10_000 : 0),
    reserveBytes: 1_000,
  })
  await running.sweep()
  expect(visits()).toEqual(['c3'])
})

test('[VIS34] all visits together stay under their bound', async () => {
  for (const name of ['a1', 'b2', 'c3']) {
    await visit(name)
    await pass(minuteMs)
  }
  await start({ mostBytes: 7_000 })
  expect(visits()).toEqual(['b2', 'c3'])
})

test('[VIS34] one visit stays under its bound, and has room left for its end', async () => {
  const keeper = createKeeper(dir, silent, 10_000)
  keeper.begin('a1', nowMs)
  const give = async (from: number, why: 'during' | 'crossing' | 'after'): Promise<void> => {
    for (let number = from; number < from + 20; number += 1) {
      keeper.keep(shot(number), why)
      keeper.keep(shot(number), why) // once is enough
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
  }
  await give(1, 'during')
  await give(30, 'crossing')
  await give(60, 'after')
  await keeper.end(null)
  const kept = readdirSync(join(dir, 'a1')).flatMap((name) => pictureNamed(name)?.why ?? [])
  const count = (why: string): number => kept.filter((one) => one === why).length
  expect([count('during'), count('crossing'), count('after')]).toEqual([5, 3, 2])
})

test('[VIS34] a disk that takes nothing, and a name that leads elsewhere, cost pictures and nothing else', async () => {
  mkdirSync(dir, { recursive: true })
  writeFileSync(join(dir, 'a1'), 'in the way')
  await visit('a1')
  await visit('../outside')
  await visit('.')
  expect(existsSync(join(dir, '..', 'outside'))).toBe(false)
  chmodSync(dir, 0o700)
  await visit('b2')
  expect(visits()).toEqual(['b2'])
})
