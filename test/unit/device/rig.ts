/**
 * Rig: the real link and the real firmware with a wire between them that a test can spoil, all on one clock set by hand.
 */
import type { Cancel, ByteLink, Clock, ControllerReport } from '../../../src/core/ports.ts'
import { silent } from '../../../src/core/ports.ts'
import { visitId } from '../../../src/core/ids.ts'
import { createLink } from '../../../src/device/link.ts'
import { benchKey, createChance, createTable, tickMs } from '../firmware/table.ts'

export const visitOne = visitId('11111111-2222-4333-8444-555555555555')
export const visitTwo = visitId('aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee')

interface Timer {
  readonly atMs: number
  readonly due: () => void
}

/** A clock that goes only when it is told to, and calls what is due in order. */
export function createHandClock(startMs: number) {
  let nowMs = startMs
  let timers: Timer[] = []
  const clock: Clock = {
    nowMs: () => nowMs,
    after(delayMs, due): Cancel {
      const timer = { atMs: nowMs + Math.max(0, delayMs), due }
      timers.push(timer)
      return () => void (timers = timers.filter((one) => one !== timer))
    },
  }
  const advanceTo = (atMs: number): void => {
    for (;;) {
      const next = timers.reduce<Timer | null>(
        (first, one) => (first === null || one.atMs < first.atMs ? one : first),
        null,
      )
      if (next === null || next.atMs > atMs) break
      timers = timers.filter((one) => one !== next)
      nowMs = next.atMs
      next.due()
    }
    nowMs = atMs
  }
  return { clock, advanceTo, timers: () => timers.length }
}

/** What a wire does to each frame, by chance. */
export interface Spoil {
  readonly drop: number
  readonly repeat: number
  readonly corrupt: number
  /** Up to this long under way; frames overtake each other. */
  readonly delayMs: number
}

const clean: Spoil = { drop: 0, repeat: 0, corrupt: 0, delayMs: 0 }

export type Rig = ReturnType<typeof createRig>

export function createRig({ seed = 1, startMs = 1_700_000_000_000, key = benchKey, listening = true } = {}) {
  const chance = createChance(seed)
  const { clock, advanceTo } = createHandClock(startMs)
  const rig = {
    spoil: clean,
    /** False: the wire is cut. */
    connected: true,
    /** True: what the controller says is lost. */
    deaf: false,
    /** Every frame that the Pi wrote; the far side may be made to hear them again. */
    written: [] as Uint8Array[],
    /** Every frame that the controller wrote. */
    answered: [] as Uint8Array[],
    reports: [] as ControllerReport[],
  }
  let toPi: (bytes: Uint8Array) => void = () => {}

  /** One frame over the wire, as it is today. */
  function carry(bytes: Uint8Array, arrive: (bytes: Uint8Array) => void): void {
    const { spoil } = rig
    if (!rig.connected || chance() < spoil.drop) return
    const arriving = bytes.slice()
    if (chance() < spoil.corrupt) {
      const at = Math.floor(chance() * arriving.length)
      arriving[at] = (arriving[at] ?? 0) ^ (1 << Math.floor(chance() * 8))
    }
    const times = chance() < spoil.repeat ? 2 : 1
    for (let i = 0; i < times; i++) {
      if (spoil.delayMs === 0) arrive(arriving)
      else clock.after(chance() * spoil.delayMs, () => rig.connected && arrive(arriving))
    }
  }

  const table = createTable({
    chance,
    linkKey: benchKey,
    startMs: 0,
    transmit: (bytes) => {
      rig.answered.push(bytes)
      if (!rig.deaf) carry(bytes, toPi)
    },
  })
  const port: ByteLink = {
    write: (bytes) => {
      rig.written.push(bytes)
      carry(bytes, table.give)
    },
    onBytes: (listener) => void (toPi = listener),
    close: () => {},
  }
  const random = {
    bytes: (count: number) => Uint8Array.from({ length: count }, () => Math.floor(chance() * 256)),
    uuid: () => visitOne,
  }
  const startLink = () => {
    const link = createLink({ port, key, clock, random, log: silent })
    if (listening) link.subscribe((report) => void rig.reports.push(report))
    return link
  }
  const whole = Object.assign(rig, {
    table,
    clock,
    link: startLink(),
    /** The Pi's process dies and starts again: nothing of the link is left. */
    restartPi() {
      whole.link.close()
      whole.link = startLink()
    },
    run(ms: number) {
      for (const endMs = clock.nowMs() + ms; clock.nowMs() < endMs;) {
        advanceTo(clock.nowMs() + tickMs)
        table.tick()
      }
    },
    /** Runs until the answer is there. */
    async answer<T>(asked: Promise<T>, withinMs = 20_000): Promise<T> {
      const answers: T[] = []
      void asked.then((answer) => answers.push(answer))
      for (const endMs = clock.nowMs() + withinMs; clock.nowMs() < endMs;) {
        await Promise.resolve()
        if (answers.length > 0) return answers[0] as T
        whole.run(tickMs)
      }
      throw new Error(`no answer within ${withinMs} ms`)
    },
    hearAgain: (bytes: Uint8Array) => toPi(bytes),
    /** Reports but for status and weights, which come all the time. */
    told: () => rig.reports.filter((report) => report.type !== 'status' && report.type !== 'weights'),
    types: () => whole.told().map((report) => report.type),
  })
  return whole
}

/** A rig whose link is up and whose shelves have come to rest. */
export function readyRig(settings: Parameters<typeof createRig>[0] = {}): Rig {
  const rig = createRig(settings)
  rig.run(1_500)
  rig.reports.length = 0
  return rig
}
