/** What a person decided, kept with the visit's pictures to teach vision by, and cut out where it can have one name only. */
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs'
import { spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Event } from '../../../../src/core/events.ts'
import { sku, visitId } from '../../../../src/core/ids.ts'
import { minor } from '../../../../src/core/money.ts'
import { silent } from '../../../../src/core/ports.ts'
import { dayMs, hourMs } from '../../../../src/core/time.ts'
import { startVerdicts } from '../../../../src/runtime/kept-verdicts.ts'
import { openStudio } from '../../../../src/virtual/camera/studio.ts'
import { loadShop } from '../../../../src/virtual/shop.ts'
import {
  makeFolder,
  pictureName,
  recordFile,
  writePicture,
  writeWhole,
  type Why,
} from '../../../../vision/evidence/folder.ts'
import { judgedIn } from '../../../../vision/evidence/verdicts.ts'
import { vanished } from '../../../../vision/shelf/vanished.ts'
import { simTime } from '../../../sim/time.ts'
import { still, type Package } from '../shelf/shelves.ts'

const startMs = 1_764_000_000_000
const visit = 'visit-1'
let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'verdicts-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

const shot = (camera: string, number: number, jpeg: Uint8Array) => ({ camera, number, atMs: startMs + number, jpeg, width: 640, height: 360 }) // prettier-ignore
async function evidenceOf(id: string, pictures: readonly [string, number, Why, Uint8Array][], root = 'evidence'): Promise<void> {
  const folder = join(dir, root, id)
  await makeFolder(folder)
  await writeWhole(join(folder, recordFile), { visit: id, beganMs: startMs, seen: { witnesses: [], sightings: [] } })
  for (const [camera, number, why, jpeg] of pictures)
    await writePicture(join(folder, pictureName(shot(camera, number, jpeg), why)), jpeg)
} // prettier-ignore
const decided = (id: string, product = 'red', count = 1): Event => ({
  type: 'ReviewDecided', visit: visitId(id), lines: [{ sku: sku(product), count, priceMinor: minor(100) }], moves: [], by: 'Olga', reason: 'seen'
}) // prettier-ignore
const keeping = (time = simTime(startMs), days = 90) =>
  startVerdicts({ dir, clock: time, log: silent, freeBytes: () => Infinity, reserveBytes: 0 }, days)
const grey = Buffer.from('ffd8ffe0', 'hex')

test('[VIS51] a verdict is kept with the pictures that evidence had, and nothing of who shopped or decided', async () => {
  await evidenceOf(visit, [['left', 1, 'before', grey], ['left', 2, 'during', grey], ['left', 3, 'crossing', grey], ['left', 4, 'after', grey]]) // prettier-ignore
  const verdicts = keeping()
  verdicts.wrote([decided(visit), decided('never-seen')])
  await verdicts.rest()
  verdicts.stop()
  const [judged, ...others] = await judgedIn(join(dir, 'verdicts'))
  expect(others).toEqual([])
  expect(judged).toMatchObject({ visit, taken: [{ sku: 'red', count: 1 }] })
  expect(judged?.pictures.map(({ why }) => why)).toEqual(['before', 'crossing', 'after'])
  const record = readFileSync(join(dir, 'verdicts', visit, recordFile), 'utf8')
  expect(record).not.toMatch(/Olga|fingerprint|pm_/)
  expect(statSync(join(dir, 'verdicts', visit)).mode & 0o777).toBe(0o700)
})

test('[VIS51] [P2] without a setting nothing is kept; on time it goes, and at once where the setting is taken back', async () => {
  await evidenceOf(visit, [['left', 1, 'before', grey]])
  const off = keeping(simTime(startMs), 0)
  off.wrote([decided(visit)])
  await off.rest()
  off.stop()
  expect(readdirSync(dir)).toEqual(['evidence'])
  const kept = (): string[] => readdirSync(join(dir, 'verdicts')).filter((name) => name.startsWith('visit'))
  const within = { timeout: 10_000 }
  /** What the retention does takes real time; its clock is the test's, and goes on while somebody waits for it. */
  const goesOn = async (time: ReturnType<typeof simTime>, ms: number): Promise<void> => {
    for (let hour = 0; hour < ms / hourMs; hour += 24) {
      await time.runUntil(time.sleep(24 * hourMs))
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
  }
  const time = simTime(startMs)
  const verdicts = keeping(time, 30)
  verdicts.wrote([decided(visit)])
  await verdicts.rest()
  await goesOn(time, 29 * dayMs)
  expect(kept()).toEqual([visit])
  await expect.poll(async () => goesOn(time, dayMs).then(kept), within).toEqual([])
  verdicts.wrote([decided(visit)])
  await verdicts.rest()
  verdicts.stop()
  expect(kept()).toEqual([visit])
  keeping(simTime(startMs + hourMs), 0).stop()
  await expect.poll(kept, within).toEqual([])
})

test('[VIS52] places have a name only where things are gone and nothing came', async () => {
  const red: Package = { product: 'red', at: [120, 165], tall: 90 }
  const green: Package = { product: 'green', at: [300, 165], tall: 90 }
  const blue: Package = { product: 'blue', at: [420, 335], tall: 100 }
  const seen = async (before: readonly Package[], after: readonly Package[]) => vanished(await still(before, {}, {}), await still(after, { seed: 9 }, {})) // prettier-ignore
  expect(await seen([red, green, blue], [green, blue])).toMatchObject([{ left: 93, top: 75, width: 54, height: 90 }])
  expect(await seen([red, green, blue], [green])).toHaveLength(2)
  expect(await seen([red, green], [red, green])).toEqual([])
  expect(await seen([red, green], [green, blue])).toBeNull()
})

test('[VIS52] the command writes a line a verdict, and cuts out what left the shelf where it has one name only', async () => {
  const shop = loadShop('src/virtual/products')
  if (!shop.ok) throw new Error('the shipped shop has faults')
  const pixels = { width: 1280, height: 720 }
  const studio = await openStudio(shop.value, pixels)
  const items = shop.value.products.flatMap(({ sku: name, shelf, stock }) => Array.from({ length: stock }, () => ({ sku: name, shelf }))) // prettier-ignore
  const stage = studio.stage(items, { seed: 3, live: false })
  const jpeg = async (atMs: number): Promise<Buffer> => {
    const drawn = studio.picture(stage, 'left', atMs)
    if (drawn === null) throw new Error('blind')
    return sharp(drawn.rgb, { raw: { width: drawn.width, height: drawn.height, channels: 3 } }).jpeg({ quality: 88 }).toBuffer() // prettier-ignore
  }
  const before = await jpeg(0)
  stage.perform({ type: 'open' }, 100)
  stage.perform({ type: 'take', sku: 'solita-orange', shelf: 2 }, 2_000)
  stage.perform({ type: 'close' }, 5_000)
  const after = await jpeg(9_000)
  const pictures = [['left', 1, 'before', before], ['left', 2, 'after', after]] as [string, number, Why, Uint8Array][] // prettier-ignore
  const names = { one: 'solita-orange', two: 'solita-orange', none: '' }
  for (const id of Object.keys(names)) await evidenceOf(id, pictures)
  const verdicts = keeping()
  verdicts.wrote([decided('one', 'solita-orange'), decided('two', 'solita-orange', 2), { ...decided('none'), lines: [] } as Event]) // prettier-ignore
  await verdicts.rest()
  verdicts.stop()
  const out = join(dir, 'gallery')
  const { code, told } = await vision('verdicts', join(dir, 'verdicts'), '--out', out)
  expect(code).toBe(0)
  expect(told.toSorted((a, b) => (a.visit < b.visit ? -1 : 1))).toEqual([
    { visit: 'none', taken: [], pictures: 2, cut: 0 },
    { visit: 'one', taken: [{ sku: 'solita-orange', count: 1 }], pictures: 2, cut: 1 },
    { visit: 'two', taken: [{ sku: 'solita-orange', count: 2 }], pictures: 2, cut: 0 },
  ])
  expect(readdirSync(out)).toEqual(['solita-orange'])
  const { width, height } = await sharp(join(out, 'solita-orange', 'one-left-1.jpg')).metadata()
  expect([width > 20, height > width]).toEqual([true, true]) // a bottle stands
  if (process.env['SHOTS'] !== undefined) await sharp(join(out, 'solita-orange', 'one-left-1.jpg')).png().toFile(`${process.env['SHOTS']}/cut.png`) // prettier-ignore
  expect((await vision('verdicts')).code).toBe(2)
}, 60_000)

async function vision(...args: readonly string[]): Promise<{ code: number | null; told: { visit: string }[] }> {
  const main = fileURLToPath(new URL('../../../../vision/main.ts', import.meta.url))
  const child = spawn(process.execPath, [main, ...args])
  let out = ''
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  const code = await new Promise<number | null>((resolve) => void child.on('close', resolve))
  const lines = out.split('\n').filter((line) => line !== '')
  return { code, told: lines.map((line) => JSON.parse(line) as { visit: string }) }
}
