/**
 * Keeper: whoever starts the process again. It buries a dead life (the disk is what it was, the auditor looks at it), waits
 * a moment, and starts the next, for as long as there is power. It also pulls the plug, and gets the clock wrong.
 */
import type { Event } from '../../src/core/events.ts'
import type { KioskView } from '../../src/contract/kiosk.ts'
import type { Auditor } from './auditor.ts'
import type { Cabinet } from './cabinet.ts'
import type { Chance } from './chance.ts'
import { LedgerFailed } from '../../src/ledger/ledger.ts'
import { ProcessGone, type Disk } from './disk.ts'
import type { FaultKind } from './faults.ts'
import { startLife, type Doom, type Life, type LifePorts } from './life.ts'
import type { Teller } from './teller.ts'
import type { SimTime } from './time.ts'
import type { Trace } from './trace.ts'
import type { Wire } from './wire.ts'

export interface KeeperPorts extends Pick<
  LifePorts,
  'linkKey' | 'catalogue' | 'holdMinor' | 'tampered' | 'air' | 'airChance' | 'pruneChance' | 'eyes' | 'radio'
> {
  readonly time: SimTime
  readonly chance: Chance
  readonly disk: Disk
  readonly wire: Wire
  readonly cabinet: Cabinet
  readonly teller: Teller
  readonly auditor: Auditor
  readonly trace: Trace
  readonly struck: (kind: FaultKind) => void
  readonly changed: () => void
  /** A process is gone. */
  readonly gone: () => void
  readonly wrote: (type: Event['type']) => void
}

export interface Keeper {
  life(): Life | null
  screen(): KioskView | null
  deaths(): number
  powerOn(): void
  /** Pulls the plug of everything; `torn` in the middle of the next commit, if one comes within `waitMs`. */
  powerOff(): void
  kill(): void
  /** The running process dies in its work, soon. */
  doom(doom: Doom): void
  /** The next start dies in its work. */
  doomNext(doom: Doom): void
  /** What the wall clock is wrong by at the next starts. */
  wallError(errorMs: number): void
  storageFull(full: boolean): void
  /** Where the ledger lies. */
  dir(): string
  close(): void
}

export function createKeeper(ports: KeeperPorts): Keeper {
  const { time, chance, disk, wire, cabinet, teller, auditor, trace, struck, changed } = ports
  let life: Life | null = null
  let screen: KioskView | null = null
  let power = false
  let deaths = 0
  let failedStarts = 0
  let wallErrorMs = 0
  let full = false
  let nextDoom: Doom | null = null
  let down: { end(): void }[] = []
  let starting = false
  let lastTold = ''

  function start(): void {
    starting = false
    if (!power || life !== null) return
    const doom = nextDoom
    nextDoom = null
    try {
      const born = startLife(
        {
          time,
          chance,
          disk,
          wire,
          linkKey: ports.linkKey,
          air: ports.air,
          airChance: ports.airChance,
          radio: ports.radio,
          pruneChance: ports.pruneChance,
          eyes: ports.eyes,
          provider: teller.provider,
          catalogue: ports.catalogue,
          holdMinor: ports.holdMinor,
          storageFull: () => full,
          wallErrorMs,
          acknowledged(rows) {
            for (const { event } of rows) trace.tell(`ledger: ${JSON.stringify(event)}`)
            auditor.acknowledged(rows)
            for (const { event } of rows) ports.wrote(event.type)
            changed()
          },
          shown(view) {
            screen = view
            const at = `${view.screen.at}${'reason' in view.screen ? ` (${view.screen.reason})` : ''}`
            if (at !== lastTold) trace.tell(`screen: ${at}`)
            lastTold = at
            auditor.shown(view)
            changed()
          },
          retried: auditor.retried,
          died: (why, how) => {
            const told = why instanceof Error ? why.message : String(why)
            trace.tell(`the process ends: ${told}`)
            if (how === 'own') auditor.broke(why instanceof Error ? (why.stack ?? why.message) : told)
            else if (how === 'torn') struck('commitTorn')
            else if (how === 'ioBefore' || how === 'ioAfter') struck('ioError')
            else if (how === 'full') struck('diskFull')
            else if (how === 'effect') struck('killedAtEffect')
            else struck('killedAtCommit')
            time.after(0, bury)
          },
          ...(ports.tampered === undefined ? {} : { tampered: ports.tampered }),
        },
        doom,
      )
      life = born
      if (!born.alive()) return
      failedStarts = 0
      trace.tell(`the process starts, wall clock off by ${Math.round(wallErrorMs / 1000)} s`)
      for (const one of down) one.end()
      down = []
    } catch (error) {
      if (!(error instanceof ProcessGone) && !(error instanceof LedgerFailed)) throw error
      trace.tell(`the process does not start: ${error.message}`)
      struck('restartFailed')
      if (++failedStarts > 20) throw error
      bury()
    }
  }

  /** The dead life's files become the next one's. */
  function bury(): void {
    if (life?.alive() === true) return
    life = null
    ports.gone()
    deaths++
    screen = null
    lastTold = ''
    if (down.length === 0) down = [auditor.disturbed(), auditor.troubled()]
    auditor.dark()
    disk.gone()
    auditor.found(disk.dir())
    changed()
    again(chance.between(800, 4_000))
  }

  function again(delayMs: number): void {
    if (starting || !power) return
    starting = true
    time.after(delayMs, start)
  }

  function end(): void {
    if (life === null) return
    life.kill()
    bury()
  }

  return {
    life: () => (life?.alive() === true ? life : null),
    screen: () => screen,
    deaths: () => deaths,
    powerOn() {
      if (power) return
      power = true
      cabinet.power(true)
      auditor.power(true)
      trace.tell('the power is on')
      again(deaths === 0 ? 0 : chance.between(3_000, 20_000))
    },
    powerOff() {
      if (!power) return
      power = false
      trace.tell('the power is off')
      cabinet.power(false)
      auditor.power(false)
      end()
    },
    kill: end,
    doom: (doom) => life?.doom(doom),
    doomNext(doom) {
      nextDoom = doom
    },
    wallError(errorMs) {
      wallErrorMs = errorMs
    },
    storageFull(now) {
      if (full === now) return
      full = now
      trace.tell(now ? 'the disk is full' : 'the disk has room')
      auditor.storageFull(now)
    },
    dir: () => disk.dir(),
    close() {
      power = false
      life?.kill()
      life = null
    },
  }
}
