/**
 * Live: the relay's end of MQTT. It hears fridges, keeps what they say in the tables, and sends them commands.
 *
 * Holds always (SPEC SY32-SY37): nothing of a message is believed before its seal was found good for its fridge's channel;
 * a command that is good for seconds is sent once; one that waits is sent again at each sign of its fridge until it is
 * answered. Any number of copies may do all of this at once. Built by main.ts and by tests.
 */
import type { FastifyBaseLogger } from 'fastify'
import { secondMs } from '../../src/core/time.ts'
import { channelKeys, type ChannelKeys } from '../protocol/channel.ts'
import {
  commandSchema,
  downTopic,
  lanes,
  onlineSchema,
  outcomeSchema,
  readTopic,
  stateSchema,
  type CommandBody,
  type Lane,
  type Order,
  type Outcome,
} from '../protocol/mqtt.ts'
import { open, seal } from '../protocol/sealed.ts'
import type { Broker, BrokerListener } from './broker/broker.ts'
import type { Metrics } from './metrics.ts'
import { channelRootOf, heardOnline, heardState, liveOf } from './store/channels.ts'
import { addCommand, answered, nextKept, outcomeOf, raiseLane, renumber } from './store/commands.ts'
import { faultOf } from './store/faults.ts'
import type { Db } from './store/open.ts'

export interface LivePorts {
  /** Null while the database is being opened. */
  readonly db: () => Db | null
  readonly metrics: Pick<Metrics, 'message' | 'command'>
  readonly log: FastifyBaseLogger
  readonly patience?: Patience | undefined
}

/** How long is waited, in milliseconds, for a fridge that somebody waits for. */
export interface Patience {
  /** An unlock is good for so long. */
  readonly unlockMs: number
  /** After its end the fridge's word is waited for a little longer. */
  readonly wordMs: number
}
export const usualPatience: Patience = { unlockMs: 8 * secondMs, wordMs: 3 * secondMs }

export type SentNow =
  | Pick<Outcome, 'outcome' | 'why'>
  /** The fridge is not there: nothing was sent. */
  | { readonly outcome: 'offline' }
  /** It was sent, and nothing was heard of it yet. */
  | { readonly outcome: 'silent' }

export interface Live {
  readonly listener: BrokerListener
  use(broker: Broker): void
  broker(): Broker | null
  /** What the broker that is embedded lets a fridge in with. */
  passwordOf(fridge: string): Promise<string | null>
  /**
   * Sends a command that is good for `goodForMs`, and waits for its outcome as long, and a little longer. `made` is told
   * its number and its end, in fridge time, before it is sent: what must not be forgotten is written there.
   */
  now(
    command: { readonly fridge: string; readonly order: Order; readonly by: string; readonly reason: string },
    goodForMs: number,
    made?: (number: number, untilMs: number, trx: Db) => Promise<void>,
  ): Promise<SentNow>
  /** Sends the command that waits longest, if the fridge is there. */
  flush(fridge: string): Promise<void>
  /** Calls back when this copy has heard the fridge's state; what other copies hear is in the tables. Call what it gives to end it. */
  watch(fridge: string, heard: () => void): () => void
  close(): Promise<void>
}

/** A command that waits is good for so long each time it is sent. */
const keptGoodForMs = 60 * secondMs
/** A fridge that was silent for so long has not been there: it says something every two minutes. */
export const silentAfterMs = 300 * secondMs
const pollMs = 150
const rootsKept = 20_000

export function createLive({ db, metrics, log, patience = usualPatience }: LivePorts): Live {
  let broker: Broker | null = null
  /** Roots as they were last read: by fridge. A channel that was opened since is found when a seal is not good. */
  const roots = new Map<string, { readonly root: Uint8Array; readonly keys: ChannelKeys }>()
  const waiting = new Map<string, Set<() => void>>()
  const watchers = new Map<string, Set<() => void>>()
  let closed = false

  async function channelOf(fridge: string, anew: boolean) {
    const known = anew ? undefined : roots.get(fridge)
    if (known !== undefined) return known
    const open = db()
    const root = open === null ? null : await channelRootOf(open, fridge)
    if (root === null) {
      roots.delete(fridge)
      return null
    }
    const read = { root, keys: channelKeys(root) }
    if (roots.size >= rootsKept) roots.clear()
    roots.set(fridge, read)
    return read
  }

  async function heard(topic: string, bytes: Uint8Array): Promise<string> {
    const read = readTopic(topic)
    const store = db()
    if (read === null || read.way !== 'up') return 'foreign'
    if (store === null) return 'busy'
    const { fridge, what } = read
    let channel = await channelOf(fridge, false)
    let opened = channel === null ? null : open(channel.keys.up, topic, bytes)
    if (opened === null || (!opened.ok && opened.error === 'badSeal')) {
      channel = await channelOf(fridge, true)
      if (channel === null) return 'unknownFridge'
      opened = open(channel.keys.up, topic, bytes)
    }
    if (!opened.ok) return opened.error
    if (channel === null) return 'unknownFridge'
    const { counter, body } = opened.value
    if (what === 'online') {
      const said = onlineSchema.safeParse(body)
      if (!said.success) return 'malformed'
      if (!(await heardOnline(store, fridge, channel.root, counter, said.data))) return 'stale'
      if (!said.data.online) return 'taken'
      for (const lane of lanes) await raiseLane(store, fridge, lane, said.data.acted[lane])
      await flush(fridge)
      return 'taken'
    }
    if (what === 'state') {
      const said = stateSchema.safeParse(body)
      if (!said.success) return 'malformed'
      if (!(await heardState(store, fridge, channel.root, counter, said.data))) return 'stale'
      for (const tell of watchers.get(fridge) ?? []) tell()
      return 'taken'
    }
    if (what === 'outcome') {
      const said = outcomeSchema.safeParse(body)
      if (!said.success) return 'malformed'
      return heardOutcome(store, fridge, said.data)
    }
    return 'foreign'
  }

  async function heardOutcome(store: Db, fridge: string, said: Outcome): Promise<string> {
    const { lane, number } = said
    // Its numbers were used up before the relay was put back to a backup.
    if (said.outcome === 'stale' && said.highest !== undefined) await raiseLane(store, fridge, lane, said.highest)
    // A kept command can be late only on its way, and is sent again; a number below the fridge's highest can't be used.
    if (lane === 'kept' && said.outcome === 'stale') {
      if (said.why === 'later') await renumber(store, fridge, number)
      await flush(fridge)
      return 'taken'
    }
    const first = await answered(store, fridge, said)
    if (first) metrics.command(said.outcome)
    for (const wake of waiting.get(`${fridge}/${lane}/${number}`) ?? []) wake()
    if (first && lane === 'kept') await flush(fridge)
    return first ? 'taken' : 'stale'
  }

  async function send(fridge: string, lane: Lane, number: number, body: Omit<CommandBody, 'fridge'>): Promise<boolean> {
    const channel = await channelOf(fridge, true)
    if (channel === null || broker === null) return false
    const topic = downTopic(fridge, lane)
    const checked: CommandBody = commandSchema.parse({ fridge, ...body })
    return broker.publish(topic, seal(channel.keys.down, topic, number, checked))
  }

  async function flush(fridge: string): Promise<void> {
    const store = db()
    if (store === null || closed) return
    const next = await nextKept(store, fridge)
    if (next === null) return
    const [live] = await liveOf(store, fridge)
    if (live === undefined || !live.online || live.fridgeNowMs === null) return
    const { number, by, reason, order } = next
    await send(fridge, 'kept', number, { untilMs: live.fridgeNowMs + keptGoodForMs, by, reason, order })
  }

  /** Resolves at the outcome, whichever copy of the relay hears it, or null in the end. */
  async function outcomeWithin(
    store: Db,
    fridge: string,
    number: number,
    withinMs: number,
  ): Promise<Pick<Outcome, 'outcome' | 'why'> | null> {
    const name = `${fridge}/now/${number}`
    const endsAtMs = performance.now() + withinMs
    const wakers = waiting.get(name) ?? new Set()
    waiting.set(name, wakers)
    try {
      for (;;) {
        const woken = new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, pollMs)
          const wake = (): void => {
            clearTimeout(timer)
            resolve()
          }
          wakers.clear()
          wakers.add(wake)
        })
        const found = await outcomeOf(store, fridge, 'now', number)
        if (found !== null || performance.now() >= endsAtMs || closed) return found
        await woken
      }
    } finally {
      waiting.delete(name)
    }
  }

  return {
    listener: {
      message(topic, bytes) {
        heard(topic, bytes).then(
          (outcome) => metrics.message(outcome),
          (error: unknown) => {
            metrics.message('failed')
            if (faultOf(error) !== 'away') log.error(error)
          },
        )
      },
      up: () => {},
    },
    use: (one) => (broker = one),
    broker: () => broker,
    passwordOf: async (fridge) => (await channelOf(fridge, true))?.keys.password ?? null,
    async now({ fridge, order, by, reason }, goodForMs, made) {
      const store = db()
      const [live] = store === null ? [] : await liveOf(store, fridge)
      const there = live?.online === true && live.silentMs !== null && live.silentMs < silentAfterMs
      if (store === null || !there || live.fridgeNowMs === null || broker?.isUp() !== true)
        return { outcome: 'offline' }
      const untilMs = live.fridgeNowMs + goodForMs
      const number = await store.transaction().execute(async (trx) => {
        const added = await addCommand(trx, { fridge, order, by, reason, untilMs })
        await made?.(added, untilMs, trx)
        return added
      })
      await send(fridge, 'now', number, { untilMs, by, reason, order })
      return (await outcomeWithin(store, fridge, number, goodForMs + patience.wordMs)) ?? { outcome: 'silent' }
    },
    flush,
    watch(fridge, heard) {
      const here = watchers.get(fridge) ?? new Set()
      watchers.set(fridge, here.add(heard))
      return () => {
        here.delete(heard)
        if (here.size === 0 && watchers.get(fridge) === here) watchers.delete(fridge)
      }
    },
    async close() {
      closed = true
      for (const wakers of waiting.values()) for (const wake of wakers) wake()
      await broker?.close()
    },
  }
}
