import { expect, test } from 'vitest'
import { minor } from '../../../src/core/money.ts'
import { effectKey } from '../../../src/core/ids.ts'
import { dayMs, minuteMs, secondMs } from '../../../src/core/time.ts'
import { holdKey } from '../../../src/session/keys.ts'
import { cola, feast, other, Story, visit } from './story.ts'

test('[S1] a second card changes nothing while somebody is at the door', () => {
  const story = Story.shopping()
  expect(story.tap(other)).toEqual({ events: [], effects: [] })
  expect(story.at).toBe('shopping')
})

test('[S1] a card may be tapped as soon as the last visit has ended', () => {
  const story = Story.settling()
  story.weighed({ lines: [cola] })
  expect(story.tap(other)).toEqual({ events: ['VisitStarted'], effects: ['PlaceHold'] })
})

test('[S2] a card that is tapped while the fridge may not sell asks nothing of the bank', () => {
  const story = new Story()
  story.around = { ...story.around, closed: true }
  expect(story.tap()).toEqual({ events: [], effects: [] })
})

test('[S3] [S4] a late answer to an earlier visit never unlocks', () => {
  const story = new Story()
  story.tap(other)
  const value = { reference: 'pi_0', amountMinor: minor(1000), captureWithinMs: dayMs }
  expect(story.tell({ type: 'HoldAnswered', visit, key: holdKey(visit), answer: { ok: true, value } })).toEqual({
    events: [],
    effects: [],
  })
  expect(story.at).toBe('holding')
})

test('[S4] the hold placed, the door is unlocked, with the shelves as they stand', () => {
  const story = new Story()
  story.tap()
  expect(story.held()).toEqual({ events: ['HoldPlaced', 'UnlockRequested'], effects: ['UnlockDoor'] })
  expect(story.events.at(-1)).toMatchObject({ baseline: [1000, 2000, 3000, 4000] })
})

test.each([
  ['the fridge has closed meanwhile', { closed: true, weights: [1, 2, 3, 4] }],
  ['nobody weighs the shelves', { closed: false, weights: null }],
])('[S4] when %s, the hold is released and nothing unlocks', (_why, around) => {
  const story = new Story()
  story.tap()
  story.around = around
  expect(story.held()).toEqual({
    events: ['HoldPlaced', 'UnlockFailed', 'VisitEnded', 'ReleaseRequested'],
    effects: ['ReleaseHold'],
  })
})

test('a declined card ends the visit with the bank`s reason, and leaves no money open', () => {
  const story = new Story()
  story.tap()
  story.tell({
    type: 'HoldAnswered',
    visit,
    key: holdKey(visit),
    answer: { ok: false, error: { code: 'declined', reason: 'expiredCard' } },
  })
  expect(story.visits.session).toMatchObject({ at: 'ended', ending: { type: 'declined', reason: 'expiredCard' } })
  expect(story.money()).toBe('settled')
})

test.each([
  ['holding', () => tapped(), 15 * secondMs],
  ['unlocking', () => heldStory(), 12 * secondMs],
  ['unlocked', () => unlockedStory(), 15 * secondMs],
  ['shopping', () => Story.shopping(), 30 * minuteMs],
  ['blind', () => blindStory(), 10 * minuteMs],
  ['settling', () => Story.settling(), 20 * secondMs],
])('[S5] %s ends by time, whatever never comes', (at, start, afterMs) => {
  const story = start()
  expect(story.at).toBe(at)
  story.later(afterMs - 1).tell({ type: 'TimePassed' })
  expect(story.at).toBe(at)
  story.later(1).tell({ type: 'TimePassed' })
  expect(story.at).not.toBe(at)
})

test('[S6] an unlock that nobody answers is not a refusal: relock, and look', () => {
  const story = heldStory()
  const told = story.tell({ type: 'UnlockAnswered', visit, key: effectKey(`${visit}/unlock`), answer: 'timeout' })
  expect(told).toEqual({ events: ['VisitInterrupted'], effects: ['RelockDoor'] })
  expect(story.at).toBe('blind')
  // It had opened after all, and the shopper is inside.
  story.tell({ type: 'DoorOpened' })
  expect(story.at).toBe('shopping')
})

test('[S6] a blind visit locks a door that is still unlocked, and settles once it is locked', () => {
  const story = blindStory()
  expect(story.tell({ type: 'DoorSeen', doorOpen: false, lockOpen: true }).effects).toEqual(['RelockDoor'])
  expect(story.at).toBe('blind')
  expect(story.tell({ type: 'DoorSeen', doorOpen: false, lockOpen: false }).effects).toEqual(['ResolveBasket'])
  expect(story.at).toBe('settling')
})

test('[S6] a controller lost in the middle of an unlock is not to unlock when it is found: the unlock is taken back', () => {
  const story = new Story()
  story.tap()
  story.held()
  expect(story.at).toBe('unlocking')
  expect(story.tell({ type: 'ControllerLost' }).effects).toEqual(['RelockDoor'])
  expect(story.at).toBe('blind')
})

test('[S6] a controller lost with the door open is found again, and the visit goes on', () => {
  const story = Story.shopping()
  story.tell({ type: 'ControllerLost' })
  expect(story.at).toBe('blind')
  story.tell({ type: 'DoorSeen', doorOpen: true, lockOpen: true })
  expect(story.at).toBe('shopping')
})

test('[S7] a controller that was reset tells of a relock: the shelves are asked, not the clock', () => {
  const story = unlockedStory()
  expect(story.tell({ type: 'DoorRelocked', visit, reason: 'reset' }).effects).toEqual(['ResolveBasket'])
})

test('[S8] what is gone under a visit whose door nobody heard opening is a doubt, and nothing of it is sure', () => {
  const story = unlockedStory()
  story.tell({ type: 'Restarted' })
  story.tell({ type: 'DoorSeen', doorOpen: false, lockOpen: false })
  expect(story.weighed({ lines: [cola], sureLines: [cola] }).events).toEqual(['ReviewOpened', 'VisitEnded'])
  expect(story.events.at(-2)).toMatchObject({ cause: 'controller', sureLines: [], likelyLines: [cola] })
})

test('[S8] an opening told late makes it sure again, and the door stays closed', () => {
  const story = unlockedStory()
  story.tell({ type: 'Restarted' })
  story.tell({ type: 'DoorSeen', doorOpen: false, lockOpen: false })
  expect(story.tell({ type: 'DoorOpened' }).events).toEqual(['DoorOpened'])
  expect(story.tell({ type: 'DoorOpened' }).events).toEqual([])
  expect(story.at).toBe('settling')
  expect(story.weighed({ lines: [cola] }).effects).toEqual(['CaptureHold'])
})

test('[S8] a blind visit whose door was forced meanwhile goes to review', () => {
  const story = blindStory()
  expect(story.tell({ type: 'DoorForced' }).events).toEqual(['ReviewOpened', 'VisitEnded'])
  expect(story.events.at(-2)).toMatchObject({ cause: 'forced', sureLines: [] })
})

test('[S7] shelves that can`t be read send the visit to review with nothing sure', () => {
  const story = Story.settling()
  expect(story.weighed(null).events).toEqual(['ReviewOpened', 'VisitEnded'])
  expect(story.visits.session).toMatchObject({ ending: { type: 'unsure', sureLines: [], sureMinor: 0 } })
  expect(story.money()).toBe('review')
})

test('[S8] a door forced while the visit settles spoils its evidence', () => {
  const story = Story.settling()
  expect(story.tell({ type: 'DoorForced' }).events).toEqual(['ReviewOpened', 'VisitEnded'])
  expect(story.weighed({ lines: [cola] })).toEqual({ events: [], effects: [] })
})

test('[S12] a sure, empty basket gives everything back at once', () => {
  const story = Story.settling()
  expect(story.weighed({ lines: [] })).toEqual({
    events: ['BasketResolved', 'VisitEnded', 'ReleaseRequested'],
    effects: ['ReleaseHold'],
  })
  expect(story.visits.session).toMatchObject({ ending: { type: 'nothingTaken' } })
})

test('the door that nobody opened ends with nothing charged', () => {
  const story = unlockedStory()
  expect(story.tell({ type: 'DoorRelocked', visit, reason: 'notOpened' })).toEqual({
    events: ['DoorRelocked', 'VisitEnded', 'ReleaseRequested'],
    effects: ['ReleaseHold'],
  })
  expect(story.visits.session).toMatchObject({ ending: { type: 'notOpened' } })
})

test('a door left open is asked for, then an alert, then forgiven once it closes', () => {
  const story = Story.shopping()
  story.later(minuteMs).tell({ type: 'DoorLeftOpen', seconds: 60 })
  expect(story.visits.session).toMatchObject({ leftOpen: 1 })
  story.later(minuteMs).tell({ type: 'DoorLeftOpen', seconds: 120 })
  expect(story.visits.session).toMatchObject({ leftOpen: 2 })
  story.tell({ type: 'DoorClosed' })
  expect(story.at).toBe('settling')
})

test('"Cancel" before the door is opened relocks it; the relock ends the visit', () => {
  const story = unlockedStory()
  expect(story.tell({ type: 'Cancelled' })).toEqual({ events: [], effects: ['RelockDoor'] })
  story.tell({ type: 'DoorRelocked', visit, reason: 'commanded' })
  expect(story.visits.session).toMatchObject({ ending: { type: 'notOpened' } })
})

test('"Cancel" with the door open does nothing: what is out is out', () => {
  const story = Story.shopping()
  expect(story.tell({ type: 'Cancelled' })).toEqual({ events: [], effects: [] })
})

test.each([
  ['idle', () => new Story(), 'idle', []],
  ['holding', () => tapped(), 'ended', ['ReleaseHold']],
  ['unlocking', () => heldStory(), 'blind', []],
  ['unlocked', () => unlockedStory(), 'blind', []],
  ['shopping', () => Story.shopping(), 'blind', []],
  ['settling', () => Story.settling(), 'blind', []],
  ['blind', () => blindStory(), 'blind', []],
])('[S17] a restart in %s unlocks nothing', (_at, start, then, effects) => {
  const story = start()
  expect(story.later(minuteMs).tell({ type: 'Restarted' }).effects).toEqual(effects)
  expect(story.at).toBe(then)
})

test('[S17] after a restart the visit is settled on the shelves as they were before its unlock', () => {
  const story = Story.shopping()
  story.tell({ type: 'Restarted' })
  story.tell({ type: 'DoorSeen', doorOpen: false, lockOpen: false })
  expect(story.effects.at(-1)).toMatchObject({ type: 'ResolveBasket', baseline: [1000, 2000, 3000, 4000] })
  story.weighed({ lines: [cola] })
  expect(story.effects.at(-1)).toMatchObject({ type: 'CaptureHold', amountMinor: 250 })
})

test('[S10] what goes beyond the hold is forgiven, and said so', () => {
  const story = Story.settling()
  story.weighed({ lines: [feast] })
  expect(story.effects.at(-1)).toMatchObject({ type: 'CaptureHold', amountMinor: 1000 })
  expect(story.visits.session).toMatchObject({ ending: { totalMinor: 1500, chargedMinor: 1000 } })
})

const tapped = (): Story => {
  const story = new Story()
  story.tap()
  return story
}
const heldStory = (): Story => {
  const story = tapped()
  story.held()
  return story
}
const unlockedStory = (): Story => {
  const story = heldStory()
  story.unlocked()
  return story
}
const blindStory = (): Story => {
  const story = Story.shopping()
  story.tell({ type: 'ControllerLost' })
  return story
}
