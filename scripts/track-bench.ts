/**
 * Track bench: `node scripts/track-bench.ts [--from 101] [--to 140] [--fps 10] [--out DIR]`.
 *
 * Films visits of these seeds with both cameras, follows what a detector of assumed quality tells of them, and prints how
 * many crossings were found and what a frame costs. With --out, tracks and truth are written for vision/bench/tracking.py,
 * which has the field's own scorer judge them.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { assumedErrors, createDetector } from './tracking/detector.ts'
import { f1Of, follow, scoreCrossings, sumOf, type Score } from './tracking/judge.ts'
import { filmVisit } from './tracking/visit.ts'

const { values } = parseArgs({
  options: {
    from: { type: 'string', default: '101' },
    to: { type: 'string', default: '140' },
    fps: { type: 'string', default: '10' },
    out: { type: 'string' },
  },
})
const [from, to, framesPerSecond] = [Number(values.from), Number(values.to), Number(values.fps)]
if (![from, to, framesPerSecond].every((one) => Number.isFinite(one) && one > 0) || to < from) {
  throw new Error(`--from, --to and --fps are positive numbers, not ${values.from}, ${values.to}, ${values.fps}`)
}
if (values.out !== undefined) mkdirSync(values.out, { recursive: true })

const scores: Score[] = []
const byEvidence = new Map<string, number>()
const spent: number[] = []
for (let seed = from; seed <= to; seed += 1) {
  for (const camera of ['left', 'right'] as const) {
    const film = filmVisit({ seed, camera, framesPerSecond })
    const detector = createDetector(seed * 2 + (camera === 'left' ? 0 : 1), assumedErrors)
    const { frames, crossings, spentMs } = follow(film.opening, film.frames, detector.look, framesPerSecond)
    scores.push(scoreCrossings(film.moves, crossings))
    for (const { direction, evidence } of crossings) {
      byEvidence.set(`${direction}, ${evidence}`, (byEvidence.get(`${direction}, ${evidence}`) ?? 0) + 1)
    }
    spent.push(...spentMs)
    if (values.out !== undefined) writeFileSync(join(values.out, `${seed}-${camera}.json`), JSON.stringify(frames))
  }
}
const all = sumOf(scores)
const sorted = spent.toSorted((a, b) => a - b)
const share = (part: number, whole: number): string => (part / Math.max(1, whole)).toFixed(3)
console.log(`crossings: ${all.found} found, ${all.missed} missed, ${all.wrong} that were none`)
console.log(
  `precision ${share(all.found, all.found + all.wrong)}, recall ${share(all.found, all.found + all.missed)}, F1 ${f1Of(all).toFixed(3)}`,
)
console.log(
  `shelf: ${all.shelfRight} right, ${all.shelfWrong} wrong, ${all.found - all.shelfRight - all.shelfWrong} not told`,
)
console.log(`told: ${[...byEvidence].map(([how, count]) => `${how} ${count}`).join('; ')}`)
const at = (part: number): string => (sorted[Math.floor(sorted.length * part)] ?? 0).toFixed(2)
console.log(`a frame: ${at(0.5)} ms in the middle, ${at(0.99)} ms p99, of ${sorted.length} frames of about 58 things`)
