/**
 * Worker: a thread that runs one seed after another for scripts/sim.ts. It answers each seed with its result, or with the
 * error that ended it. Pictures are drawn and looked at in the same thread, one set of models for all seeds.
 */
import { parentPort } from 'node:worker_threads'
import { openFramedEyes, type FramedEyes } from '../../scripts/basket/frames.ts'
import { defaultProductsDir } from '../../src/runtime/places.ts'
import { loadShop } from '../../src/virtual/shop.ts'
import { simulate, type SimResult } from './simulation.ts'

export interface Order {
  readonly seed: number
  readonly events: number
  /** Real pictures and models. */
  readonly frames?: boolean
}
export type Outcome =
  | { readonly seed: number; readonly cpuMs: number; readonly result: SimResult }
  | { readonly seed: number; readonly cpuMs: number; readonly error: string }

parentPort?.on('message', (order: Order) => void run(order))

let eyes: Promise<FramedEyes> | null = null

async function run({ seed, events, frames = false }: Order): Promise<void> {
  const begun = process.threadCpuUsage()
  const spent = (): number => {
    const { user, system } = process.threadCpuUsage(begun)
    return (user + system) / 1_000
  }
  try {
    const shop = loadShop(defaultProductsDir)
    if (frames && shop.ok) eyes ??= openFramedEyes(shop.value)
    const framed = eyes === null ? {} : { frames: await eyes, cameras: true }
    const result = await simulate({ seed, events, ...framed })
    parentPort?.postMessage({ seed, cpuMs: spent(), result } satisfies Outcome)
  } catch (error) {
    const told = error instanceof Error ? (error.stack ?? error.message) : String(error)
    parentPort?.postMessage({ seed, cpuMs: spent(), error: told } satisfies Outcome)
  }
}
