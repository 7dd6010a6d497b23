/** The runtime on a controller, a reader and cameras that are moved by hand: what is between the ports and the visits. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { KioskView } from '../../../src/contract/kiosk.ts'
import { fridgeId } from '../../../src/core/ids.ts'
import { minor } from '../../../src/core/money.ts'
import {
  silent,
  type ControllerReport,
  type ControllerStatus,
  type PaymentProvider,
  type PresentedCard,
} from '../../../src/core/ports.ts'
import { err } from '../../../src/core/result.ts'
import { nothingSeen } from '../../../src/core/sighting.ts'
import { openLedger, type Ledger } from '../../../src/ledger/ledger.ts'
import { keptMs } from '../../../src/runtime/kept-card.ts'
import { startRuntime, type Runtime } from '../../../src/runtime/runtime.ts'
import { forcedAfterMs, forcedForMs } from '../../../src/runtime/watching.ts'
import { handClock } from '../../../scripts/replay/by-hand.ts'

const catalogue = { type: 'CatalogueAdopted' as const, hash: 'h', currency: 'EUR' as const, products: [] }
let dir: string
let ledger: Ledger
let fridge: ReturnType<typeof stand>
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'runtime-'))
  ledger = openLedger(dir)
  fridge = stand()
})
afterEach(() => {
  fridge.runtime.stop()
  ledger.close()
  rmSync(dir, { recursive: true, force: true })
})

function stand() {
  const clock = handClock(1_000_000)
  const heard = new Set<(report: ControllerReport) => void>()
  let status: ControllerStatus = { doorOpen: false, lockOpen: false, temperatureCelsius: 4, bootId: 1, uptimeMs: 5_000 }
  let reader: (card: PresentedCard) => void = () => {}
  let cards = 0
  let watched: string | null = null
  /** What the cameras were told, each with its time from the start. */
  const eyes: string[] = []
  const told = (what: string): unknown => eyes.push(`${(clock.nowMs() - 1_000_000) / 1_000} ${what}`)
  const unreachable: PaymentProvider = {
    placeHold: () => new Promise(() => {}),
    capture: () => new Promise(() => {}),
    release: () => Promise.resolve(err({ code: 'unreachable' })),
  }
  const runtime: Runtime = startRuntime(
    {
      ledger,
      clock,
      controller: {
        unlock: () => new Promise(() => {}),
        relock: () => {},
        signal: () => {},
        subscribe(listener) {
          heard.add(listener)
          return () => heard.delete(listener)
        },
        status: () => status,
        weights: () => null,
        close: () => {},
      },
      reader: {
        onCard(listener) {
          reader = listener
          return () => {}
        },
      },
      eyes: {
        begin(next) {
          if (next === watched) return
          watched = next
          told(`on ${next.startsWith('tamper') ? next : 'visit'}`)
        },
        doorOpened: () => void told('opened'),
        doorClosed: () => void told('closed'),
        end() {
          if (watched === null) return
          watched = null
          told('off')
        },
        sights: () => nothingSeen,
        settle: () => Promise.resolve(nothingSeen),
        health: () => ({ worker: 'ready', says: null, cameras: [] }),
        subscribe: () => () => {},
        close: () => {},
      },
      provider: unreachable,
      random: {
        bytes: (count) => new Uint8Array(count),
        uuid: () => `00000000-0000-4000-8000-00000000000${(cards += 1)}`,
      },
      log: silent,
      storageFull: () => false,
      failed(error) {
        throw error
      },
    },
    {
      fridge: fridgeId('f'),
      version: '1',
      sign: { id: 'f', name: 'F', contact: '' },
      currency: 'EUR',
      holdMinor: minor(1_500),
      catalogue: { hash: 'h', events: [catalogue] },
    },
  )
  const report = async (what: ControllerReport): Promise<void> => {
    for (const listener of heard) listener(what)
    await new Promise((resolve) => setImmediate(resolve))
  }
  return {
    runtime,
    eyes,
    report,
    screen: (): KioskView['screen'] => runtime.view().screen,
    starts: () => [...ledger.replay()].filter(({ event }) => event.type === 'VisitStarted').length,
    async tap(paymentMethod = 'pm_1') {
      reader({ paymentMethod, fingerprint: paymentMethod })
      await new Promise((resolve) => setImmediate(resolve))
    },
    async up() {
      await report({ type: 'up', status })
      await report({ type: 'status', status })
    },
    async rest() {
      await report({ type: 'weights', weights: { grams: [1, 2, 3, 4], settled: true } })
    },
    async door(type: 'doorOpened' | 'doorClosed' | 'tamper') {
      status = { ...status, doorOpen: type !== 'doorClosed' }
      await report({ type })
    },
    async later(ms: number) {
      clock.goTo(clock.nowMs() + ms)
      await report({ type: 'status', status })
    },
  }
}

test('[S20] [M8] a card that comes before the shelves rest is kept, shown with its amount, and starts its visit as they do', async () => {
  await fridge.up()
  expect(fridge.screen()).toEqual({ at: 'closed', reason: 'starting' })
  await fridge.tap()
  expect(fridge.screen()).toEqual({ at: 'moment', amountMinor: 1_500 })
  expect(fridge.starts()).toBe(0)
  await fridge.later(keptMs - 100)
  await fridge.rest()
  expect(fridge.screen()).toEqual({ at: 'holding', amountMinor: 1_500 })
  expect(fridge.starts()).toBe(1)
  await fridge.later(keptMs)
  expect(fridge.starts()).toBe(1)
})

test('[S20] shelves that do not rest in time let it go: later it starts nothing', async () => {
  await fridge.up()
  await fridge.tap()
  await fridge.later(keptMs)
  expect(fridge.screen()).toEqual({ at: 'closed', reason: 'starting' })
  await fridge.rest()
  expect(fridge.screen()).toEqual({ at: 'attract' })
  expect(fridge.starts()).toBe(0)
})

test('[S20] only the first of two cards is kept, and one visit starts', async () => {
  await fridge.up()
  await fridge.tap('pm_1')
  await fridge.tap('pm_2')
  await fridge.rest()
  await fridge.later(keptMs)
  const [started] = [...ledger.replay()].filter(({ event }) => event.type === 'VisitStarted')
  expect(started?.event).toMatchObject({ paymentMethod: 'pm_1' })
  expect(fridge.starts()).toBe(1)
})

test('[S20] [S2] what keeps the fridge closed for longer keeps no card; a door that opens meanwhile lets it go', async () => {
  await fridge.tap() // the controller was never heard
  expect(fridge.screen()).toMatchObject({ at: 'closed' })
  await fridge.up()
  await fridge.rest()
  expect(fridge.starts()).toBe(0)
  await fridge.door('tamper')
  await fridge.door('doorClosed')
  await fridge.tap()
  expect(fridge.screen()).toMatchObject({ at: 'moment' })
  await fridge.door('tamper')
  expect(fridge.screen()).toEqual({ at: 'closed', reason: 'doorOpen' })
  await fridge.door('doorClosed')
  await fridge.rest()
  expect(fridge.starts()).toBe(0)
})

test('[D4] [C6] a forced door is watched under the name of its row until it is closed and was seen so, and sells nothing', async () => {
  await fridge.up()
  await fridge.rest()
  fridge.eyes.length = 0
  await fridge.door('tamper')
  const row = [...ledger.replay()].find(({ event }) => event.type === 'DoorForced')
  expect(fridge.eyes).toEqual([`0 on tamper-${row?.seq}`, '0 opened'])
  await fridge.later(10_000)
  await fridge.door('doorClosed')
  await fridge.later(forcedAfterMs)
  expect(fridge.eyes.slice(2)).toEqual(['10 closed', '12 off'])
  expect(fridge.starts()).toBe(0)
})

test('[D4] [P2] a forced door that stays open is watched for a minute, and no longer', async () => {
  await fridge.up()
  await fridge.rest()
  fridge.eyes.length = 0
  await fridge.door('tamper')
  await fridge.later(forcedForMs - 1)
  expect(fridge.eyes.at(-1)).toMatch(/opened/)
  await fridge.later(1)
  expect(fridge.eyes.at(-1)).toBe('60 off')
  await fridge.later(100_000)
  await fridge.door('doorClosed')
  await fridge.later(10_000)
  expect(fridge.eyes.at(-1)).toBe('160 closed')
})

test('[D4] who shops goes before a forced door, whose pictures begin when that visit is over and end where a visit begins', async () => {
  await fridge.up()
  await fridge.rest()
  await fridge.tap()
  expect(fridge.screen()).toMatchObject({ at: 'holding' })
  fridge.eyes.length = 0
  await fridge.door('tamper')
  await fridge.later(1_000)
  expect(fridge.eyes).toEqual([])
  fridge.runtime.cancel()
  await fridge.later(0)
  expect(fridge.eyes[0]).toBe('1 off')
  expect(fridge.eyes[1]).toMatch(/^1 on tamper-\d+$/)
  await fridge.door('doorClosed')
  await fridge.rest()
  await fridge.tap()
  expect(fridge.eyes.slice(2)).toEqual(['1 opened', '1 closed', '1 off', '1 on visit'])
})
