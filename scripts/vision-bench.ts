/**
 * `npm run bench:vision [-- --json] [--frames DIR] [--boxes N] [--repeat N] [--python FILE]`: from a frame to tracked detections,
 * ours beside the reference way (vision/bench/reference.py) in the same run: same pictures, same core, one thread each, as
 * processes of their own, one after the other. Without a Python that has torch and transformers the reference is missing
 * and said to be. Prints, never asserts.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import sharp from 'sharp'
import { littleMemory } from '../src/runtime/eyes.ts'
import { home } from '../src/runtime/places.ts'
import { mostLooks } from '../vision/pipeline/doorway.ts'
import { ascending, percentile, rounded } from './bench/figures.ts'

/** What either side tells of itself. */
interface Way {
  readonly framesMs: readonly number[]
  /** Medians, of CPU time: on a busy machine the wall tells of the others. */
  readonly partsCpuMs: Readonly<Record<string, number>>
  readonly cpuMsPerFrame: number
  readonly rssMb: number
  /** What was missing of it, so that a figure without a detector is not taken for a whole one. */
  readonly without?: string | null
}

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    frames: { type: 'string' },
    boxes: { type: 'string', default: '10' },
    repeat: { type: 'string', default: '3' },
    python: { type: 'string' },
  },
})
const drawnFrames = 8
/** What two hands hold. What stands on a shelf does not move: a track there needs no look to be kept. */
const looksInHand = String(mostLooks)
const frames = values.frames ?? (await drawn(join(home, '.cache', 'bench-vision')))
if (!readdirSync(frames).some((name) => name.endsWith('.jpg'))) {
  process.stderr.write(`bench:vision: ${frames} holds no .jpg\n`)
  process.exit(1)
}
const here = (path: string): string => join(home, path)
const ours = oursWith(values.boxes)
const oursInHand = oursWith(looksInHand)
const python = withTorch()
const reference =
  python === null
    ? 'missing: no Python with torch, transformers and scipy (vision/bench/requirements.txt; --python FILE)'
    : timed(python, ['-W', 'ignore', here('vision/bench/reference.py'), '--frames', frames, '--boxes', values.boxes])
report()

/** The picture of the RT-DETR vectors at 1280 x 720, moved a little from frame to frame as a hand would move it. */
async function drawn(folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true })
  const shelf = await sharp(join(home, 'test/vectors/vision/rtdetr/shelf.jpg'))
    .resize(1340, 760, { fit: 'fill' })
    .toBuffer()
  for (let index = 0; index < drawnFrames; index += 1) {
    const cut = { left: index * 6, top: index * 4, width: 1280, height: 720 }
    writeFileSync(join(folder, `${index}.jpg`), await sharp(shelf).extract(cut).jpeg({ quality: 85 }).toBuffer())
  }
  return folder
}

function oursWith(looks: string): Way {
  const script = here('scripts/bench/vision-ours.ts')
  const way = timed(
    process.execPath,
    [...littleMemory.flags, script, frames, values.boxes, looks, values.repeat],
    littleMemory.env,
  )
  if (typeof way !== 'string') return way
  process.stderr.write(`bench:vision: ${way}\n`)
  return process.exit(1)
}

/** Runs one side on one core and one thread, or says why it could not be run. `settings`: as the runtime starts the worker. */
function timed(
  program: string,
  args: readonly string[],
  settings: Readonly<Record<string, string>> = {},
): Way | string {
  const pinned = existsSync('/usr/bin/taskset') ? ['/usr/bin/taskset', '-c', String(cpus().length - 1)] : []
  const [first = program, ...rest] = [...pinned, program, ...args]
  const ran = spawnSync(first, rest, {
    encoding: 'utf8',
    env: { ...process.env, ...settings, OMP_NUM_THREADS: '1', PYTHONDONTWRITEBYTECODE: '1' },
  })
  if (ran.status !== 0) return `failed: ${ran.stderr.trim().split('\n').at(-1) ?? ''}`
  return JSON.parse(ran.stdout) as Way
}

function withTorch(): string | null {
  const known = [values.python, here('.cache/training/bin/python'), 'python3'].filter((one) => one !== undefined)
  const able = (program: string): boolean => {
    try {
      execFileSync(program, ['-c', 'import torch, transformers, scipy'], { stdio: 'ignore' })
      return true
    } catch {
      return false
    }
  }
  return known.find(able) ?? null
}

function report(): void {
  const beside = typeof reference === 'string' ? null : reference
  const times = (way: Way): { readonly wall: number; readonly cpu: number } | null =>
    beside === null
      ? null
      : {
          wall: rounded(percentileOf(beside, 50) / percentileOf(way, 50), 1),
          cpu: rounded(beside.cpuMsPerFrame / way.cpuMsPerFrame, 1),
        }
  if (values.json) {
    const told = {
      cpu: cpus()[0]?.model,
      boxes: Number(values.boxes),
      ours: { ...shown(ours), timesFaster: times(ours) },
      oursInHand: { looks: Number(looksInHand), ...shown(oursInHand), timesFaster: times(oursInHand) },
      reference: beside === null ? reference : shown(beside),
    }
    process.stdout.write(`${JSON.stringify(told, null, 2)}\n`)
    return
  }
  process.stdout.write(`${values.boxes} detections a frame, one core, one thread each\n`)
  for (const [name, way] of [
    ['ours, all looked at', ours],
    [`ours, ${looksInHand} looked at`, oursInHand],
  ] as const) {
    print(name, way)
    const ratio = times(way)
    if (ratio !== null) {
      process.stdout.write(
        `${''.padEnd(20)} ${ratio.wall} times faster than the reference (aim 10), CPU ${ratio.cpu}\n`,
      )
    }
  }
  if (typeof reference === 'string') process.stdout.write(`${'reference'.padEnd(20)} ${reference}\n`)
  else print('reference', reference)
}

function print(name: string, way: Way): void {
  const parts = Object.entries(way.partsCpuMs).map(([part, ms]) => `${part} ${rounded(ms, 1)}`)
  const { p50, p99, cpuMsPerFrame, rssMb } = shown(way)
  process.stdout.write(
    `${name.padEnd(20)} frame to tracked detections p50 ${p50} ms, p99 ${p99} ms, CPU ${cpuMsPerFrame} ms (of which ${parts.join(', ')}); ${rssMb} MB\n`,
  )
  if (typeof way.without === 'string') process.stdout.write(`${name.padEnd(20)} without a detector: ${way.without}\n`)
}

function shown(way: Way): {
  readonly p50: number
  readonly p99: number
  readonly cpuMsPerFrame: number
  readonly rssMb: number
  readonly partsCpuMs: Readonly<Record<string, number>>
  readonly without: string | null
} {
  return {
    p50: rounded(percentileOf(way, 50), 1),
    p99: rounded(percentileOf(way, 99), 1),
    cpuMsPerFrame: rounded(way.cpuMsPerFrame, 1),
    rssMb: rounded(way.rssMb, 0),
    partsCpuMs: Object.fromEntries(Object.entries(way.partsCpuMs).map(([part, ms]) => [part, rounded(ms, 1)])),
    without: way.without ?? null,
  }
}

function percentileOf({ framesMs }: Way, p: number): number {
  return percentile(ascending(framesMs), p)
}
