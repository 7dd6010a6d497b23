/**
 * Track bench: `node scripts/track-bench.ts [--from 101] [--to 140] [--fps 10] [--studio] [--out DIR]`.
 *
 * Films visits of these seeds with both cameras (with --studio: the virtual fridge's own, which takes minutes), follows what a detector of assumed quality tells of them, and prints how
 * many crossings were found and what a frame costs. With --out, tracks and truth are written for vision/bench/tracking.py,
 * which has the field's own scorer judge them.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openStudio } from '../src/virtual/camera/studio.ts'
import { loadShop } from '../src/virtual/shop.ts'
import { assumedErrors, createDetector } from './tracking/detector.ts'
import { f1Of, follow, scoreCrossings, sumOf, type Score } from './tracking/judge.ts'
import { filmStudio } from './tracking/studio-visit.ts'
import { filmVisit } from './tracking/visit.ts'

const { values } = parseArgs({
  options: {
    from: { type: 'string', default: '101' },
    to: { type: 'string', default: '140' },
    fps: { type: 'string', default: '10' },
    studio: { type: 'boolean', default: false },
    out: { type: 'string' },
  },
})
const [from, to, framesPerSecond] = [Number(values.from), Number(values.to), Number(values.fps)]
if (![from, to, framesPerSecond].every((one) => Number.isFinite(one) && one > 0) || to < from) {
  throw new Error(`--from, --to and --fps are positive numbers, not ${values.from}, ${values.to}, ${values.fps}`)
}
if (values.out !== undefined) mkdirSync(values.out, { recursive: true })

const shop = loadShop('src/virtual/products')
if (!shop.ok) throw new Error('src/virtual/products is no shop')
const studio = values.studio ? await openStudio(shop.value, { width: 640, height: 360 }) : null

const scores: Score[] = []
const byEvidence = new Map<string, number>()
const spent: number[] = []
let [moves, byEither] = [0, 0]
for (let seed = from; seed <= to; seed += 1) {
  const told: (readonly boolean[])[] = []
  for (const camera of ['left', 'right'] as const) {
    const film =
      studio === null
        ? filmVisit({ seed, camera, framesPerSecond })
        : filmStudio(studio, shop.value, { seed, camera, framesPerSecond })
    const detector = createDetector(seed * 2 + (camera === 'left' ? 0 : 1), assumedErrors)
    const { frames, crossings, spentMs } = follow(film.opening, film.frames, detector.look, framesPerSecond)
    const score = scoreCrossings(film.moves, crossings)
    scores.push(score)
    told.push(score.told)
    for (const { direction, evidence } of crossings) {
      byEvidence.set(`${direction}, ${evidence}`, (byEvidence.get(`${direction}, ${evidence}`) ?? 0) + 1)
    }
    spent.push(...spentMs)
    if (values.out !== undefined) writeFileSync(join(values.out, `${seed}-${camera}.json`), JSON.stringify(frames))
  }
  moves += told[0]?.length ?? 0
  byEither += (told[0] ?? []).filter((one, index) => one || told[1]?.[index] === true).length
}
const all = sumOf(scores)
const sorted = spent.toSorted((a, b) => a - b)
const share = (part: number, whole: number): string => (part / Math.max(1, whole)).toFixed(3)
console.log(`crossings, each camera alone: ${all.found} found, ${all.missed} missed, ${all.wrong} that were none`)
console.log(
  `precision ${share(all.found, all.found + all.wrong)}, recall ${share(all.found, all.found + all.missed)}, F1 ${f1Of(all).toFixed(3)}`,
)
console.log(`told by one camera at least: ${byEither} of ${moves}`)
console.log(
  `shelf: ${all.shelfRight} right, ${all.shelfWrong} wrong, ${all.found - all.shelfRight - all.shelfWrong} not told`,
)
console.log(`told: ${[...byEvidence].map(([how, count]) => `${how} ${count}`).join('; ')}`)
const at = (part: number): string => (sorted[Math.floor(sorted.length * part)] ?? 0).toFixed(2)
console.log(`a frame: ${at(0.5)} ms in the middle, ${at(0.99)} ms p99, of ${sorted.length} frames of about 58 things`)
