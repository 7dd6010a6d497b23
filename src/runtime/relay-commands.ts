/**
 * Relay commands: joins the fridge to its relay's broker while it is paired, and hands good commands to the runtime.
 *
 * Holds always: what a command does is decided by the runtime's step and written before it is answered; nothing in here
 * keeps the fridge from selling. The MQTT library is loaded when a pairing is there. Called by runtime/edge.
 */
import { commandLanes } from '../core/events.ts'
import type { Cancel, Clock, Log, Random } from '../core/ports.ts'
import { secondMs } from '../core/time.ts'
import { isFree } from '../session/state.ts'
import { createCommandLink, type CommandLink, type Connect } from '../../sync/edge/commands.ts'
import type { Fetch } from '../../sync/edge/exchange.ts'
import {
  betweenVisits,
  type Command,
  type LiveState,
  type LiveVisit,
  type OnlineFacts,
} from '../../sync/protocol/mqtt.ts'
import type { SigningKey } from '../../sync/protocol/signing.ts'
import { known } from './remote.ts'
import type { Runtime } from './runtime.ts'

export interface RelayCommands {
  /** Something of the view may have changed. */
  changed(): void
  stop(): void
}

export interface RelayCommandPorts {
  readonly runtime: Pick<Runtime, 'fridge' | 'obey' | 'view' | 'closed'>
  /** Where the fridge is paired, and how many rows wait. */
  readonly relay: () => { readonly relay: string | null; readonly paired: boolean; readonly pending: number }
  readonly doorOpen: () => boolean | null
  readonly key: () => Pick<SigningKey, 'sign'>
  /** Loads what speaks MQTT. */
  readonly connect: () => Promise<Connect>
  readonly fetch: Fetch
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly failed: (error: unknown) => void
}

export interface RelayCommandSettings extends Pick<OnlineFacts, 'version' | 'name' | 'holdMinor' | 'currency'> {
  readonly fridge: string
  /** Where the broker is, if not where the relay says. */
  readonly brokerUrl?: string | undefined
}

const lookEveryMs = 5 * secondMs
const waitStepMs = secondMs / 2

export function startRelayCommands(ports: RelayCommandPorts, settings: RelayCommandSettings): RelayCommands {
  const { runtime, clock, log } = ports
  const { fridge, brokerUrl, version, name, holdMinor, currency } = settings
  let link: { readonly to: string; readonly link: CommandLink } | null = null
  let stopped = false
  let cancelLook: Cancel = () => {}
  /** The last visit that was opened by phone. After a restart in the middle of it its basket is on the kiosk only. */
  let byPhone: string | null = null

  function look(): void {
    cancelLook = clock.after(lookEveryMs, look)
    const { relay, paired } = ports.relay()
    const to = paired ? relay : null
    if (link?.to === to || (link === null && to === null)) return
    link?.link.stop()
    link = null
    if (to !== null) void begin(to).catch(ports.failed)
  }

  async function begin(to: string): Promise<void> {
    const connect = await ports.connect()
    if (stopped || link !== null) return
    const { fetch, random, failed } = ports
    const made = createCommandLink(
      { connect, fetch, key: ports.key(), clock, random, log, facts, state, known: knownOf, act, failed },
      { fridge, relayUrl: to, brokerUrl },
    )
    link = { to, link: made }
  }

  function facts(): OnlineFacts {
    const { lanes } = runtime.fridge().remote
    const [now, kept] = commandLanes.map((lane) => lanes[lane].highest)
    return { atMs: clock.nowMs(), version, name, holdMinor, currency, acted: { now: now ?? 0, kept: kept ?? 0 } }
  }

  function state(): LiveState {
    const { temperatureCelsius: celsius } = runtime.view()
    const { at } = runtime.fridge().visits.session
    const { pending } = ports.relay()
    const visit = visitByPhone()
    const state = { atMs: clock.nowMs(), doorOpen: ports.doorOpen(), celsius, at, closed: runtime.closed(), pending }
    return visit === null ? state : { ...state, visit }
  }

  /** As the kiosk shows it, to the phone that opened the door and to nobody else [SY42]. */
  function visitByPhone(): LiveVisit | null {
    const { session } = runtime.fridge().visits
    if (byPhone === null || !('visit' in session) || session.visit !== byPhone) return null
    const { screen } = runtime.view()
    const nothing = { visit: byPhone, leftMs: null, lines: [], totalMinor: 0, leftOpen: false }
    switch (screen.at) {
      case 'unlocked':
        return { ...nothing, at: 'unlocked', leftMs: screen.leftMs }
      case 'shopping':
        return {
          ...nothing,
          at: 'shopping',
          lines: screen.lines,
          totalMinor: screen.totalMinor,
          leftOpen: screen.leftOpen > 0,
        }
      case 'settling': {
        const totalMinor = screen.lines.reduce((sum, { count, priceMinor }) => sum + count * priceMinor, 0)
        return { ...nothing, at: 'settling', lines: screen.lines, totalMinor }
      }
      default:
        return null
    }
  }

  const knownOf = (command: Command) => known(runtime.fridge().remote, command)

  /** What a visit is priced and weighed by does not change under it: such a command waits for its end, or until it is late. */
  async function act(command: Command) {
    if (betweenVisits.has(command.order.type))
      while (!isFree(runtime.fridge().visits.session) && clock.nowMs() <= command.untilMs)
        await new Promise<void>((resolve) => void clock.after(waitStepMs, resolve))
    const outcome = runtime.obey(command)
    if (command.order.type === 'unlock' && outcome.outcome === 'done') byPhone = command.order.visit
    return outcome
  }

  look()
  return {
    changed: () => link?.link.changed(),
    stop() {
      stopped = true
      cancelLook()
      link?.link.stop()
    },
  }
}
