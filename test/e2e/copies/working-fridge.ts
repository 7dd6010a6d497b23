/**
 * Working fridge: a fridge of the test's own process that does all that a fridge does towards its relay: pairs, pushes its
 * books, is commanded, sells. Its step is the runtime's, its pusher and command link are the edge's; only the door, the shelves
 * and the disk are this file's. Whatever opens its door takes a can.
 */
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { defaultLimits } from '../../../src/cabinet/cabinet.ts'
import type { Effect } from '../../../src/core/effects.ts'
import { sku, visitId } from '../../../src/core/ids.ts'
import { minor } from '../../../src/core/money.ts'
import { silent, type Clock, type PaymentProvider } from '../../../src/core/ports.ts'
import { evolve, newFridge, step, type FridgeInput } from '../../../src/runtime/fridge.ts'
import { overHttp } from '../../../src/runtime/relay-files.ts'
import { known } from '../../../src/runtime/remote.ts'
import { unlockKey } from '../../../src/session/keys.ts'
import { isFree } from '../../../src/session/state.ts'
import { createCommandLink, type Connect } from '../../../sync/edge/commands.ts'
import { pair } from '../../../sync/edge/pairing.ts'
import { createPusher } from '../../../sync/edge/pusher.ts'
import type { Command } from '../../../sync/protocol/mqtt.ts'
import { signingKey } from '../../../sync/protocol/signing.ts'
import { createBooks, visitEvents, type Books } from '../../unit/sync/books.ts'

export const realClock: Clock = {
  nowMs: () => Date.now(),
  after(delayMs, due) {
    const timer = setTimeout(due, delayMs)
    return () => clearTimeout(timer)
  },
}
export const realRandom = { bytes: (count: number) => randomBytes(count), uuid: () => crypto.randomUUID() }

export interface WorkingFridge {
  readonly id: string
  readonly books: Books
  /** The door was released for these visits, once each as it should be. */
  readonly unlocked: readonly string[]
  free(): boolean
  /** Somebody paid by card: a whole visit's rows at once. */
  sell(): void
  /** Something of its live state changes. */
  warm(celsius: number): void
  /** Pushes what was written to its books from outside. */
  poke(): void
  /** How many of its rows the relay has acknowledged. */
  acknowledged(): number
  stop(): void
}

export async function startWorkingFridge(ports: {
  readonly id: string
  readonly relayUrl: string
  readonly code: string
  readonly connect: Connect
  readonly provider: PaymentProvider
  readonly failed: (error: unknown) => void
}): Promise<WorkingFridge> {
  const { id, relayUrl, failed, provider } = ports
  const key = signingKey(randomBytes(32))
  const wire = { fetch: overHttp, clock: realClock, relayUrl, timeoutMs: 5_000 }
  const paired = await pair(wire, key, id, ports.code)
  if (paired.type !== 'paired') throw new Error(`${id}: ${JSON.stringify(paired)}`)

  const books = createBooks()
  const world = { doorOpen: false, storageFull: false, weights: [1_000] }
  const unlocked: string[] = []
  const effects: Effect[] = []
  let fridge = newFridge
  let celsius = 4
  let sold = 0
  const changed = (): void => {
    pusher.poke()
    link.changed()
  }
  function tell(input: FridgeInput): void {
    const atMs = Date.now()
    const decision = step(fridge, input, atMs, world, defaultLimits)
    for (const event of decision.events) fridge = evolve(fridge, event, atMs)
    books.write(atMs, ...decision.events)
    effects.push(...decision.effects)
    for (const effect of decision.effects)
      if (effect.type === 'UnlockDoor' && effect.key === unlockKey(effect.visit)) {
        unlocked.push(effect.visit)
        void shop(effect.visit).catch(failed)
      }
  }

  /** The shopper opens, takes a can and closes; the fridge captures what its books say, and asks until the bank answers. */
  async function shop(visit: string): Promise<void> {
    const of = visitId(visit)
    await sleep(60)
    tell({ type: 'UnlockAnswered', visit: of, key: unlockKey(of), answer: 'unlocked' })
    tell({ type: 'DoorOpened' })
    await sleep(60)
    tell({ type: 'DoorClosed' })
    const weigh = effects.at(-1)
    if (weigh?.type !== 'ResolveBasket') throw new Error(`${id}: nothing is weighed`)
    const priceMinor = fridge.stock.catalogue?.products[0]?.priceMinor ?? minor(0)
    const lines = [{ sku: sku('cola'), count: 1, priceMinor }]
    const moves = [{ sku: sku('cola'), shelf: 1, count: -1 }]
    tell({ type: 'BasketWeighed', visit: of, key: weigh.key, resolution: { lines, moves, probability: 0.999, sureLines: lines, runnerUp: [], after: [] } }) // prettier-ignore
    const money = effects.at(-1)
    if (money?.type !== 'CaptureHold') throw new Error(`${id}: nothing is captured`)
    let answer = await provider.capture(money)
    while (!answer.ok && answer.error.code === 'unreachable') answer = await provider.capture(money)
    tell({ type: 'CaptureAnswered', visit: of, key: money.key, answer })
    changed()
  }

  async function act(command: Command) {
    if (command.order.type === 'prices')
      while (!isFree(fridge.visits.session) && Date.now() <= command.untilMs) await sleep(50)
    tell({ type: 'CommandReceived', command })
    changed()
    const found = known(fridge.remote, command)
    return found === null || found === 'unknown' ? ({ outcome: 'stale', why: 'late' } as const) : found
  }

  const pusher = createPusher(
    { ledger: books, key, fetch: overHttp, clock: realClock, random: realRandom, log: silent, failed },
    { fridge: id, relayUrl, timeoutMs: 3_000, gatherMs: 150 },
  )
  const link = createCommandLink(
    {
      connect: ports.connect,
      fetch: overHttp,
      key,
      clock: realClock,
      random: realRandom,
      log: silent,
      facts() {
        const { now, kept } = fridge.remote.lanes
        const acted = { now: now.highest, kept: kept.highest }
        return { atMs: Date.now(), version: '1', name: id, holdMinor: 1_500, currency: 'EUR', acted }
      },
      state: () => ({ atMs: Date.now(), doorOpen: false, celsius, at: fridge.visits.session.at, closed: null, pending: 0 }), // prettier-ignore
      known: (command) => known(fridge.remote, command),
      act,
      failed,
    },
    { fridge: id, relayUrl, timeoutMs: 3_000 },
  )
  const products = [{ sku: sku('cola'), priceMinor: minor(250), weightGrams: 350, weightSpreadGrams: 3, shelf: 1 }]
  tell({ type: 'Restarted', fridge: id as never, version: '1', offMs: 0 })
  tell({ type: 'CatalogueOffered', hash: 'a', events: [{ type: 'CatalogueAdopted', hash: 'a', currency: 'EUR', products }] }) // prettier-ignore
  tell({ type: 'ControllerFound', bootId: 1, uptimeMs: 1, doorOpen: false, lockOpen: false })
  tell({ type: 'TemperatureRead', celsius })
  changed()

  return {
    id,
    books,
    unlocked,
    free: () => isFree(fridge.visits.session),
    sell() {
      sold += 1
      books.write(Date.now(), ...visitEvents(Number.parseInt(id.replace(/\D/g, ''), 10), sold))
      pusher.poke(true)
    },
    warm(to) {
      celsius = to
      link.changed()
    },
    poke: () => pusher.poke(true),
    acknowledged: () => pusher.progress().acknowledgedSeq,
    stop() {
      pusher.stop()
      link.stop()
    },
  }
}
