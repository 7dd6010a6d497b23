/**
 * Eyes: the vision worker as the runtime sees it. Starts the process that owns cameras and models, asks it, and starts it
 * again when it ends.
 *
 * Holds always: an answer is given in time whatever the worker does (law: the lock and the money wait for nobody): late,
 * crashed or not there, every camera is told as blind for the visit; a worker that was away for any part of a visit is
 * blind for all of it. Called by runtime/edge.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { setPriority } from 'node:os'
import type { Cancel, Clock, Eyes, EyesHealth, Log } from '../core/ports.ts'
import type { TamperId, VisitId } from '../core/ids.ts'
import { nothingSeen, type Sights } from '../core/sighting.ts'
import { secondMs } from '../core/time.ts'
import type { SmallPicture } from '../../vision/evidence/review.ts'
import type { FromWorker, ToWorker, WorkerSettings } from '../../vision/worker-messages.ts'

/** From the door's closing to an answer. */
export const settleWithinMs = 600
/** Of it, for the way from the worker to here. */
const wayMs = 60
/** To make a dozen pictures small, on a slow machine. */
const makeWithinMs = 60 * secondMs
const firstPauseMs = 500
const longestPauseMs = 30 * secondMs
const longLifeMs = 60 * secondMs
/** Pictures come and go, megabytes each: collected soon, and given back rather than kept by each thread. */
export const littleMemory = {
  flags: ['--max-semi-space-size=2', '--max-old-space-size=128'],
  env: { MALLOC_ARENA_MAX: '2', MALLOC_TRIM_THRESHOLD_: '1000000', UV_THREADPOOL_SIZE: '2' },
} as const
/** Looking comes after unlocking and paying. */
const lowPriority = 5

export interface EyesPorts {
  readonly clock: Clock
  readonly log: Log
  readonly settings: Omit<WorkerSettings, 'clock'>
  /** The program that calls vision/worker.ts's runWorker, and what it is given. */
  readonly worker: { readonly program: string; readonly args: readonly string[] }
  /** Another time than `settleWithinMs`: tests on a busy machine. */
  readonly settleWithinMs?: number
}

interface Asked {
  readonly ask: number
  answer(sights: Sights): void
}

export interface OwnEyes extends Eyes {
  start(): void
  /** A visit's pictures for whoever decides it; null: not now, ask again. */
  reviewPictures(visit: string): Promise<readonly SmallPicture[] | null>
}

/** Nothing runs until `start` is called; until then, and ever after when it fails, everything is told as blind. */
export function createEyes(ports: EyesPorts): OwnEyes {
  const { clock, log } = ports
  const withinMs = ports.settleWithinMs ?? settleWithinMs
  const blind: Sights = {
    witnesses: ports.settings.cameras.map(({ id }) => ({
      id: `${id}-shelves`,
      kind: 'shelf',
      blindShare: 1,
      blindShelves: [],
    })),
    sightings: [],
  }
  const listeners = new Set<() => void>()
  let child: ChildProcess | null = null
  let closed = false
  let pauseMs = firstPauseMs
  let cancelPause: Cancel = () => {}
  const unknown = ports.settings.cameras.map(({ id }) => ({ camera: id, fault: null, says: null }))
  let health: EyesHealth = { worker: 'starting', says: null, cameras: unknown }
  let visit: VisitId | TamperId | null = null
  /** The worker that saw the visit from its beginning; another one would tell half of it as the whole. */
  let witness: ChildProcess | null = null
  let closedMs = 0
  let sights: Sights = nothingSeen
  let asks = 0
  let asked: Asked | null = null
  const making = new Map<number, (pictures: readonly SmallPicture[] | null) => void>()

  function launch(): void {
    const startedMs = clock.nowMs()
    const own = fork(ports.worker.program, [...ports.worker.args], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      execArgv: [...process.execArgv, ...littleMemory.flags],
      env: { ...process.env, ...littleMemory.env },
    })
    child = own
    own.on('spawn', () => lowerPriority(own))
    own.on('message', (message: FromWorker) => {
      if (own === child) hear(message)
    })
    own.on('error', (error) => log.warn('the vision worker can`t be started', { error: error.message }))
    own.on('exit', (status, signal) => {
      if (own !== child) return
      child = null
      if (own === witness) witness = null
      asked?.answer(blind)
      if (closed) return
      if (clock.nowMs() - startedMs > longLifeMs) pauseMs = firstPauseMs
      log.warn('the vision worker ended and is started again', { status, signal, pauseMs })
      told({ ...health, worker: 'down', says: 'the vision worker ended; it is started again' })
      cancelPause = clock.after(pauseMs, launch)
      pauseMs = Math.min(pauseMs * 2, longestPauseMs)
    })
    const monotonicMs = Number(process.hrtime.bigint()) / 1e6
    say({ type: 'configure', settings: { ...ports.settings, clock: { fridgeMs: clock.nowMs(), monotonicMs } } })
  }

  function lowerPriority(own: ChildProcess): void {
    try {
      if (own.pid !== undefined) setPriority(own.pid, lowPriority)
    } catch (error) {
      log.warn('the vision worker keeps its priority', { error: String(error) })
    }
  }

  function say(message: ToWorker): void {
    // An error means that it is ending; its exit is what counts.
    if (child?.connected === true) child.send(message, () => {})
  }

  function hear(message: FromWorker): void {
    switch (message.type) {
      case 'models': {
        const { says } = message
        log.info('the vision worker is ready', { says, taught: message.taught })
        return told({ ...health, worker: says === null ? 'ready' : 'unable', says })
      }
      case 'cameras':
        for (const { camera, says } of message.cameras)
          if (says !== null) log.warn('a camera is faulty', { camera, says })
        return told({ ...health, cameras: [...message.cameras] })
      case 'sights':
        if (message.visit !== visit || witness === null) return
        sights = message.sights
        return changed()
      case 'settled':
        if (asked?.ask === message.ask) asked.answer(message.sights)
        return
      case 'small':
        return making.get(message.ask)?.(message.pictures)
      case 'log':
        return log[message.level](message.what, message.detail)
    }
  }

  function told(next: EyesHealth): void {
    health = next
    changed()
  }

  function changed(): void {
    for (const listener of listeners) listener()
  }

  return {
    start: launch,
    begin(next) {
      if (next === visit) return
      visit = next
      witness = child
      sights = nothingSeen
      say({ type: 'begin', visit: next })
    },
    doorOpened: () => say({ type: 'opened', atMs: clock.nowMs() }),
    doorClosed() {
      closedMs = clock.nowMs()
      say({ type: 'closed', atMs: closedMs })
    },
    sights: () => sights,
    settle(of) {
      if (of !== visit || witness === null || witness !== child) return Promise.resolve(blind)
      const leftMs = Math.max(0, Math.min(withinMs, closedMs + withinMs - clock.nowMs()))
      asks += 1
      const ask = asks
      return new Promise((resolve) => {
        const answer = (seen: Sights): void => {
          cancel()
          asked = null
          resolve(seen)
        }
        const cancel = clock.after(leftMs, () => answer(blind))
        asked?.answer(blind)
        asked = { ask, answer }
        say({ type: 'settle', ask, dueMs: clock.nowMs() + leftMs - wayMs })
      })
    },
    end() {
      if (visit === null) return
      visit = null
      witness = null
      sights = nothingSeen
      say({ type: 'end' })
    },
    reviewPictures(of) {
      asks += 1
      const ask = asks
      return new Promise((resolve) => {
        const answer = (pictures: readonly SmallPicture[] | null): void => {
          cancel()
          making.delete(ask)
          resolve(pictures)
        }
        const cancel = clock.after(makeWithinMs, () => answer(null))
        making.set(ask, answer)
        say({ type: 'review', ask, visit: of })
      })
    },
    health: () => health,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close() {
      closed = true
      cancelPause()
      listeners.clear()
      asked?.answer(blind)
      for (const answer of making.values()) answer(null)
      child?.disconnect()
    },
  }
}
