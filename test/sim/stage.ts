/**
 * Stage: what the people and the faults of a simulation act on, and how they wait for something to be seen.
 */
import type { Event } from '../../src/core/events.ts'
import type { Shop } from '../../src/virtual/shop.ts'
import type { Dice } from '../../src/virtual/world/dice.ts'
import type { Airwaves } from './airwaves.ts'
import type { Auditor } from './auditor.ts'
import type { Cabinet } from './cabinet.ts'
import type { Chance } from './chance.ts'
import type { FaultKind, Weather } from './faults.ts'
import type { Keeper } from './keeper.ts'
import type { Orders } from './owner.ts'
import type { Radio } from './radio.ts'
import type { Teller } from './teller.ts'
import type { SimTime } from './time.ts'
import type { Trace } from './trace.ts'
import type { Wire } from './wire.ts'

export interface StageParts {
  readonly time: SimTime
  readonly trace: Trace
  readonly weather: Weather
  readonly cabinet: Cabinet
  readonly teller: Teller
  readonly wire: Wire
  readonly keeper: Keeper
  readonly auditor: Auditor
  readonly air: Airwaves
  readonly struck: (kind: FaultKind) => void
  readonly shop: Shop
  /** Draws the shoppers' plans. */
  readonly dice: Dice
  readonly prices: ReadonlyMap<string, number>
  readonly shopper: Chance
  readonly mischief: Chance
  /** Null: this fridge is not ordered about. */
  readonly orders: Orders | null
  readonly radio: Radio | null
}

export interface Stage extends StageParts {
  /** Uids of all cards used: they must be nowhere in the ledger. */
  readonly uids: Set<string>
  /** Door, bolt or screen moved. */
  changed(): void
  /** Resolves when `seen` holds (looked at whenever something moves), or after `timeoutMs`. True when it holds. */
  until(seen: () => boolean, timeoutMs: number): Promise<boolean>
  screen(): string
  /** Runs it `delayMs` after the next such row is acknowledged. */
  afterNext(type: Event['type'], delayMs: number, run: () => void): void
  acknowledged(type: Event['type']): void
  /** What still waits for a row waits no more. */
  calm(): void
}

export function createStage(parts: StageParts): Stage {
  const { time, keeper } = parts
  const waiting = new Set<() => void>()
  let armed: { readonly type: Event['type']; readonly delayMs: number; readonly run: () => void }[] = []

  return {
    ...parts,
    uids: new Set(),
    changed() {
      if (waiting.size === 0) return
      for (const look of Array.from(waiting)) look()
    },
    until(seen, timeoutMs) {
      if (seen()) return Promise.resolve(true)
      return new Promise((resolve) => {
        const end = (held: boolean): void => {
          cancel()
          waiting.delete(look)
          time.woke()
          resolve(held)
        }
        const look = (): void => {
          if (seen()) end(true)
        }
        const cancel = time.after(timeoutMs, () => end(seen()))
        waiting.add(look)
      })
    },
    afterNext(type, delayMs, run) {
      armed.push({ type, delayMs, run })
    },
    acknowledged(type) {
      if (armed.length === 0) return
      for (const one of armed) if (one.type === type) time.after(one.delayMs, one.run)
      armed = armed.filter((one) => one.type !== type)
    },
    calm() {
      armed = []
    },
    screen: () => keeper.screen()?.screen.at ?? 'dark',
  }
}
