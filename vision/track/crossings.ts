/**
 * Crossings: products carried out through the door's plane, or in, told from the tracks of one camera.
 *
 * A product crosses when it comes from one side and stays on the other: it is seen there for a moment, it is put down, or it
 * is lost where its way or its hand leads out. Holds always: what stands on its shelf never crosses; what is waved out and
 * in again without a stop crosses nothing; two crossings of one journey take turns. Pure: time comes with the frames.
 * Called by the vision worker; crossings become sightings in track/sightings.ts.
 */
import { cosine } from '../embed/vector.ts'
import type { TrackedDetection, Track } from './tracker.ts'
import { middleOf, shareWithin } from './boxes.ts'
import {
  distance, goOn, holderOf, reachOf, settleOrigin, sizeOf, startJourney, type HandReach, type Journey, type Look, type Side,
} from './journeys.ts' // prettier-ignore
import { depthInside, type Opening } from './opening.ts'

export interface CrossingSettings {
  /** Half the width of the band along the outline that is neither side, as a share of the picture's width. */
  readonly margin: number
  /** So long it must be outside until it is taken. */
  readonly outsideMs: number
  /** So long it must rest inside until it is put back. */
  readonly restMs: number
  /** So long it must rest to have a shelf. */
  readonly standMs: number
  /** What moves less than this share of its size rests. */
  readonly restShare: number
  /** What never moved more than this many of its sizes was not moved by anybody. */
  readonly movedSizes: number
  /** So long a lost product may be found again as the same. */
  readonly linkMs: number
  /** How far from where it was lost, in its sizes, and how alike (cosine) where both were looked at. */
  readonly linkSizes: number
  readonly linkLikeness: number
  /** The same where looks do not tell. */
  readonly samePlaceSizes: number
  /** So long a product hidden in a hand is waited for. */
  readonly hiddenMs: number
  readonly heldShare: number
  /** In so many looks it must have been on its way in a hand to have gone with that hand unseen. */
  readonly carriedLooks: number
  readonly mostLooks: number
  readonly looksApartMs: number
}

/** Chosen on the generated visits of seeds 1 to 40 (scripts/tracking), which are not those that figures are told of. */
export const crossingSettings: CrossingSettings = {
  margin: 0.01,
  outsideMs: 150,
  restMs: 500,
  standMs: 250,
  restShare: 0.25,
  movedSizes: 0.8,
  linkMs: 700,
  linkSizes: 1.6,
  linkLikeness: 0.4,
  samePlaceSizes: 0.6,
  hiddenMs: 2500,
  heldShare: 0.25,
  carriedLooks: 5,
  mostLooks: 8,
  looksApartMs: 90,
}

export interface Crossing {
  readonly direction: 'taken' | 'returned'
  /** When it was last seen to change sides; where that was hidden, when it was lost. */
  readonly atMs: number
  /** The tracks it was made of, oldest first. */
  readonly tracks: readonly number[]
  /** Where it stood before, or stands now: 1 is the top shelf; null where that was not seen. */
  readonly shelf: number | null
  /** The track of the hand that carried it, if one was seen. */
  readonly hand: number | null
  /**
   * `seen`: to stay on the other side. `led`: lost where its way led there. `hidden`: in a hand that left, and not seen
   * again.
   */
  readonly evidence: 'seen' | 'led' | 'hidden'
  /** The best looks at it, in the order of time. */
  readonly looks: readonly Look[]
}

export interface CrossingWatch {
  /** After each `Tracker.step`, with what it was given and what it gave. */
  step(atMs: number, tracks: readonly Track[], detections: readonly TrackedDetection[]): readonly Crossing[]
  /** The door is closed: whatever is still open is decided now. */
  end(atMs: number): readonly Crossing[]
}

export function watchCrossings(opening: Opening, settings: CrossingSettings = crossingSettings): CrossingWatch {
  const margin = settings.margin * opening.pictureWidth
  const hands = new Map<number, HandReach>()
  let journeys: Journey[] = []
  const byTrack = new Map<number, Journey>()
  const seenNow = new Set<number>()
  /** The latest that were taken, with when they were seen outside. */
  const taken: (Crossing & { readonly outsideAtMs: readonly number[] })[] = []
  /** Of tracks that are not believed yet. */
  const firstLooks = new Map<number, Look>()

  const seeHands = (atMs: number, tracks: readonly Track[]): void => {
    for (const { id, kind, box, detection, bornAtMs } of tracks) {
      if (kind !== 'hand' || detection === null) continue
      const reach = reachOf(opening, box)
      const known = hands.get(id)
      if (known === undefined) {
        hands.set(id, { id, box, reach, deepest: reach, deepestAtMs: atMs, bornAtMs, seenAtMs: atMs })
        continue
      }
      known.box = box
      known.reach = reach
      known.seenAtMs = atMs
      if (reach > known.deepest) {
        known.deepest = reach
        known.deepestAtMs = atMs
      }
    }
    for (const [id, { seenAtMs }] of hands) if (atMs - seenAtMs > settings.hiddenMs) hands.delete(id)
  }

  const present = (atMs: number): HandReach[] => [...hands.values()].filter(({ seenAtMs }) => atMs - seenAtMs < 250)

  /** The journey that this new track goes on with, if a lost one fits. */
  const continued = (look: Look, holder: HandReach | null): Journey | null => {
    let best: Journey | null = null
    let least = 1
    for (const journey of journeys) {
      if (journey.lostAtMs === null) continue
      const misfit = misfitOf(journey, look, holder)
      if (misfit < least) {
        best = journey
        least = misfit
      }
    }
    return best
  }

  const misfitOf = (journey: Journey, look: Look, holder: HandReach | null): number => {
    const gapMs = look.atMs - journey.seenAtMs
    const inHand = holder !== null && holder.id === journey.hand && journey.seenAtMs - journey.heldAtMs < 300
    if (gapMs > (inHand ? settings.hiddenMs : settings.linkMs)) return Infinity
    const last = journey.looks.findLast(({ vector }) => vector !== null)?.vector ?? null
    const likeness = last === null || look.vector === null ? null : cosine(last, look.vector)
    if (likeness !== null && likeness < settings.linkLikeness) return Infinity
    const [from, to] = [journey.path.at(-2), journey.path.at(-1)]
    const at = middleOf(look.box)
    const stepMs = from === undefined || to === undefined ? 0 : to.atMs - from.atMs
    const ahead = stepMs > 0 ? Math.min(gapMs, 400) / stepMs : 0
    const [x, y] = [
      (to?.at.x ?? at.x) + ahead * ((to?.at.x ?? 0) - (from?.at.x ?? 0)),
      (to?.at.y ?? at.y) + ahead * ((to?.at.y ?? 0) - (from?.at.y ?? 0)),
    ]
    const size = Math.max(sizeOf(journey.box), sizeOf(look.box))
    // What was outside comes in by the edge, and in a hand.
    if (journey.side === 'outside' && depthInside(opening, at) > size && !inHand) return Infinity
    const far = Math.min(distance(at, { x, y }), distance(at, middleOf(journey.box))) / size
    // Without looks to compare, or from where it stood, only what is in the same place is the same.
    const wasStill = journey.seenAtMs - journey.restSinceMs >= settings.standMs
    const told = likeness !== null && (!wasStill || holder !== null)
    if (far > (told ? settings.linkSizes * (inHand ? 2.5 : 1) : settings.samePlaceSizes)) return Infinity
    return far / (settings.linkSizes * 2.5) - (likeness ?? 0.5) * 0.3
  }

  const see = (track: Track, detection: TrackedDetection, atMs: number): void => {
    const reaching = present(atMs)
    const hidden = reaching.reduce((most, hand) => Math.max(most, shareWithin(detection.box, hand.box)), 0)
    const look: Look = {
      atMs,
      box: detection.box,
      score: detection.score,
      quality: detection.score * sizeOf(detection.box) * (1 - 0.4 * hidden),
      vector: detection.vector ?? null,
    }
    if (!track.confirmed) {
      firstLooks.set(track.id, look)
      return
    }
    const holder = holderOf(reaching, detection.box, settings.heldShare)
    let journey = byTrack.get(track.id)
    if (journey === undefined) {
      const lost = continued(look, holder)
      if (lost === null) {
        const first = firstLooks.get(track.id)
        journey = startJourney(opening, track.id, first ?? look)
        if (first !== undefined) {
          goOn(journey, opening, look, settings)
          settleOrigin(journey, holder, reaching.length > 0, margin)
        }
        journeys.push(journey)
      } else {
        journey = lost
        journey.lostAtMs = null
        // Whatever its earlier track still finds is another thing: what stood behind it, most of all.
        for (const id of journey.tracks) byTrack.delete(id)
        journey.tracks.push(track.id)
        goOn(journey, opening, look, settings)
      }
      byTrack.set(track.id, journey)
    } else {
      const second = journey.path.length === 1 && journey.tracks.length === 1
      goOn(journey, opening, look, settings)
      if (second) settleOrigin(journey, holder, reaching.length > 0, margin)
    }
    if (holder !== null && journey.moved > settings.restShare) {
      journey.hand = holder.id
      journey.heldAtMs = atMs
    }
    journey.carried = holder !== null && atMs - journey.restSinceMs < settings.standMs ? journey.carried + 1 : 0
  }

  /** Whether it is a piece of what was just told: the same hand, the same look, and never both seen outside at once. */
  const isPiece = (journey: Journey, crossing: Crossing): boolean =>
    taken.some(({ hand, atMs, outsideAtMs, looks }) => {
      if (hand !== journey.hand || Math.abs(atMs - crossing.atMs) > settings.linkMs) return false
      if (journey.outsideAtMs.some((one) => outsideAtMs.includes(one))) return false
      const [a, b] = [looks, journey.looks].map(
        (some) => some.findLast(({ vector }) => vector !== null)?.vector ?? null,
      )
      return a === null || a === undefined || b === null || b === undefined || cosine(a, b) >= settings.linkLikeness
    })

  /** Twice the same is told once. */
  const toldOnce = (journey: Journey, crossing: Crossing): Crossing | null => {
    if (crossing.direction === 'returned') return crossing
    if (isPiece(journey, crossing)) return null
    taken.push({ ...crossing, outsideAtMs: journey.outsideAtMs })
    while (taken.length > 4) taken.shift()
    return crossing
  }

  const told = (journey: Journey, to: Side, atMs: number, evidence: Crossing['evidence']): Crossing | null => {
    const crossing: Crossing = {
      direction: to === 'outside' ? 'taken' : 'returned',
      atMs,
      tracks: [...journey.tracks],
      // What a hand took up was first seen about where it had stood.
      shelf: journey.shelf ?? (to === 'outside' ? journey.bornShelf : null),
      hand: journey.hand,
      evidence,
      looks: journey.looks.toSorted((a, b) => a.atMs - b.atMs),
    }
    journey.origin = to
    return toldOnce(journey, crossing)
  }

  /** Of a journey that is seen: did it stay on the other side? */
  const settled = (journey: Journey, atMs: number): Crossing | null => {
    if (journey.side === journey.origin || !wasMoved(journey)) return null
    const stayed =
      journey.side === 'outside'
        ? atMs - journey.sideSinceMs >= settings.outsideMs
        : atMs - journey.restSinceMs >= settings.restMs
    return stayed ? told(journey, journey.side, journey.sideSinceMs, 'seen') : null
  }

  /** Things do not move by themselves. */
  const wasMoved = ({ moved, hand }: Journey): boolean => moved >= settings.movedSizes && hand !== null

  /** Of a journey that was lost: which side is it on now, and how is that known? null: not to be told yet. */
  const whereLost = (
    journey: Journey,
    atMs: number,
  ): { readonly side: Side; readonly by: Crossing['evidence'] } | null => {
    if (!wasMoved(journey)) return { side: journey.origin, by: 'seen' }
    const ahead = journey.depth + journey.inward * 0.25
    if (journey.depth < 0 || ahead < 0 || leaving(journey, opening)) return { side: 'outside', by: 'led' }
    if (journey.seenAtMs - journey.restSinceMs >= settings.standMs) return { side: 'inside', by: 'led' }
    const entered = journey.origin === 'outside' && journey.depth > sizeOf(journey.box) / 2
    if (journey.carried < (entered ? 2 : settings.carriedLooks)) return { side: journey.origin, by: 'led' }
    const hand = journey.hand === null ? undefined : hands.get(journey.hand)
    if (hand !== undefined && atMs - hand.seenAtMs < 400 && hand.reach > margin) return null
    // The hand is out and it was not seen again: what the hand brought stays, what it lifted went along.
    return { side: journey.origin === 'outside' ? 'inside' : 'outside', by: 'hidden' }
  }

  const decideLost = (journey: Journey, atMs: number, last: boolean): { done: boolean; crossing: Crossing | null } => {
    const sinceMs = atMs - (journey.lostAtMs ?? atMs)
    if (!last && sinceMs < settings.linkMs) return { done: false, crossing: null }
    const where = whereLost(journey, last ? Infinity : atMs)
    if (where === null && sinceMs < settings.hiddenMs) return { done: false, crossing: null }
    if (where === null || where.side === journey.origin) return { done: true, crossing: null }
    const crossedMs = journey.side === where.side ? journey.sideSinceMs : journey.seenAtMs
    return { done: true, crossing: told(journey, where.side, crossedMs, where.by) }
  }

  const decide = (atMs: number, last: boolean): readonly Crossing[] => {
    const found: Crossing[] = []
    journeys = journeys.filter((journey) => {
      if (journey.lostAtMs === null && !last) {
        const crossing = settled(journey, atMs)
        if (crossing !== null) found.push(crossing)
        return true
      }
      const { done, crossing } = decideLost(journey, atMs, last)
      if (crossing !== null) found.push(crossing)
      if (done) for (const track of journey.tracks) byTrack.delete(track)
      return !done
    })
    return found
  }

  return {
    step: (atMs, tracks, detections) => {
      seeHands(atMs, tracks)
      const living = new Set<number>()
      const products = tracks.filter(({ kind }) => kind === 'product')
      // Known ones first: what is seen by its own track goes on with no other.
      for (const known of [true, false]) {
        for (const track of products) {
          const detection = track.detection === null ? undefined : detections[track.detection]
          if (detection === undefined || track.misses > 0 || byTrack.has(track.id) !== known) continue
          if (!seenNow.has(track.id)) see(track, detection, atMs)
          seenNow.add(track.id)
        }
      }
      seenNow.clear()
      // A track that is missed may be found again by the tracker itself; a moving one is given up sooner.
      for (const { id, misses, confirmed } of products) if (misses < 3 || !confirmed) living.add(id)
      for (const id of firstLooks.keys()) if (byTrack.has(id) || !living.has(id)) firstLooks.delete(id)
      for (const journey of journeys) {
        const lives = living.has(journey.tracks.at(-1) ?? -1)
        if (lives) journey.lostAtMs = null
        else journey.lostAtMs ??= journey.seenAtMs
      }
      return decide(atMs, false)
    },
    end: (atMs) => decide(atMs, true),
  }
}

/** It stands at the picture's edge and is not deep inside: the next frame may not show it. */
function leaving({ box, inward }: Journey, { pictureWidth, pictureHeight }: Opening): boolean {
  const rim = pictureWidth * 0.008
  const touches =
    box.left <= rim || box.left + box.width >= pictureWidth - rim || box.top + box.height >= pictureHeight - rim
  return touches && inward <= sizeOf(box) * 0.3
}
