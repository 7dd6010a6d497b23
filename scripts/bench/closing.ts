/**
 * Closing: from the moment at which the door falls shut until the basket is in the ledger, on the running virtual fridge with its
 * two cameras looking and their worker, scales and bank each a process or a link away, as on a fridge. What draws the cameras'
 * pictures runs on the same processors, which a fridge does not have to do.
 */
import { spawn } from 'node:child_process'
import { globSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { worldAnswerSchema, type World } from '../../src/contract/virtual.ts'
import { readLedger } from '../../src/ledger/ledger.ts'
import { ascending, percentile, rounded, type Figure } from './figures.ts'

const giveUpMs = 120_000
const lookEveryMs = 20
/** Half a second in the fridge, a second more for each thing: nobody is quicker. */
const [reachMs, takeMs] = [500, 1_000]
const [learnMs, mostBlindVisits] = [10_000, 8]

export async function benchClosing(folder: string, program: string, visits: number): Promise<Figure[]> {
  const dir = mkdtempSync(join(folder, 'bench-'))
  const host = spawn(process.execPath, [program, '--headless', '--no-relay', '--data', dir], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const gone = new Promise<void>((resolve) => host.once('exit', () => resolve()))
  try {
    const ready = await new Promise<string>((resolve) => createInterface({ input: host.stdout }).once('line', resolve))
    const { virtual, token } = JSON.parse(ready) as { virtual: string; token: string }
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const act = async (what: string, how: object): Promise<World> => {
      const response = await fetch(new URL(`/virtual/${what}`, virtual), { method: 'POST', headers, body: JSON.stringify(how) }) // prettier-ignore
      const answer = worldAnswerSchema.parse(await response.json())
      if (!answer.ok) throw new Error(`${what}: ${answer.error.message}`)
      return answer.world
    }
    const world = async (): Promise<World> =>
      (await (await fetch(new URL('/virtual/world', virtual), { headers })).json()) as World

    await untilEyesAreOpen(dir, act, world)
    const taken: number[] = []
    for (let visit = 0; visit < visits; visit += 1) taken.push(await closingOf(dir, act, world, visit))
    const looked = lookedAt(dir)
    if (looked < visits) throw new Error(`the cameras looked at ${looked} of ${visits} visits`)
    const sorted = ascending(taken)
    return [50, 99].map((p) => ({
      name: `door closed to basket, cameras and scales, p${p} of ${visits}`,
      value: rounded(percentile(sorted, p), 0),
      unit: 'ms',
      aim: '600 ms p99',
    }))
  } finally {
    host.kill('SIGTERM')
    await gone
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 })
  }
}

type Act = (what: string, how: object) => Promise<World>

/** One visit that takes a thing or two; how long its basket took, in milliseconds. */
async function closingOf(dir: string, act: Act, world: () => Promise<World>, visit: number): Promise<number> {
  const baskets = basketsIn(dir).length
  await act('card', { uid: '04A1B2C3' })
  await until(async () => !(await world()).door.locked, 'the door is unlocked')
  await act('door', { open: true })
  await pause(reachMs)
  for (let thing = 0; thing <= visit % 2; thing += 1) {
    const { shelves } = await world()
    const items = shelves.flatMap(({ shelf, items: standing }) => standing.map(({ sku }) => ({ sku, shelf })))
    const item = items[(visit * 5 + thing * 3) % items.length]
    if (item === undefined) throw new Error('the shelves are empty: fewer visits, please')
    await act('take', { ...item, count: 1 })
    await pause(takeMs)
  }
  await act('door', { open: false })
  const closedMs = Date.now()
  await until(async () => basketsIn(dir).length > baskets, 'the basket is in the ledger')
  const basketMs = basketsIn(dir).at(-1) ?? closedMs
  await until(async () => (await world()).door.locked, 'the door is locked')
  await pause(takeMs)
  return basketMs - closedMs
}

/** When each visit had its basket, sure or in doubt. */
function basketsIn(dir: string): number[] {
  const ledger = readLedger(dir)
  const found: number[] = []
  for (const { atMs, event } of ledger.replay())
    if (event.type === 'BasketResolved' || event.type === 'ReviewOpened') found.push(atMs)
  ledger.close()
  return found
}

/** The cameras learn what everything looks like at a first start; visits until they have looked at one are not counted. */
async function untilEyesAreOpen(dir: string, act: Act, world: () => Promise<World>): Promise<void> {
  for (let visit = 0; visit < mostBlindVisits; visit += 1) {
    await closingOf(dir, act, world, visit)
    if (lookedAt(dir) > 0) return
    await pause(learnMs)
  }
  throw new Error('the cameras look at nothing')
}

/** Visits of which both cameras have left a picture of afterwards. */
const lookedAt = (dir: string): number =>
  globSync('*/', { cwd: join(dir, 'evidence') }).filter((visit) =>
    ['left', 'right'].every(
      (camera) => globSync(`*-${camera}-*-after.jpg`, { cwd: join(dir, 'evidence', visit) }).length > 0,
    ),
  ).length

async function until(holds: () => Promise<boolean>, what: string): Promise<void> {
  const giveUpAtMs = Date.now() + giveUpMs
  while (!(await holds())) {
    if (Date.now() > giveUpAtMs) throw new Error(`waited in vain until ${what}`)
    await pause(lookEveryMs)
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
