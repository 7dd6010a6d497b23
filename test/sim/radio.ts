/**
 * Radio: the way of commands between the fridge and its owner's relay: a broker that keeps MQTT's promises and no more. What is
 * said surely arrives at least once while both are there; all of it may come late, twice, out of order, or hours later once
 * more; connections end without a word; a stranger says what they like.
 */
import type { Connect, Connection } from '../../sync/edge/commands.ts'
import { downTopic, lanes } from '../../sync/protocol/mqtt.ts'
import { seal } from '../../sync/protocol/sealed.ts'
import type { Chance } from './chance.ts'
import type { FaultKind } from './faults.ts'
import type { SimTime } from './time.ts'

export interface Radio {
  /** Of one life of the fridge's process. */
  readonly connect: Connect
  /** The process is gone: the broker notices after a while. */
  gone(): void
  /** From the relay. True: the broker has it. */
  send(topic: string, bytes: Uint8Array): boolean
  network(up: boolean): void
  calm(): void
}

export interface RadioPorts {
  readonly time: SimTime
  readonly chance: Chance
  /** How likely a message or a connection is struck. */
  readonly trouble: number
  readonly fridge: string
  readonly struck: (kind: FaultKind) => void
  /** A message reaches the relay. */
  readonly heard: (topic: string, bytes: Uint8Array) => void
}

const minuteMs = 60_000

export function createRadio({ time, chance, fridge, struck, heard, ...ports }: RadioPorts): Radio {
  let trouble = ports.trouble
  let up = true
  let line: { readonly on: Parameters<Connect>[1]; readonly will: { topic: string; bytes: Uint8Array }; let_in: boolean } | null = null // prettier-ignore
  const sent: { readonly topic: string; readonly bytes: Uint8Array }[] = []

  const soonMs = (): number => (chance.happens(trouble / 2) ? chance.exponential(4_000) : chance.between(15, 250))

  type After = (delayMs: number, run: () => void) => void
  /** To the relay's end by its own clock: what holds the fridge still does not hold the network. */
  const toRelay: After = (delayMs, run) => void time.apart.after(delayMs, run)
  const toFridge: After = (delayMs, run) => void time.after(delayMs, run)

  /** It may be repeated, soon or much later. */
  function carry(after: After, arrive: () => void): void {
    after(soonMs(), arrive)
    if (!chance.happens(trouble / 2)) return
    struck('commandRepeated')
    after(chance.exponential(chance.happens(0.6) ? 2_000 : 20 * minuteMs), arrive)
  }

  function lost(why: string): void {
    const old = line
    if (old === null) return
    line = null
    toRelay(chance.between(50, 8_000), () => heard(old.will.topic, old.will.bytes))
    time.after(20, () => old.on.closed(why))
  }

  const connect: Connect = ({ will }, on) => {
    const mine = { on, will, let_in: false }
    time.after(chance.between(40, 400), () => {
      if (!up || chance.happens(trouble / 3)) return on.closed('no network')
      lost('another came in its name')
      line = mine
      mine.let_in = true
      on.connected()
      if (chance.happens(trouble))
        time.after(chance.exponential(5 * minuteMs), () => {
          if (line !== mine) return
          struck('commandLineLost')
          lost('lost')
        })
    })
    const made: Connection = {
      subscribe() {},
      publish(topic, bytes, { sure }) {
        if (line !== mine || !up) return
        if (!sure && chance.happens(trouble / 2)) return struck('commandLost')
        carry(toRelay, () => heard(topic, bytes))
      },
      end() {
        if (line === mine) line = null
      },
    }
    return made
  }

  function deliver(topic: string, bytes: Uint8Array): void {
    if (up) line?.on.message(topic, bytes)
  }

  return {
    connect,
    gone: () => lost('the process is gone'),
    send(topic, bytes) {
      if (!up || line === null) return true // the broker has it, and nobody to give it to
      sent.push({ topic, bytes })
      if (sent.length > 40) sent.shift()
      if (chance.happens(trouble / 3)) return (struck('commandLost'), true)
      carry(toFridge, () => deliver(topic, bytes))
      if (chance.happens(trouble / 2)) {
        // An old one out of somebody's pocket, or one of their own making.
        struck('commandForged')
        const old = chance.pick(sent)
        const own = downTopic(fridge, chance.pick(lanes))
        const forged = seal(chance.bytes(32), own, 1_000_000 + chance.below(1_000), { fridge, untilMs: 1e15, by: 'nobody', reason: '', order: { type: 'denied', fingerprints: [] } }) // prettier-ignore
        time.after(chance.exponential(chance.happens(0.5) ? 3_000 : 30 * minuteMs), () =>
          chance.happens(0.5) ? deliver(old.topic, old.bytes) : deliver(own, forged),
        )
      }
      return true
    },
    network(now) {
      up = now
      if (!now) lost('no network')
    },
    calm() {
      trouble = 0
      up = true
    },
  }
}
