/**
 * Our way from a frame to tracked detections, timed: `node scripts/bench/vision-ours.ts FRAMES BOXES LOOKS REPEAT`; one
 * line of JSON on stdout, of the same shape as vision/bench/reference.py's. LOOKS of the BOXES are embedded. What a frame costs while
 * somebody reaches in: sizes and order are the pipeline's. A process of its own, so that memory is its own.
 * Called by scripts/vision-bench.ts.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import type { Detection } from '../../vision/detect/detection.ts'
import { openDetector } from '../../vision/detect/detector.ts'
import { openEmbedder, type Embedder } from '../../vision/embed/embedder.ts'
import { decodeFrame, decodeGrid } from '../../vision/camera/decode.ts'
import type { Picture } from '../../vision/embed/picture.ts'
import type { Cut } from '../../vision/embed/views.ts'
import { inputPixels } from '../../vision/pipeline/doorway.ts'
import { deepSortWithBytes } from '../../vision/track/settings.ts'
import { createTracker } from '../../vision/track/tracker.ts'
import { ascending, percentile } from './figures.ts'

sharp.concurrency(1)
const [folder = '', boxes = '10', looks = '10', repeat = '1'] = process.argv.slice(2)
const most = Number(boxes)
const frames = readdirSync(folder)
  .filter((name) => name.endsWith('.jpg'))
  .toSorted()
  .map((name) => readFileSync(join(folder, name)))

/** Parts in CPU time: on a busy machine the wall tells of the others. */
interface Taken {
  readonly wallMs: number
  readonly parts: Readonly<Record<string, number>>
}

const embedder = await opened()
const known = await openDetector()
const detector = known.ok ? known.value : null
let tracker = createTracker(deepSortWithBytes)
let atMs = 0

async function opened(): Promise<Embedder> {
  const embedder = await openEmbedder()
  if (!embedder.ok) throw new Error(embedder.error.says)
  return embedder.value
}

/** Products in two rows, where the detector tells of fewer: both sides look at and follow as many. */
const stand = (picture: Picture): readonly Detection[] =>
  Array.from({ length: most }, (_, index) => ({
    kind: 'product',
    score: 0.9,
    box: {
      left: ((index % 5) * picture.width) / 5 + 20,
      top: ((Math.floor(index / 5) % 2) * picture.height) / 2 + 20,
      width: picture.width / 5 - 40,
      height: picture.height / 2 - 40,
    },
  }))

async function frame(jpeg: Uint8Array): Promise<Taken> {
  const startedMs = performance.now()
  const clock = [cpuMs()]
  const grid = await decodeGrid(jpeg) // what moved, and whether the picture is clear, is judged on it
  if (!grid.ok) throw new Error(grid.error)
  const read = await decodeFrame({ camera: 'bench', number: 1, atMs, jpeg })
  if (!read.ok) throw new Error(read.error)
  const { picture } = read.value
  clock.push(cpuMs())
  const seen = detector === null ? [] : await detector.detect(picture, { leastScore: 0.1, inputPixels })
  const found = [...seen, ...stand(picture)].slice(0, most)
  clock.push(cpuMs())
  const vectors = await embedder.embedCuts(
    picture,
    found.slice(0, Number(looks)).map(({ box }) => inside(box, picture)),
  )
  clock.push(cpuMs())
  atMs += 100
  tracker.step(
    atMs,
    found.map((one, index) => ({ ...one, vector: vectors[index] ?? null })),
  )
  clock.push(cpuMs())
  const [decode = 0, detect = 0, look = 0, track = 0] = clock.slice(1).map((at, index) => at - (clock[index] ?? 0))
  return { wallMs: performance.now() - startedMs, parts: { decode, detect, look, track } }
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

function inside(box: Detection['box'], picture: Picture): Cut {
  const left = Math.max(0, Math.round(box.left))
  const top = Math.max(0, Math.round(box.top))
  const width = Math.min(picture.width, Math.round(box.left + box.width)) - left
  return { left, top, width, height: Math.min(picture.height, Math.round(box.top + box.height)) - top }
}

await frame(frames[0] ?? new Uint8Array())
tracker = createTracker(deepSortWithBytes)
const cpuBefore = cpuMs()
const taken: Taken[] = []
for (let round = 0; round < Number(repeat); round += 1) for (const jpeg of frames) taken.push(await frame(jpeg))
const cpuTaken = cpuMs() - cpuBefore
const median = (part: string): number => percentile(ascending(taken.map(({ parts }) => parts[part] ?? 0)), 50)
process.stdout.write(
  `${JSON.stringify({
    framesMs: taken.map(({ wallMs }) => wallMs),
    partsCpuMs: Object.fromEntries(['decode', 'detect', 'look', 'track'].map((part) => [part, median(part)])),
    cpuMsPerFrame: cpuTaken / taken.length,
    without: known.ok ? null : known.error.says,
    rssMb: process.resourceUsage().maxRSS / 1024,
  })}\n`,
)
await embedder.close()
await detector?.close()
