/**
 * `npm run bench:fleet [FRIDGES] [UNLOCKS] [SECONDS]`: unlocks a second with their p99, and what so many connected fridges cost a
 * relay on its own broker: memory a fridge, messages a second from a fridge into PostgreSQL; and at 10, 100, 1,000 and 10,000 of
 * them what a day of theirs costs (bench/fleet-cost.ts), each part for SECONDS. `npm run bench:fleet 100 20 2` is a quick look. The relay is a process of its own, as
 * it is in use; fridges, phones, bank and database share the machine with it. Prints a table; asserts nothing.
 */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { createBank } from '../src/virtual/bank/bank.ts'
import { serveBank } from '../src/virtual/bank/server.ts'
import type { Connection } from '../sync/edge/commands.ts'
import { overMqtt } from '../sync/edge/mqtt-client.ts'
import { channelKeys, type ChannelKeys } from '../sync/protocol/channel.ts'
import { allDown, lanes, upTopic, type LiveState, type Online } from '../sync/protocol/mqtt.ts'
import { open, seal } from '../sync/protocol/sealed.ts'
import { openPostgresql } from '../sync/relay/store/open.ts'
import { createTokens } from '../sync/relay/tokens.ts'
import { signingKey } from '../sync/protocol/signing.ts'
import { fleetCost, type CostFridge } from './bench/fleet-cost.ts'
import { freePort } from '../test/contract/brokers.ts'
import { startPostgresql } from '../test/contract/relay-stores.ts'

const fridges = Number(process.argv[2] ?? 10_000)
const unlocks = Number(process.argv[3] ?? 400)
const listenMs = Number(process.argv[4] ?? 10) * 1_000
const atOnce = 16
const sizes = [10, 100, 1_000, 10_000].filter((size) => size <= fridges)

interface BenchFridge extends CostFridge {
  readonly keys: ChannelKeys
  counter: number
  connection: Connection | null
}

const dir = mkdtempSync(join(tmpdir(), 'bench-fleet-'))
const cluster = await startPostgresql()
const store = await openPostgresql(cluster.url)
const clock = {
  nowMs: () => Date.now(),
  after(delayMs: number, due: () => void) {
    const timer = setTimeout(due, delayMs)
    return () => clearTimeout(timer)
  },
}
const random = { bytes: (count: number) => randomBytes(count), uuid: () => crypto.randomUUID() }
const bank = createBank({ clock, random })
const bankAt = await serveBank(bank, { port: 0 })
const secret = randomBytes(32)
writeFileSync(join(dir, 'bank.key'), bank.secretKey, { mode: 0o600 })
writeFileSync(join(dir, 'tokens.key'), secret.toString('hex'), { mode: 0o600 })
const mqttPort = await freePort()
const relay = spawn(process.execPath, ['sync/relay/main.ts'], {
  env: {
    ...process.env,
    DATABASE_URL: cluster.url,
    RELAY_PORT: '0',
    RELAY_MQTT_PORT: String(mqttPort),
    RELAY_STRIPE_KEY_FILE: join(dir, 'bank.key'),
    RELAY_BANK_URL: `http://127.0.0.1:${bankAt.port}`,
    RELAY_JWT_SECRET_FILE: join(dir, 'tokens.key'),
  },
  stdio: ['ignore', 'pipe', 'inherit'],
})
const all: BenchFridge[] = []
try {
  const line = await new Promise<string>((resolve) =>
    relay.stdout.once('data', (bytes: Buffer) => resolve(bytes.toString())),
  )
  const { relay: url } = JSON.parse(line) as { relay: string }
  while (!(await fetch(`${url}/health/ready`)).ok) await sleep(50)
  const say = (what: string, figure: string): void => void process.stdout.write(`${what.padEnd(60)} ${figure}\n`)

  await known(fridges)
  const first = all.slice(0, 64)
  const smallest = all.slice(0, 10)
  for (const one of smallest) await connected(one)
  if (sizes.includes(10)) await priced(url, smallest)
  for (const one of first.slice(smallest.length)) await connected(one)
  await heardBy(url, first.length)
  const { perSecond, p50Ms, p99Ms, failed } = await unlocked(url, first)
  say(`/unlock, ${unlocks} with ${atOnce} at a time: hold, command, the fridge's word`, `${perSecond.toFixed(0)}/s`)
  say('  half of them, and 99 of 100, within', `${p50Ms.toFixed(0)} ms, ${p99Ms.toFixed(0)} ms`)
  if (failed > 0) say('  did not open', String(failed))

  const beforeBytes = rssOf(relay.pid)
  const connectingAt = performance.now()
  let pricedMs = 0
  for (let at = first.length; at < all.length;) {
    const next = Math.min(at + 100, ...sizes.filter((size) => size > at), all.length)
    await Promise.all(all.slice(at, next).map((one) => connected(one)))
    at = next
    const fromMs = performance.now()
    if (sizes.includes(at)) await priced(url, all.slice(0, at))
    pricedMs += performance.now() - fromMs
  }
  const connectSeconds = (performance.now() - connectingAt - pricedMs) / 1000
  await heardBy(url, all.length)
  const perFridge = (rssOf(relay.pid) - beforeBytes) / (all.length - first.length)
  say(`${all.length} fridges connected`, `${((all.length - first.length) / connectSeconds).toFixed(0)}/s`)
  say('  memory of the relay, a fridge', `${(perFridge / 1024).toFixed(1)} KiB`)
  say('  memory of the relay, in all', `${(rssOf(relay.pid) / 2 ** 20).toFixed(0)} MiB`)
  say('  states a second, from a fridge into PostgreSQL', `${(await statesPerSecond(url)).toFixed(0)}/s`)
} finally {
  relay.kill()
  for (const { connection } of all) connection?.end()
  await bankAt.close()
  await store.close()
  await cluster.stop()
  rmSync(dir, { recursive: true, force: true })
  process.exit()
}

/** Fridges that are paired and have a channel, written as the relay itself would have. */
async function known(count: number): Promise<void> {
  const rows = Array.from({ length: count }, (_, index) => {
    const key = signingKey(randomBytes(32))
    return { id: `bench-${index}`, root: randomBytes(32), key, publicKey: Buffer.from(key.publicKey, 'base64') }
  })
  for (let at = 0; at < count; at += 1_000) {
    const some = rows.slice(at, at + 1_000)
    const [ids, roots] = [some.map(({ id }) => id), some.map(({ root }) => root.toString('hex'))]
    const keys = some.map(({ publicKey }) => publicKey.toString('hex'))
    await sql`insert into fridges (id, public_key, head) select id, decode(key, 'hex'), decode(repeat('00', 32), 'hex')
      from unnest(${ids}::text[], ${keys}::text[]) as t (id, key)`.execute(store.db)
    await sql`insert into channels (fridge, asked_ms, fridge_key, relay_key, root) select id, 1, '', '', decode(root, 'hex')
      from unnest(${ids}::text[], ${roots}::text[]) as t (id, root)`.execute(store.db)
  }
  all.push(
    ...rows.map(({ id, root, key }) => ({
      id,
      key,
      books: null,
      keys: channelKeys(root),
      counter: 1,
      connection: null,
    })),
  )
}

/** Connects, says that it is there, and answers each command as done. */
function connected(fridge: BenchFridge): Promise<void> {
  const { id, keys } = fridge
  const tell = (what: 'online' | 'state' | 'outcome', body: unknown): void => {
    const topic = upTopic(id, what)
    fridge.connection?.publish(topic, seal(keys.up, topic, (fridge.counter += 1), body), { sure: what !== 'state', retain: what === 'online' }) // prettier-ignore
  }
  const topic = upTopic(id, 'online')
  const will = { topic, bytes: seal(keys.up, topic, Number.MAX_SAFE_INTEGER, { online: false }) }
  return new Promise((resolve, reject) => {
    fridge.connection = overMqtt()(
      { url: `mqtt://127.0.0.1:${mqttPort}`, username: id, password: keys.password, will },
      {
        connected() {
          fridge.connection?.subscribe(allDown(id))
          tell('online', { online: true, atMs: Date.now(), version: '1', name: id, holdMinor: 1500, currency: 'EUR', acted: { now: 0, kept: 0 } } satisfies Online) // prettier-ignore
          resolve()
        },
        message(down, bytes) {
          const command = open(keys.down, down, bytes)
          const lane = lanes.find((one) => down.endsWith(one))
          if (command.ok) tell('outcome', { lane, number: command.value.counter, outcome: 'done', why: null })
        },
        closed: (why) => reject(new Error(`${id}: ${why}`)),
      },
    )
  })
}

async function heardBy(url: string, count: number): Promise<void> {
  for (let tried = 0; tried < 1_200; tried++) {
    const found = await store.db.selectFrom('channels').select('fridge').where('online', '=', true).execute()
    if (found.length >= count) return
    await sleep(100)
  }
  throw new Error(`${url} did not hear of ${count} fridges in two minutes`)
}

async function unlocked(url: string, first: readonly BenchFridge[]) {
  const tokens = await createTokens({ secret })
  const shoppers = await Promise.all(first.map(async ({ id }) => (await tokens.issue?.(`shopper-of-${id}`, 60)) ?? ''))
  const post = async (path: string, token: string, body: object): Promise<number> => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const answer = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) })
    await answer.arrayBuffer()
    return answer.status
  }
  await Promise.all(shoppers.map((token) => post('/save-payment', token, { paymentMethodId: 'pm_card_visa' })))
  const tookMs: number[] = []
  let [next, failed] = [0, 0]
  const startedAt = performance.now()
  const one = async (): Promise<void> => {
    while (next < unlocks) {
      const at = next++ % first.length
      const fromMs = performance.now()
      const status = await post('/unlock', shoppers[at] ?? '', { id: first[at]?.id })
      if (status === 200) tookMs.push(performance.now() - fromMs)
      else failed += 1
    }
  }
  await Promise.all(Array.from({ length: atOnce }, one))
  const perSecond = tookMs.length / ((performance.now() - startedAt) / 1000)
  tookMs.sort((a, b) => a - b)
  const within = (share: number): number => tookMs[Math.floor(tookMs.length * share)] ?? 0
  return { perSecond, failed, p50Ms: within(0.5), p99Ms: within(0.99) }
}

/** What a fleet of this size costs, in a line. */
async function priced(url: string, some: readonly BenchFridge[]): Promise<void> {
  const before = await heard(url)
  let sent = 0
  const cost = await fleetCost({
    fridges: some,
    relayUrl: url,
    relayPid: relay.pid ?? 0,
    playMs: listenMs,
    tell(at) {
      sent += 1
      const fridge = some[at]
      return fridge === undefined ? 0 : tellState(fridge)
    },
    async settled() {
      while (sent - ((await heard(url)) - before) > 200) await sleep(10)
    },
  })
  const { cpuMsPerFridgeMinute, idleCpuMsPerMinute, residentMib, bytesPerFridgeDay, rowsPerSecond, neededRowsPerSecond } = cost // prettier-ignore
  process.stdout.write(
    `${String(some.length).padStart(6)} fridges: ${cpuMsPerFridgeMinute.toFixed(2)} ms of CPU a fridge and minute (idle ${idleCpuMsPerMinute.toFixed(0)} ms a minute in all), ` +
      `relay ${residentMib.toFixed(0)} MiB, ${((residentMib * 1_024) / some.length).toFixed(0)} KiB a fridge, ${(bytesPerFridgeDay / 1_024).toFixed(0)} KiB a fridge and day, ` +
      `${rowsPerSecond.toFixed(0)} rows/s where ${neededRowsPerSecond.toFixed(2)} are needed (${(rowsPerSecond / neededRowsPerSecond).toFixed(0)} times)\n`,
  )
}

/** Its bytes, with the topic's. */
function tellState(fridge: BenchFridge): number {
  const state: LiveState = { atMs: Date.now(), doorOpen: false, celsius: 4, at: 'idle', closed: null, pending: 0 }
  const topic = upTopic(fridge.id, 'state')
  const bytes = seal(fridge.keys.up, topic, (fridge.counter += 1), state)
  fridge.connection?.publish(topic, bytes, { sure: false, retain: false })
  return topic.length + bytes.length
}

/** Taken or not: of two states of one fridge at once the older may come second, and is stale then. */
async function heard(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  const counts = [...text.matchAll(/visionvend_relay_messages_total\{outcome="\w+"\} (\d+)/g)]
  return counts.reduce((sum, [, count]) => sum + Number(count), 0)
}

async function taken(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  return Number(/visionvend_relay_messages_total\{outcome="taken"\} (\d+)/.exec(text)?.[1] ?? 0)
}

/** Every fridge tells its state as often as the relay keeps up with. */
async function statesPerSecond(url: string): Promise<number> {
  const before = await taken(url)
  const startedAt = performance.now()
  let [sent, at] = [0, 0]
  while (performance.now() - startedAt < listenMs) {
    for (let some = 0; some < 200; some++) {
      const fridge = all[at++ % all.length]
      if (fridge === undefined) continue
      tellState(fridge)
      sent += 1
    }
    // At most a thousand are under way: what is measured is the relay, not a queue.
    while (sent - ((await taken(url)) - before) > 1_000 && performance.now() - startedAt < listenMs) await sleep(20)
  }
  return ((await taken(url)) - before) / ((performance.now() - startedAt) / 1000)
}

function rssOf(pid: number | undefined): number {
  const kib = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kib ?? 0) * 1024
}
