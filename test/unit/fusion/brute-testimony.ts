/**
 * Brute testimony: SPEC.md's likelihood of sightings, by trying every assignment of sightings to single moves, and every
 * one or two round trips. Written from the SPEC; shares no code with src/fusion but its types. Good for a few of each.
 */
import type { Sighting, Sights, Witness } from '../../../src/core/sighting.ts'
import type { FusionParameters, WitnessParameters } from '../../../src/fusion/parameters.ts'

/** One unit; a sku of null is something unknown. */
export interface BruteMove {
  readonly taken: boolean
  readonly shelf: number
  readonly sku: string | null
}

export interface BruteScene {
  readonly skus: readonly string[]
  readonly shelves: readonly number[]
  /** Where round trips may begin. */
  readonly stocked: readonly { readonly shelf: number; readonly sku: string }[]
}

export function bruteTestimony(
  scene: BruteScene,
  sights: Sights | undefined,
  parameters: FusionParameters,
): (moves: readonly BruteMove[]) => number {
  if (sights === undefined) return () => 1
  const heard = sights.witnesses.filter(({ blindShare }) => blindShare < 1)
  const said = (kind: Witness['kind'], moves: readonly BruteMove[]): number =>
    heard
      .filter((witness) => witness.kind === kind)
      .reduce((product, witness) => {
        const model = kind === 'crossing' ? parameters.crossing : parameters.beforeAfter
        const alone = heard.filter((other) => other.kind === kind).length === 1
        const told = sights.sightings.filter((sighting) => sighting.witness === witness.id)
        return product * assignments(scene, witness, model, told, moves) ** (alone ? 1 : model.trust)
      }, 1)
  const trips = scene.stocked.map(({ shelf, sku }): BruteMove[] => [
    { taken: true, shelf, sku },
    { taken: false, shelf, sku },
  ])
  const odds = parameters.roundTripOdds
  const told = new Map<string, number>()
  return (moves) => {
    const key = JSON.stringify(moves)
    const known = told.get(key)
    if (known !== undefined) return known
    let seen = said('crossing', moves)
    for (const [index, trip] of trips.entries()) {
      seen += odds * said('crossing', [...moves, ...trip])
      for (const other of trips.slice(index + 1)) seen += odds ** 2 * said('crossing', [...moves, ...trip, ...other])
    }
    const value = seen * said('shelf', moves)
    told.set(key, value)
    return value
  }
}

/** Over the likelihood of all sightings being false. */
function assignments(
  scene: BruteScene,
  witness: Witness,
  model: WitnessParameters,
  sightings: readonly Sighting[],
  moves: readonly BruteMove[],
): number {
  const detection = ({ shelf }: BruteMove): number =>
    witness.blindShelves.includes(shelf) ? 0 : model.detection * (1 - witness.blindShare)
  const [sighting, ...others] = sightings
  if (sighting === undefined) return moves.reduce((product, move) => product * (1 - detection(move)), 1)
  let sum = assignments(scene, witness, model, others, moves)
  for (const [index, move] of moves.entries()) {
    const rest = moves.filter((_, at) => at !== index)
    sum +=
      ((detection(move) * likelihood(scene, model, sighting, move)) / falseLikelihood(scene, model, sighting)) *
      assignments(scene, witness, model, others, rest)
  }
  return sum
}

function likelihood(scene: BruteScene, model: WitnessParameters, sighting: Sighting, move: BruteMove): number {
  const direction = (sighting.direction === 'taken') === move.taken ? 1 - model.flip : model.flip
  const wrong = model.shelfError / (scene.shelves.length - 1)
  const shelf =
    sighting.shelf === null || scene.shelves.length === 1
      ? 1
      : sighting.shelf === move.shelf
        ? 1 - model.shelfError
        : wrong
  return direction * shelf * looks(scene, model, sighting, move.sku)
}

function falseLikelihood(scene: BruteScene, model: WitnessParameters, sighting: Sighting): number {
  const shelf = sighting.shelf === null || scene.shelves.length === 1 ? 1 : 1 / scene.shelves.length
  const none = posterior(scene, model, sighting, null)
  const some = scene.skus.length === 0 ? none : (1 - none) / scene.skus.length
  return model.falseRate * 0.5 * shelf * (model.falseNone * none + (1 - model.falseNone) * some)
}

function looks(scene: BruteScene, model: WitnessParameters, sighting: Sighting, sku: string | null): number {
  const none = posterior(scene, model, sighting, null)
  return sku === null ? Math.max(none, (1 - none) / scene.skus.length) : posterior(scene, model, sighting, sku)
}

function posterior(
  { skus }: BruteScene,
  { doubt, sharpness }: WitnessParameters,
  sighting: Sighting,
  sku: string | null,
): number {
  const told = (name: string | null): number =>
    (name === null
      ? sighting.noneProbability
      : (sighting.candidates.find((candidate) => candidate.sku === name)?.probability ?? 0)) ** sharpness
  const all = [null, ...skus].reduce((sum, name) => sum + told(name), 0)
  return ((1 - doubt) * told(sku)) / all + doubt / (skus.length + 1)
}
