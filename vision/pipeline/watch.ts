/**
 * Watch: one camera over one visit. Looks at each shot that there is time for, keeps the stillest ones as before and after,
 * and says what left the shelves and what came.
 *
 * Before is the last clear picture with the door closed, or the first still one after it was opened; after is the first
 * clear, still one behind the closed door. Holds always: what it did not see it says so of (SPEC VIS37): without a clear
 * before and after, or without models, the witness is blind, whatever else was seen. Called by pipeline.ts.
 */
import type { Sighting, Witness } from '../../src/core/sighting.ts'
import type { Clarity, ClarityFault } from '../camera/clarity.ts'
import { decodeFrame, decodeGrid } from '../camera/decode.ts'
import type { Shot } from '../camera/frame.ts'
import type { Detection } from '../detect/detection.ts'
import type { Picture } from '../embed/picture.ts'
import type { Keeper } from '../evidence/keeper.ts'
import { compare, type Compared, type Still } from '../shelf/compare.ts'
import type { ShelfRegion } from '../shelf/regions.ts'
import type { Opening } from '../track/opening.ts'
import { createDoorway } from './doorway.ts'
import type { Looker } from './looker.ts'

export interface Testimony {
  readonly witness: Witness
  readonly sightings: readonly Sighting[]
}

export interface Watch {
  /** Looks at a shot. True when something crossed, or the shelves came to rest after a move: worth telling. */
  look(shot: Shot): Promise<boolean>
  opened(atMs: number): void
  closed(atMs: number): void
  /** The visit is over: what no witness may speak from is still something to look at for whoever decides it. */
  ended(): void
  /** There is a picture to compare with, from behind the closed door. */
  hasAfter(): boolean
  /** What it can tell now: of the shelves from the newest still picture, and of the opening. */
  testify(): Promise<readonly Testimony[]>
}

/** What a camera's last shot was like; null: as it should be. */
export type ShotFault = ClarityFault | 'damaged'

export interface WatchPorts {
  readonly camera: string
  readonly regions: readonly ShelfRegion[]
  /** Where the door's opening is; null where nobody said so. */
  readonly opening: Opening | null
  readonly clarity: Clarity
  readonly keeper: Keeper
  /** Null while the models are not ready, or failed. */
  readonly looker: () => Looker | null
  readonly faulty: (fault: ShotFault | null) => void
}

/** A pixel moved when it differs by this, and a picture when such a share of it did. */
const movedBy = 22
const movedShare = 0.004
/** The last hand has left, and the door has stopped shaking. */
const afterCloseMs = 120
/** So late after the opening a first picture may show shelves that were touched already. */
const beforeWithinMs = 900
const lookNowAndThenMs = 1_000

interface Moment {
  readonly shot: Shot
  readonly grid: Picture
}

export function createWatch(ports: WatchPorts): Watch {
  const { camera, regions, clarity, keeper } = ports
  const doorway = ports.opening === null ? null : createDoorway(camera, ports.opening, ports.looker)
  const id = `${camera}-shelves`
  let openedMs: number | null = null
  let closedMs: number | null = null
  let before: Moment | null = null
  let latest: Moment | null = null
  let after: Moment | null = null
  let firstClosedMs: number | null = null
  let newestClosed: Shot | null = null
  let last: { readonly grid: Picture; readonly atMs: number; readonly clear: boolean } | null = null
  let moved = false
  let keptMs = -Infinity
  let ready: { readonly moment: Moment; readonly still: Promise<Still | null> } | null = null
  let compared: { readonly moment: Moment; readonly found: Promise<Compared | null> } | null = null

  async function look(shot: Shot): Promise<boolean> {
    const decoded = await decodeGrid(shot.jpeg)
    if (!decoded.ok) {
      ports.faulty('damaged')
      return false
    }
    const grid = decoded.value
    const fault = clarity.look(grid, shot.atMs)
    ports.faulty(fault)
    const clear = fault === null
    const still = last !== null && last.clear && shareMoved(last.grid, grid) < movedShare
    last = { grid, atMs: shot.atMs, clear }
    keepSome(shot, still)
    const rests = clear && remember({ shot, grid }, still)
    if (clear && (still || openedMs === null)) doorway?.rests(grid)
    if (doorway === null || openedMs === null || closedMs !== null) return rests
    const crossed = await doorway.look(shot, grid, clear, still)
    if (crossed) keeper.keep(shot, 'crossing')
    return crossed || rests
  }

  function remember(moment: Moment, still: boolean): boolean {
    const { atMs } = moment.shot
    if (openedMs === null) {
      before = moment // nobody can reach in through a closed door
      return false
    }
    if (before === null && still && closedMs === null && atMs - openedMs <= beforeWithinMs) {
      before = moment
      keeper.keep(moment.shot, 'before')
    }
    if (closedMs !== null && atMs >= closedMs) {
      // The second picture in a row that shows the same: the first may have waited on its way here.
      if (still && (firstClosedMs ?? atMs) < atMs && atMs >= closedMs + afterCloseMs) after = moment
      firstClosedMs ??= atMs
      newestClosed = moment.shot
      return false
    }
    if (!still) {
      moved = true
      return false
    }
    latest = moment
    const rests = moved
    moved = false
    return rests && closedMs === null
  }

  /** Evidence: when a hand comes or goes, and now and then. */
  function keepSome(shot: Shot, still: boolean): void {
    if (openedMs === null || closedMs !== null) return
    if (still === moved) keeper.keep(shot, 'crossing')
    else if (shot.atMs - keptMs >= lookNowAndThenMs) keeper.keep(shot, 'during')
    else return
    keptMs = shot.atMs
  }

  /** The whole picture and what a detector finds in it: of the picture before while there is time, and once. */
  function prepared(moment: Moment): Promise<Still | null> {
    if (ready?.moment !== moment) ready = { moment, still: stillOf(moment) }
    return ready.still
  }

  async function stillOf({ shot, grid }: Moment): Promise<Still | null> {
    const frame = await decodeFrame(shot)
    if (!frame.ok) return null
    const { picture } = frame.value
    const detect = ports.looker()?.detect ?? null
    let found: Promise<readonly Detection[]> | null = null
    return { grid, picture, detect: detect === null ? null : async () => (found ??= detect(picture)) }
  }

  async function compareWith(moment: Moment, looker: Looker): Promise<Compared | null> {
    if (before === null) return null
    const was = await prepared(before)
    const is = await stillOf(moment)
    return was === null || is === null ? null : compare(was, is, regions, looker.identify)
  }

  const blind = (): Testimony => ({ witness: { ...witness(), blindShare: 1 }, sightings: [] })
  const witness = (): Witness => ({ id, kind: 'shelf', blindShare: 0, blindShelves: [] })

  return {
    look,
    opened(atMs) {
      openedMs = atMs
      doorway?.opened(atMs)
      closedMs = null
      after = null
      firstClosedMs = null
      newestClosed = null
      if (before === null) return
      keeper.keep(before.shot, 'before')
      // While there is time; who asks for it again is told what went wrong.
      void prepared(before)
        .then(async (still) => still?.detect?.())
        .catch(() => null)
    },
    closed(atMs) {
      closedMs = atMs
      doorway?.closed(atMs)
    },
    ended() {
      const last = after?.shot ?? newestClosed
      if (last !== null) keeper.keep(last, 'after')
    },
    hasAfter: () => after !== null,
    async testify() {
      const looker = ports.looker()
      const shelves = await testifyOfShelves(looker)
      return looker === null || doorway === null ? [shelves] : [shelves, doorway.testify(looker)]
    },
  }

  async function testifyOfShelves(looker: Looker | null): Promise<Testimony> {
    const moment = after ?? latest
    if (after !== null) keeper.keep(after.shot, 'after') // whoever decides a visit needs it, also where nothing can be named
    if (looker === null || before === null || moment === null || openedMs === null) return blind()
    if (compared?.moment !== moment) compared = { moment, found: compareWith(moment, looker) }
    const found = await compared.found
    if (found === null) return blind()
    const openMs = (closedMs ?? moment.shot.atMs) - openedMs
    // Without a picture from behind the closed door, all that was done after the last one is unseen.
    const unseen = after === null && openMs > 0 ? Math.max(0, 1 - (moment.shot.atMs - openedMs) / openMs) : 0
    const sightings = found.sightings.map((sighting) => ({ ...sighting, witness: id, atMs: null }))
    return { witness: { ...witness(), blindShare: unseen, blindShelves: found.hiddenShelves }, sightings }
  }
}

function shareMoved(a: Picture, b: Picture): number {
  let moved = 0
  let seen = 0
  for (let at = 1; at < a.rgb.length; at += 6) {
    seen += 1
    if (Math.abs((a.rgb[at] ?? 0) - (b.rgb[at] ?? 0)) > movedBy) moved += 1
  }
  return moved / seen
}
