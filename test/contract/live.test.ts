/** Commands from the relay to a fridge and back, over the relay's own broker at its own address, on both databases. */
import { randomBytes } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { silent } from '../../src/core/ports.ts'
import { createCommandLink, type CommandLink } from '../../sync/edge/commands.ts'
import { overMqtt } from '../../sync/edge/mqtt-client.ts'
import { channelPath, channelPublicKey, signedChannel } from '../../sync/protocol/channel.ts'
import type { Command, Lane, Order, Outcome } from '../../sync/protocol/mqtt.ts'
import { signingKey, type SigningKey } from '../../sync/protocol/signing.ts'
import type { Live } from '../../sync/relay/live.ts'
import { createRelay } from '../../sync/relay/relay.ts'
import { liveOf } from '../../sync/relay/store/channels.ts'
import { addCommand, listCommands } from '../../sync/relay/store/commands.ts'
import { newFridge } from './relay-fridge.ts'
import { openMemory, openOwnPostgresql, postgresqlBin, type TestStore } from './relay-stores.ts'

const ci = process.env['CI'] === 'true'
const slow = 120_000
const visit = '00000000-0000-4000-8000-000000000001'
const openDoor: Order = { type: 'openDoor', visit }
const denied = (...fingerprints: string[]): Order => ({ type: 'denied', fingerprints })
const from = { by: 'the owner', reason: 'a test' }

describe('on an embedded database', () => {
  contract(openMemory)
})
describe.skipIf(postgresqlBin === null && !ci)('on PostgreSQL', () => {
  contract(openOwnPostgresql)
})

function contract(open: () => Promise<TestStore>): void {
  let opened: TestStore
  let app: FastifyInstance
  let live: Live
  let url: string
  const links: CommandLink[] = []
  beforeAll(async () => {
    opened = await open()
    const { store } = opened
    app = await createRelay({
      kind: store.kind,
      store: () => store,
      log: pino({ level: 'silent' }),
      onLive: (one) => (live = one),
    })
    url = await app.listen({ host: '127.0.0.1', port: 0 })
  }, slow)
  afterEach(() => {
    for (const link of links.splice(0)) link.stop()
  })
  afterAll(async () => {
    await app.close()
    await opened.close()
  }, slow)
  const db = () => opened.store.db

  /** A fridge whose ledger is a map, and whose acts are a list. */
  async function fridgeOnline() {
    const { id, key } = await newFridge(app, db())
    const acted: Command[] = []
    const ledger: Record<Lane, Map<number, Pick<Outcome, 'outcome' | 'why'>>> = { now: new Map(), kept: new Map() }
    const highest = (lane: Lane): number => Math.max(0, ...ledger[lane].keys())
    const how = { refuses: null as string | null }
    const start = async (): Promise<CommandLink> => {
      const link = createCommandLink(
        {
          connect: overMqtt(),
          fetch: (to, { method, headers, body, signal }) =>
            fetch(to, { method, headers, body: Buffer.from(body), signal }),
          key,
          clock: {
            nowMs: () => Date.now(),
            after(delayMs, due) {
              const timer = setTimeout(due, delayMs / 20)
              return () => clearTimeout(timer)
            },
          },
          random: { bytes: (count) => randomBytes(count), uuid: () => '' },
          log: silent,
          facts: () => ({ atMs: Date.now(), version: '1', name: 'x', holdMinor: 1500, currency: 'EUR', acted: { now: highest('now'), kept: highest('kept') } }), // prettier-ignore
          state: () => ({ atMs: Date.now(), doorOpen: false, celsius: 4, at: 'idle', closed: null, pending: 0 }),
          known: ({ lane, number }) => ledger[lane].get(number) ?? (number < highest(lane) ? 'unknown' : null),
          async act(command) {
            acted.push(command)
            const outcome = how.refuses === null ? ({ outcome: 'done', why: null } as const) : ({ outcome: 'refused', why: how.refuses } as const) // prettier-ignore
            ledger[command.lane].set(command.number, outcome)
            return outcome
          },
          failed(error) {
            throw error
          },
        },
        { fridge: id, relayUrl: url },
      )
      links.push(link)
      await until(async () => (await liveOf(db(), id))[0]?.online === true)
      return link
    }
    return { id, key, acted, ledger, how, start, link: await start() }
  }
  async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
    for (let tried = 0; tried < 200; tried++) {
      if (await holds()) return
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
    throw new Error('it did not come to that')
  }
  const ask = async (key: SigningKey, fridge: string, atMs: number, secret: Uint8Array, changes: object = {}) => {
    const publicKey = channelPublicKey(secret)
    const signature = Buffer.from(key.sign(signedChannel(fridge, atMs, publicKey))).toString('base64')
    const payload = { protocol: 1, fridge, atMs, publicKey, signature, ...changes }
    return (await app.inject({ method: 'POST', url: channelPath, payload })).json<{
      type: string
      publicKey?: string
    }>()
  }

  test('[SY35] a command is done, or refused with the reason, and both are kept with who and why', async () => {
    const { id, acted, how } = await fridgeOnline()
    expect(await live.now({ fridge: id, order: openDoor, ...from }, 3_000)).toEqual({ outcome: 'done', why: null })
    how.refuses = 'busy'
    expect(await live.now({ fridge: id, order: openDoor, ...from }, 3_000)).toEqual({ outcome: 'refused', why: 'busy' })
    expect(acted.map(({ number, by, reason }) => [number, by, reason])).toEqual([
      [1, 'the owner', 'a test'],
      [2, 'the owner', 'a test'],
    ])
    const listed = await listCommands(db(), id, 10)
    expect(listed.map(({ number, outcome, why, by }) => [number, outcome, why, by])).toEqual([
      [2, 'refused', 'busy', 'the owner'],
      [1, 'done', null, 'the owner'],
    ])
  })

  test('[SY36] commands that wait reach a fridge that comes back, in their order, each once', async () => {
    const { id, acted, link, start } = await fridgeOnline()
    link.stop()
    await until(async () => (await liveOf(db(), id))[0]?.online === false)
    expect(await live.now({ fridge: id, order: openDoor, ...from }, 3_000)).toEqual({ outcome: 'offline' })
    for (const card of ['a', 'b', 'c']) {
      await addCommand(db(), { fridge: id, order: denied(card), ...from, untilMs: null })
      await live.flush(id)
    }
    expect(acted).toEqual([])
    await start()
    await until(async () => (await listCommands(db(), id, 10)).every(({ outcome }) => outcome === 'done'))
    expect(acted.map(({ number, order }) => [number, order])).toEqual([
      [1, denied('a')],
      [2, denied('b')],
      [3, denied('c')],
    ])
  })

  test('[SY36] a relay that was put back to a backup goes on above the numbers that the fridge knows', async () => {
    const { id, acted, ledger, link, start } = await fridgeOnline()
    link.stop()
    for (const lane of ['now', 'kept'] as const) ledger[lane].set(41, { outcome: 'done', why: null })
    await addCommand(db(), { fridge: id, order: denied('x'), ...from, untilMs: null })
    await start()
    await until(async () => (await listCommands(db(), id, 10)).every(({ outcome }) => outcome === 'done'))
    expect(await live.now({ fridge: id, order: openDoor, ...from }, 3_000)).toEqual({ outcome: 'done', why: null })
    expect(acted.map(({ lane, number }) => [lane, number])).toEqual([
      ['kept', 42],
      ['now', 42],
    ])
  })

  test('[SY31] a channel is the newest that its fridge asked for; the same question again is answered alike', async () => {
    const { id, key } = await newFridge(app, db())
    const first = await ask(key, id, 1_000, Buffer.alloc(32, 1))
    expect(first).toMatchObject({ type: 'opened', broker: null })
    expect(await ask(key, id, 1_000, Buffer.alloc(32, 1))).toEqual(first)
    expect(await ask(key, id, 1_000, Buffer.alloc(32, 2))).toEqual({ type: 'stale', afterMs: 1_000 })
    expect(await ask(key, id, 2_000, Buffer.alloc(32, 2))).toMatchObject({ type: 'opened' })
    expect(await ask(key, id, 1_000, Buffer.alloc(32, 1))).toEqual({ type: 'stale', afterMs: 2_000 })
    expect(await ask(signingKey(Buffer.alloc(32, 5)), id, 3_000, Buffer.alloc(32, 1))).toEqual({ type: 'badSignature' })
    expect(await ask(key, 'nobody', 3_000, Buffer.alloc(32, 1))).toEqual({ type: 'unknownFridge' })
    expect(await ask(key, id, 3_000, Buffer.alloc(32, 1), { atMs: 3_001 })).toEqual({ type: 'badSignature' })
    expect(await ask(key, id, 3_000, Buffer.alloc(32, 1), { protocol: 9 })).toMatchObject({ type: 'unsupportedVersion' }) // prettier-ignore
    expect(await ask(key, id, 3_000, Buffer.alloc(32, 1), { more: 1 })).toMatchObject({ type: 'malformed' })
  })

  test('[SY32] [SY38] what a fridge says is kept with its time; a revoked one says nothing more', async () => {
    const { id } = await fridgeOnline()
    // its facts and its state are two messages, and come in either order
    await until(async () => (await liveOf(db(), id)).some(({ state, facts }) => state !== null && facts !== null))
    const [now] = await liveOf(db(), id)
    expect(now).toMatchObject({ online: true, facts: { holdMinor: 1500 }, state: { celsius: 4, at: 'idle' } })
    expect(Math.abs((now?.fridgeNowMs ?? 0) - Date.now())).toBeLessThan(2_000)
    await db().updateTable('fridges').set({ revoked_at: new Date() }).where('id', '=', id).execute()
    expect(await live.now({ fridge: id, order: openDoor, ...from }, 200)).toEqual({ outcome: 'silent' })
    expect(await live.passwordOf(id)).toBeNull()
  })
}
