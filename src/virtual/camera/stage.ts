/**
 * Stage: what the cameras could see of the fridge, moment by moment: the shelves as each act left them, and hands that come
 * in, grip, turn what they took, and leave. Told of acts as they happen (live: the hand comes after) or with the times at
 * which fingers close (filmed: acts first, then pictures).
 *
 * Holds always: the same shop, items, seed and acts give the same scene at the same moment. It draws from dice of its own
 * and reads no clock.
 */
import { plainFinish } from './furniture.ts'
import { createHand, limb, piecesOf, type Hand } from './hand.ts'
import { layoutOf, mostUnits, putDown, taken, type Layout, type Plan, type Standing } from './layout.ts'
import type { Place } from './lens.ts'
import type { Light } from './light.ts'
import { upright } from './pose.ts'
import type { Room, Scene, StandingThing, Thing } from './scene.ts'
import { diceFor } from './seeded.ts'
import type { Shape } from './shape.ts'
import { plainTexture } from './texture.ts'
import type { Act } from '../world/shopper.ts'
import { foreignSku } from '../world/world.ts'
import { carriedPose, handAt, holding, mannerOf, type Stop, type Trip } from './trip.ts'

export interface Stock {
  readonly plan: Plan
  readonly shapeOf: (sku: string) => Shape
}

/** What a shopper's act is to a camera (world/shopper.ts), with how many at once. */
export type StageAct = Act & { readonly count?: number }

export interface Stage {
  /** In the order of time. What can't be (none stands there) is left out, and so is what no camera sees (a tap). */
  perform(act: StageAct, atMs: number): void
  /** Does whatever leads from what the cameras knew to how the world now is. */
  follow(world: WorldNow, atMs: number): void
  /** A body leans into the opening for so long, `x` metres off its middle. */
  lean(fromMs: number, toMs: number, x: number): void
  sceneAt(atMs: number): Scene
  doorOpen(atMs: number): boolean
  /** When the door was last opened before this moment; null for never. */
  openedMs(atMs: number): number | null
  /** Until when something moves, as far as is known. */
  busyUntilMs(): number
}

export interface WorldNow {
  readonly doorOpen: boolean
  readonly items: Items
}
export type Items = readonly { readonly sku: string; readonly shelf: number | null }[]

export interface StageOptions {
  readonly seed: number
  /** Live: an act is learned of when it happens, and its hand closes its fingers a moment later. */
  readonly live: boolean
}

const liveLagMs = 480
/** What was so long before the door is opened again is forgotten. */
const memoryMs = 20_000
const handIds = [mostUnits + 1, mostUnits + 2] as const
/** One hand may take both of two things that are so close in time. */
const sameTripMs = 650

export function createStage(stock: Stock, items: Items, { seed, live }: StageOptions): Stage {
  const { plan } = stock
  const dice = diceFor(seed, 'stage')
  const room: Room = { cabinet: plan.cabinet, finish: plainFinish, light: lightIn(plan) }
  const front = -plan.cabinet.depth / 2
  let layout: Layout = layoutOf(plan, items, seed)
  const things = new Map<Standing, StandingThing>()
  const times: { readonly fromMs: number; readonly standing: readonly StandingThing[] }[] = [
    { fromMs: -Infinity, standing: standingOf(layout) },
  ]
  const trips: Trip[] = []
  const doors: { readonly atMs: number; readonly open: boolean }[] = []
  const leans: { readonly fromMs: number; readonly toMs: number; readonly x: number }[] = []
  let visits = 0
  let hands: readonly [Hand, Hand] = [createHand(dice, false), createHand(dice, true)]

  function footOf({ shelf, x, y, z }: Standing): Place {
    return [x, y, (plan.cabinet.floors[shelf - 1] ?? 0) + z]
  }

  function standingOf({ standing }: Layout): StandingThing[] {
    return standing.map((unit) => things.get(unit) ?? made(unit))
  }

  function made(unit: Standing): StandingThing {
    const shape = stock.shapeOf(unit.sku)
    const thing: StandingThing = {
      id: unit.instance,
      kind: 'product',
      sku: unit.sku,
      shelf: unit.shelf,
      pieces: [{ mesh: shape.mesh, pose: upright(footOf(unit), unit.turn) }],
      footprint: { x: unit.x, y: unit.y, width: shape.width, depth: shape.depth },
    }
    things.set(unit, thing)
    return thing
  }

  function stopFor(type: Stop['type'], asked: string, shelf: number, atMs: number): Stop | null {
    const moved = type === 'take' ? taken(plan, layout, asked, shelf) : putDown(plan, layout, asked, shelf)
    if (moved === null) return null
    layout = moved.layout
    times.push({ fromMs: atMs, standing: standingOf(layout) })
    const { instance, sku, turn } = moved.unit
    return { atMs, type, instance, sku, size: plan.sizeOf(sku), foot: footOf(moved.unit), turn }
  }

  /** Sends a hand to these stops, one that is free if one is. */
  function send(stops: readonly Stop[], nowMs: number): void {
    const first = stops[0] as Stop
    const last = stops.at(-1) as Stop
    const openMs = doors.findLast((door) => door.open)?.atMs ?? -Infinity
    const reachMs = dice.between(520, 900)
    const before = trips.at(-1)
    // A second thing right after the first, now and then, by the same hand.
    if (
      before !== undefined &&
      !live &&
      first.atMs - (before.stops.at(-1) as Stop).atMs < sameTripMs &&
      dice.happens(0.4)
    ) {
      trips[trips.length - 1] = { ...before, stops: [...before.stops, ...stops], toMs: last.atMs + reachMs }
      return
    }
    const earliest = live ? nowMs : Math.max(openMs + 60, first.atMs - reachMs)
    const fromMs = Math.min(earliest, first.atMs - 120)
    const mirrored = before !== undefined && before.toMs > fromMs ? !before.manner.mirrored : dice.happens(0.35)
    trips.push({ fromMs, toMs: last.atMs + reachMs, stops, manner: mannerOf(dice, mirrored) })
    // The same hand can't be twice in the fridge: the earlier way out ends when the later way in begins.
    const same = trips.slice(0, -1).findLastIndex((trip) => trip.manner.mirrored === mirrored && trip.toMs > fromMs)
    const earlier = trips[same]
    if (earlier === undefined) return
    const turnMs = Math.max((earlier.stops.at(-1) as Stop).atMs + 90, Math.min(earlier.toMs, (fromMs + first.atMs) / 2))
    trips[same] = { ...earlier, toMs: turnMs }
    trips[trips.length - 1] = { ...(trips.at(-1) as Trip), fromMs: Math.min(turnMs, first.atMs - 60) }
  }

  function swing(open: boolean, atMs: number): void {
    if (open === openAt(atMs)) return
    if (open) forget(atMs)
    doors.push({ atMs, open })
    if (open) {
      // Another shopper: other hands.
      const own = diceFor(seed, `hands ${++visits}`)
      hands = [createHand(own, false), createHand(own, true)]
      layout = { ...layout, held: [] }
    } else
      for (const [index, trip] of trips.entries())
        if (trip.toMs > atMs)
          trips[index] = { ...trip, toMs: Math.max((trip.stops.at(-1) as Stop).atMs + 100, atMs - 30) }
  }

  function forget(nowMs: number): void {
    while (trips.length > 0 && (trips[0] as Trip).toMs < nowMs - memoryMs) trips.shift()
    while (times.length > 1 && (times[1]?.fromMs ?? Infinity) < nowMs - memoryMs) times.shift()
    while (leans.length > 0 && (leans[0]?.toMs ?? 0) < nowMs - memoryMs) leans.shift()
    while (doors.length > 2) doors.shift()
    const kept = new Set(layout.standing)
    for (const unit of things.keys()) if (!kept.has(unit)) things.delete(unit)
  }

  const openAt = (atMs: number): boolean => doors.findLast((door) => door.atMs <= atMs)?.open ?? false

  function perform(act: StageAct, atMs: number): void {
    switch (act.type) {
      case 'open':
      case 'force':
        return swing(true, atMs)
      case 'close':
        return swing(false, atMs)
      case 'take':
        return move('take', act.sku, act.shelf, act.count ?? 1, atMs)
      case 'putBack':
        return move('put', act.sku, act.shelf, act.count ?? 1, atMs)
      case 'pushIn':
        return move('put', foreignSku, act.shelf, 1, atMs)
      case 'tap':
      case 'leave':
    }
  }

  function move(type: Stop['type'], sku: string, shelf: number, count: number, atMs: number): void {
    const gripMs = Math.max(live ? atMs + liveLagMs : atMs, (times.at(-1)?.fromMs ?? 0) + (live ? 150 : 0))
    const stops: Stop[] = []
    for (let unit = 0; unit < count; unit++) {
      const stop = stopFor(type, sku, shelf, gripMs + Math.min(1, unit) * (live ? 220 : 55))
      // A hand holds two; more of them come and go by themselves, as nobody watches an operator fill a shelf one by one.
      if (stop !== null && unit < 2) stops.push(stop)
    }
    if (stops.length > 0 && openAt(atMs)) send(stops, atMs)
  }

  return {
    perform,
    follow({ doorOpen, items: now }, atMs) {
      const opens = doorOpen && !openAt(atMs)
      if (opens) perform({ type: 'open' }, atMs)
      const missing = new Map<string, { sku: string; shelf: number; count: number }>()
      const count = ({ sku, shelf }: Items[number], by: number): void => {
        if (shelf === null) return
        const one = missing.get(`${shelf} ${sku}`) ?? { sku, shelf, count: 0 }
        missing.set(`${shelf} ${sku}`, { ...one, count: one.count + by })
      }
      for (const item of now) count(item, 1)
      for (const unit of layout.standing) count(unit, -1)
      // Out first: what is put down may be what was just taken.
      const changes = [...missing.values()].filter((one) => one.count !== 0).toSorted((a, b) => a.count - b.count)
      for (const { sku, shelf, count: by } of changes)
        perform({ type: by < 0 ? 'take' : 'putBack', sku, shelf, count: Math.abs(by) }, atMs)
      if (!doorOpen && openAt(atMs)) perform({ type: 'close' }, atMs)
    },
    lean(fromMs, toMs, x) {
      leans.push({ fromMs, toMs, x })
    },
    sceneAt(atMs) {
      const standing = (times.findLast(({ fromMs }) => fromMs <= atMs) as (typeof times)[number]).standing
      const moving: Thing[] = []
      if (openAt(atMs))
        for (const trip of trips) {
          const place = handAt(trip, front, atMs)
          if (place === null) continue
          const side = trip.manner.mirrored ? 1 : 0
          moving.push({ id: handIds[side], kind: 'hand', sku: null, pieces: piecesOf(hands[side], place) })
          for (const [order, stop] of holding(trip, atMs).entries()) {
            const pose = carriedPose(trip, place, stop, order, atMs)
            const { mesh } = stock.shapeOf(stop.sku)
            moving.push({ id: stop.instance, kind: 'product', sku: stop.sku, pieces: [{ mesh, pose }] })
          }
        }
      for (const { fromMs, toMs, x } of leans) if (atMs >= fromMs && atMs < toMs) moving.push(bodyAt(front, x))
      return { room, standing, moving }
    },
    doorOpen: openAt,
    openedMs: (atMs) => doors.findLast((door) => door.open && door.atMs <= atMs)?.atMs ?? null,
    busyUntilMs: () => Math.max(-Infinity, ...trips.map(({ toMs }) => toMs), ...leans.map(({ toMs }) => toMs)),
  }
}

function lightIn({ cabinet: { width, depth, ceiling } }: Plan): Light {
  return {
    ambient: 0.5,
    gloom: 0.5,
    lamps: [
      { place: [0, -depth / 2 - 0.06, ceiling + 0.02], power: 0.2 },
      ...[0.25, 0.9].flatMap((high) =>
        [-1, 1].map((side) => ({
          place: [side * (width / 2 - 0.02), -depth / 2 - 0.05, high * ceiling] as const,
          power: 0.08,
        })),
      ),
      { place: [0.4, -1.7, 1.9] as const, power: 0.9 },
    ],
  }
}

const jacket = limb(0.62, 0.15, 0.17, plainTexture(52, 58, 74))
const hair = limb(0.1, 0.085, 0.09, plainTexture(46, 36, 30))

/** Somebody who bends down right before the shelves. */
export function bodyAt(front: number, x: number): Thing {
  const at = (y: number, z: number) => upright([x, front + y, z], 0)
  return {
    id: 0,
    kind: 'other',
    sku: null,
    pieces: [
      { mesh: jacket, pose: at(-0.24, 0.1) },
      { mesh: hair, pose: at(-0.2, 0.92) },
    ],
  }
}
