/**
 * Darkroom: the virtual cameras as the host has them. Starts the process that draws (darkroom-program.ts) when the first
 * picture is wanted, tells it of every change of the world, and asks it for pictures.
 *
 * Holds always: no answer is waited for for ever; when the process ends, what was asked is answered with null and the next
 * question starts it anew.
 */
import { fork, type ChildProcess } from 'node:child_process'
import type { Clock, Log } from '../../core/ports.ts'
import type { Shop } from '../shop.ts'
import type { WorldNow } from './stage.ts'
import type { CameraId, Conditions } from './studio.ts'

export type ToDarkroom =
  | {
      readonly type: 'open'
      readonly shop: Shop
      readonly world: WorldNow
      readonly atMs: number
      readonly pixels: { readonly width: number; readonly height: number }
      readonly seed: number
    }
  | { readonly type: 'world'; readonly world: WorldNow; readonly atMs: number }
  | { readonly type: 'conditions'; readonly conditions: Conditions }
  | { readonly type: 'picture'; readonly ask: number; readonly camera: CameraId; readonly atMs: number }
  | { readonly type: 'teach'; readonly ask: number; readonly dir: string }

export type FromDarkroom =
  | { readonly type: 'picture'; readonly ask: number; readonly jpeg: Uint8Array | null }
  | { readonly type: 'taught'; readonly ask: number }
  | { readonly type: 'failed'; readonly ask: number; readonly says: string }

export interface Darkroom {
  /** A JPEG of what the camera sees now; null when it is blind, or nothing can be drawn. */
  picture(camera: CameraId): Promise<Uint8Array | null>
  /** Writes pictures of each product to teach a gallery by, a folder each, unless they are there. False: it could not. */
  teach(dir: string): Promise<boolean>
  /** What is wrong with lenses and light from now on. */
  setConditions(conditions: Conditions): void
  /** The world has changed. */
  changed(): void
  /** Somebody will look soon. */
  warm(): void
  close(): void
}

export interface DarkroomPorts {
  readonly shop: Shop
  readonly world: () => WorldNow
  readonly pixels: { readonly width: number; readonly height: number }
  /** The program that calls runDarkroom, and what it is given. */
  readonly program: { readonly file: string; readonly args: readonly string[] }
  readonly clock: Clock
  readonly log: Log
}

export function createDarkroom({ shop, world, pixels, program, clock, log }: DarkroomPorts): Darkroom {
  const waiting = new Map<number, (answer: FromDarkroom | null) => void>()
  let child: ChildProcess | null = null
  let closed = false
  let asks = 0
  let conditions: Conditions = {}

  function running(): ChildProcess | null {
    if (child !== null || closed) return child
    const own = fork(program.file, [...program.args], {
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    child = own
    own.on('message', (message: FromDarkroom) => {
      if (message.type === 'failed') log.warn('a virtual camera`s picture can`t be drawn', { says: message.says })
      waiting.get(message.ask)?.(message)
      waiting.delete(message.ask)
    })
    own.on('error', (error) => log.warn('the virtual cameras can`t be started', { error: error.message }))
    own.on('exit', (status, signal) => {
      if (child !== own) return
      child = null
      if (!closed) log.warn('the virtual cameras ended and are started again when they are asked', { status, signal })
      for (const answer of waiting.values()) answer(null)
      waiting.clear()
    })
    tell({ type: 'open', shop, world: world(), atMs: clock.nowMs(), pixels, seed: 1 })
    tell({ type: 'conditions', conditions })
    return own
  }

  function tell(message: ToDarkroom): void {
    // A process that just ended is found out by its exit.
    if (child?.connected === true) child.send(message, () => {})
  }

  function ask(message: (ask: number) => ToDarkroom): Promise<FromDarkroom | null> {
    if (running() === null) return Promise.resolve(null)
    const number = asks++
    return new Promise((resolve) => {
      waiting.set(number, resolve)
      tell(message(number))
    })
  }

  return {
    async picture(camera) {
      const answer = await ask((number) => ({ type: 'picture', ask: number, camera, atMs: clock.nowMs() }))
      return answer?.type === 'picture' ? answer.jpeg : null
    },
    async teach(dir) {
      const answer = await ask((number) => ({ type: 'teach', ask: number, dir }))
      return answer?.type === 'taught'
    },
    setConditions(next) {
      conditions = next
      tell({ type: 'conditions', conditions })
    },
    changed: () => tell({ type: 'world', world: world(), atMs: clock.nowMs() }),
    warm: () => void running(),
    close() {
      closed = true
      child?.disconnect()
    },
  }
}
