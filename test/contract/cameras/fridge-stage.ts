/**
 * A fridge before real models: the virtual fridge's shelves drawn for two cameras, sent to whoever connects to their sockets,
 * and a gallery that was taught by setting units of a few products on their shelves before those cameras.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { defaultProductsDir } from '../../../src/runtime/places.ts'
import { cameraIds, openStudio, shelfRegions, type CameraId, type Studio } from '../../../src/virtual/camera/studio.ts'
import type { Items, Stage, StageAct } from '../../../src/virtual/camera/stage.ts'
import { loadShop, type Shop } from '../../../src/virtual/shop.ts'
import type { CameraSettings } from '../../../vision/worker-messages.ts'

export const framesPerSecond = 12
export const size = { width: 1280, height: 720 }
const looks = 2

export interface FridgeStage {
  readonly shop: Shop
  readonly studio: Studio
  readonly dir: string
  readonly cameras: readonly CameraSettings[]
  /** Sends the shelves as these acts left them, from now on; a few pictures in turn, each with noise of its own. */
  show(acts: readonly StageAct[]): Promise<void>
  /** Sends these from one camera, until something else is shown. */
  showInstead(camera: CameraId, pictures: readonly Buffer[]): void
  /** How many are connected: cameras that are on. */
  watching(): number
  close(): Promise<void>
}

export const jpegOf = async ({
  width,
  height,
  rgb,
}: {
  width: number
  height: number
  rgb: Uint8Array
}): Promise<Buffer> =>
  sharp(rgb, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 88 })
    .toBuffer()

export async function openFridgeStage(): Promise<FridgeStage> {
  const shop = loadShop(defaultProductsDir)
  if (!shop.ok) throw new Error('the shipped shop has faults')
  const studio = await openStudio(shop.value, size)
  const dir = mkdtempSync(join(tmpdir(), 'fridge-stage-'))
  const items = shop.value.products.flatMap(({ sku, shelf, stock }) =>
    Array.from({ length: stock }, () => ({ sku, shelf })),
  )
  const pictures = new Map<CameraId, readonly Buffer[]>()
  const drawn = new Map<string, Map<CameraId, readonly Buffer[]>>()
  const watching = new Set<Socket>()
  const servers = await Promise.all(
    cameraIds.map((id) => serve(join(dir, `${id}.sock`), () => pictures.get(id) ?? [], watching)),
  )

  return {
    shop: shop.value,
    studio,
    dir,
    cameras: cameraIds.map((id) => ({
      id,
      source: `unix:${join(dir, `${id}.sock`)}`,
      ...size,
      framesPerSecond,
      shelves: shelfRegions(shop.value, id, size.width, size.height),
      opening: null,
    })),
    async show(acts) {
      const key = JSON.stringify(acts)
      const shown = drawn.get(key) ?? (await draw(studio, items, acts))
      drawn.set(key, shown)
      for (const [id, all] of shown) pictures.set(id, all)
    },
    showInstead(id, all) {
      pictures.set(id, all)
    },
    watching: () => watching.size,
    async close() {
      for (const socket of watching) socket.destroy()
      for (const { server, timer } of servers) {
        clearInterval(timer)
        await new Promise((resolve) => server.close(resolve))
      }
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

function perform(stage: Stage, acts: readonly StageAct[]): number {
  let atMs = 1_000
  stage.perform({ type: 'open' }, atMs)
  for (const act of acts) stage.perform(act, (atMs += 1_500))
  return atMs
}

async function draw(
  studio: Studio,
  items: Items,
  acts: readonly StageAct[],
): Promise<Map<CameraId, readonly Buffer[]>> {
  const stage = studio.stage(items, { seed: 7, live: false })
  const lastMs = perform(stage, acts)
  const shown = new Map<CameraId, readonly Buffer[]>()
  for (const id of cameraIds) {
    const all: Buffer[] = []
    for (let look = 0; look < looks; look += 1) {
      const picture = studio.picture(stage, id, lastMs + 5_000 + look)
      if (picture !== null) all.push(await jpegOf(picture))
    }
    shown.set(id, all)
  }
  return shown
}

async function serve(
  path: string,
  pictures: () => readonly Buffer[],
  watching: Set<Socket>,
): Promise<{ server: Server; timer: NodeJS.Timeout }> {
  const own = new Set<Socket>()
  let turn = 0
  const send = (socket: Socket): void => {
    const all = pictures()
    const picture = all[turn % Math.max(1, all.length)]
    if (picture !== undefined && socket.writableLength === 0) socket.write(picture) // who is slow misses pictures
  }
  const server = createServer((socket) => {
    watching.add(socket)
    own.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      watching.delete(socket)
      own.delete(socket)
    })
    send(socket)
  })
  await new Promise<void>((resolve) => server.listen(path, resolve))
  const timer = setInterval(() => {
    turn += 1
    for (const socket of own) send(socket)
  }, 1_000 / framesPerSecond)
  return { server, timer }
}

/** A folder with two units' pictures of each of these products, cut to the product, from both cameras. */
export async function teachInPlace(
  { studio, shop }: FridgeStage,
  skus: readonly string[],
  folder: string,
): Promise<string> {
  for (const sku of skus) {
    const product = shop.products.find((one) => one.sku === sku)
    if (product === undefined) throw new Error(`no ${sku}`)
    mkdirSync(join(folder, sku), { recursive: true })
    const stage = studio.stage(
      [
        { sku, shelf: product.shelf },
        { sku, shelf: product.shelf },
      ],
      { seed: 100, live: false },
    )
    for (const id of cameraIds) {
      const picture = studio.picture(stage, id, 500)
      if (picture === null) continue
      for (const [index, { box }] of studio.seen(id).entries()) {
        const [left, top, right, bottom] = box
        const cut = await sharp(await jpegOf(picture))
          .extract({ left, top, width: right - left, height: bottom - top })
          .jpeg({ quality: 92 })
          .toBuffer()
        writeFileSync(join(folder, sku, `${id}-${index}.box.jpg`), cut)
      }
    }
  }
  return folder
}
