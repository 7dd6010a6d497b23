import fc from 'fast-check'
import { expect, test } from 'vitest'
import { eventSchema } from '../../../src/core/events.ts'
import { minor } from '../../../src/core/money.ts'
import { dayMs, hourMs } from '../../../src/core/time.ts'
import type { SessionInput } from '../../../src/session/input.ts'
import { captureKey, holdKey, releaseKey, resolveKey, unlockKey } from '../../../src/session/keys.ts'
import { nextDeadline } from '../../../src/session/state.ts'
import { cola, feast, other, Story, visit } from './story.ts'

test('[S9] nothing is captured before the basket is known', () => {
  const story = Story.settling()
  expect(story.effects.map((effect) => effect.type)).toEqual(['PlaceHold', 'UnlockDoor', 'ResolveBasket'])
})

test('[S11] a capture has one key for the visit, and its answer counts once', () => {
  const story = Story.settling()
  story.weighed({ lines: [cola] })
  expect(story.effects.at(-1)).toMatchObject({ type: 'CaptureHold', key: captureKey(visit) })
  expect(story.captured(250).events).toEqual(['HoldCaptured', 'ReceiptIssued'])
  expect(story.captured(250)).toEqual({ events: [], effects: [] })
  expect(story.money()).toBe('settled')
})

test('[S13] a doubt shows what is sure, keeps the hold, and asks a person before it runs out', () => {
  const story = Story.settling()
  expect(story.weighed({ lines: [cola, feast], sureLines: [cola], probability: 0.96 })).toEqual({
    events: ['ReviewOpened', 'VisitEnded'],
    effects: [],
  })
  expect(story.visits.session).toMatchObject({ ending: { type: 'unsure', sureLines: [cola], sureMinor: 250 } })
  const decideByMs = nextDeadline(story.visits) ?? 0
  expect(decideByMs).toBeGreaterThan(story.atMs)
  expect(decideByMs).toBeLessThanOrEqual(story.atMs + 7 * dayMs - 12 * hourMs)
})

test('[S13] a doubt says what tells it from the next basket, and a row from before that was known is still read', () => {
  const apart = [{ by: 'shelf 2', nats: 1.5 }]
  const story = Story.settling()
  story.weighed({ lines: [cola], runnerUp: [feast], runnerUpProbability: 0.3, probability: 0.6, apart })
  const opened = story.events.find(({ type }) => type === 'ReviewOpened')
  expect(opened).toMatchObject({ apart, runnerUpProbability: 0.3 })
  expect(eventSchema.parse(JSON.parse(JSON.stringify(opened)))).toEqual(opened)
  const older = { ...opened, apart: undefined, runnerUpProbability: undefined }
  expect(eventSchema.parse(JSON.parse(JSON.stringify(older)))).toEqual(JSON.parse(JSON.stringify(older)))
  const nothingTold = Story.settling()
  nothingTold.weighed(null)
  expect(nothingTold.events.find(({ type }) => type === 'ReviewOpened')).not.toHaveProperty('apart')
})

test('[S13] a short-lived hold leaves a quarter of its time to be charged in', () => {
  const story = new Story()
  story.tap()
  story.held(visit, { captureWithinMs: hourMs })
  story.unlocked()
  story.tell({ type: 'DoorOpened' })
  story.tell({ type: 'DoorClosed' })
  story.weighed(null)
  expect(nextDeadline(story.visits)).toBe(story.atMs + 0.75 * hourMs)
})

test('[S13] a verdict is charged; nothing is charged twice', () => {
  const story = Story.settling()
  story.weighed({ lines: [cola], probability: 0.5 })
  const verdict: SessionInput = { type: 'ReviewDecided', visit, lines: [feast], moves: [], by: 'Op', reason: 'seen' }
  expect(story.tell(verdict)).toEqual({ events: ['ReviewDecided', 'CaptureRequested'], effects: ['CaptureHold'] })
  expect(story.tell(verdict)).toEqual({ events: [], effects: [] })
  expect(story.effects.at(-1)).toMatchObject({ amountMinor: 1000 })
})

test('[S13] a verdict of nothing gives everything back', () => {
  const story = Story.settling()
  story.weighed({ lines: [cola], sureLines: [cola], probability: 0.5 })
  const told = story.tell({ type: 'ReviewDecided', visit, lines: [], moves: [], by: 'Op', reason: 'nothing gone' })
  expect(told.effects).toEqual(['ReleaseHold'])
})

test('[S13] a review that nobody decides charges the sure lines only', () => {
  const story = Story.settling()
  story.weighed({ lines: [cola, feast], sureLines: [cola], probability: 0.5 })
  story.later(7 * dayMs).tell({ type: 'TimePassed' })
  expect(story.effects.at(-1)).toMatchObject({ type: 'CaptureHold', amountMinor: 250 })
})

test('[S14] a bank that does not answer is left, and whatever it did is taken back by the key', () => {
  const story = new Story()
  story.tap()
  const told = story.tell({
    type: 'HoldAnswered',
    visit,
    key: holdKey(visit),
    answer: { ok: false, error: { code: 'unreachable' } },
  })
  expect(told).toEqual({ events: ['VisitEnded', 'ReleaseRequested'], effects: ['ReleaseHold'] })
  expect(story.effects.at(-1)).toMatchObject({ reference: null, hold: { key: holdKey(visit) } })
})

test('[S14] the hold that is placed after we stopped waiting neither unlocks nor stays', () => {
  const story = new Story()
  story.tap()
  story.later(15_000).tell({ type: 'TimePassed' })
  expect(story.effects.at(-1)).toMatchObject({ type: 'ReleaseHold', reference: null })
  expect(story.held()).toEqual({ events: [], effects: [] })
})

test('[S15] receipts are numbered in the order of their captures, without gaps', () => {
  const story = Story.settling()
  story.weighed({ lines: [cola] })
  story.tap(other)
  story.held(other, { reference: 'pi_2' })
  story.unlocked(other)
  story.tell({ type: 'DoorOpened' })
  story.tell({ type: 'DoorClosed' })
  story.weighed({ lines: [cola] }, other)
  story.captured(250, other)
  story.captured(250, visit)
  const receipts = story.events.filter((event) => event.type === 'ReceiptIssued')
  expect(receipts).toMatchObject([
    { visit: other, number: 1, chargedMinor: 250 },
    { visit, number: 2, chargedMinor: 250 },
  ])
})

test('a capture that the bank refuses for good is lost, and asked of nobody', () => {
  const story = Story.settling()
  story.weighed({ lines: [cola] })
  const told = story.tell({
    type: 'CaptureAnswered',
    visit,
    key: captureKey(visit),
    answer: { ok: false, error: { code: 'gone', detail: 'expired' } },
  })
  expect(told).toEqual({ events: ['CaptureLost'], effects: [] })
  expect(story.money()).toBe('settled')
})

test('[S5] [S11] [S16] whatever comes in whatever order, no hold is forgotten, none is both captured and released', () => {
  const visits = [visit, other]
  const anyVisit = fc.constantFrom(...visits)
  const resolution = fc.constantFrom(
    null,
    { lines: [cola], moves: [], probability: 0.999, sureLines: [cola], runnerUp: [], after: [] },
    { lines: [], moves: [], probability: 0.999, sureLines: [], runnerUp: [], after: [] },
    { lines: [cola], moves: [], probability: 0.6, sureLines: [], runnerUp: [], after: [] },
  )
  const holdAnswer = fc.constantFrom(
    { ok: true, value: { reference: 'pi', amountMinor: minor(1000), captureWithinMs: 7 * dayMs } } as const,
    { ok: false, error: { code: 'declined', reason: 'declined' } } as const,
    { ok: false, error: { code: 'unreachable' } } as const,
  )
  const step = fc.oneof(
    fc.record({ waitMs: fc.constantFrom(1, 500, 13_000, 16_000, 700_000, 2_000_000, 8 * dayMs) }),
    fc.record({ type: fc.constant('tap'), of: anyVisit }),
    fc.record({ type: fc.constant('hold'), of: anyVisit, answer: holdAnswer }),
    fc.record({ type: fc.constant('unlock'), of: anyVisit, answer: fc.constantFrom('unlocked', 'busy', 'timeout') }),
    fc.record({ type: fc.constant('weigh'), of: anyVisit, resolution }),
    fc.record({
      type: fc.constant('relocked'),
      of: anyVisit,
      reason: fc.constantFrom('notOpened', 'doorClosed', 'reset'),
    }),
    fc.record({ type: fc.constant('captured'), of: anyVisit, answered: fc.boolean() }),
    fc.record({ type: fc.constant('released'), of: anyVisit }),
    fc.record({ type: fc.constant('door'), open: fc.boolean(), lock: fc.boolean() }),
    fc.record({
      type: fc.constantFrom(
        'DoorOpened',
        'DoorClosed',
        'DoorForced',
        'ControllerLost',
        'Cancelled',
        'Restarted',
        'TimePassed',
      ),
    }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const story = new Story()
      const used = new Set<string>()
      for (const one of steps) {
        if ('waitMs' in one) story.later(one.waitMs).tell({ type: 'TimePassed' })
        else story.tell(inputOf(one, story, used))
        judge(story)
      }
      // Left alone, the visit ends and every hold is on its way to the bank.
      for (let wait = 0; wait < 4; wait++) story.later(8 * dayMs).tell({ type: 'TimePassed' })
      expect(['idle', 'ended']).toContain(story.at)
      for (const money of story.visits.settlements.values()) expect(['capturing', 'releasing']).toContain(money.at)
    }),
    { numRuns: 400 },
  )
})

function judge(story: Story): void {
  const captures = story.effects.filter((effect) => effect.type === 'CaptureHold')
  const releases = story.effects.filter((effect) => effect.type === 'ReleaseHold')
  const taken = new Set(captures.map((effect) => effect.visit))
  expect(taken.size).toBe(captures.length)
  expect(releases.filter((effect) => taken.has(effect.visit))).toEqual([])
  for (const capture of captures) expect(capture.amountMinor).toBeLessThanOrEqual(1000)
}

function inputOf(one: { type: string } & Record<string, unknown>, story: Story, used: Set<string>): SessionInput {
  const of = one['of'] as typeof visit
  const { session } = story.visits
  switch (one.type) {
    case 'tap': {
      // A visit's id is made for one card; a second use of it would be another program's fault.
      const fresh = used.has(of) ? (`${of.slice(0, -4)}${String(used.size + 1000)}` as typeof visit) : of
      const free = session.at === 'idle' || session.at === 'ended'
      if (free) used.add(fresh)
      const card = { paymentMethod: 'pm', fingerprint: 'fp' }
      return { type: 'CardPresented', visit: fresh, card, holdMinor: minor(1000), currency: 'EUR' }
    }
    case 'hold':
      return { type: 'HoldAnswered', visit: of, key: holdKey(of), answer: one['answer'] } as SessionInput
    case 'unlock':
      return { type: 'UnlockAnswered', visit: of, key: unlockKey(of), answer: one['answer'] } as SessionInput
    case 'weigh': {
      const closedAtMs = session.at === 'settling' ? session.closedAtMs : 0
      return {
        type: 'BasketWeighed',
        visit: of,
        key: resolveKey(of, closedAtMs),
        resolution: one['resolution'],
      } as SessionInput
    }
    case 'relocked':
      return { type: 'DoorRelocked', visit: of, reason: one['reason'] } as SessionInput
    case 'captured': {
      const answer = one['answered']
        ? { ok: true, value: { amountMinor: minor(250) } }
        : { ok: false, error: { code: 'gone', detail: 'x' } }
      return { type: 'CaptureAnswered', visit: of, key: captureKey(of), answer } as SessionInput
    }
    case 'released':
      return { type: 'ReleaseAnswered', visit: of, key: releaseKey(of), answer: { ok: true, value: 'released' } }
    case 'door':
      return { type: 'DoorSeen', doorOpen: one['open'] === true, lockOpen: one['lock'] === true }
    default:
      return { type: one.type } as SessionInput
  }
}
