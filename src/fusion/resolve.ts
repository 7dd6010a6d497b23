/**
 * Resolve: from what the shelves weigh to the most probable basket, with how sure that is.
 *
 * Pure and exact (SPEC FU1-FU13): it weighs every way the shelves may have changed, within bounds that are stated, and
 * guesses nothing greedily. Called by the runtime at door closed (to settle) and while it is open (to show).
 */
import type { CountedSku, Evidence, Resolution, Telling } from './evidence.ts'
import { groupsOfAll, movesOf, type Basket, type Joint } from './joint.ts'
import { defaultParameters, type FusionParameters } from './parameters.ts'
import { at } from './element.ts'
import { asQuestion, type Question } from './question.ts'
import { searchAll } from './search.ts'

/** Baskets with the same lines: `whole` is the mass of those where nothing else left the fridge. */
interface Group {
  readonly lines: CountedSku[]
  whole: number
  mass: number
  best: Basket
}

/** The basket of a visit. Throws only on a catalogue that its reader should have refused (no weight, listed twice). */
export function resolveBasket(evidence: Evidence, parameters: FusionParameters = defaultParameters): Resolution {
  const question = asQuestion(evidence, parameters)
  const joint = searchAll(question)
  const byLines = new Map<string, Group>()
  let unknownMass = 0
  for (const basket of joint.baskets.values()) {
    const lines = linesOf(question, basket.counts)
    const key = lines.map(({ sku, count }) => `${count}x${sku}`).join('\n')
    const known = byLines.get(key) ?? { lines, whole: 0, mass: 0, best: basket }
    byLines.set(key, known)
    known.mass += basket.mass
    if (basket.unknown) unknownMass += basket.mass
    else known.whole += basket.mass
    if (basket.bestScore > known.best.bestScore) known.best = basket
  }
  // Equal masses are told apart by the lines' own text, so that the answer never hangs on the order of a list.
  const ranked = [...byLines.entries()].sort(([a, left], [b, right]) => right.mass - left.mass || (a < b ? -1 : 1))
  const [first, ...others] = ranked.map(([, group]) => group)
  const wholes = ranked.filter(([, { whole }]) => whole > 0)
  const likeliest = wholes.sort(([a, left], [b, right]) => right.whole - left.whole || (a < b ? -1 : 1))
  const second = others.reduce<Group | undefined>(
    (best, group) => (group.whole > (best?.whole ?? 0) ? group : best),
    undefined,
  )
  const total = joint.totalMass
  const best = first?.best.best ?? []
  const share = (mass: number): number => (joint.exhausted || total <= 0 ? 0 : Math.min(1, mass / total))
  return {
    lines: first?.lines ?? [],
    moves: movesOf(question, best),
    probability: share(first?.whole ?? 0),
    runnerUp:
      first === undefined || second === undefined
        ? null
        : {
            lines: second.lines,
            probability: share(second.whole),
            apart: apart(question, first.best, second.best),
          },
    baskets: joint.exhausted
      ? []
      : likeliest
          .slice(0, parameters.mostBaskets)
          .map(([, { lines, whole }]) => ({ lines, probability: share(whole) })),
    sure: joint.exhausted ? [] : sureOf(question, joint),
    unknownProbability: joint.exhausted ? 1 : share(unknownMass),
    unexplainedGrams: question.shelves.flatMap(({ shelf, deltaGrams }, index) =>
      deltaGrams === null ? [] : [{ shelf, grams: deltaGrams - (best[index]?.meanGrams ?? 0) }],
    ),
    exhausted: joint.exhausted,
  }
}

/** Less than this, in nats, tells nobody anything. */
const leastTelling = 0.05

/** In the most probable ways of both. */
function apart(question: Question, first: Basket, second: Basket): Telling[] {
  const shelves = question.shelves.map(({ shelf }, index) => ({
    by: `shelf ${shelf}`,
    nats: (first.best[index]?.plain ?? 0) - (second.best[index]?.plain ?? 0),
  }))
  const against = question.testimony.byVoice(groupsOfAll(question, second.best))
  const voices = question.testimony
    .byVoice(groupsOfAll(question, first.best))
    .map(({ id, nats }, index) => ({ by: id, nats: nats - (against[index]?.nats ?? 0) }))
  return [...shelves, ...voices]
    .filter(({ nats }) => Math.abs(nats) >= leastTelling)
    .sort((a, b) => Math.abs(b.nats) - Math.abs(a.nats) || (a.by < b.by ? -1 : 1))
}

function linesOf(question: Question, counts: Int32Array): CountedSku[] {
  const lines: CountedSku[] = []
  for (const [product, sku] of question.skus.entries()) {
    const count = at(counts, product)
    if (count > 0) lines.push({ sku, count })
  }
  return lines
}

/** For each product the largest n with P(taken >= n) at the threshold or above. */
function sureOf(question: Question, { baskets, totalMass }: Joint): CountedSku[] {
  const sure: CountedSku[] = []
  for (const [product, sku] of question.skus.entries()) {
    const massAt: number[] = []
    for (const { counts, mass } of baskets.values()) {
      const count = at(counts, product)
      massAt[count] = (massAt[count] ?? 0) + mass
    }
    let mass = 0
    for (let count = massAt.length - 1; count > 0; count--) {
      mass += massAt[count] ?? 0
      if (mass >= question.parameters.sureThreshold * totalMass) {
        sure.push({ sku, count })
        break
      }
    }
  }
  return sure
}
