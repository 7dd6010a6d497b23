/**
 * A visit told step by step, for tests: holds the state, folds the events, remembers the effects.
 */
import type { Effect } from '../../../src/core/effects.ts'
import type { Event } from '../../../src/core/events.ts'
import { sku, visitId, type VisitId } from '../../../src/core/ids.ts'
import { minor } from '../../../src/core/money.ts'
import type { PlacedHold } from '../../../src/core/ports.ts'
import { dayMs } from '../../../src/core/time.ts'
import type { Line } from '../../../src/core/basket.ts'
import { evolve } from '../../../src/session/evolve.ts'
import type { Around, Resolution, SessionInput } from '../../../src/session/input.ts'
import { captureKey, holdKey, releaseKey, resolveKey, unlockKey } from '../../../src/session/keys.ts'
import { noVisits, type Visits } from '../../../src/session/state.ts'
import { decide } from '../../../src/session/step.ts'

export const visit = visitId('00000000-0000-4000-8000-000000000001')
export const other = visitId('00000000-0000-4000-8000-000000000002')
export const cola: Line = { sku: sku('cola'), count: 1, priceMinor: minor(250) }
export const feast: Line = { sku: sku('feast'), count: 3, priceMinor: minor(500) }

export class Story {
  visits: Visits = noVisits
  atMs = 1_000_000
  around: Omit<Around, 'atMs'> = { closed: false, weights: [1000, 2000, 3000, 4000] }
  readonly events: Event[] = []
  readonly effects: Effect[] = []

  /** Gives an input, and answers what it led to. */
  tell(input: SessionInput): { events: Event['type'][]; effects: Effect['type'][] } {
    const decision = decide(this.visits, input, { ...this.around, atMs: this.atMs })
    for (const event of decision.events) this.visits = evolve(this.visits, event, this.atMs)
    this.events.push(...decision.events)
    this.effects.push(...decision.effects)
    return {
      events: decision.events.map((event) => event.type),
      effects: decision.effects.map((effect) => effect.type),
    }
  }

  later(ms: number): this {
    this.atMs += ms
    return this
  }

  get at(): string {
    return this.visits.session.at
  }

  money(of: VisitId = visit): string {
    return this.visits.settlements.get(of)?.at ?? 'settled'
  }

  tap(of: VisitId = visit) {
    const card = { paymentMethod: 'pm_1', fingerprint: 'fp_1' }
    return this.tell({ type: 'CardPresented', visit: of, card, holdMinor: minor(1000), currency: 'EUR' })
  }

  held(of: VisitId = visit, hold: Partial<PlacedHold> = {}) {
    const value = { reference: 'pi_1', amountMinor: minor(1000), captureWithinMs: 7 * dayMs, ...hold }
    return this.tell({ type: 'HoldAnswered', visit: of, key: holdKey(of), answer: { ok: true, value } })
  }

  unlocked(of: VisitId = visit) {
    return this.tell({ type: 'UnlockAnswered', visit: of, key: unlockKey(of), answer: 'unlocked' })
  }

  weighed(resolution: Partial<Resolution> | null, of: VisitId = visit) {
    const { session } = this.visits
    const closedAtMs = session.at === 'settling' ? session.closedAtMs : 0
    const whole = { lines: [], moves: [], probability: 0.999, sureLines: [], runnerUp: [], after: [], ...resolution }
    return this.tell({
      type: 'BasketWeighed',
      visit: of,
      key: resolveKey(of, closedAtMs),
      resolution: resolution === null ? null : whole,
    })
  }

  captured(amount: number, of: VisitId = visit) {
    return this.tell({
      type: 'CaptureAnswered',
      visit: of,
      key: captureKey(of),
      answer: { ok: true, value: { amountMinor: minor(amount) } },
    })
  }

  released(of: VisitId = visit) {
    return this.tell({
      type: 'ReleaseAnswered',
      visit: of,
      key: releaseKey(of),
      answer: { ok: true, value: 'released' },
    })
  }

  /** Up to the open door. */
  static shopping(): Story {
    const story = new Story()
    story.tap()
    story.held()
    story.unlocked()
    story.tell({ type: 'DoorOpened' })
    return story
  }

  /** Up to the closed door. */
  static settling(): Story {
    const story = Story.shopping()
    story.later(20_000).tell({ type: 'DoorClosed' })
    return story
  }
}
