/** The fridge's end of MQTT, against a relay and a broker in memory that were written from SPEC.md, on the simulation's clock. */
import { expect, test } from 'vitest'
import { silent, type Random } from '../../../src/core/ports.ts'
import { hourMs, minuteMs, secondMs } from '../../../src/core/time.ts'
import { createCommandLink, type CommandLink, type Connect } from '../../../sync/edge/commands.ts'
import { budgetBytesPerHour } from '../../../sync/edge/telemetry.ts'
import { channelKeys, channelPublicKey, channelRoot, type ChannelKeys } from '../../../sync/protocol/channel.ts'
import {
  downTopic,
  laneOf,
  type Command,
  type Lane,
  type LiveState,
  type Order,
  type Outcome,
} from '../../../sync/protocol/mqtt.ts'
import { orderDigest } from '../../../sync/protocol/order-digest.ts'
import { open, seal } from '../../../sync/protocol/sealed.ts'
import { signingKey } from '../../../sync/protocol/signing.ts'
import { chance } from '../../sim/chance.ts'
import { simTime } from '../../sim/time.ts'

const fridge = 'fridge-1'
const visit = '00000000-0000-4000-8000-000000000001'
const openDoor: Order = { type: 'openDoor', visit }
const review: Order = { type: 'review', visit, taken: [] }

type Said = { readonly topic: string; readonly body: unknown; readonly counter: number; readonly retain: boolean }

function stage() {
  const time = simTime(1_764_000_000_000)
  const said: Said[] = []
  const acted: Command[] = []
  const ledger: Record<Lane, Map<number, Pick<Outcome, 'outcome' | 'why'>>> = { now: new Map(), kept: new Map() }
  const sky = { relay: true, broker: true, actMs: 0, channels: 0, connections: 0, wrongPassword: false }
  let keys: ChannelKeys | null = null
  let on: Parameters<Connect>[1] | null = null
  let will: { topic: string; bytes: Uint8Array } | null = null
  let state: LiveState = { atMs: 0, doorOpen: false, celsius: 4, at: 'idle', closed: null, pending: 0 }

  const hear = (topic: string, bytes: Uint8Array, retain: boolean): void => {
    const opened = open(keys?.up ?? Buffer.alloc(32), topic, bytes)
    if (!opened.ok) throw new Error(opened.error)
    said.push({ topic, ...opened.value, retain })
  }
  const connect: Connect = (to, events) => {
    sky.connections += 1
    time.after(20, () => {
      if (!sky.broker || to.password !== keys?.password || sky.wrongPassword) return events.closed('refused')
      on = events
      will = to.will
      events.connected()
    })
    return {
      subscribe: () => {},
      publish: (topic, bytes, { retain }) => on === events && hear(topic, bytes, retain),
      end: () => (on = on === events ? null : on),
    }
  }
  const random: Random = { bytes: (count) => chance(1, `${time.steps()}`).bytes(count), uuid: () => '' }
  const started = (): CommandLink =>
    createCommandLink(
      {
        connect,
        fetch: async (_url, { body }) => {
          if (!sky.relay) throw new Error('no network')
          const asked = JSON.parse(Buffer.from(body).toString()) as { publicKey: string }
          const secret = Buffer.alloc(32, ++sky.channels)
          const relayKey = channelPublicKey(secret)
          const root = channelRoot(secret, asked.publicKey, { fridge, fridgeKey: asked.publicKey, relayKey })
          keys = channelKeys(root ?? Buffer.alloc(32))
          return {
            status: 200,
            text: async () => JSON.stringify({ type: 'opened', publicKey: relayKey, broker: null }),
          }
        },
        key: signingKey(Buffer.alloc(32, 7)),
        clock: time,
        random,
        log: silent,
        facts: () => ({
          atMs: time.nowMs(),
          version: '1',
          name: 'x',
          holdMinor: 1500,
          currency: 'EUR',
          acted: {
            now: Math.max(0, ...ledger.now.keys()),
            kept: Math.max(0, ...ledger.kept.keys()),
          },
        }),
        state: () => ({ ...state, atMs: time.nowMs() }),
        known: ({ lane, number }) =>
          ledger[lane].get(number) ?? (number < Math.max(0, ...ledger[lane].keys()) ? 'unknown' : null),
        async act(command) {
          await new Promise<void>((resolve) => void time.after(sky.actMs, resolve))
          acted.push(command)
          const outcome = { outcome: 'done', why: null } as const
          ledger[command.lane].set(command.number, outcome)
          return outcome
        },
        failed(error) {
          throw error
        },
      },
      { fridge, relayUrl: 'https://relay.test' },
    )
  return {
    time,
    said,
    acted,
    sky,
    ledger,
    start: started,
    run: (ms: number) => time.runUntil(time.sleep(ms)),
    outcomes: () => said.flatMap(({ topic, body }) => (topic.endsWith('outcome') ? [body as Outcome] : [])),
    states: () => said.filter(({ topic }) => topic.endsWith('state')),
    keys: () => keys,
    message(order: Order, number: number, parts: { untilMs?: number; fridge?: string; key?: Uint8Array } = {}) {
      const topic = downTopic(fridge, laneOf[order.type])
      const body = { fridge: parts.fridge ?? fridge, untilMs: parts.untilMs ?? time.nowMs() + 5 * secondMs, by: 'o', reason: '', order } // prettier-ignore
      return { topic, bytes: seal(parts.key ?? keys?.down ?? Buffer.alloc(32), topic, number, body) }
    },
    deliver({ topic, bytes }: { topic: string; bytes: Uint8Array }) {
      time.after(0, () => on?.message(topic, bytes))
    },
    drop() {
      const gone = on
      on = null
      if (will !== null) hear(will.topic, will.bytes, true)
      gone?.closed('lost')
    },
    set: (parts: Partial<LiveState>) => (state = { ...state, ...parts }),
  }
}

test('[SY35] a good command is acted on, and answered after that', async () => {
  const { start, run, message, deliver, acted, outcomes, sky } = stage()
  const link = start()
  await run(5 * secondMs)
  expect(link.standing()).toEqual({ at: 'connected', lastError: null })
  sky.actMs = secondMs
  deliver(message(openDoor, 1))
  await run(500)
  expect(outcomes()).toEqual([])
  await run(secondMs)
  expect(acted.map(({ number, order }) => [number, order.type])).toEqual([[1, 'openDoor']])
  expect(outcomes()).toEqual([{ lane: 'now', number: 1, outcome: 'done', why: null }])
})

test('[SY85] a command has the digest of its order as it came, with what this release does not know of it', async () => {
  const { start, run, message, deliver, acted } = stage()
  start()
  await run(5 * secondMs)
  const later = { ...openDoor, sinceNextRelease: true }
  deliver(message(later, 1))
  await run(secondMs)
  expect(acted.map(({ order, digest }) => [order, digest])).toEqual([[openDoor, orderDigest(later)]])
})

test('[SY33] [Y5] a command that comes again, twice at once, after others or after a restart is acted on once', async () => {
  const { start, run, message, deliver, acted, outcomes, sky } = stage()
  const link = start()
  await run(5 * secondMs)
  sky.actMs = 50
  const first = message(openDoor, 1)
  for (const one of [first, first, message(openDoor, 3), first, message(openDoor, 2), message(openDoor, 3)])
    deliver(one)
  await run(secondMs)
  expect(acted.map(({ number }) => number)).toEqual([1, 3])
  expect(outcomes().map(({ number, outcome }) => [number, outcome])).toEqual([
    [1, 'done'],
    [1, 'done'],
    [3, 'done'],
    [1, 'done'],
    [2, 'stale'],
    [3, 'done'],
  ])
  link.stop()
  start()
  await run(10 * secondMs)
  deliver(first) // of the channel before: nobody can read it any more
  deliver(message(openDoor, 3))
  deliver(message(openDoor, 4))
  await run(secondMs)
  expect(acted.map(({ number }) => number)).toEqual([1, 3, 4])
})

test('[SY34] [Y5] a door is not opened by a command that is late, however it was held up', async () => {
  const { start, run, time, message, deliver, acted, outcomes, sky } = stage()
  start()
  await run(5 * secondMs)
  const held = message(openDoor, 1, { untilMs: time.nowMs() + secondMs })
  await run(2 * secondMs)
  deliver(held)
  await run(secondMs)
  sky.actMs = 3 * secondMs
  deliver(message(review, 1, { untilMs: time.nowMs() + minuteMs }))
  deliver(message(openDoor, 2, { untilMs: time.nowMs() + 2 * secondMs })) // waits behind another until it is too late
  await run(10 * secondMs)
  expect(acted.map(({ order }) => order.type)).toEqual(['review'])
  expect(outcomes()).toEqual([
    { lane: 'now', number: 1, outcome: 'stale', why: 'late' },
    { lane: 'kept', number: 1, outcome: 'done', why: null },
    { lane: 'now', number: 2, outcome: 'stale', why: 'late' },
  ])
})

test('[SY37] what is not sealed well, for another fridge, on the wrong lane or not understood is not acted on', async () => {
  const { start, run, message, deliver, acted, outcomes, keys } = stage()
  start()
  await run(5 * secondMs)
  const good = message(openDoor, 9)
  deliver({ ...good, bytes: Buffer.concat([good.bytes, Buffer.from(' ')]) })
  deliver(message(openDoor, 9, { key: Buffer.alloc(32, 1) }))
  deliver(message(openDoor, 9, { key: keys()?.up ?? Buffer.alloc(0) }))
  deliver({ topic: downTopic('fridge-2', 'now'), bytes: good.bytes })
  deliver({ topic: downTopic(fridge, 'kept'), bytes: good.bytes })
  deliver({ topic: good.topic, bytes: Buffer.alloc(100_000) })
  await run(secondMs)
  expect([acted, outcomes()]).toEqual([[], []])
  deliver(message(openDoor, 9, { fridge: 'fridge-2' }))
  const wrong = downTopic(fridge, 'kept')
  deliver({ topic: wrong, bytes: seal(keys()?.down ?? Buffer.alloc(0), wrong, 5, { fridge, untilMs: 9e15, by: 'o', reason: '', order: openDoor }) }) // prettier-ignore
  deliver({ topic: good.topic, bytes: seal(keys()?.down ?? Buffer.alloc(0), good.topic, 10, { order: { type: 'fly' } }) }) // prettier-ignore
  await run(secondMs)
  expect(acted).toEqual([])
  expect(outcomes().map(({ number, why }) => [number, why])).toEqual([
    [9, 'wrongLane'],
    [5, 'wrongLane'],
    [10, 'notUnderstood'],
  ])
  deliver(message(openDoor, 11))
  await run(secondMs)
  expect(acted.length).toBe(1)
})

test('[SY32] the last will says gone, below all that is said after the next connection', async () => {
  const { start, run, drop, said, sky } = stage()
  start()
  await run(5 * secondMs)
  drop()
  sky.broker = false
  await run(minuteMs)
  sky.broker = true
  await run(6 * minuteMs)
  const online = said.filter(({ topic }) => topic.endsWith('online'))
  expect(online.map(({ body }) => (body as { online: boolean }).online)).toEqual([true, false, true])
  expect(online.every(({ retain }) => retain)).toBe(true)
  expect(sky.channels).toBeGreaterThan(1) // the broker refused, so the channel was opened anew
})

test('[SY38] lost connections are sought with back-off, and a channel is renewed every six hours', async () => {
  const { start, run, drop, sky } = stage()
  const link = start()
  await run(5 * secondMs)
  expect(sky.connections).toBe(1)
  sky.relay = false
  sky.broker = false
  drop()
  await run(hourMs)
  expect(link.standing()).toMatchObject({ at: 'waiting' })
  expect(sky.connections).toBeLessThan(10)
  sky.relay = true
  sky.broker = true
  await run(10 * minuteMs)
  expect(link.standing()).toEqual({ at: 'connected', lastError: null })
  const before = sky.channels
  await run(13 * hourMs)
  expect(sky.channels - before).toBe(2)
  expect(link.standing().at).toBe('connected')
})

test('[SY38] changes are told at once, a storm of them within the budget, and the last of them is not missed', async () => {
  const { start, run, set, states, said } = stage()
  const link = start()
  await run(5 * secondMs)
  set({ doorOpen: true, at: 'shopping' })
  link.changed()
  await run(secondMs)
  expect(states().at(-1)?.body).toMatchObject({ doorOpen: true, at: 'shopping' })
  set({ celsius: 4.2 })
  link.changed()
  const quiet = states().length
  await run(secondMs)
  expect(states().length).toBe(quiet)
  const from = said.length
  for (let at = 0; at < 3_600; at++) {
    set({ doorOpen: at % 2 === 0 })
    link.changed()
    await run(secondMs)
  }
  const bytes = said.slice(from).reduce((sum, { topic, body }) => sum + topic.length + 41 + JSON.stringify(body).length, 0) // prettier-ignore
  expect(bytes).toBeLessThan(budgetBytesPerHour * 1.2)
  set({ doorOpen: true, at: 'idle', closed: 'storage' })
  link.changed()
  await run(3 * minuteMs)
  expect(states().at(-1)?.body).toMatchObject({ at: 'idle', closed: 'storage' })
})

test('[SY38] a fridge that is stopped says that it goes', async () => {
  const { start, run, said } = stage()
  const link = start()
  await run(5 * secondMs)
  link.stop()
  expect(said.at(-1)).toMatchObject({ topic: 'fridge/fridge-1/up/online', body: { online: false }, retain: true })
  await run(hourMs)
  expect(link.standing().at).toBe('stopped')
})
