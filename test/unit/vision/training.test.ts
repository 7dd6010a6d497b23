/** Rehearsals: the trainings run on a toy size, from the first step over a stop to the weights. What they learn is no matter. */
import { spawn, spawnSync } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cola, jpeg, milk } from './drawings.ts'

const training = fileURLToPath(new URL('../../../vision/training/', import.meta.url))
const vectors = fileURLToPath(new URL('../../vectors/vision/detector/', import.meta.url))
const debians = '/usr/bin/python3'
const canTrain = spawnSync(debians, ['-c', 'import torch, numpy, PIL']).status === 0

interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

function python(...args: readonly string[]): Promise<Ran> {
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1', OMP_NUM_THREADS: '1' }
  const child = spawn(debians, [...args], { cwd: training, env })
  let [out, err] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, err })))
}

describe.skipIf(!canTrain && process.env['CI'] !== 'true')('the detector’s training, rehearsed', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vision-training-'))
    await mkdir(join(folder, 'set'))
    for (const name of ['scene', 'frame']) {
      await copyFile(join(vectors, `${name}.jpg`), join(folder, 'set', `${name}.jpg`))
      await copyFile(join(vectors, `${name}.truth.json`), join(folder, 'set', `${name}.json`))
    }
  })
  afterAll(async () => rm(folder, { recursive: true }))

  const rehearse = (steps: number, set = join(folder, 'set')): Promise<Ran> => {
    const given = ['--set', set, '--judge', join(folder, 'set'), '--out', join(folder, 'out')]
    return python('train_detector.py', ...given, '--steps', String(steps), '--measure-every', '1', '--toy')
  }

  test('runs, is stopped, and goes on from where it was', { timeout: 120_000 }, async () => {
    const first = await rehearse(1)
    expect(first.err).toBe('')
    expect(first.out).toMatch(/set: 2 pictures, \d\d things that count/)
    expect(first.out).toMatch(/step 1 score \d+\.\d+ box \d+\.\d+/)
    expect(first.out).toMatch(/step 1 set product AP50 [01]\.\d+/)
    const second = await rehearse(2)
    expect(second.out).toMatch(/going on from step 1\nstep 2 /)
    expect(second).toMatchObject({ code: 0, err: '' })
  })

  test('says when a folder holds no labelled pictures', { timeout: 60_000 }, async () => {
    const { code, err } = await rehearse(1, join(folder, 'out'))
    expect(code).toBe(1)
    expect(err).toContain('holds no picture with a JSON beside it')
  })
})

describe.skipIf(!canTrain && process.env['CI'] !== 'true')('the embedder’s training, rehearsed', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vision-training-'))
    const drawn = [
      ['train/Packages/Juice/Cola', 'Cola', cola],
      ['train/Packages/Milk/Milk', 'Milk', milk],
      ['train/Fruit/Kiwi/Kiwi', 'Kiwi', { ground: '#555', label: '#3a7d2c', word: '' }],
    ] as const
    const rows = ['path,class,name']
    for (const [place, name, drawing] of drawn) {
      await mkdir(join(folder, place), { recursive: true })
      for (const turnDegrees of [0, 9]) {
        const path = `${place}/${turnDegrees}.jpg`
        await writeFile(join(folder, path), await jpeg({ ...drawing, turnDegrees }))
        rows.push(`${path},0,${name}`)
      }
    }
    await writeFile(join(folder, 'train.csv'), rows.join('\n'))
    for (const split of ['val', 'test']) await writeFile(join(folder, `${split}.csv`), 'path,class,name\n')
  })
  afterAll(async () => rm(folder, { recursive: true }))

  test('runs, is stopped, and goes on from where it was', { timeout: 120_000 }, async () => {
    const rehearse = (steps: number): Promise<Ran> => {
      const given = ['--data', folder, '--fold', 'none', '--out', join(folder, 'out'), '--save-every', '1', '--toy']
      return python('train_embedder.py', ...given, '--steps', String(steps))
    }
    const first = await rehearse(1)
    expect(first.err).toBe('')
    expect(first.out).toMatch(/2 packaged, 1 produce\nstep 1 proxy \d+\.\d+ contrast \d+\.\d+ look \d+\.\d+/)
    const second = await rehearse(2)
    expect(second.out).toMatch(/going on from step 1\nstep 2 .*\nprojection from 6 photographs/)
    expect(second).toMatchObject({ code: 0, err: '' })
  })
})
