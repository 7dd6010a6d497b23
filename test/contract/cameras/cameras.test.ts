/** What every camera does, whatever is behind it. Needs ffmpeg; without one, only the cameras that don't are asked. */
import { spawn, spawnSync } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { silent, type Clock } from '../../../src/core/ports.ts'
import { realClock } from '../../../src/runtime/clock.ts'
import { sourceAt } from '../../../vision/camera/address.ts'
import { createCamera, type Camera } from '../../../vision/camera/camera.ts'
import { decodeFrame } from '../../../vision/camera/decode.ts'
import type { Shot } from '../../../vision/camera/frame.ts'
import { processesWith, stages, wanted, type Stage } from './sources.ts'

const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0
const here = Object.entries(stages).filter(([name]) => hasFfmpeg || /virtual|folder|MJPEG/.test(name))
const clock: Clock = realClock(0)

async function until(what: string, met: () => boolean, withinMs = 8_000): Promise<void> {
  const endMs = performance.now() + withinMs
  while (!met()) {
    if (performance.now() > endMs) throw new Error(`${what}: not within ${withinMs} ms`)
    await pause(5)
  }
}

function cameraAt(address: string): Camera {
  const source = sourceAt(address, wanted, clock)
  if (!source.ok) throw new Error(source.error)
  return createCamera('one', source.value, { clock, log: silent })
}

describe.each(here)('%s', (name, makeStage) => {
  let stage: Stage
  let camera: Camera
  let shots: Shot[]

  beforeEach(async () => {
    stage = await makeStage()
    camera = cameraAt(stage.address)
    shots = []
    camera.onShot((shot) => shots.push(shot))
  })
  afterEach(async () => {
    await camera.stop()
    await stage.close()
  })

  test('[VIS26] [VIS27] gives pictures that decode, counted up, in fridge time, and the newest is the latest', async () => {
    const startMs = clock.nowMs()
    camera.start()
    await until('ten shots', () => shots.length >= 10)
    expect(camera.latest()).toBe(shots.at(-1))
    expect(shots.map(({ number }) => number)).toEqual(shots.map((_, index) => index + 1))
    const times = shots.map(({ atMs }) => atMs)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    expect(times[0]).toBeGreaterThanOrEqual(startMs)
    expect(times.at(-1)).toBeLessThanOrEqual(clock.nowMs())
    const frame = await decodeFrame(shots[0]!)
    expect(frame).toMatchObject({ ok: true, value: { number: 1, picture: { width: 640, height: 360 } } })
    expect(camera.state()).toMatchObject({ lost: null, damaged: 0 })
    process.stdout.write(`first picture of ${name} after ${camera.state().firstShotMs} ms\n`)
  })

  test('[VIS29] gives nothing before it is started nor after it is stopped, and leaves nothing behind', async () => {
    await pause(60)
    expect(shots).toEqual([])
    camera.start()
    await until('a shot', () => shots.length > 0)
    expect(name === 'a folder' || name === 'an MJPEG file' || stage.left() > 0).toBe(true)
    await camera.stop()
    const given = shots.length
    await until('nothing left', () => stage.left() === 0, 500)
    await pause(100)
    expect(shots).toHaveLength(given)
    expect(camera.state().lost).toBeNull()
    // A start at the heels of a stop: one after the other, never both.
    camera.start()
    void camera.stop()
    camera.start()
    await until('a shot again', () => shots.length > given + 2)
    expect(stage.left()).toBeLessThanOrEqual(1)
    expect(shots.map(({ number }) => number)).toEqual(shots.map((_, index) => index + 1))
  })

  test('[VIS28] is lost, says why, and comes back', async () => {
    if (stage.breakIt === null) return
    camera.start()
    await until('a shot', () => shots.length > 0)
    stage.breakIt()
    await until('lost', () => camera.state().lost !== null)
    expect(camera.state().lost).toMatch(/\w{4}/)
    const given = shots.length
    await until('back', () => camera.state().lost === null && shots.length > given)
    expect(stage.left()).toBeLessThanOrEqual(1)
  })
})

test('[VIS28] a camera that is not there is asked again, ever more seldom', async () => {
  let opened = 0
  const camera = createCamera(
    'gone',
    {
      name: 'gone',
      open: ({ lost }) => {
        opened += 1
        queueMicrotask(() => lost('no such device'))
        return { close: async () => {} }
      },
    },
    { clock, log: silent },
  )
  camera.start()
  await pause(1_200)
  await camera.stop()
  expect(opened).toBe(3) // at once, after 250 ms, after 500 more
})

test('[VIS29] a parent that is killed leaves no camera program behind, though that one never writes a byte', async () => {
  const mark = `orphan${process.pid}`
  const parent = spawn(
    process.execPath,
    [
      '--input-type=module',
      '--eval',
      `import { programSource } from './vision/camera/program.ts'
       const clock = { nowMs: () => 0, after: () => () => {} }
       programSource('mute', { command: 'sh', args: ['-c', 'sleep 60; : ${mark}'] }, clock).open({ bytes() {}, lost() {} })
       setInterval(() => {}, 1000)`,
    ],
    { stdio: 'inherit' },
  )
  const programs = (): number[] => processesWith(mark).filter((pid) => pid !== parent.pid)
  await until('the program runs', () => programs().length > 0)
  parent.kill('SIGKILL')
  await until('the program is gone', () => programs().length === 0, 2_000)
})

test('an address that is none is refused with what it might be', () => {
  expect(sourceAt('video0', wanted, clock)).toMatchObject({ ok: false, error: expect.stringContaining('v4l2:') })
  expect(sourceAt('rpicam:front', wanted, clock)).toMatchObject({
    ok: false,
    error: expect.stringContaining('rpicam:0'),
  })
})
