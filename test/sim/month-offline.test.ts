/**
 * A month without a network: 3,000 visits in a real ledger on a real file, 100 restarts, and then all of it to the relay's own
 * intake, through weather in which messages get lost and come twice. On a clock that needs no month.
 */
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { silent } from '../../src/core/ports.ts'
import { fridgeId } from '../../src/core/ids.ts'
import { openLedger, type Ledger } from '../../src/ledger/ledger.ts'
import { pruningDue } from '../../src/runtime/prune.ts'
import { recover } from '../../src/runtime/recover.ts'
import { createPusher, type Pusher } from '../../sync/edge/pusher.ts'
import { createAirwaves, simFridge } from './airwaves.ts'
import { chance, randomOf } from './chance.ts'
import { stillWeather } from './faults.ts'
import { syncLaws } from './laws/sync.ts'
import { simTime } from './time.ts'
import { opening, startMs, visitEvents } from '../unit/sync/books.ts'

const visits = 3_000
const restarts = 100
const dayMs = 24 * 3_600_000

// In memory where there is such a place: 3,000 commits would wait for a disk for a minute.
const dir = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'month-offline-'))
let ledger: Ledger | null = null
afterEach(() => {
  ledger?.close()
  rmSync(dir, { recursive: true, force: true })
})

test('[Y2] [SY10] [SY11] a month offline, 3,000 visits and 100 restarts, drains complete, each row once; the disk comes back', async () => {
  const time = simTime(startMs)
  const broken: string[] = []
  const laws = syncLaws({
    report: (law, what) => void broken.push(`${law}: ${what}`),
    nowMs: time.nowMs,
    judged: new Map(),
    excused: new Map(),
  })
  const air = createAirwaves({
    time,
    chance: chance(1, 'month'),
    weather: { ...stillWeather, relay: 0.2 },
    struck: () => {},
    laws,
  })
  air.network(false)
  const { ledger: first, pusher: firstPusher } = start()
  let now = { ledger: first, pusher: firstPusher }
  write(now.ledger, 0)
  for (let visit = 1; visit <= visits; visit++) {
    write(now.ledger, visit)
    now.pusher.poke(true)
    if (visit % (visits / restarts) === 0) {
      await time.runUntil(time.sleep((30 * dayMs) / restarts))
      now.pusher.stop()
      now.ledger.close()
      now = start()
      commit(now.ledger, [{ type: 'FridgeStarted', fridge: fridgeId(simFridge), version: '1', offMs: 0 }])
    }
  }
  const rows = now.ledger.last().seq
  expect(rows).toBeGreaterThan(visits * 14)
  expect(now.pusher.progress()).toMatchObject({ pending: rows, acknowledgedSeq: 0 })

  air.network(true)
  const backAtMs = time.nowMs()
  for (let minute = 0; now.pusher.progress().pending > 0 && minute < 600; minute++) {
    await time.runUntil(time.sleep(60_000))
    // It is restarted while it drains, too.
    if (minute % 40 !== 39) continue
    now.pusher.stop()
    now = { ...now, pusher: push(now.ledger) }
  }
  expect(time.nowMs() - backAtMs).toBeLessThan(6 * 3_600_000)
  air.calm()
  await time.runUntil(time.sleep(20 * 60_000))
  const kept = air.books.kept(simFridge)
  laws.finish(dir, kept, [])
  // The bank is not part of this one.
  expect(broken.filter((what) => !what.startsWith('M9'))).toEqual([])
  expect(kept?.receipts.size).toBe(visits)
  expect([...(kept?.setAside.values() ?? [])].filter(({ why }) => why !== 'poison')).toEqual([])

  // The disk comes back, step by step as in a running fridge, and what is left goes on.
  const books = now.ledger
  const before = { bytes: statSync(join(dir, 'ledger.db')).size, fridge: recover(books).fridge }
  for (let due = prunable(); due !== null; due = prunable()) {
    books.commit({ atMs: time.nowMs(), events: [due.event], effects: [], done: [], abandoned: [] })
    books.prune(due.event.uptoSeq, due.state)
  }
  expect(recover(books).events).toBeLessThan(100)
  const { cabinet, ...rest } = recover(books).fridge
  expect(rest).toEqual({ visits: before.fridge.visits, stock: before.fridge.stock, remote: before.fridge.remote })
  expect(cabinet).toEqual({ ...before.fridge.cabinet, lastAtMs: time.nowMs() })
  now.pusher.stop()
  books.close()
  expect(statSync(join(dir, 'ledger.db')).size).toBeLessThan(before.bytes / 20)
  now = start()
  await time.runUntil(time.sleep(20 * 60_000))
  expect(now.pusher.progress()).toMatchObject({ at: 'idle', pending: 0, lastError: null })

  function prunable(): ReturnType<typeof pruningDue> {
    return pruningDue(books, now.pusher.progress().acknowledgedSeq, time.nowMs())
  }
  function push(from: Ledger): Pusher {
    const random = randomOf(chance(time.steps(), 'pusher'))
    const failed = (error: unknown): never => {
      throw error
    }
    const parts = { ledger: from, key: air.key, fetch: air.fetch, clock: time, random, log: silent, failed }
    return createPusher(parts, { fridge: simFridge, relayUrl: 'https://relay.sim' })
  }
  function start(): { ledger: Ledger; pusher: Pusher } {
    ledger = openLedger(dir)
    return { ledger, pusher: push(ledger) }
  }
  function write(to: Ledger, visit: number): void {
    commit(to, visit === 0 ? opening(simFridge) : visitEvents(5, visit, visit % 9 === 0))
  }
  function commit(to: Ledger, events: ReturnType<typeof visitEvents>): void {
    to.commit({ atMs: time.nowMs(), events, effects: [], done: [], abandoned: [] })
  }
}, 240_000)
