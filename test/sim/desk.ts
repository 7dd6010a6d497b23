/**
 * Desk: the relay's end of commands, in memory: what sync/relay/live.ts, unlocks.ts and their tables do, on the simulation's clock.
 * The bytes, the seals and the channel are the protocol's own; the hold is placed and released by the relay's own provider.
 *
 * Its workers die in the midst of an unlock, its numbers are put back to a backup. Each command that it ever gave is told to
 * the law (laws/orders.ts), which does not believe a word of the rest.
 */
import { effectKey, visitId } from '../../src/core/ids.ts'
import { minor } from '../../src/core/money.ts'
import type { HoldRequest, PaymentProvider, PresentedCard } from '../../src/core/ports.ts'
import { channelKeys, channelPublicKey, channelRequestSchema, channelRoot, signedChannel, type ChannelAnswer, type ChannelKeys } from '../../sync/protocol/channel.ts' // prettier-ignore
import { downTopic, laneOf, onlineSchema, outcomeSchema, readTopic, stateSchema, type CommandBody, type Lane, type Order, type Outcome } from '../../sync/protocol/mqtt.ts' // prettier-ignore
import { open, seal } from '../../sync/protocol/sealed.ts'
import { publicKeyOf, verified } from '../../sync/protocol/signing.ts'
import { randomOf, type Chance } from './chance.ts'
import type { OrderLaws } from './laws/orders.ts'
import type { Kept } from './memory-books.ts'
import type { SimTime } from './time.ts'

interface Given {
  readonly order: Order
  readonly by: string
  readonly untilMs: number | null
  outcome: Outcome['outcome'] | null
}
type Said = { readonly type: Outcome['outcome'] | 'offline' | 'silent' | 'declined' | 'bankSilent' | 'lost' }
interface Transaction {
  readonly visit: string
  readonly hold: HoldRequest
  at: 'holding' | 'unlocking' | 'unlocked' | 'releasing' | 'ended'
  changedAtMs: number
  reference: string | null
  command: number | null
  untilMs: number
}

export interface Desk {
  channel(body: Uint8Array): ChannelAnswer
  heard(topic: string, bytes: Uint8Array): void
  /** An owner's order; it waits for the fridge, or is good for seconds. */
  order(order: Order): Said['type'] | null
  /** A phone: hold, command, and the fridge's word. */
  unlock(card: PresentedCard): Promise<Said>
  /** Whoever works here dies; another finishes what they began. */
  crash(): void
  backup(): void
  /** The numbers and commands of the last backup. */
  restore(): void
}

export interface DeskPorts {
  readonly time: SimTime
  readonly chance: Chance
  readonly fridge: string
  readonly publicKey: string
  readonly provider: PaymentProvider
  readonly send: (topic: string, bytes: Uint8Array) => boolean
  readonly books: () => Kept | undefined
  readonly laws: OrderLaws
}

const nowForMs = 8_000
const keptForMs = 60_000
const silentAfterMs = 300_000
const sweepEveryMs = 15_000
const leftAfterMs = 45_000

export function createDesk({ time, chance, fridge, provider, send, books, laws, ...ports }: DeskPorts): Desk {
  const random = randomOf(chance)
  let channel: { readonly askedMs: number; readonly fridgeKey: string; readonly relayKey: string; readonly keys: ChannelKeys } | null = null // prettier-ignore
  let heardLast = { online: false, counters: { online: 0, state: 0 }, fridgeMs: 0, atMs: -Infinity }
  let lanes: Record<Lane, number> = { now: 0, kept: 0 }
  let commands = new Map<string, Given>()
  let backup = { lanes: { ...lanes }, commands }
  const transactions: Transaction[] = []
  let workers = 0
  let sweeping = false

  const fridgeNowMs = (): number => heardLast.fridgeMs + time.nowMs() - heardLast.atMs
  const isThere = (): boolean => channel !== null && heardLast.online && time.nowMs() - heardLast.atMs < silentAfterMs

  function add(order: Order, by: string, untilMs: number | null): number {
    const lane = laneOf[order.type]
    const number = (lanes[lane] += 1)
    commands.set(`${lane}/${number}`, { order, by, untilMs, outcome: null })
    laws.given(lane, number, order, by)
    return number
  }

  function post(lane: Lane, number: number, { order, by }: Given, untilMs: number): void {
    if (channel === null) return
    const topic = downTopic(fridge, lane)
    const body: CommandBody = { fridge, untilMs, by, reason: 'the simulation', order }
    laws.sent(lane, number)
    send(topic, seal(channel.keys.down, topic, number, body))
  }

  function flush(): void {
    if (!isThere()) return
    const next = [...commands].filter(([name, { outcome }]) => name.startsWith('kept/') && outcome === null)
    const [first] = next.toSorted(([a], [b]) => Number(a.slice(5)) - Number(b.slice(5)))
    if (first !== undefined) post('kept', Number(first[0].slice(5)), first[1], fridgeNowMs() + keptForMs)
  }

  function heardOutcome({ lane, number, outcome, why, highest = 0 }: Outcome): void {
    lanes[lane] = Math.max(lanes[lane], highest)
    const name = `${lane}/${number}`
    const given = commands.get(name)
    if (lane === 'kept' && outcome === 'stale') {
      if (why === 'later' && given?.outcome === null) {
        commands.delete(name)
        const next = (lanes.kept += 1)
        commands.set(`kept/${next}`, given)
        laws.given('kept', next, given.order, given.by)
      }
      return flush()
    }
    if (given === undefined || given.outcome !== null) return
    given.outcome = outcome
    if (lane === 'kept') flush()
  }

  /** Transactions are not put back with the numbers: a number may be another's meanwhile. */
  function outcomeOf({ command, visit }: Transaction): Outcome['outcome'] | null {
    const given = commands.get(`now/${command}`)
    return given?.order.type === 'unlock' && given.order.visit === visit ? given.outcome : null
  }

  // ---- unlocks, as sync/relay/unlocks.ts -----------------------------------------------------------------------------
  function go(one: Transaction, from: Transaction['at'], to: Transaction['at']): boolean {
    if (one.at !== from) return false
    one.at = to
    one.changedAtMs = time.nowMs()
    return true
  }
  async function release(one: Transaction): Promise<void> {
    const key = effectKey(`${one.visit}/relay-release`)
    const released = await provider.release({ key, reference: one.reference, hold: one.hold, askedAtMs: time.nowMs() })
    if (released.ok || released.error.code === 'captured') go(one, 'releasing', 'ended')
  }
  async function giveBack(one: Transaction, from: Transaction['at']): Promise<void> {
    if (go(one, from, 'releasing')) await release(one)
  }

  function sweepLater(): void {
    if (sweeping) return
    sweeping = true
    void time.apart.after(sweepEveryMs, () => {
      sweeping = false
      void sweep().then(() => {
        if (transactions.some(({ at }) => at !== 'unlocked' && at !== 'ended')) sweepLater()
      })
    })
  }
  async function sweep(): Promise<void> {
    for (const one of transactions) {
      if (one.at === 'unlocked' || one.at === 'ended' || time.nowMs() - one.changedAtMs < leftAfterMs) continue
      one.changedAtMs = time.nowMs()
      if (one.at === 'holding') await giveBack(one, 'holding')
      else if (one.at === 'releasing') await release(one)
      else await sweepUnlocking(one)
    }
  }
  async function sweepUnlocking(one: Transaction): Promise<void> {
    const outcome = outcomeOf(one)
    if (outcome === 'done') return void go(one, 'unlocking', 'unlocked')
    if (outcome !== null) return giveBack(one, 'unlocking')
    const rows = books()?.rows ?? []
    const taken = rows.some(({ body }) => body?.startsWith('{"type":"HoldPlaced"') === true && body.includes(one.visit))
    if (taken) go(one, 'unlocking', 'unlocked')
    else if ((rows.at(-1)?.atMs ?? 0) > one.untilMs) await giveBack(one, 'unlocking')
  }

  return {
    channel(body) {
      const request = channelRequestSchema.safeParse(JSON.parse(Buffer.from(body).toString()))
      if (!request.success) return { type: 'malformed', what: 'the request' }
      const { atMs, publicKey, signature } = request.data
      const key = publicKeyOf(Buffer.from(ports.publicKey, 'base64'))
      if (key === null || !verified(key, signedChannel(fridge, atMs, publicKey), Buffer.from(signature, 'base64')))
        return { type: 'badSignature' }
      if (channel !== null && channel.askedMs >= atMs) {
        const same = channel.askedMs === atMs && channel.fridgeKey === publicKey
        return same ? { type: 'opened', publicKey: channel.relayKey, broker: null } : { type: 'stale', afterMs: channel.askedMs } // prettier-ignore
      }
      const secret = chance.bytes(32)
      const relayKey = channelPublicKey(secret)
      const root = channelRoot(secret, publicKey, { fridge, fridgeKey: publicKey, relayKey })
      if (root === null) return { type: 'malformed', what: 'publicKey' }
      channel = { askedMs: atMs, fridgeKey: publicKey, relayKey, keys: channelKeys(root) }
      heardLast = { online: false, counters: { online: 0, state: 0 }, fridgeMs: 0, atMs: -Infinity }
      return { type: 'opened', publicKey: relayKey, broker: null }
    },
    heard(topic, bytes) {
      const what = readTopic(topic)?.what
      const opened = channel === null ? null : open(channel.keys.up, topic, bytes)
      if (opened?.ok !== true) return
      const { counter, body } = opened.value
      if (what === 'outcome') {
        const said = outcomeSchema.safeParse(body)
        return said.success ? heardOutcome(said.data) : undefined
      }
      if (what !== 'online' && what !== 'state') return
      if (counter <= heardLast.counters[what]) return
      heardLast.counters[what] = counter
      if (what === 'online') {
        const said = onlineSchema.parse(body)
        heardLast.online = said.online
        if (!said.online) return
        heardLast = { ...heardLast, fridgeMs: said.atMs, atMs: time.nowMs() }
        for (const lane of ['now', 'kept'] as const) lanes[lane] = Math.max(lanes[lane], said.acted[lane])
        return flush()
      }
      heardLast = { ...heardLast, online: true, fridgeMs: stateSchema.parse(body).atMs, atMs: time.nowMs() }
    },
    order(order) {
      if (laneOf[order.type] === 'kept') {
        add(order, 'the owner', null)
        flush()
        return null
      }
      if (!isThere()) return 'offline'
      const untilMs = fridgeNowMs() + nowForMs
      const number = add(order, 'the owner', untilMs)
      post('now', number, { order, by: 'the owner', untilMs, outcome: null }, untilMs)
      return null
    },
    async unlock({ paymentMethod, fingerprint }) {
      if (!isThere()) return { type: 'offline' }
      const mine = workers
      const visit = random.uuid()
      const hold: HoldRequest = { key: effectKey(`${visit}/hold`), visit: visitId(visit), paymentMethod, amountMinor: minor(1_000), currency: 'EUR', askedAtMs: time.nowMs() } // prettier-ignore
      laws.phone(visit)
      const one: Transaction = { visit, hold, at: 'holding', changedAtMs: time.nowMs(), reference: null, command: null, untilMs: 0 } // prettier-ignore
      transactions.push(one)
      sweepLater()
      const placed = await provider.placeHold(hold)
      if (mine !== workers) return { type: 'lost' }
      if (!placed.ok) {
        if (placed.error.code === 'declined') return (go(one, 'holding', 'ended'), { type: 'declined' })
        await giveBack(one, 'holding')
        return { type: 'bankSilent' }
      }
      const { reference, captureWithinMs } = placed.value
      one.reference = reference
      if (!isThere()) {
        await giveBack(one, 'holding')
        return { type: 'offline' }
      }
      if (!go(one, 'holding', 'unlocking')) return { type: 'lost' } // another thought that this worker was gone
      const order: Order = { type: 'unlock', visit, hold: { reference, paymentMethod, fingerprint, amountMinor: 1_000, currency: 'EUR', captureWithinMs: Math.max(0, captureWithinMs - 30_000) } } // prettier-ignore
      one.untilMs = fridgeNowMs() + nowForMs
      one.command = add(order, 'a shopper', one.untilMs)
      post('now', one.command, { order, by: 'a shopper', untilMs: one.untilMs, outcome: null }, one.untilMs)
      for (let waitedMs = 0; waitedMs < nowForMs + 3_000 && outcomeOf(one) === null; waitedMs += 150) {
        await new Promise<void>((resolve) => void time.apart.after(150, resolve))
        if (mine !== workers) return { type: 'lost' }
      }
      const outcome = outcomeOf(one)
      if (outcome === null) return { type: 'silent' }
      if (outcome === 'done') go(one, 'unlocking', 'unlocked')
      else await giveBack(one, 'unlocking')
      return { type: outcome }
    },
    crash: () => void (workers += 1),
    backup() {
      backup = { lanes: { ...lanes }, commands: new Map([...commands].map(([name, given]) => [name, { ...given }])) }
    },
    restore() {
      workers += 1
      lanes = { ...backup.lanes }
      commands = new Map([...backup.commands].map(([name, given]) => [name, { ...given }]))
    },
  }
}
