import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { spread } from '../../../vision/command/folders.ts'
import { cola, jpeg, milk } from './drawings.ts'

const main = fileURLToPath(new URL('../../../vision/main.ts', import.meta.url))

interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

function vision(...args: readonly string[]): Promise<Ran> {
  const child = spawn(process.execPath, [main, ...args])
  let [out, err] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, err })))
}

describe('npm run vision --', () => {
  let folder = ''
  const at = (...parts: readonly string[]): string => join(folder, ...parts)

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vision-command-'))
    const sets = { gallery: [0, 10], queries: [5, -8] }
    for (const [set, turns] of Object.entries(sets)) {
      for (const [product, drawing] of Object.entries({ cola, milk })) {
        await mkdir(at(set, product), { recursive: true })
        for (const turnDegrees of turns) {
          await writeFile(at(set, product, `${turnDegrees}.jpg`), await jpeg({ ...drawing, turnDegrees }))
        }
      }
    }
    const whole = await jpeg(cola)
    await writeFile(at('queries', 'cola', 'cut.jpg'), whole.subarray(0, whole.length / 2))
  })
  afterAll(async () => rm(folder, { recursive: true }))

  test('[VIS7] identify judges folders, and lists the picture that could not be read', async () => {
    const { code, out } = await vision('identify', '--gallery', at('gallery'), '--queries', at('queries'), '--json')
    expect(code).toBe(0)
    const report = JSON.parse(out) as Record<string, unknown>
    expect(report).toMatchObject({ queries: { known: 4, unknown: 0 }, top1: 1, confusions: [] })
    expect(report['unreadable']).toMatchObject([{ picture: at('queries', 'cola', 'cut.jpg') }])
  })

  test('[VIS7] identify follows links, and lists one that leads nowhere', async () => {
    await mkdir(at('linked', 'lemon'), { recursive: true })
    await symlink(at('queries', 'milk'), at('linked', 'milk'))
    await symlink(at('queries', 'cola', '5.jpg'), at('linked', 'lemon', 'is-cola.JPG'))
    await symlink(at('nowhere.jpg'), at('linked', 'lemon', 'gone.jpg'))
    await symlink(at('linked'), at('linked', 'lemon', 'round'))
    const { code, out } = await vision('identify', '--gallery', at('gallery'), '--queries', at('linked'), '--json')
    expect(code).toBe(0)
    const report = JSON.parse(out) as Record<string, unknown>
    expect(report).toMatchObject({ queries: { known: 2 }, top1: 1 })
    expect(report['unreadable']).toEqual(
      expect.arrayContaining([expect.objectContaining({ picture: at('linked', 'lemon', 'gone.jpg') })]),
    )
  })

  test('teach learns into a file, and identify asks it', async () => {
    const file = at('taught.json')
    const first = await vision('teach', '--gallery', file, '--product', 'cola', at('gallery', 'cola', '0.jpg'))
    expect(first).toMatchObject({ code: 0, out: 'cola: 1 pictures; the gallery has 1 products\n' })
    const answer = await vision('identify', '--gallery', file, '--json', at('queries', 'cola', '5.jpg'))
    expect(JSON.parse(answer.out)).toMatchObject({ candidates: [{ product: 'cola' }] })
  })

  test('[VIS7] a bad picture teaches nothing and ends with 1', async () => {
    const file = at('none.json')
    const ran = await vision('teach', '--gallery', file, '--product', 'cola', at('queries', 'cola', 'cut.jpg'))
    expect(ran.code).toBe(1)
    expect(ran.err).toMatch(/cut\.jpg.*nothing was taught/)
  })

  test('wrong use ends with 2 and says what is wrong', async () => {
    expect(await vision('smell')).toMatchObject({ code: 2 })
    expect((await vision('identify', '--queries', folder)).err).toMatch(/--gallery is missing/)
    expect((await vision('identify', '--gallery', at('nowhere'), '--queries', folder)).err).toMatch(/cannot be read/)
  })
})

test('more pictures than can be kept are thinned evenly', () => {
  expect(spread([1, 2, 3], 5)).toEqual([1, 2, 3])
  const thinned = spread(
    Array.from({ length: 45 }, (_, index) => index),
    20,
  )
  expect(thinned).toHaveLength(20)
  expect(Math.max(...thinned.slice(1).map((value, index) => value - (thinned[index] ?? 0)))).toBeLessThanOrEqual(3)
})
