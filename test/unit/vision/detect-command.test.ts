import { spawn } from 'node:child_process'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'

const main = fileURLToPath(new URL('../../../vision/main.ts', import.meta.url))
const scene = fileURLToPath(new URL('../../vectors/vision/detector/scene.jpg', import.meta.url))

function vision(...args: readonly string[]): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, [main, ...args])
  let [out, err] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, err })))
}

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vision-detect-'))
})
afterAll(async () => rm(folder, { recursive: true }))

test('[VIS7] detect tells products and hands, draws them on a copy, and names the picture that it cannot read', async () => {
  const cut = join(folder, 'cut.jpg')
  await writeFile(cut, 'no picture')
  const { code, out, err } = await vision('detect', '--json', '--out', join(folder, 'drawn'), scene, cut)
  expect(err).toContain('1 of 2 pictures could not be read')
  expect(code).toBe(1)
  const [first, second] = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown)
  expect(first).toMatchObject({ picture: scene, width: 640, height: 352 })
  expect(first).toHaveProperty('detections[0].box.left')
  expect(second).toMatchObject({ picture: cut, fault: { code: 'notPicture' } })
  expect(await readdir(join(folder, 'drawn'))).toEqual(['scene.jpg'])
  expect(await sharp(join(folder, 'drawn', 'scene.jpg')).metadata()).toMatchObject({ width: 640, height: 352 })
})

test('detect says how it is used', async () => {
  expect(await vision('detect')).toMatchObject({ code: 2, err: expect.stringContaining('name at least one picture') })
  expect(await vision('detect', join(folder, 'gone.jpg'))).toMatchObject({
    code: 1,
    err: expect.stringContaining('gone.jpg'),
  })
})
