/**
 * Life: one run of the runtime's process, from its start to its death. The very runtime, link, provider and ledger; only
 * what they stand on is simulated.
 *
 * Holds always: after `kill` nothing of it acts any more: no timer of its fires, no byte and no bank request leaves it, no
 * answer reaches it, and no commit succeeds. It is abandoned as it stood, not stopped.
 */
import type { KioskView } from '../../src/contract/kiosk.ts'
import type { Event, Recorded } from '../../src/core/events.ts'
import { fridgeId } from '../../src/core/ids.ts'
import { minor } from '../../src/core/money.ts'
import {
  silent, type Cancel, type Clock, type Controller, type Eyes, type PaymentProvider, type PresentedCard,
} from '../../src/core/ports.ts' // prettier-ignore
import { hourMs, minuteMs } from '../../src/core/time.ts'
import { createLink } from '../../src/device/link.ts'
import { startRelayCommands } from '../../src/runtime/relay-commands.ts'
import { startRuntime, type Runtime } from '../../src/runtime/runtime.ts'
import type { Connect } from '../../sync/edge/commands.ts'
import type { Fetch } from '../../sync/edge/exchange.ts'
import { presses } from '../../sync/edge/pressing.ts'
import { createPusher, type Pusher } from '../../sync/edge/pusher.ts'
import { simFridge, type Airwaves } from './airwaves.ts'
import { randomOf, type Chance } from './chance.ts'
import type { Batch } from '../../src/ledger/ledger.ts'
import { ProcessGone, type CommitFate, type Disk } from './disk.ts'
import type { SimTime } from './time.ts'
import type { Wire } from './wire.ts'

/** Where in its work a process is to die. Counted from its start. */
export type Doom =
  | { readonly at: 'commit'; readonly nth: number; readonly fate: Exclude<CommitFate, 'done'> }
  /** In the commit of the next such event. */
  | { readonly at: 'event'; readonly type: Event['type']; readonly fate: Exclude<CommitFate, 'done'> }
  | { readonly at: 'effect'; readonly nth: number; readonly when: 'before' | 'after' }

export interface LifePorts {
  readonly time: SimTime
  readonly chance: Chance
  readonly disk: Disk
  readonly wire: Wire
  readonly linkKey: Uint8Array
  /** The provider of this life, on this life's clock. */
  readonly provider: (clock: Clock) => PaymentProvider
  readonly catalogue: { readonly hash: string; readonly events: readonly Event[] }
  readonly holdMinor: number
  readonly storageFull: () => boolean
  /** True time plus this is what the wall clock says at the start. */
  readonly wallErrorMs: number
  readonly acknowledged: (rows: readonly Recorded[]) => void
  readonly shown: (view: KioskView) => void
  /** It wrote again after its ledger had failed (law L3). */
  readonly retried: () => void
  /** It died by `doom` or by itself: a failed ledger, a broken invariant. Not called by `kill`. */
  readonly died: (why: unknown, fate: CommitFate | 'effect' | 'own') => void
  /** The cameras of this life; null: it has none. */
  readonly eyes: (() => Eyes) | null
  /** The way to the owner's relay. */
  readonly air: Pick<Airwaves, 'fetch' | 'key' | 'backedUpSeq'>
  readonly airChance: Chance
  /** The relay's orders; null: it gives none. */
  readonly radio: { readonly connect: Connect; readonly fetch: Fetch } | null
  /** When old rows go; null: never. */
  readonly pruneChance: Chance | null
  /** For the tests of the auditor: a process that breaks a law. */
  readonly tampered?: Partial<Tampering>
}

export interface Tampering {
  runtime(runtime: Runtime): Runtime
  provider(provider: PaymentProvider): PaymentProvider
  controller(controller: Controller): Controller
  eyes(eyes: Eyes): Eyes
}

export interface Life {
  readonly runtime: Runtime
  present(card: PresentedCard): void
  kill(): void
  alive(): boolean
  doom(doom: Doom): void
  /** The process is held still for so long: a slow card, a busy system. The controller is not. */
  stall(stallMs: number): void
  nowMs(): number
  linkUp(): boolean
  /** A person says: push now, whatever you wait for. */
  pushNow(): void
}

/** Starts a process on what is on the disk. Throws when it can't: the ledger refused, or it died in its first commit. */
export function startLife(ports: LifePorts, firstDoom: Doom | null): Life {
  const { time, chance, disk, wire, provider, acknowledged, shown, died, tampered = {} } = ports
  let alive = true
  let doomed = firstDoom
  const done = { commits: 0, effects: 0 }
  let cards: ((card: PresentedCard) => void) | null = null
  let stalledUntilMs = 0

  /** Runs it now, or when the process moves again; never once it is dead. */
  function whenAwake(run: () => void): void {
    if (!alive) return
    const waitMs = stalledUntilMs - time.nowMs()
    if (waitMs > 0) time.after(waitMs, () => whenAwake(run))
    else run()
  }

  function die(why: unknown, how: CommitFate | 'effect' | 'own'): void {
    if (!alive) return
    alive = false
    wire.piGone()
    died(why, how)
  }

  const isAlive = (): boolean => alive
  let fate: CommitFate = 'done'
  const fateOf = (batch: Batch): CommitFate => {
    if (!alive) throw new ProcessGone('a dead process writes nothing')
    const nth = ++done.commits
    if (fate === 'ioBefore' || fate === 'ioAfter' || fate === 'full') ports.retried()
    if (doomed?.at === 'event') return has(batch, doomed.type) ? doomed.fate : 'done'
    return doomed?.at === 'commit' && nth >= doomed.nth ? doomed.fate : 'done'
  }
  const ledger = disk.open(
    (batch) => (fate = fateOf(batch)),
    (_batch, written) => acknowledged(written.recorded),
  )

  const bornMs = time.nowMs()
  const startMs = Math.max(bornMs + ports.wallErrorMs, ledger.last().atMs)
  const clock: Clock = {
    nowMs: () => Math.round(startMs + time.nowMs() - bornMs),
    after(delayMs, due): Cancel {
      let cancelled = false
      const cancel = time.after(delayMs, () =>
        whenAwake(() => {
          if (!cancelled) due()
        }),
      )
      return () => {
        cancelled = true
        cancel()
      }
    },
  }

  /** An effect on the world: the process may die right before it, or right after it was asked for. */
  function act<T>(ask: () => Promise<T>): Promise<T> {
    if (!alive) return forever()
    const nth = ++done.effects
    const dies = doomed?.at === 'effect' && nth >= doomed.nth ? doomed.when : null
    if (dies === 'before') return (die('killed before an effect', 'effect'), forever<T>())
    const asked = ask()
    if (dies === 'after') return (die('killed after an effect', 'effect'), forever<T>())
    return new Promise((resolve, reject) => {
      asked.then(
        (answer) => whenAwake(() => resolve(answer)),
        (error: unknown) => {
          if (!alive) return
          die(error, 'own') // an unhandled rejection ends the process
          reject(error instanceof Error ? error : new Error(String(error)))
        },
      )
    })
  }

  const port = wire.piEnd()
  const link = createLink({
    port: { ...port, onBytes: (listener) => port.onBytes((bytes) => whenAwake(() => listener(bytes))) },
    key: ports.linkKey,
    clock,
    random: randomOf(chance),
    log: silent,
  })
  const controller: Controller = { ...link, unlock: (visit, timeoutMs) => act(() => link.unlock(visit, timeoutMs)) }
  const bank = provider(clock)
  const paying: PaymentProvider = {
    placeHold: (request) => act(() => bank.placeHold(request)),
    capture: (request) => act(() => bank.capture(request)),
    release: (request) => act(() => bank.release(request)),
  }

  const over =
    (fetch: Fetch): Fetch =>
    (url, request) =>
      new Promise((resolve, reject) => {
        const given = (error: unknown): void => reject(error instanceof Error ? error : new Error(String(error)))
        fetch(url, request).then(
          (answer) => whenAwake(() => resolve(answer)),
          (error: unknown) => whenAwake(() => given(error)),
        )
      })
  let pusher: Pusher | null = null
  const runtime = startRuntime(
    {
      ledger,
      controller: tampered.controller?.(controller) ?? controller,
      reader: {
        onCard(listener) {
          cards = listener
          return () => (cards = null)
        },
      },
      provider: tampered.provider?.(paying) ?? paying,
      ...(ports.eyes === null ? {} : { eyes: (tampered.eyes ?? ((eyes) => eyes))(ports.eyes()) }),
      clock,
      random: randomOf(chance),
      log: silent,
      storageFull: ports.storageFull,
      // Not every visit at once, as a fridge does: a seed has more to judge than batches of one visit.
      wrote: (events) => pusher?.poke(ports.airChance.happens(0.3) && presses(events)),
      failed: (why) => die(why, why instanceof ProcessGone || fate !== 'done' ? fate : 'own'),
    },
    {
      fridge: fridgeId(simFridge),
      version: 'sim',
      sign: { id: simFridge, name: 'The fridge', contact: 'nobody' },
      currency: 'EUR',
      holdMinor: minor(ports.holdMinor),
      catalogue: ports.catalogue,
    },
  )
  // A process that died in its first commit never came to push.
  if (isAlive())
    pusher = createPusher(
      {
        ledger,
        key: ports.air.key,
        fetch: over(ports.air.fetch),
        clock,
        random: randomOf(ports.airChance),
        log: silent,
        failed: (why) => die(why, why instanceof ProcessGone ? fate : 'own'),
      },
      { fridge: simFridge, relayUrl: 'https://relay.sim', gatherMs: 4 * 60_000 },
    )
  function pruneLater(chance: Chance): void {
    time.quietly(chance.exponential(18 * hourMs), () => {
      whenAwake(() => {
        time.woke()
        const acknowledgedSeq = pusher?.progress().acknowledgedSeq ?? 0
        runtime.prune(Math.min(acknowledgedSeq, ports.air.backedUpSeq()), clock.nowMs() - keepMs)
      })
      if (isAlive()) pruneLater(chance)
    })
  }
  if (ports.pruneChance !== null) pruneLater(ports.pruneChance)
  if (isAlive() && ports.radio !== null) {
    const { radio } = ports
    startRelayCommands(
      {
        runtime: tampered.runtime?.(runtime) ?? runtime,
        relay: () => ({ relay: 'https://relay.sim', paired: true, pending: 0 }),
        doorOpen: () => controller.status()?.doorOpen ?? null,
        key: () => ports.air.key,
        connect: async () => awake(radio.connect),
        fetch: over(radio.fetch),
        clock,
        random: randomOf(ports.airChance),
        log: silent,
        failed: (why) => die(why, why instanceof ProcessGone ? fate : 'own'),
      },
      { fridge: simFridge, version: 'sim', name: 'The fridge', holdMinor: ports.holdMinor, currency: 'EUR' },
    )
  }
  /** Nothing reaches a process that is gone or held still. */
  function awake(connect: Connect): Connect {
    return (to, on) =>
      connect(to, {
        connected: () => whenAwake(on.connected),
        message: (topic, bytes) => whenAwake(() => on.message(topic, bytes)),
        closed: (why) => whenAwake(() => on.closed(why)),
      })
  }
  const show = (): void => {
    if (alive) shown(runtime.view())
  }
  runtime.onView(show)
  show()

  return {
    runtime,
    present(card) {
      whenAwake(() => cards?.(card))
    },
    kill() {
      alive = false
      wire.piGone()
    },
    alive: () => alive,
    doom(next) {
      if (next.at === 'event') return void (doomed = next)
      // "In the next N": counted from now.
      const base = next.at === 'commit' ? done.commits : done.effects
      doomed = { ...next, nth: base + next.nth }
    },
    stall(stallMs) {
      stalledUntilMs = Math.max(stalledUntilMs, time.nowMs() + stallMs)
    },
    nowMs: () => clock.nowMs(),
    linkUp: () => link.state() === 'up',
    pushNow: () => pusher?.retry(),
  }
}

/** What a fridge keeps for months these keep for minutes. */
const keepMs = 10 * minuteMs

const has = (batch: Batch, type: Event['type']): boolean => batch.events.some((event) => event.type === type)

const forever = <T>(): Promise<T> => new Promise<T>(() => {})
