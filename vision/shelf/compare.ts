/**
 * Compare: what left a camera's shelves and what came, from a picture before and one after. Pure but for the models that
 * it is given to look with.
 *
 * Where the pictures differ, something was taken, or put there, or a thing behind it came to sight. Of two things in one
 * place the nearer one (lower in the picture) is what moved, and the other one was only uncovered or covered; without a
 * detector's boxes it is the one that looks more like a product of the gallery. Holds always: a shelf that a hand or a
 * body hides before or after is told as hidden, and nothing is told of it. Called by pipeline/visit.ts.
 */
import type { Candidate, Sighting } from '../../src/core/sighting.ts'
import type { Sku } from '../../src/core/ids.ts'
import type { Box, Detection } from '../detect/detection.ts'
import type { Picture } from '../embed/picture.ts'
import type { Cut } from '../embed/views.ts'
import type { Identification } from '../gallery/gallery.ts'
import type { Identified } from '../track/sightings.ts'
import { blobsOf, changeBetween, changedShare, type Blob, type ChangeMap } from './change.ts'
import { cutOf } from './cut.ts'
import { contains, shelfOf, type ShelfRegion } from './regions.ts'

/** One moment of a camera's shelves. */
export interface Still {
  /** Small, of the same size as every other one's. */
  readonly grid: Picture
  readonly picture: Picture
  /** What a detector finds in `picture`; null without one. Asked only where something changed. */
  readonly detect: (() => Promise<readonly Detection[]>) | null
}

export interface Compared {
  readonly sightings: readonly Omit<Sighting, 'witness' | 'atMs'>[]
  readonly hiddenShelves: readonly number[]
}

/** Says for each cut of a picture which product it is. */
export type Identify = (picture: Picture, cuts: readonly Cut[]) => Promise<readonly Identification[]>

/** Of the grid's pixels: less is a reflection. A yoghurt on the lowest shelf has some 50. */
const leastPixels = 20
/** A change so large is somebody before the lens. */
const mostShare = 0.16
/** When so much is another, the light can't be told from the things. */
const mostChanged = 0.35
/** A box is changed from here on. */
const changedFrom = 0.3
/** Shares of a box: another one stands before it from here on, and it is a part of another one. */
const touched = 0.08
const mostOf = 0.7
/** Of a region, what hands may cover. */
const mostCovered = 0.2
/** Boxes' lower edges so near, in their height, stand in one place. */
const sameFoot = 0.06
/** A look that is more probably none of the products is a wall, or half a neighbour. */
const mostNone = 0.5
/** Two looks of two products that are so surely some product: one was swapped for the other. */
const surelySome = 0.05
/** A candidate of less is not worth a word. */
const leastProbability = 0.002
const mostCandidates = 8

interface Look {
  readonly box: Box
  readonly identification: Identification
}

type Told = Compared['sightings'][number]

export async function compare(
  before: Still,
  after: Still,
  regions: readonly ShelfRegion[],
  identify: Identify,
): Promise<Compared> {
  const change = changeBetween(before.grid, after.grid)
  const blobs = blobsOf(change, leastPixels)
  if (blobs.length === 0) return { sightings: [], hiddenShelves: [] }
  // Boxes of one picture alone would be things that came or went.
  const boxed = before.detect !== null && after.detect !== null
  const [then, now] = boxed ? [await before.detect(), await after.detect()] : [[], []]
  const hidden = new Set<number>([
    ...coveredBy(handsIn(then), before.picture, regions),
    ...coveredBy(handsIn(now), after.picture, regions),
  ])
  const changed: Box[] = []
  if (changedShare(change, whole(change)) > mostChanged) for (const { shelf } of regions) hidden.add(shelf)
  for (const blob of blobs) {
    const box = scaled(blob.box, change, before.picture)
    if (!isSomebody(blob, change)) changed.push(box)
    else for (const shelf of coveredBy([box], before.picture, regions)) hidden.add(shelf)
  }
  const found = {
    was: boxesIn(changed, change, before.picture, then),
    is: boxesIn(changed, change, after.picture, now),
  }
  const goneOrHalf = notHalfHidden(found.was, productsIn(now))
  const comeOrHalf = notHalfHidden(found.is, productsIn(then))
  const gone = notUncovered(goneOrHalf, comeOrHalf)
  const come = notUncovered(comeOrHalf, goneOrHalf)
  // What changed and is no box of the detector's is looked at as it is, in both pictures.
  const boxes = [...goneOrHalf, ...comeOrHalf]
  const bare = changed.filter((area) => !boxes.some((box) => shared(box, area) > 0.25 * areaOf(area)))
  const was = await looksAt(before.picture, [...gone, ...bare], identify)
  const is = await looksAt(after.picture, [...come, ...bare], identify)
  const { taken, returned } = moved(was.slice(0, gone.length), is.slice(0, come.length))
  for (const index of bare.keys()) {
    const [there, here] = [was[gone.length + index], is[come.length + index]]
    if (there === undefined || here === undefined) continue
    const [thenNone, nowNone] = [there.identification.noneProbability, here.identification.noneProbability]
    // What looks like no product in either picture is a reflection, or a thing that the scales may tell of.
    if (Math.min(thenNone, nowNone) > mostNone) continue
    const swapped = Math.max(thenNone, nowNone) <= surelySome && named(there) !== named(here)
    if (swapped || alike(there) >= alike(here)) taken.push(there)
    if (swapped || alike(here) > alike(there)) returned.push(here)
  }
  const { width, height } = before.picture
  const tell = (direction: Told['direction'], { box, identification }: Look): Told[] => {
    const shelf = shelfOf(regions, box, width, height)
    return shelf === null || hidden.has(shelf) ? [] : [{ direction, shelf, ...told(identification) }]
  }
  return {
    sightings: [...taken.flatMap((look) => tell('taken', look)), ...returned.flatMap((look) => tell('returned', look))],
    hiddenShelves: [...hidden].toSorted((a, b) => a - b),
  }
}

/**
 * What moved in a fridge is hardly ever none of its products, while the gallery is asked about any picture and says "none" of
 * what is half hidden or blurred: so "none" is told as so many nats less. Chosen on recorded visits (scripts/fit-sights.ts):
 * without it true sightings are best explained as false ones.
 */
const lessNone = 2

/** An identification as fusion wants it: few candidates, and all of it still 1. */
export function told({ candidates, noneProbability }: Identified): {
  readonly candidates: readonly Candidate[]
  readonly noneProbability: number
} {
  const kept = candidates.filter(({ probability }) => probability >= leastProbability).slice(0, mostCandidates)
  const none = noneProbability * Math.exp(-lessNone)
  const sum = kept.reduce((total, { probability }) => total + probability, none)
  return {
    candidates: kept.map(({ product, probability }) => ({ sku: product as Sku, probability: probability / sum })),
    noneProbability: none / sum,
  }
}

const handsIn = (found: readonly Detection[]): readonly Box[] =>
  found.filter(({ kind }) => kind === 'hand').map(({ box }) => box)

const productsIn = (found: readonly Detection[]): readonly Box[] =>
  found.filter(({ kind }) => kind === 'product').map(({ box }) => box)

/** Large, or reaching into the picture from its lower edge, where the shopper stands. */
const isSomebody = ({ pixels, box }: Blob, { width, height }: ChangeMap): boolean =>
  pixels > mostShare * width * height || (foot(box) >= height - 3 && box.height > 0.3 * height)

/** Shelves of whose region more than a little lies under these boxes. */
function coveredBy(boxes: readonly Box[], { width, height }: Picture, regions: readonly ShelfRegion[]): number[] {
  if (boxes.length === 0) return []
  return regions.flatMap(({ shelf, polygon }) => {
    const xs = polygon.map(([x]) => x)
    const ys = polygon.map(([, y]) => y)
    const [left, top] = [Math.min(...xs), Math.min(...ys)]
    const [stepX, stepY] = [(Math.max(...xs) - left) / 24, (Math.max(...ys) - top) / 24]
    let [inside, covered] = [0, 0]
    for (let row = 0; row < 24; row += 1)
      for (let column = 0; column < 24; column += 1) {
        const [x, y] = [left + (column + 0.5) * stepX, top + (row + 0.5) * stepY]
        if (!contains(polygon, x, y)) continue
        inside += 1
        if (boxes.some((box) => within(box, x * width, y * height))) covered += 1
      }
    return inside > 0 && covered > mostCovered * inside ? [shelf] : []
  })
}

const whole = ({ width, height }: ChangeMap): Box => ({ left: 0, top: 0, width, height })

const within = ({ left, top, width, height }: Box, x: number, y: number): boolean =>
  x >= left && x < left + width && y >= top && y < top + height

const scaled = ({ left, top, width, height }: Box, from: ChangeMap, { width: w, height: h }: Picture): Box => ({
  left: (left * w) / from.width,
  top: (top * h) / from.height,
  width: (width * w) / from.width,
  height: (height * h) / from.height,
})

/** The detector's products of which much lies in what changed. */
function boxesIn(areas: readonly Box[], change: ChangeMap, picture: Picture, found: readonly Detection[]): Box[] {
  const [sx, sy] = [change.width / picture.width, change.height / picture.height]
  return found.flatMap(({ kind, box }) => {
    if (kind !== 'product' || !areas.some((area) => shared(box, area) > 0.5 * areaOf(box))) return []
    const small = { left: box.left * sx, top: box.top * sy, width: box.width * sx, height: box.height * sy }
    return changedShare(change, small) >= changedFrom ? [box] : []
  })
}

/** Without those of which a nearer one hid a part, and which stand whole in the other picture. */
function notHalfHidden(boxes: readonly Box[], others: readonly Box[]): Box[] {
  return boxes.filter(
    (box) =>
      !boxes.some((nearer) => foot(nearer) > foot(box) && shared(box, nearer) > touched * areaOf(box)) ||
      !others.some((other) => other.height > box.height && shared(box, other) > mostOf * areaOf(box)),
  )
}

/** Without those that a nearer thing of the other picture only uncovered or covers: they need no look. */
function notUncovered(boxes: readonly Box[], others: readonly Box[]): Box[] {
  const inOnePlace = (a: Box, b: Box): boolean => oneColumn(a, b) && sameFeet(a, b)
  const moved = others.filter((other) => !boxes.some((box) => inOnePlace(box, other)))
  return boxes.filter(
    (box) =>
      others.some((other) => inOnePlace(box, other)) ||
      !moved.some((other) => oneColumn(box, other) && foot(other) > foot(box)),
  )
}

/**
 * Of the boxes that changed, those that moved. A thing that stands where it stood and is the same product was only half
 * hidden; of two in one place the nearer one moved, and the one behind it came to sight or went out of it.
 */
function moved(gone: readonly Look[], come: readonly Look[]): { taken: Look[]; returned: Look[] } {
  const stayed = new Set<Look>()
  for (const was of gone) {
    const is = come.find(
      (one) =>
        !stayed.has(one) &&
        oneColumn(was.box, one.box) &&
        sameFeet(was.box, one.box) &&
        // What a nearer thing covers is not to be recognised.
        (named(was) === named(one) || isCovered(was, gone) || isCovered(one, come)),
    )
    if (is !== undefined) stayed.add(was).add(is)
  }
  const [left, right] = [gone.filter((one) => !stayed.has(one)), come.filter((one) => !stayed.has(one))]
  const behind = new Set<Look>()
  for (const was of left)
    for (const is of right)
      if (oneColumn(was.box, is.box) && !sameFeet(was.box, is.box)) behind.add(foot(was.box) > foot(is.box) ? is : was)
  return { taken: left.filter((one) => !behind.has(one)), returned: right.filter((one) => !behind.has(one)) }
}

const isCovered = ({ box }: Look, all: readonly Look[]): boolean =>
  all.some((other) => foot(other.box) > foot(box) && shared(box, other.box) > 0.5 * areaOf(box))

const foot = ({ top, height }: Box): number => top + height

const sameFeet = (a: Box, b: Box): boolean => Math.abs(foot(a) - foot(b)) <= sameFoot * Math.max(a.height, b.height)

const oneColumn = (a: Box, b: Box): boolean =>
  Math.min(a.left + a.width, b.left + b.width) - Math.max(a.left, b.left) >= 0.4 * Math.min(a.width, b.width)

const areaOf = ({ width, height }: Box): number => width * height

const shared = (a: Box, b: Box): number =>
  Math.max(0, Math.min(a.left + a.width, b.left + b.width) - Math.max(a.left, b.left)) *
  Math.max(0, Math.min(foot(a), foot(b)) - Math.max(a.top, b.top))

async function looksAt(picture: Picture, boxes: readonly Box[], identify: Identify): Promise<Look[]> {
  const cuts = boxes.map((box) => cutOf(box, picture))
  const looks = await identify(picture, cuts)
  return boxes.flatMap((box, index) => {
    const identification = looks[index]
    return identification === undefined ? [] : [{ box, identification }]
  })
}

const alike = ({ identification }: Look): number => identification.candidates[0]?.similarity ?? 0
const named = ({ identification }: Look): string | undefined => identification.candidates[0]?.product
