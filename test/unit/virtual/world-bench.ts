/** The world on a clock set by hand, with the default shop; and the fridge around it, with the real firmware and link. */
import { join } from 'node:path'
import { silent, type ControllerReport, type Random } from '../../../src/core/ports.ts'
import { createLink } from '../../../src/device/link.ts'
import { loadFirmware } from '../../../src/virtual/controller.ts'
import { createVirtualFridge, type Carry } from '../../../src/virtual/fridge.ts'
import { loadShop } from '../../../src/virtual/shop.ts'
import { createWorld, type Item } from '../../../src/virtual/world/world.ts'
import { createChance } from '../firmware/table.ts'
import { createHandClock } from '../device/rig.ts'

const root = join(import.meta.dirname, '../../..')
const firmware = loadFirmware(join(root, 'firmware/wasm/controller.wasm'))
const loaded = loadShop(join(root, 'src/virtual/products'))
if (!loaded.ok) throw new Error(JSON.stringify(loaded.error))
export const shop = loaded.value

export function seededRandom(seed: number): Random {
  const chance = createChance(seed)
  const bytes = (count: number): Uint8Array => Uint8Array.from({ length: count }, () => Math.floor(256 * chance()))
  return { bytes, uuid: () => Buffer.from(bytes(16)).toString('hex') }
}

const startMs = 1_700_000_000_000

export function createBench({ seed = 1, items }: { seed?: number; items?: readonly Item[] } = {}) {
  const { clock, advanceTo } = createHandClock(startMs)
  const world = createWorld({ shop, clock, random: seededRandom(seed), ...(items === undefined ? {} : { items }) })
  const pass = (ms: number): void => advanceTo(clock.nowMs() + ms)
  /** The world with its bolt released and its door open. */
  const entered = () => {
    world.driveBolt(true)
    world.openDoor()
    return world
  }
  return { clock, world, pass, entered }
}

/** Lets promises that were woken run to their end. */
export const breathe = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

export function createFridgeBench({ seed = 1, carry }: { seed?: number; carry?: Carry } = {}) {
  const bench = createBench({ seed })
  const linkKey = seededRandom(seed + 1_000).bytes(32)
  const fridge = createVirtualFridge({
    world: bench.world,
    firmware,
    linkKey,
    clock: bench.clock,
    random: seededRandom(seed + 2_000),
    signalled: () => {},
    ...(carry === undefined ? {} : { carry }),
  })
  const link = createLink({
    port: fridge.port,
    key: linkKey,
    clock: bench.clock,
    random: seededRandom(seed + 3_000),
    log: silent,
  })
  const reports: ControllerReport[] = []
  link.subscribe((report) => reports.push(report))
  return { ...bench, fridge, link, reports }
}
