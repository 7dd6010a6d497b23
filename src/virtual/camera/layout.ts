/**
 * Layout: which unit stands where on the shelves. Each product has lanes, front to back, some stacked; a unit that is taken
 * leaves a gap before the next; one that is put back comes to the front of its lanes; what is misplaced gets a free place
 * in front, or on top, or where a row is pushed back for it; at worst it stands over the edge.
 *
 * Pure: a layout never changes, each move makes another, and units that do not move stay the same objects.
 */
import type { Shop } from '../shop.ts'
import { cabinetFor, roomAbove, sideRoom, type Cabinet } from './cabinet.ts'
import type { Size } from './shape.ts'
import { scrambled } from './weather.ts'

export interface Unit {
  /** 1 to `mostUnits`, no other in the fridge or the hand has it. */
  readonly instance: number
  readonly sku: string
}

export interface Standing extends Unit {
  readonly shelf: number
  /** Its foot's middle; `z` over the shelf's floor. Metres. */
  readonly x: number
  readonly y: number
  readonly z: number
  /** About its axis, radians; 0 shows its front. */
  readonly turn: number
}

export interface Layout {
  readonly standing: readonly Standing[]
  readonly held: readonly Unit[]
  readonly next: number
  /** Chance's part: how units are turned, where strangers go. */
  readonly seed: number
}

export interface Lane {
  readonly sku: string
  readonly shelf: number
  readonly x: number
  readonly size: Size
  readonly rows: number
  readonly layers: number
}

export interface Plan {
  readonly cabinet: Cabinet
  readonly lanes: readonly Lane[]
  readonly sizeOf: (sku: string) => Size
}

export const mostUnits = 60_000
const rowGap = 0.001
const laneGap = 0.004
const stackable = new Set(['can', 'cup', 'bowl', 'box', 'tray', 'jar'])
const mostLayers = 3
/** A thing of somebody's own: a lunch box. */
export const foreignSize: Size = { width: 0.12, depth: 0.08, height: 0.09 }

/** Where each product of the shop has its lanes. */
export function planFor(shop: Shop): Plan {
  const sizes = new Map<string, Size>(
    shop.products.map(({ sku, sizeMm }) => [
      sku,
      { width: sizeMm.width / 1000, depth: sizeMm.depth / 1000, height: sizeMm.height / 1000 },
    ]),
  )
  const sizeOf = (sku: string): Size => sizes.get(sku) ?? foreignSize
  const shelves = Array.from({ length: shop.shelves }, (_, index) => index + 1)
  const cabinet = cabinetFor(shop, (narrow) =>
    Math.max(...shelves.map((shelf) => widthOf(bundlesOn(shop, narrow, shelf, sizeOf)))),
  )
  const lanes = shelves.flatMap((shelf) => lanesOn(bundlesOn(shop, cabinet, shelf, sizeOf), cabinet, shelf))
  return { cabinet, lanes, sizeOf }
}

/** One product's lanes on its shelf. */
interface Bundle {
  readonly sku: string
  readonly size: Size
  readonly rows: number
  readonly layers: number
  readonly stock: number
  lanes: number
}

function bundlesOn(shop: Shop, cabinet: Cabinet, shelf: number, sizeOf: (sku: string) => Size): Bundle[] {
  const room = roomAbove(cabinet, shelf)
  return shop.products
    .filter((product) => product.shelf === shelf)
    .map(({ sku, kind, capacity, stock }) => {
      const size = sizeOf(sku)
      const rows = Math.max(1, Math.floor((cabinet.depth - 0.004) / (size.depth + rowGap)))
      const layers = stackable.has(kind) ? Math.max(1, Math.min(mostLayers, Math.floor(room / size.height))) : 1
      return { sku, size, rows, layers, stock, lanes: Math.max(1, Math.ceil(capacity / (rows * layers))) }
    })
}

const widthOf = (bundles: readonly Bundle[]): number =>
  bundles.reduce((sum, { lanes, size }) => sum + lanes * (size.width + laneGap), 2 * sideRoom)

function lanesOn(bundles: readonly Bundle[], cabinet: Cabinet, shelf: number): Lane[] {
  // Too many for the shelf: first those go without a lane that need it least.
  while (widthOf(bundles) > cabinet.width) {
    const spare = ({ rows, layers, lanes, stock }: Bundle): number => rows * layers * (lanes - 1) - stock
    const loser = bundles.filter(({ lanes }) => lanes > 1).toSorted((a, b) => spare(b) - spare(a))[0]
    if (loser === undefined) break
    loser.lanes--
  }
  const spread =
    (cabinet.width - widthOf(bundles)) /
    Math.max(
      1,
      bundles.reduce((sum, { lanes }) => sum + lanes, 0),
    )
  let x = -cabinet.width / 2 + sideRoom + spread / 2
  return bundles.flatMap(({ sku, size, rows, layers, lanes }) =>
    Array.from({ length: lanes }, (): Lane => {
      const middle = x + size.width / 2
      x += size.width + laneGap + spread
      return { sku, shelf, x: middle, size, rows, layers }
    }),
  )
}

/** Everything that stands on shelves, put in place from the front backwards; the rest is in the hand. */
export function layoutOf(
  plan: Plan,
  items: readonly { readonly sku: string; readonly shelf: number | null }[],
  seed: number,
): Layout {
  let layout: Layout = { standing: [], held: [], next: 1, seed }
  for (const { sku, shelf } of items) {
    const unit = { instance: layout.next, sku }
    layout = { ...layout, next: layout.next + 1 }
    layout = shelf === null ? { ...layout, held: [...layout.held, unit] } : placed(plan, layout, unit, shelf).layout
  }
  return layout
}

export interface Moved {
  readonly layout: Layout
  readonly unit: Standing
}

/** The frontmost unit, the upper of a stack, goes into the hand; null when none stands there. */
export function taken(plan: Plan, layout: Layout, sku: string, shelf: number): Moved | null {
  // Those within a hand's breadth are as near as each other.
  const near = ({ y }: Standing): number => Math.round(y / 0.035)
  const unit = layout.standing
    .filter((one) => one.sku === sku && one.shelf === shelf)
    .toSorted((a, b) => near(a) - near(b) || b.z - a.z || a.x - b.x)[0]
  if (unit === undefined) return null
  const top = unit.z + plan.sizeOf(sku).height
  const standing = layout.standing.flatMap((one) => {
    if (one === unit) return []
    // What stood on it comes down by its height.
    const rests = one.shelf === shelf && one.z >= top - 1e-6 && crossing(plan, unit, one)
    return [rests ? { ...one, z: Math.max(0, one.z - plan.sizeOf(sku).height) } : one]
  })
  const { instance } = unit
  return { layout: { ...layout, standing, held: [...layout.held, { instance, sku }] }, unit }
}

/** Out of the hand, or brought along, onto a shelf. */
export function putDown(plan: Plan, layout: Layout, sku: string, shelf: number): Moved {
  const held = layout.held.find((unit) => unit.sku === sku)
  if (held !== undefined)
    return placed(plan, { ...layout, held: layout.held.filter((unit) => unit !== held) }, held, shelf)
  const instance = freeNumber(layout)
  return placed(plan, { ...layout, next: (instance % mostUnits) + 1 }, { instance, sku }, shelf)
}

function freeNumber({ standing, held, next }: Layout): number {
  const used = new Set([...standing, ...held].map(({ instance }) => instance))
  let free = next
  while (used.has(free)) free = (free % mostUnits) + 1
  return free
}

function placed(plan: Plan, layout: Layout, { instance, sku }: Unit, shelf: number): Moved {
  const draw: Draw = (salt) => scrambled(layout.seed ^ (instance * 977 + layout.standing.length * 31 + salt)) / 2 ** 32
  const wobble = (draw(1) + draw(2) + draw(3) - 1.5) * 2
  const turn = draw(4) < 0.88 ? 0.22 * wobble : (draw(5) - 0.5) * 5
  const there = layout.standing.filter((one) => one.shelf === shelf)
  const own = ownSpot(plan, there, sku, shelf, draw) ?? strangerSpot(plan, there, plan.sizeOf(sku), shelf, draw)
  const made = own === null ? pushedBack(plan, there, plan.sizeOf(sku), draw) : { spot: own, pushed: nobody }
  const unit: Standing = { instance, sku, shelf, ...made.spot, turn }
  const standing = layout.standing.map((one) => made.pushed.get(one) ?? one)
  return { layout: { ...layout, standing: [...standing, unit] }, unit }
}

const nobody: ReadonlyMap<Standing, Standing> = new Map()

/** Chance's part, 0 to 1, for each of the things that it decides. */
type Draw = (salt: number) => number
type Spot = Pick<Standing, 'x' | 'y' | 'z'>

/** The foremost free place of its own lanes, or null. */
function ownSpot(plan: Plan, there: readonly Standing[], sku: string, shelf: number, draw: Draw): Spot | null {
  const lanes = plan.lanes.filter((lane) => lane.shelf === shelf && lane.sku === sku)
  const front = -plan.cabinet.depth / 2
  const deepest = Math.max(0, ...lanes.map(({ rows }) => rows))
  for (let row = 0; row < deepest; row++)
    for (const lane of lanes) {
      const { width, depth, height } = lane.size
      for (let layer = 0; layer < lane.layers && row < lane.rows; layer++) {
        const spot = { x: lane.x, y: front + 0.004 + depth / 2 + row * (depth + rowGap), z: layer * height }
        const slack = { width: width * 0.8, depth: depth * 0.8, height: height * 0.98 }
        const below = layer === 0 || there.some((one) => one.sku === sku && alike(one, { ...spot, z: spot.z - height }))
        if (!below || there.some((one) => meets(plan, one, spot, slack))) continue
        return { x: spot.x + (draw(6) - 0.5) * 0.003, y: spot.y + (draw(7) - 0.5) * 0.002, z: spot.z }
      }
    }
  return null
}

/** A free place in front, or on top of what stands in front, for what has none of its own; null where none is. */
function strangerSpot(plan: Plan, there: readonly Standing[], size: Size, shelf: number, draw: Draw): Spot | null {
  const front = -plan.cabinet.depth / 2
  const xs = placesAcross(plan, size, draw)
  for (const y of [front + 0.006 + size.depth / 2, front - 0.02 + size.depth / 2])
    for (const x of xs) if (!there.some((one) => meets(plan, one, { x, y, z: 0 }, size))) return { x, y, z: 0 }
  const y = front + 0.004 + size.depth / 2
  const room = roomAbove(plan.cabinet, shelf)
  for (const x of xs) {
    const under = there.filter((one) => meets(plan, one, { x, y, z: 0 }, { ...size, height: room }))
    const z = Math.max(0, ...under.map((one) => one.z + plan.sizeOf(one.sku).height))
    if (z + size.height <= room) return { x, y, z }
  }
  return null
}

/** What a person does where all is full: pushes a row back. Where even that can't be, the thing stands over the edge. */
function pushedBack(
  plan: Plan,
  there: readonly Standing[],
  size: Size,
  draw: Draw,
): { readonly spot: Spot; readonly pushed: ReadonlyMap<Standing, Standing> } {
  const { depth } = plan.cabinet
  const xs = placesAcross(plan, size, draw)
  const spot = { y: -depth / 2 + 0.004 + size.depth / 2, z: 0 }
  for (const x of xs) {
    const row = there.filter((one) => meets(plan, one, { x, y: 0, z: 0 }, { ...size, depth: 2 * depth }))
    const edge = (one: Standing, side: number): number => one.y + (side * plan.sizeOf(one.sku).depth) / 2
    const back = size.depth + 0.006 - Math.min(...row.map((one) => edge(one, -1) + depth / 2))
    if (Math.max(...row.map((one) => edge(one, 1))) + back > depth / 2) continue
    const pushed = new Map(row.map((one) => [one, { ...one, y: one.y + back }]))
    const rest = there.filter((one) => !pushed.has(one))
    const clear = [...pushed.values()].every(
      (one) => !rest.some((other) => meets(plan, other, one, plan.sizeOf(one.sku))),
    )
    if (clear) return { spot: { x, ...spot }, pushed }
  }
  return { spot: { x: xs[0] ?? 0, ...spot, y: -depth / 2 - size.depth * 0.2 }, pushed: nobody }
}

/** Every centimetre along the shelf, those first that are nearest to where chance would have it. */
function placesAcross(plan: Plan, size: Size, draw: Draw): number[] {
  const reach = Math.max(0, plan.cabinet.width - 2 * sideRoom - size.width)
  const wished = (draw(8) - 0.5) * reach
  const steps = Math.max(1, Math.ceil(reach / 0.01))
  return Array.from({ length: steps + 1 }, (_, step) => -reach / 2 + (reach * step) / steps).toSorted(
    (a, b) => Math.abs(a - wished) - Math.abs(b - wished),
  )
}

const alike = (one: Spot, other: Spot): boolean =>
  Math.hypot(one.x - other.x, one.y - other.y) < 0.01 && Math.abs(one.z - other.z) < 0.005

/** Whether a unit is in the way of a thing of this size there. */
function meets(plan: Plan, one: Standing, spot: Spot, size: Size): boolean {
  const its = plan.sizeOf(one.sku)
  return (
    Math.abs(one.x - spot.x) < (its.width + size.width) / 2 - 1e-6 &&
    Math.abs(one.y - spot.y) < (its.depth + size.depth) / 2 - 1e-6 &&
    one.z < spot.z + size.height - 1e-6 &&
    spot.z < one.z + its.height - 1e-6
  )
}

function crossing(plan: Plan, one: Standing, other: Standing): boolean {
  const [a, b] = [plan.sizeOf(one.sku), plan.sizeOf(other.sku)]
  return (
    Math.abs(one.x - other.x) < (a.width + b.width) * 0.35 && Math.abs(one.y - other.y) < (a.depth + b.depth) * 0.35
  )
}
