/**
 * Worker: a thread that runs one seed after another for scripts/sim.ts. It answers each seed with its result, or with the
 * error that ended it.
 */
import { parentPort } from 'node:worker_threads'
import { simulate, type SimResult } from './simulation.ts'

export interface Order {
  readonly seed: number
  readonly events: number
}
export type Outcome =
  | { readonly seed: number; readonly cpuMs: number; readonly result: SimResult }
  | { readonly seed: number; readonly cpuMs: number; readonly error: string }

parentPort?.on('message', ({ seed, events }: Order) => void run(seed, events))

async function run(seed: number, events: number): Promise<void> {
  const begun = process.threadCpuUsage()
  const spent = (): number => {
    const { user, system } = process.threadCpuUsage(begun)
    return (user + system) / 1_000
  }
  try {
    const result = await simulate({ seed, events })
    parentPort?.postMessage({ seed, cpuMs: spent(), result } satisfies Outcome)
  } catch (error) {
    const told = error instanceof Error ? (error.stack ?? error.message) : String(error)
    parentPort?.postMessage({ seed, cpuMs: spent(), error: told } satisfies Outcome)
  }
}
