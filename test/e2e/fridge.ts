/**
 * Fridge: the virtual fridge as a real process, and what a script may ask of it. Used by every end-to-end test; where a
 * shell starts the process itself, only `askAt` is.
 */
import { execFile, spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { vi } from 'vitest'
import { worldSchema, type World } from '../../src/contract/virtual.ts'
import { embeddedFile } from '../contract/relay-stores.ts'
import { node, root } from './programs.ts'

export interface Asked {
  world(): Promise<World>
  /** What the bank's books say: src/virtual/bank/summary.ts. */
  bank(): Promise<Books>
  /** Does something to the world, which must let itself be done. */
  act(what: string, how: object): Promise<World>
}

/** The part of the bank's summary that a purchase is judged by. */
export interface Books {
  readonly holds: readonly {
    readonly visit: string | null
    readonly status: string
    readonly amountMinor: number
    readonly heldMinor: number
    readonly capturedMinor: number
    readonly releasedMinor: number
    readonly captures: number
  }[]
}

export interface Fridge extends Asked {
  readonly kiosk: string
  readonly virtual: string
  /** Of the virtual fridge's process; the runtime's is its only child. */
  readonly pid: number
  stop(): Promise<void>
}

/**
 * Starts the virtual fridge on a free port, with its data in `dir`, from the bundle that `npm start` runs: a third of the
 * work of loading its sources. Its own words are told when it does not start.
 */
export async function startFridge(
  dir: string,
  args: readonly string[] = ['--no-relay', '--no-cameras'],
): Promise<Fridge> {
  const main = join(root, 'dist', 'runtime', 'main.mjs')
  const child = spawn(node, [main, '--port', '0', '--data', dir, ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const gone = new Promise<void>((resolve) => child.on('exit', () => resolve()))
  const addresses = await new Promise<{ kiosk: string; virtual: string }>((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (status) => reject(new Error(`the fridge did not start (${status}): ${said}`)))
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('{"ready":true')) resolve(JSON.parse(line) as { kiosk: string; virtual: string })
    })
  })
  return {
    ...addresses,
    pid: child.pid ?? 0,
    ...askAt(addresses.virtual),
    async stop() {
      child.kill('SIGTERM')
      await gone
    },
  }
}

/** Lays an empty relay's database into a fridge's new data folder, as the relay's first start leaves it, five seconds later. */
export async function layDatabase(dir: string): Promise<void> {
  const folder = join(dir, 'relay', 'pglite')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  await promisify(execFile)('tar', ['-xf', await embeddedFile(), '-C', folder])
}

/** Where the relay beside the fridge is, once it takes requests. */
export async function relayOf(fridge: Fridge): Promise<NonNullable<World['relay']>> {
  const there = async () => {
    const { relay } = await fridge.world()
    if (relay === undefined || relay === null) throw new Error('there is no relay yet')
    return relay
  }
  return vi.waitFor(there, { timeout: 120_000, interval: 50 })
}

/** Asks the virtual fridge that serves this page. The token is in the address's fragment. */
export function askAt(page: string): Asked {
  const { origin, hash } = new URL(page)
  const token = new URLSearchParams(hash.slice(1)).get('token') ?? ''
  async function ask(path: string, body?: object): Promise<unknown> {
    const response = await fetch(`${origin}/virtual/${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const answer: unknown = await response.json()
    if (!response.ok) throw new Error(`/virtual/${path} answered ${response.status}: ${JSON.stringify(answer)}`)
    return answer
  }
  return {
    world: async () => worldSchema.parse(await ask('world')),
    bank: async () => (await ask('bank')) as Books,
    act: async (what, how) => worldSchema.parse(((await ask(what, how)) as { world: unknown }).world),
  }
}
