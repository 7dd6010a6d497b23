/**
 * Runtime: one fridge, wired from its ports. The straight line of a purchase, in the order in which it happens:
 *
 *   reader, controller, clock -> inbox -> step -> ledger -> outbox -> bank, controller, shelves -> inbox
 *
 * Holds always: nothing in here reads the world but through the ports, so a simulation runs the very same lines.
 * Called by runtime/edge (the real process) and test/sim (the simulated one).
 */
import { defaultLimits, type CabinetLimits } from '../cabinet/cabinet.ts'
import type { KioskView } from '../contract/kiosk.ts'
import type { Line } from '../core/basket.ts'
import type { Event } from '../core/events.ts'
import { tamperId, visitId, type FridgeId } from '../core/ids.ts'
import type { Currency, Minor } from '../core/money.ts'
import type {
  Cancel,
  CardReader,
  Clock,
  Controller,
  ControllerReport,
  Eyes,
  Log,
  PaymentProvider,
  Random,
} from '../core/ports.ts'
import { secondMs } from '../core/time.ts'
import { err, invariant, ok, type Result } from '../core/result.ts'
import type { Verdict } from '../gateway/gateway.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { isFree, type Grams } from '../session/state.ts'
import { closedReason, nextDeadline, opening, type Fridge, type FridgeInput, type Live } from './fridge.ts'
import type { Command, Outcome } from '../../sync/protocol/mqtt.ts'
import { createInbox } from './inbox.ts'
import { createKeptCard } from './kept-card.ts'
import { createOutbox } from './outbox.ts'
import { pruningDue } from './prune.ts'
import { recover } from './recover.ts'
import { signalOf } from './signals.ts'
import { known, verdictOf } from './remote.ts'
import { isPast, screenDeadline, viewOf, type Sign } from './view.ts'
import { createWatching } from './watching.ts'
import { createWeigher } from './weigher.ts'

export interface RuntimePorts {
  readonly ledger: Ledger
  readonly controller: Controller
  readonly reader: CardReader
  readonly provider: PaymentProvider
  /** Absent: there are no cameras. */
  readonly eyes?: Eyes
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** True when the disk takes no more visits (law L5); read once a second at most. */
  readonly storageFull: () => boolean
  /** After each commit, with what it wrote: the relay's link looks for rows then. */
  readonly wrote?: (events: readonly Event[]) => void
  /** The ledger failed or an invariant broke: the process must end, and recovery starts anew. */
  readonly failed: (error: unknown) => void
}

export interface RuntimeSettings {
  readonly fridge: FridgeId
  readonly version: string
  readonly sign: Sign
  readonly currency: Currency
  readonly holdMinor: Minor
  readonly limits?: CabinetLimits
  /** Events that adopt the catalogue and count its opening stock; offered at the start. */
  readonly catalogue: { readonly hash: string; readonly events: readonly Event[] }
}

export interface Runtime {
  post(input: FridgeInput): boolean
  /** A person has looked at a visit in doubt. Answers whether there was such a doubt, and such products. */
  review(verdict: Verdict): Result<null, 'notInReview' | 'unknownProduct' | 'busy'>
  /** The relay's command: done or refused, and written; `stale` is not written, and will never be done. */
  obey(command: Command): Pick<Outcome, 'outcome' | 'why'>
  /** Lets go of some old rows that the relay has, if nobody is at the door; answers how many. More may be due. */
  prune(acknowledgedSeq: number, beforeMs: number): number
  /** A person at the screen: puts an ending away, or gives up before the door was opened. */
  dismiss(): void
  cancel(): void
  view(): KioskView
  /** Calls back after every change of what the view would show. */
  onView(listener: () => void): Cancel
  fridge(): Fridge
  closed(): string | null
  stop(): void
}

export function startRuntime(ports: RuntimePorts, settings: RuntimeSettings): Runtime {
  const { ledger, controller, reader, provider, eyes, clock, random, log } = ports
  const recovered = recover(ledger)
  const listeners = new Set<() => void>()
  const weigher = createWeigher({ controller, clock, stock: () => inbox.fridge().stock, eyes })
  const doorOpen = (): boolean => controller.status()?.doorOpen ?? false
  const watching = eyes === undefined ? undefined : createWatching({ eyes, clock, doorOpen })
  const inbox = createInbox(recovered.fridge, {
    ledger,
    clock,
    limits: settings.limits ?? defaultLimits,
    live: () => live(),
    committed: (fridge, events, effects) => {
      for (const effect of effects) outbox.perform(effect)
      follow(fridge)
      const forced = events.findLastIndex(({ type }) => type === 'DoorForced')
      if (forced >= 0) watching?.forced(tamperId(ledger.last().seq - (events.length - 1 - forced)))
      if (events.length > 0) ports.wrote?.(events)
    },
    failed: (error) => {
      stop()
      ports.failed(error)
    },
  })
  const outbox = createOutbox({
    inbox,
    controller,
    provider,
    weigher,
    clock,
    random,
    log,
    onlineChanged: () => changed(),
  })

  // ---- what is true now, and never written ------------------------------------------------------------------------
  let restWeights: Grams | null = null
  let glance: readonly Line[] = []
  let glancedAt: Grams | null = null
  let moving = false
  let dismissed: string | null = null
  let closedFor: string | null = null
  let readAtMs = clock.nowMs()
  let heardAtMs = clock.nowMs()
  let storage = { full: ports.storageFull(), readAtMs: clock.nowMs() }

  function live(): Live {
    const now = clock.nowMs()
    if (now - storage.readAtMs >= secondMs) storage = { full: ports.storageFull(), readAtMs: now }
    // After standing still for long, what was last heard of the shelves and the air is of the past: sell nothing on it.
    const weights = now - heardAtMs <= heardWithinMs ? restWeights : null
    return { doorOpen: doorOpen(), storageFull: storage.full, weights }
  }

  const kept = createKeptCard({
    clock,
    opens: () => opening(inbox.fridge(), live()),
    start(card) {
      const { holdMinor, currency } = settings
      inbox.post({ type: 'CardPresented', visit: visitId(random.uuid()), card, holdMinor, currency })
    },
    changed: () => changed(),
  })

  // ---- from the world to the inbox ---------------------------------------------------------------------------------
  function heard(report: ControllerReport): void {
    switch (report.type) {
      case 'up':
        inbox.post({
          type: 'ControllerFound',
          ...doorOf(report.status),
          bootId: report.status.bootId,
          uptimeMs: report.status.uptimeMs,
        })
        return temperature(report.status.temperatureCelsius)
      case 'lost':
        restWeights = null
        return void inbox.post({ type: 'ControllerLost', unreadSinceMs: readAtMs })
      case 'status':
        noticeClosed()
        temperature(report.status.temperatureCelsius)
        if (inbox.fridge().visits.session.at === 'blind') inbox.post({ type: 'DoorSeen', ...doorOf(report.status) })
        return
      case 'weights':
        return weighed(report.weights.grams, report.weights.settled)
      case 'doorOpened':
        restWeights = null // whoever comes next is not to be measured against what stood there before
        watching?.doorOpened()
        return written({ type: 'DoorOpened' })
      case 'doorClosed':
        watching?.doorClosed()
        return written({ type: 'DoorClosed' })
      case 'doorLeftOpen':
        return written({ type: 'DoorLeftOpen', seconds: report.seconds })
      case 'relocked':
        return written({ type: 'DoorRelocked', visit: report.visit, reason: report.reason })
      case 'tamper':
        restWeights = null
        return written({ type: 'DoorForced' })
    }
  }

  /** The link acknowledges what we have heard when we return: by then it is on disk (law L1). */
  function written(input: FridgeInput): void {
    inbox.post(input)
    inbox.turn()
  }

  function temperature(celsius: number | null): void {
    const now = clock.nowMs()
    heardAtMs = now
    // Read seldom is not read, whether the sensor was silent or we stood still.
    if (celsius === null || now - readAtMs > unreadMs)
      inbox.post({ type: 'TemperatureRead', celsius: null, unreadSinceMs: readAtMs })
    if (celsius === null) return
    readAtMs = now
    inbox.post({ type: 'TemperatureRead', celsius })
  }

  /** A full disk closes the fridge without an event; the screen says so all the same (law L5). */
  function noticeClosed(): void {
    const reason = closedReason(inbox.fridge(), live())
    if (reason === closedFor) return
    closedFor = reason
    changed()
  }

  function weighed(grams: Grams, settled: boolean): void {
    const { session } = inbox.fridge().visits
    if (settled && controller.status()?.doorOpen === false) {
      const first = restWeights === null
      restWeights = grams
      if (first) {
        kept.look()
        changed()
      }
    }
    if (session.at !== 'shopping' && session.at !== 'settling') return
    const wasMoving = moving
    moving = !settled
    const differs =
      glancedAt === null || grams.some((now, shelf) => Math.abs((now ?? 0) - (glancedAt?.[shelf] ?? 0)) > glanceGrams)
    // Behind the closed door the basket itself is about to be told.
    if (settled && differs && session.at === 'shopping') {
      glancedAt = grams
      glance = weigher.glance(session.baseline, grams)
      changed()
    } else if (wasMoving !== moving) changed()
  }

  const cancels: Cancel[] = []

  // ---- after each commit -------------------------------------------------------------------------------------------
  let cancelDeadline: Cancel = () => {}
  function follow(fridge: Fridge): void {
    const { session } = fridge.visits
    if (session.at !== 'shopping' && session.at !== 'settling') {
      glance = []
      glancedAt = null
      moving = false
    }
    watching?.follow(session)
    kept.look()
    showSignal(fridge)
    cancelDeadline()
    cancelDeadline = () => {}
    const dueAtMs = Math.min(nextDeadline(fridge) ?? Infinity, screenDue(fridge))
    if (dueAtMs !== Infinity) cancelDeadline = clock.after(Math.max(0, dueAtMs - clock.nowMs()), due)
    offerCatalogue(fridge)
    changed()
  }

  /** The cameras told of something new: the basket on the screen may have a name now. */
  function looked(): void {
    const { session } = inbox.fridge().visits
    if (session.at === 'shopping' && glancedAt !== null) glance = weigher.glance(session.baseline, glancedAt)
    changed()
  }

  function showSignal(fridge: Fridge): void {
    const { session } = fridge.visits
    const past = isPast(session, dismissed, clock.nowMs())
    controller.signal(signalOf(session, closedReason(fridge, live()) !== null, past))
  }

  function screenDue(fridge: Fridge): number {
    const dueAtMs = screenDeadline(fridge) ?? Infinity
    return dueAtMs > clock.nowMs() ? dueAtMs : Infinity
  }

  function due(): void {
    inbox.post({ type: 'TimePassed' })
    follow(inbox.fridge())
  }

  function offerCatalogue(fridge: Fridge): void {
    const { hash, events } = settings.catalogue
    if (fridge.stock.catalogue?.hash !== hash && isFree(fridge.visits.session))
      inbox.post({ type: 'CatalogueOffered', hash, events })
  }

  function changed(): void {
    for (const listener of listeners) listener()
  }

  function stop(): void {
    inbox.stop()
    outbox.stop()
    weigher.stop()
    kept.stop()
    watching?.stop()
    cancelDeadline()
    for (const cancel of cancels) cancel()
    listeners.clear()
  }

  // ---- start: settle what the last run left, then listen -----------------------------------------------------------
  const last = ledger.last()
  const offMs = last.seq === 0 ? 0 : Math.max(0, clock.nowMs() - last.atMs)
  if (recovered.abandon.length > 0)
    ledger.commit({
      atMs: Math.max(clock.nowMs(), last.atMs),
      events: [],
      effects: [],
      done: [],
      abandoned: recovered.abandon.map((effect) => effect.key),
    })
  inbox.post({ type: 'Restarted', fridge: settings.fridge, version: settings.version, offMs })
  inbox.turn()
  for (const effect of recovered.repeat) outbox.perform(effect)
  if (eyes !== undefined) cancels.push(eyes.subscribe(looked))
  cancels.push(controller.subscribe(heard), reader.onCard(kept.present))
  log.info('the fridge is open', {
    events: recovered.events,
    repeated: recovered.repeat.length,
    abandoned: recovered.abandon.length,
  })

  return {
    post: (input) => inbox.post(input),
    review: ({ visit, taken, by, reason }) => {
      const { visits, stock } = inbox.fridge()
      if (visits.settlements.get(visit)?.at !== 'review') return err('notInReview')
      const verdict = verdictOf(stock, visit, taken)
      if (verdict === null) return err('unknownProduct')
      return inbox.post({ type: 'ReviewDecided', visit, ...verdict, by, reason }) ? ok(null) : err('busy')
    },
    obey(command) {
      if (!inbox.post({ type: 'CommandReceived', command })) return { outcome: 'refused', why: 'busy' }
      inbox.turn()
      const { lane, number, untilMs } = command
      const found = known(inbox.fridge().remote, command)
      if (found !== null && found !== 'unknown') return found
      const late = Math.max(clock.nowMs(), ledger.last().atMs) > untilMs
      invariant(late || found === 'unknown', `a command in its time is written, done or refused (${lane} ${number})`)
      return { outcome: 'stale', why: late ? 'late' : 'later' }
    },
    prune(acknowledgedSeq, beforeMs) {
      if (!isFree(inbox.fridge().visits.session)) return 0
      try {
        const from = ledger.anchor()?.seq ?? 0
        const due = pruningDue(ledger, acknowledgedSeq, beforeMs)
        if (due === null || !inbox.post(due.event)) return 0
        inbox.turn()
        ledger.prune(due.event.uptoSeq, due.state)
        return due.event.uptoSeq - from
      } catch (error) {
        stop()
        ports.failed(error)
        return 0
      }
    },
    dismiss() {
      const { session } = inbox.fridge().visits
      if (session.at !== 'ended') return
      dismissed = session.visit
      showSignal(inbox.fridge())
      changed()
    },
    cancel: () => void inbox.post({ type: 'Cancelled' }),
    view: () =>
      viewOf({
        fridge: inbox.fridge(),
        live: live(),
        sign: settings.sign,
        currency: settings.currency,
        holdMinor: settings.holdMinor,
        online: outbox.online(),
        temperatureCelsius: controller.status()?.temperatureCelsius ?? null,
        glance,
        moving,
        dismissed,
        cardWaits: kept.waits(),
        atMs: clock.nowMs(),
      }),
    onView(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    fridge: () => inbox.fridge(),
    closed: () => closedReason(inbox.fridge(), live()),
    stop,
  }
}

/** The controller tells its status twice a second, and is lost after two. */
const heardWithinMs = 5 * secondMs
/** A thermometer that was not read for this long was not read: it is told twice a second. */
const unreadMs = 30 * secondMs
/** A change of a shelf worth another look at the basket. */
const glanceGrams = 4

const doorOf = (status: { doorOpen: boolean; lockOpen: boolean }) => ({
  doorOpen: status.doorOpen,
  lockOpen: status.lockOpen,
})
