/**
 * Commands: the fridge's end of MQTT. It opens a channel, tells how the fridge is, and hands each good command on, once.
 *
 * Holds always (SPEC SY33-SY37): a command is handed on only if its seal is good, its number is above all that the ledger
 * knows of its lane, and its time has not passed; its outcome is told after it is written, never before. No clock, chance
 * or network of its own. Started by the runtime, which gives `act`; whatever that throws goes to `failed`.
 */
import type { Cancel, Clock, Log, Random } from '../../src/core/ports.ts'
import { hourMs, secondMs } from '../../src/core/time.ts'
import {
  channelAnswerSchema,
  channelKeys,
  channelPath,
  channelPublicKey,
  channelRoot,
  mqttPath,
  signedChannel,
  type ChannelKeys,
} from '../protocol/channel.ts'
import { protocolVersion } from '../protocol/messages.ts'
import {
  allDown,
  commandSchema,
  laneOf,
  lanes,
  readTopic,
  upTopic,
  type Command,
  type Lane,
  type LiveState,
  type OnlineFacts,
  type Outcome,
} from '../protocol/mqtt.ts'
import { orderDigest } from '../protocol/order-digest.ts'
import { open, seal } from '../protocol/sealed.ts'
import type { SigningKey } from '../protocol/signing.ts'
import { backOffMs, spread } from './back-off.ts'
import { ask, type Fetch } from './exchange.ts'
import { createTelemetry } from './telemetry.ts'

/** A connection to a broker, as a port: the runtime gives mqtt.js, the simulation its own network. */
export type Connect = (
  to: {
    readonly url: string
    readonly username: string
    readonly password: string
    readonly will: { readonly topic: string; readonly bytes: Uint8Array }
  },
  on: {
    connected(): void
    message(topic: string, bytes: Uint8Array): void
    /** Once, whatever ended it; nothing is told afterwards. */
    closed(why: string): void
  },
) => Connection

export interface Connection {
  subscribe(topic: string): void
  /** `sure`: repeated until the broker has it. */
  publish(topic: string, bytes: Uint8Array, how: { readonly sure: boolean; readonly retain: boolean }): void
  end(): void
}

export interface CommandPorts {
  readonly connect: Connect
  readonly fetch: Fetch
  readonly key: Pick<SigningKey, 'sign'>
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly facts: () => OnlineFacts
  readonly state: () => LiveState
  /** What the ledger knows of a command: its outcome, `unknown` where another has used its number up, null for a new one. */
  readonly known: (command: Command) => Pick<Outcome, 'outcome' | 'why'> | 'unknown' | null
  /** Acts, or refuses; resolves when that is written. */
  readonly act: (command: Command) => Promise<Pick<Outcome, 'outcome' | 'why'>>
  readonly failed: (error: unknown) => void
}

export interface CommandSettings {
  readonly fridge: string
  readonly relayUrl: string
  /** Where the broker is, if not where the relay says. */
  readonly brokerUrl?: string | undefined
  readonly timeoutMs?: number
}

export type LinkStanding = 'opening' | 'connecting' | 'connected' | 'waiting' | 'stopped'

export interface CommandLink {
  /** Something of the state may have changed. */
  changed(): void
  standing(): { readonly at: LinkStanding; readonly lastError: string | null }
  stop(): void
}

/** A channel is renewed that often: a relay that was put back to a backup knows an older one only. */
const channelLivesMs = 6 * hourMs

export function createCommandLink(ports: CommandPorts, settings: CommandSettings): CommandLink {
  const { clock, random, log, connect, fetch } = ports
  const { fridge, relayUrl, brokerUrl, timeoutMs = 20 * secondMs } = settings
  const wire = { fetch, clock, relayUrl, timeoutMs }

  let at: LinkStanding = 'opening'
  let lastError: string | null = null
  let failures = 0
  let channel: { readonly keys: ChannelKeys; readonly url: string; readonly bornMs: number } | null = null
  let connection: Connection | null = null
  let online = false
  let askedAtMs = 0
  let counters = { online: 0, state: 0, outcome: 0 }
  let acting: Promise<void> = Promise.resolve()
  let cancelTurn: Cancel = () => {}

  const telemetry = createTelemetry({ clock, state: ports.state }, (state) => {
    counters.state += 1
    return say('state', counters.state, state, { sure: false, retain: false })
  })

  function turnIn(delayMs: number): void {
    cancelTurn()
    cancelTurn = clock.after(delayMs, () => void turn().catch(ports.failed))
  }

  async function turn(): Promise<void> {
    if (at === 'stopped') return
    if (channel === null || clock.nowMs() - channel.bornMs > channelLivesMs) {
      at = 'opening'
      const opened = await openChannel()
      if (isStopped()) return
      if (typeof opened === 'string') return wait(opened)
      channel = opened
    }
    join(channel)
  }

  const isStopped = (): boolean => at === 'stopped'

  async function openChannel(): Promise<NonNullable<typeof channel> | string> {
    const secret = random.bytes(32)
    const fridgeKey = channelPublicKey(secret)
    askedAtMs = Math.max(askedAtMs + 1, Math.floor(clock.nowMs()))
    const atMs = askedAtMs
    const signature = Buffer.from(ports.key.sign(signedChannel(fridge, atMs, fridgeKey))).toString('base64')
    const body = Buffer.from(
      JSON.stringify({ protocol: protocolVersion, fridge, atMs, publicKey: fridgeKey, signature }),
    )
    const question = { path: channelPath, headers: { 'content-type': 'application/json' }, body }
    const answer = await ask(wire, question, channelAnswerSchema).reply
    if (answer.type === 'stale') askedAtMs = Math.max(askedAtMs, answer.afterMs)
    if (answer.type !== 'opened') return answer.type
    const relayKey = answer.publicKey
    const root = channelRoot(secret, relayKey, { fridge, fridgeKey, relayKey })
    if (root === null) return 'badKey'
    counters = { online: 0, state: 0, outcome: 0 }
    const url = brokerUrl ?? answer.broker ?? `${relayUrl.replace(/^http/, 'ws')}${mqttPath}`
    return { keys: channelKeys(root), url, bornMs: clock.nowMs() }
  }

  function join({ keys, url }: NonNullable<typeof channel>): void {
    at = 'connecting'
    const topic = upTopic(fridge, 'online')
    // The broker says the second of the two when the fridge is gone; whatever is said after a new connection is above it.
    const [hello, goodbye] = [counters.online + 1, counters.online + 2]
    counters.online = goodbye
    const will = { topic, bytes: seal(keys.up, topic, goodbye, { online: false }) }
    const to = { url, username: fridge, password: keys.password, will }
    const made: Connection = connect(to, {
      connected() {
        if (connection !== made || isStopped()) return
        at = 'connected'
        online = true
        lastError = null
        failures = 0
        made.subscribe(allDown(fridge))
        say('online', hello, { online: true, ...ports.facts() }, { sure: true, retain: true })
        telemetry.start()
        const bornMs = channel?.bornMs ?? clock.nowMs()
        cancelTurn()
        cancelTurn = clock.after(Math.max(secondMs, bornMs + channelLivesMs - clock.nowMs()), renew)
      },
      message(topic, bytes) {
        if (connection === made) arrived(keys, topic, bytes)
      },
      closed(why) {
        if (connection !== made) return
        // Refused before it was ever good: the broker may know another channel than we do.
        if (!online) channel = null
        left()
        wait(why)
      },
    })
    connection = made
  }

  function left(): void {
    connection = null
    online = false
    telemetry.stop()
  }

  /** Ends this connection as a lost one would, and opens a new channel. */
  function renew(): void {
    const old = connection
    left()
    old?.end()
    channel = null
    turnIn(0)
  }

  function wait(why: string): void {
    if (isStopped()) return
    failures += 1
    lastError = why
    at = 'waiting'
    turnIn(backOffMs(random, failures, 0))
  }

  function say(
    what: 'online' | 'state' | 'outcome',
    counter: number,
    body: unknown,
    how: { readonly sure: boolean; readonly retain: boolean },
  ): number {
    if (connection === null || channel === null || !online) return 0
    const topic = upTopic(fridge, what)
    const bytes = seal(channel.keys.up, topic, counter, body)
    connection.publish(topic, bytes, how)
    return topic.length + bytes.length
  }

  function arrived(keys: ChannelKeys, topic: string, bytes: Uint8Array): void {
    const read = readTopic(topic)
    const lane = lanes.find((one) => one === read?.what)
    if (read?.fridge !== fridge || read.way !== 'down' || lane === undefined)
      return log.warn('a message that is not for this fridge was left', { topic: topic.slice(0, 80) })
    const opened = open(keys.down, topic, bytes)
    if (!opened.ok) return log.warn('a command was left', { lane, why: opened.error })
    const number = opened.value.counter
    const body = commandSchema.safeParse(opened.value.body)
    // The relay's own word, but of a later release: it is told, so that nobody waits.
    if (!body.success) return tell(lane, number, { outcome: 'refused', why: 'notUnderstood' })
    if (body.data.fridge !== fridge || laneOf[body.data.order.type] !== lane)
      return tell(lane, number, { outcome: 'refused', why: 'wrongLane' })
    const command = { ...body.data, lane, number, digest: orderDigest(orderIn(opened.value.body)) }
    acting = acting.then(() => judged(command)).catch(ports.failed)
  }

  /** One after the other: the second of two equal ones finds the first in the ledger. */
  async function judged(command: Command): Promise<void> {
    const { lane, number } = command
    if (isStopped()) return
    const known = ports.known(command)
    // It is the relay that was put back to a backup: it is told where to go on.
    if (known === 'unknown')
      return tell(lane, number, { outcome: 'stale', why: 'later', highest: ports.facts().acted[lane] })
    if (known !== null) return tell(lane, number, known)
    if (clock.nowMs() > command.untilMs) return tell(lane, number, { outcome: 'stale', why: 'late' })
    tell(lane, number, await ports.act(command))
    telemetry.changed()
  }

  function tell(lane: Lane, number: number, outcome: Omit<Outcome, 'lane' | 'number'>): void {
    counters.outcome += 1
    say('outcome', counters.outcome, { lane, number, ...outcome } satisfies Outcome, { sure: true, retain: false })
  }

  // A fleet whose power came back does not ask in the same moment.
  turnIn(spread(random, secondMs))

  return {
    changed: () => telemetry.changed(),
    standing: () => ({ at, lastError }),
    stop() {
      if (connection !== null) say('online', (counters.online += 1), { online: false }, { sure: true, retain: true })
      at = 'stopped'
      cancelTurn()
      const old = connection
      left()
      old?.end()
    },
  }
}

/** As it came: the schema leaves out what it does not know. */
const orderIn = (body: unknown): unknown =>
  typeof body === 'object' && body !== null && 'order' in body ? body.order : null
