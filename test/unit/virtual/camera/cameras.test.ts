import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { silent, type Clock } from '../../../../src/core/ports.ts'
import { serveCameras, type VirtualCameras } from '../../../../src/virtual/cameras.ts'
import { loadShop, type Shop } from '../../../../src/virtual/shop.ts'
import { createWorld, type World } from '../../../../src/virtual/world/world.ts'

const loaded = loadShop('src/virtual/products')
if (!loaded.ok) throw new Error('our own shop is broken')
const few = new Set(['ombra-cola', 'midi-caesar'])
const shop: Shop = { ...loaded.value, products: loaded.value.products.filter(({ sku }) => few.has(sku)) }

const clock: Clock = {
  nowMs: () => performance.now(),
  after(delayMs, due) {
    const timer = setTimeout(due, delayMs)
    return () => clearTimeout(timer)
  },
}
const dir = mkdtempSync(join(tmpdir(), 'cameras-'))
const program = { file: join(import.meta.dirname, '../../../../src/runtime/main.ts'), args: ['--darkroom'] }
const random = { bytes: (count: number) => new Uint8Array(count).fill(7), uuid: () => '' }
let world: World
let cameras: VirtualCameras

beforeAll(async () => {
  world = createWorld({ shop, clock, random })
  cameras = await serveCameras({ dir, shop, world, program, clock, log: silent })
  world.onChange(cameras.changed)
}, 60_000)
afterAll(() => {
  cameras.close()
  rmSync(dir, { recursive: true, force: true })
})

const meanOf = async (jpeg: Uint8Array | null): Promise<number> => {
  if (jpeg === null) throw new Error('no picture')
  const { channels } = await sharp(jpeg).stats()
  return channels.reduce((sum, { mean }) => sum + mean, 0) / channels.length
}

test('the runtime is told of two cameras with their sockets and shelves, and of pictures to learn each product from', async () => {
  expect(cameras.args).toEqual(['--cameras', join(dir, 'cameras.json')])
  const told = JSON.parse(readFileSync(join(dir, 'cameras.json'), 'utf8')) as {
    cameras: { id: string; source: string; shelves: { shelf: number; polygon: [number, number][] }[] }[]
    gallery: string
  }
  expect(told.cameras.map(({ id, source }) => [id, source])).toEqual([
    ['left', `unix:${join(dir, 'camera-left.sock')}`],
    ['right', `unix:${join(dir, 'camera-right.sock')}`],
  ])
  for (const { shelves } of told.cameras) {
    expect(shelves.map(({ shelf }) => shelf)).toEqual([1, 2, 3, 4])
    // The front edge of each shelf lies lower in the picture than that of the shelf above.
    const fronts = shelves.map(({ polygon }) => polygon[0]?.[1] ?? 0)
    expect(fronts).toEqual(fronts.toSorted((a, b) => a - b))
  }
  for (const sku of few) {
    const pictures = await vi.waitFor(() => readdirSync(join(told.gallery, sku)), { timeout: 50_000, interval: 100 })
    expect(pictures.length).toBeGreaterThanOrEqual(6)
  }
}, 60_000)

test('what was drawn to learn from is not drawn again for the same shop', async () => {
  const [name = ''] = readdirSync(join(dir, 'teaching', 'ombra-cola'))
  const first = join(dir, 'teaching', 'ombra-cola', name)
  const before = statSync(first).mtimeMs
  const other = await serveCameras({ dir, shop, world, program, clock, log: silent })
  expect(await other.still('left')).not.toBeNull()
  other.close()
  expect(statSync(first).mtimeMs).toBe(before)
  cameras.close()
  cameras = await serveCameras({ dir, shop, world, program, clock, log: silent })
}, 60_000)

test('a client of the socket gets whole JPEGs, one after the other', async () => {
  const socket = connect(join(dir, 'camera-left.sock'))
  const bytes = await new Promise<Buffer>((resolve, reject) => {
    const chunks: Buffer[] = []
    socket.on('error', reject)
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      const all = Buffer.concat(chunks)
      // The third has begun: two are whole.
      if (all.toString('latin1').split('\xFF\xD8\xFF').length > 3) resolve(all)
    })
  })
  socket.destroy()
  const second = bytes.indexOf(Buffer.from([0xff, 0xd8, 0xff]), 3)
  const jpeg = bytes.subarray(0, second)
  expect([...jpeg.subarray(-2)]).toEqual([0xff, 0xd9])
  expect(await sharp(jpeg, { failOn: 'truncated' }).metadata()).toMatchObject({
    format: 'jpeg',
    width: 1280,
    height: 720,
  })
}, 60_000)

test('a lens may be covered, blind, or both well again; without power there is no picture', async () => {
  const order = { brightness: 1, fog: 0, body: false }
  const usual = await meanOf(await cameras.still('left'))
  cameras.setConditions({ ...order, fault: 'black', camera: 'left' })
  expect(await meanOf(await cameras.still('left'))).toBeLessThan(2)
  expect(await meanOf(await cameras.still('right'))).toBeGreaterThan(20)
  cameras.setConditions({ ...order, fault: 'blind' })
  expect(await cameras.still('right')).toBeNull()
  cameras.setConditions({ ...order, fault: 'none', brightness: 0.5 })
  expect(await meanOf(await cameras.still('left'))).toBeLessThan(usual * 0.7)
  cameras.setConditions({ ...order, fault: 'none' })
  expect(Math.abs((await meanOf(await cameras.still('left'))) - usual)).toBeLessThan(2)
  world.setPower(false)
  expect(await cameras.still('left')).toBeNull()
}, 60_000)
