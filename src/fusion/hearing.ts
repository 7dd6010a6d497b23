/**
 * Hearing: sights brought into canonical order and into odds, once for each question. What makes no sense is not heard: a
 * witness listed twice, one that tells more than `mostSightings`, a sighting without candidates, a number that is none.
 * Holds always: the order of the lists changes nothing; a witness that was blind has no voice.
 */
import type { Sighting, Sights, Witness } from '../core/sighting.ts'
import { at } from './element.ts'
import type { Voice } from './matching.ts'
import type { FusionParameters, WitnessParameters } from './parameters.ts'

/** What can be moved, and where: by product and shelf index, the product after the last being "unknown". */
export interface Scene {
  readonly skus: readonly string[]
  /** Their numbers, in order. */
  readonly shelves: readonly number[]
}

export const taken = 0
export const put = 1
/** Direction, shelf and product as one index. */
export const placeOf = (scene: Scene, direction: 0 | 1, shelf: number, product: number): number =>
  (direction * scene.shelves.length + shelf) * (scene.skus.length + 1) + product
export const unknownProduct = (scene: Scene): number => scene.skus.length

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

export function hear(scene: Scene, sights: Sights | undefined, parameters: FusionParameters): Voice[] {
  if (sights === undefined) return []
  const told = new Map<string, Sighting[]>()
  for (const sighting of sights.sightings) {
    const known = told.get(sighting.witness) ?? []
    known.push(sighting)
    told.set(sighting.witness, known)
  }
  const heard = sights.witnesses.filter(
    ({ id, blindShare }) =>
      blindShare >= 0 &&
      blindShare < 1 &&
      (told.get(id)?.length ?? 0) <= parameters.mostSightings &&
      sights.witnesses.filter((other) => other.id === id).length === 1,
  )
  heard.sort((a, b) => byText(a.id, b.id))
  const taught = sights.taught === undefined ? null : new Set<string>(sights.taught)
  return heard.map((witness) => {
    const model = witness.kind === 'crossing' ? parameters.crossing : parameters.beforeAfter
    const company = heard.filter(({ kind }) => kind === witness.kind).length
    return voiceOf(scene, witness, told.get(witness.id) ?? [], taught, {
      ...model,
      trust: company > 1 ? model.trust : 1,
    })
  })
}

function voiceOf(
  scene: Scene,
  witness: Witness,
  sightings: readonly Sighting[],
  taught: ReadonlySet<string> | null,
  model: WitnessParameters,
): Voice {
  const products = scene.skus.length + 1
  const places = 2 * scene.shelves.length * products
  const blind = new Set(witness.blindShelves)
  const seen = Float64Array.from(scene.shelves, (shelf) =>
    blind.has(shelf) ? 0 : model.detection * (1 - witness.blindShare),
  )
  const miss = Float64Array.from({ length: places }, (_, place) => 1 - at(seen, shelfOf(scene, place)))
  const told = sightings.flatMap((sighting) => oddsOf(scene, sighting, taught, model) ?? [])
  // Equal sightings are equal rows, so any order of them is the same sum to the last bit.
  told.sort(byRow)
  const rows = told.map((row) => row.odds)
  const logFalse = told.reduce((sum, row) => sum + row.logFalse, -model.falseRate)
  const odds = new Float64Array(rows.length * places)
  for (const [index, row] of rows.entries()) {
    for (let place = 0; place < places; place++) {
      odds[place * rows.length + index] = at(row, place) * at(seen, shelfOf(scene, place))
    }
  }
  const { id, kind } = witness
  return { id, crossing: kind === 'crossing', trust: model.trust, sightings: rows.length, logFalse, miss, odds }
}

const shelfOf = (scene: Scene, place: number): number =>
  Math.floor(place / (scene.skus.length + 1)) % scene.shelves.length

interface Row {
  readonly odds: Float64Array
  readonly logFalse: number
}

function byRow({ odds: a }: Row, { odds: b }: Row): number {
  for (let place = 0; place < a.length; place++) {
    if (at(a, place) !== at(b, place)) return at(a, place) - at(b, place)
  }
  return 0
}

/** By place: that a move there, which is told of, is told of like this, over a false sighting's odds; null is nonsense. */
function oddsOf(
  scene: Scene,
  sighting: Sighting,
  taught: ReadonlySet<string> | null,
  model: WitnessParameters,
): Row | null {
  const likeness = likenessOf(scene, sighting, taught, model)
  if (likeness === null) return null
  const shelves = scene.shelves.length
  const toldShelf = sighting.shelf === null ? -1 : scene.shelves.indexOf(sighting.shelf)
  const shelfOdds = (shelf: number): number => {
    if (toldShelf < 0 || shelves === 1) return 1
    return shelves * (shelf === toldShelf ? 1 - model.shelfError : model.shelfError / (shelves - 1))
  }
  const odds = new Float64Array(2 * shelves * (scene.skus.length + 1))
  for (const direction of [taken, put] as const) {
    const same = (direction === taken) === (sighting.direction === 'taken')
    const directionOdds = 2 * (same ? 1 - model.flip : model.flip)
    for (let shelf = 0; shelf < shelves; shelf++) {
      for (const [product, like] of likeness.products.entries()) {
        odds[placeOf(scene, direction, shelf, product)] =
          (directionOdds * shelfOdds(shelf) * like) / (model.falseRate * likeness.nothing)
      }
    }
  }
  return { odds, logFalse: Math.log(model.falseRate * likeness.nothing) }
}

interface Likeness {
  /** By product, unknown last: how much more likely it looks like this than things on average do. */
  readonly products: Float64Array
  /** The same of what was not there. */
  readonly nothing: number
}

function likenessOf(
  { skus }: Scene,
  { candidates, noneProbability }: Sighting,
  taught: ReadonlySet<string> | null,
  { sharpness, doubt, falseNone }: WitnessParameters,
): Likeness | null {
  const learned = skus.map((sku) => taught?.has(sku) ?? true)
  const classes = learned.filter(Boolean).length + 1
  const told = new Map<string, number>()
  for (const { sku, probability } of candidates) told.set(sku, (told.get(sku) ?? 0) + probability)
  const raw = skus.map((sku, index) => (learned[index] === true ? (told.get(sku) ?? 0) : 0))
  const named = raw.reduce((sum, probability) => sum + probability, 0)
  // What is said of things that the shop does not sell counts as none of these.
  const all = [...told.values()].sort((a, b) => a - b).reduce((sum, probability) => sum + probability, noneProbability)
  if (!raw.every((probability) => probability >= 0) || !(noneProbability >= 0) || !(all > 0.5 && all < 1.5)) return null
  const sharp = raw.map((probability) => (probability / all) ** sharpness)
  const sharpNone = (Math.max(0, all - named) / all) ** sharpness
  const sharpNamed = sharp.reduce((sum, weight) => sum + weight, 0)
  const scale = ((1 - doubt) * classes) / (sharpNamed + sharpNone)
  const none = scale * sharpNone + doubt
  // The average product that vision has learned; where it has learned none, there is nothing but "none of these".
  const some = classes > 1 ? (scale * sharpNamed) / (classes - 1) + doubt : none
  const products = new Float64Array(skus.length + 1)
  for (const [index, weight] of sharp.entries())
    products[index] = learned[index] === true ? scale * weight + doubt : none
  products[skus.length] = Math.max(none, some)
  return { products, nothing: falseNone * none + (1 - falseNone) * some }
}
