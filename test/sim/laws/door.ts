/**
 * The door's laws, D1 to D4, judged from the lock's bolt, the door's leaf, the light and the ledger's rows alone.
 *
 * `disturbed` says that the runtime, the controller or the wire was not whole: what needs all three is then not judged,
 * and counted as excused. D1 and D2 are never excused.
 */
import type { Event } from '../../../src/core/events.ts'
import { effectKey } from '../../../src/core/ids.ts'
import { minor } from '../../../src/core/money.ts'
import type { HoldSummary } from '../../../src/virtual/bank/summary.ts'
import { count, follow, type Judged, type Report, type VisitRecord } from './record.ts'

export interface DoorPorts extends Judged {
  readonly report: Report
  readonly nowMs: () => number
  readonly later: (delayMs: number, check: () => void) => void
  readonly visits: ReadonlyMap<string, VisitRecord>
  readonly holdOf: (visit: string) => HoldSummary | undefined
  /** True time of the last disturbance of runtime, controller or wire; in the future while one lasts. */
  readonly disturbedAtMs: () => number
  readonly signal: () => string
}

export interface DoorLaws {
  lock(released: boolean): void
  door(open: boolean): void
  /** The controller lost its power, was reset, or its supply sagged. */
  controllerFell(): void
  power(on: boolean): void
  frameReached(): void
  row(event: Event): void
  screen(at: string, leftOpen: number | null): void
  /** The visit by whose right the door stands open; null when by nobody's. */
  openFor(): VisitRecord | null
  forcedOpenings(): number
  /** Whoever was let in last is the owner's person. */
  isService(): boolean
}

/** A command is fresh for this long: the wait for the controller, and the repeats on the way. */
const freshMs = 10_000
/** The controller samples 80 times a second and lets a bouncing contact settle. */
const relockGraceMs = 700
/** Law D2: ten seconds, and the time to act on them. */
const notOpenedMs = 10_000 + relockGraceMs
const bounceMs = 400
const tellMs = 3_000
/** Whole for so long, all that waited has been told. */
const quietMs = 15_000

export function doorLaws(ports: DoorPorts): DoorLaws {
  const { report, nowMs, later, visits, holdOf, disturbedAtMs, signal, judged, excused } = ports
  let released = false
  let releasedAtMs = -Infinity
  let open = false
  let movedAtMs = -Infinity
  let reachedAtMs = -Infinity
  let permit: VisitRecord | null = null
  /** The visit in whose name the door is open for the owner's person, who buys nothing. */
  let service: string | null = null
  let openFor: VisitRecord | null = null
  let forced = 0
  let openedAtMs = -Infinity
  /** Openings shorter than a contact bounces: nobody can tell that they were. */
  const unseen = new Set<number>()
  let tampersTold = 0
  let powered = true
  let fellAtMs = -Infinity
  let leftOpenShown = 0
  let leftOpenTold: { seconds: number; atMs: number }[] = []

  function onRelease(): void {
    const atMs = nowMs()
    releasedAtMs = atMs
    count(judged, 'D1')
    const asked = permit
    if (asked === null) return report('D1', 'the lock opened though nobody had asked for it')
    const { visit } = asked
    if (asked.releases > 0) report('D1', `the lock opened a second time for visit ${visit}`)
    asked.releases++
    const ageMs = atMs - (asked.unlockRequestedAtMs ?? -Infinity)
    if (ageMs > freshMs) report('D1', `the lock opened for visit ${visit} on a command ${Math.round(ageMs)} ms old`)
    if (asked.endedAtMs !== null) report('D1', `the lock opened for visit ${visit}, which has ended`)
    const hold = holdOf(visit)
    if (visit !== service && (hold === undefined || hold.status !== 'held'))
      report('D1', `the lock opened for visit ${visit}, whose hold is ${hold?.status ?? 'not in the books'}`)
    if (open) report('D1', 'the lock opened while the door stood open')
    later(notOpenedMs, () => {
      if (releasedAtMs !== atMs || open || movedAtMs > atMs) return
      count(judged, 'D2 not opened')
      if (released) report('D2', `the door was not opened, and the lock stands open after ${notOpenedMs} ms`)
    })
    watchSilence()
  }

  /** With nothing arriving at the controller, a closed door is locked after two seconds. */
  function watchSilence(): void {
    const sinceMs = Math.max(reachedAtMs, releasedAtMs)
    later(2_000 + relockGraceMs, () => {
      if (!released || open || Math.max(reachedAtMs, releasedAtMs) !== sinceMs) return
      if (nowMs() - movedAtMs < relockGraceMs) return
      report(
        'D2',
        `no frame has reached the controller for ${Math.round(nowMs() - sinceMs)} ms, and the lock stands open`,
      )
    })
  }

  /** A contact that closed for less than it bounces has not closed, as far as anybody can tell. */
  function onOpen(bounced: boolean): void {
    const atMs = nowMs()
    const lawful = released
    openedAtMs = atMs
    openFor = lawful ? permit : null
    if (openFor !== null) openFor.opened = true
    leftOpenShown = 0
    if (!lawful) forced++
    if (!lawful && !bounced) {
      const toldBefore = tampersTold
      if (powered) later(tellMs, () => forcedIsTold(atMs, toldBefore, 0))
      else count(excused, 'D4')
    }
    const stillOpen = (): boolean => open && movedAtMs === atMs
    for (const [seconds, wanted] of [
      [60, ['askClose', 'alert']],
      [120, ['alert']],
    ] as const)
      later(seconds * 1_000 + tellMs, () => {
        if (!stillOpen()) return
        if (disturbedAtMs() > atMs - 1_000) return count(excused, 'D3')
        count(judged, 'D3')
        if (lawful && !wanted.some((one) => one === signal()))
          report('D3', `the door is open for ${seconds} s, and the light says ${signal()}`)
        if (lawful && leftOpenShown < seconds / 60)
          report('D3', `the door is open for ${seconds} s, and the screen has not asked to close it`)
        if (!leftOpenTold.some((told) => told.seconds === seconds && told.atMs > atMs))
          report('D3', `the door is open for ${seconds} s, and the ledger does not say so`)
      })
  }

  /**
   * The controller keeps a tamper until it is taken, over silences, crashes and its own resets: the ledger says so once all
   * is whole again.
   */
  function forcedIsTold(openedMs: number, toldBefore: number, tries: number): void {
    if (unseen.has(openedMs)) return
    if (fellAtMs >= openedMs && fellAtMs < openedMs + bounceMs) return count(excused, 'D4')
    if (tampersTold === toldBefore && disturbedAtMs() > nowMs() - quietMs)
      return later(quietMs, () => forcedIsTold(openedMs, toldBefore, tries + 1))
    count(judged, tries === 0 ? 'D4' : 'D4 late')
    if (tampersTold === toldBefore) report('D4', 'the door was forced, and the ledger does not say so')
  }

  function onClose(): void {
    const atMs = nowMs()
    const unseenNow = atMs - openedAtMs < bounceMs
    if (unseenNow) unseen.add(openedAtMs)
    if (openFor !== null) openFor.closedAtMs = atMs
    openFor = null
    // Opened for less than a contact bounces, it was never open for the controller: it waits out its ten seconds.
    later(unseenNow ? notOpenedMs + bounceMs : bounceMs, () => {
      if (open || movedAtMs !== atMs || releasedAtMs > atMs) return
      count(judged, 'D2 closed')
      if (released) report('D2', 'the door has closed, and the lock stands open')
    })
  }

  return {
    lock(now) {
      if (now === released) return
      released = now
      if (now) onRelease()
    },
    door(now) {
      if (now === open) return
      open = now
      const bounced = nowMs() - movedAtMs < bounceMs
      movedAtMs = nowMs()
      if (now) onOpen(bounced)
      else onClose()
    },
    power(on) {
      powered = on
    },
    controllerFell() {
      const atMs = nowMs()
      fellAtMs = atMs
      later(bounceMs, () => {
        if (releasedAtMs > atMs) return
        count(judged, 'D2 fell')
        if (released) report('D2', 'the controller was reset or its power sagged, and the lock stands open')
      })
    },
    frameReached() {
      reachedAtMs = nowMs()
      if (released && !open) watchSilence()
    },
    row(event) {
      if (event.type === 'UnlockRequested') permit = visits.get(event.visit) ?? null
      if (event.type === 'ServiceBegan') {
        const { visit } = event
        const own = new Map<string, VisitRecord>()
        const [nobody, none] = [{ holdKey: effectKey(visit), paymentMethod: '', fingerprint: '' }, minor(0)]
        follow(own, { type: 'VisitStarted', visit, ...nobody, amountMinor: none, currency: 'EUR' }, nowMs(), new Map())
        permit = own.get(visit) ?? null
        if (permit !== null) permit.unlockRequestedAtMs = nowMs()
        service = visit
      }
      if (event.type === 'DoorForced') tampersTold++
      if (event.type === 'DoorLeftOpen') {
        leftOpenTold = leftOpenTold.slice(-4)
        leftOpenTold.push({ seconds: event.seconds, atMs: nowMs() })
      }
    },
    screen(_at, leftOpen) {
      leftOpenShown = Math.max(leftOpenShown, leftOpen ?? 0)
    },
    openFor: () => openFor,
    forcedOpenings: () => forced,
    isService: () => permit !== null && permit.visit === service,
  }
}
