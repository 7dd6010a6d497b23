/**
 * `kill -9` of the real runtime's process at 100 random moments of real visits, over several fridges at once. Whatever the
 * fridge had said before (a row on disk, a receipt on the screen) holds after, and nobody is charged twice or for what
 * they did not take. Half of the kills take the controller with them, as a pulled plug does.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readLedger } from '../../src/ledger/ledger.ts'
import type { Event } from '../../src/core/events.ts'
import { startFridge, type Books, type Fridge } from './fridge.ts'
import { enterShopper, type Shopper } from './shopper.ts'

const fridges = 5
const killsEach = 20
const seed = Number(process.env['VISIONVEND_SEED'] ?? Date.now() % 1_000_000)

test(
  `[L1] [M3] [M5] 100 kills: nothing said is lost, nothing is charged twice (VISIONVEND_SEED=${seed})`,
  { timeout: 600_000 },
  async () => {
    await Promise.all(Array.from({ length: fridges }, async (_, number) => liveThrough(seed + number)))
  },
)

async function liveThrough(ownSeed: number): Promise<void> {
  const chance = chanceFrom(ownSeed)
  const dir = mkdtempSync(join(tmpdir(), 'visionvend-kill-'))
  const fridge = await startFridge(dir)
  const shopper = await enterShopper(fridge, chance)
  try {
    let said: readonly string[] = []
    for (let kill = 0; kill < killsEach; kill += 1) {
      const visit = shopper.visit()
      await pause(chance() * 2_500)
      await killRuntime(fridge, kill % 2 === 0)
      await visit
      await back(fridge)
      await shopper.tidyUp()
      const rows = rowsOf(dir)
      // Every row that was on disk before is there still, to the letter.
      expect(rows.slice(0, said.length), `seed ${ownSeed}, kill ${kill}`).toEqual(said)
      said = rows
    }
    await settled(fridge, shopper, dir)
    judge(await fridge.bank(), eventsOf(dir), shopper, ownSeed)
  } finally {
    shopper.leave()
    await fridge.stop()
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 })
  }
}

function judge({ holds }: Books, events: readonly Event[], shopper: Shopper, ownSeed: number): void {
  const captured = new Map<string, number>(
    events.flatMap((event) => (event.type === 'HoldCaptured' ? [[event.visit, event.amountMinor]] : [])),
  )
  const receipts = new Map<string, number>(
    events.flatMap((event) => (event.type === 'ReceiptIssued' ? [[event.visit, event.chargedMinor]] : [])),
  )
  for (const hold of holds) {
    const where = `seed ${ownSeed}, visit ${hold.visit}`
    expect(hold.captures, where).toBeLessThanOrEqual(1)
    expect(hold.capturedMinor, where).toBeLessThanOrEqual(hold.amountMinor)
    // The bank's books and the fridge's say the same.
    expect(captured.get(hold.visit ?? '') ?? 0, where).toBe(hold.capturedMinor)
    // Law M5: where there was doubt, less; never more than was taken.
    expect(hold.capturedMinor, where).toBeLessThanOrEqual(shopper.tookMinor.get(hold.visit ?? '') ?? 0)
  }
  expect(
    holds.some(({ captures }) => captures === 1),
    `seed ${ownSeed}: some visits were paid`,
  ).toBe(true)
  for (const { visit, chargedMinor } of shopper.receipts.values()) {
    expect(receipts.get(visit), `seed ${ownSeed}, receipt of ${visit}`).toBe(chargedMinor)
  }
}

/** With its controller when the plug is pulled; alone when only the process dies, and its supervisor starts it again. */
async function killRuntime(fridge: Fridge, plug: boolean): Promise<void> {
  if (plug) {
    await fridge.act('power', { on: false })
    await fridge.act('power', { on: true })
    return
  }
  const [runtime] = childrenOf(fridge.pid)
  if (runtime !== undefined) process.kill(runtime, 'SIGKILL')
}

/** The runtime answers again: it has replayed its ledger. */
async function back(fridge: Fridge): Promise<void> {
  const health = `${new URL(fridge.kiosk).origin}/api/health`
  await expect
    .poll(
      async () =>
        fetch(health)
          .then((answer) => answer.ok)
          .catch(() => false),
      { timeout: 90_000 },
    )
    .toBe(true)
}

/** Every hold has come to its end and the fridge has heard so, but for those that wait for a person to look. */
async function settled(fridge: Fridge, shopper: Shopper, dir: string): Promise<void> {
  const open = async (): Promise<number> => {
    await shopper.tidyUp()
    const ended = new Set<string>()
    for (const event of eventsOf(dir)) {
      if (event.type === 'ReviewOpened' || event.type === 'HoldCaptured' || event.type === 'HoldReleased')
        ended.add(event.visit)
    }
    const placed = (await fridge.bank()).holds.filter(
      (hold) => hold.heldMinor + hold.capturedMinor + hold.releasedMinor > 0,
    )
    return placed.filter(({ visit }) => !ended.has(visit ?? '')).length
  }
  await expect.poll(open, { timeout: 120_000, interval: 500 }).toBe(0)
}

function eventsOf(dir: string): Event[] {
  const ledger = readLedger(dir)
  try {
    // Replaying checks every row against the chain.
    return Array.from(ledger.replay(), ({ event }) => event)
  } finally {
    ledger.close()
  }
}

function rowsOf(dir: string): string[] {
  const ledger = readLedger(dir)
  try {
    return Array.from(ledger.replay(), (recorded) => JSON.stringify(recorded))
  } finally {
    ledger.close()
  }
}

function childrenOf(pid: number): number[] {
  const listed = spawnSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' }).stdout
  return listed
    .split('\n')
    .map(Number)
    .filter((child) => child > 0)
}

const pause = async (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** mulberry32: small, seeded, good enough for moments. */
function chanceFrom(start: number): () => number {
  let state = start >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
