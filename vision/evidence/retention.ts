/**
 * Retention: deletes what the cameras left when its time is up, with or without a network (law P2), and gives way first
 * when the disk is full (law L5).
 *
 * Holds always: a visit's pictures go when `keepMs` of fridge time have passed since it began, at the latest an hour after;
 * time that was lived counts, across restarts, and a clock found to be earlier than it was moves all beginnings back with
 * it, so that nothing goes early nor stays for ever; a folder that does not say when it began begins when it is found.
 * Runs in the runtime, also where there are no cameras any more. Called by runtime/edge.
 */
import { mkdir, readFile, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Cancel, Clock, Log } from '../../src/core/ports.ts'
import { dayMs, hourMs } from '../../src/core/time.ts'
import { folderOf, readRecord, recordFile, writeWhole } from './folder.ts'

export interface RetentionPorts {
  readonly dir: string
  readonly clock: Clock
  readonly log: Log
  readonly keepMs: number
  /** All visits together take no more. */
  readonly mostBytes: number
  /** Free bytes on the disk, and how many of them are other things': below, pictures go, the oldest first. */
  readonly freeBytes: () => number
  readonly reserveBytes: number
}

export interface Retention {
  /** Deletes what must go now. One at a time: who asks meanwhile gets the same answer. */
  sweep(): Promise<void>
  stop(): void
}

export const defaultKeepMs = 7 * dayMs
export const defaultMostBytes = 2 * 1024 ** 3
const sweptFile = 'swept.json'
const longestPauseMs = hourMs
const shortestPauseMs = 1_000

interface Kept {
  readonly folder: string
  readonly beganMs: number
  readonly bytes: number
}

/** Sweeps now, and whenever something is due. */
export function startRetention(ports: RetentionPorts): Retention {
  const { dir, clock, log, keepMs } = ports
  let cancelNext: Cancel = () => {}
  let sweeping: Promise<void> | null = null
  let stopped = false

  async function sweepOnce(): Promise<void> {
    const nowMs = clock.nowMs()
    await mkdir(dir, { recursive: true, mode: 0o700 })
    const sweptMs = await lastSweptMs(dir)
    if (sweptMs > nowMs)
      log.warn('the clock is earlier than it was; pictures keep the time they had left', { byMs: sweptMs - nowMs })
    const all = await found(nowMs, sweptMs)
    // Only now: killed before, the jump is found again, for those that it has not moved yet.
    await writeWhole(join(dir, sweptFile), { atMs: nowMs }, false)
    const due = all.filter(({ beganMs }) => nowMs >= beganMs + keepMs)
    const rest = all.filter((kept) => !due.includes(kept)).toSorted((a, b) => a.beganMs - b.beganMs)
    for (const { folder } of due) await remove(folder)
    const lost = await makeRoom(rest)
    if (lost > 0) log.warn('pictures were deleted before their time, for want of room', { visits: lost })
    if (due.length > 0) log.info('pictures whose time was up are deleted', { visits: due.length })
    plan(rest.slice(lost), nowMs)
  }

  async function found(nowMs: number, sweptMs: number): Promise<Kept[]> {
    const all: Kept[] = []
    for (const entry of await readdir(dir, { withFileTypes: true })) {
      const folder = folderOf(dir, entry.name)
      if (!entry.isDirectory() || folder === null) continue
      try {
        all.push({ folder, beganMs: await began(folder, entry.name, nowMs, sweptMs), bytes: await bytesIn(folder) })
      } catch (error) {
        // It may not be written, for want of room say; it must go all the same.
        log.warn('a visit`s pictures can`t be looked after', { folder: entry.name, error: String(error) })
        all.push({ folder, beganMs: nowMs - keepMs + 1, bytes: 0 })
      }
    }
    return all
  }

  /** When it began, by the clock as it is now. */
  async function began(folder: string, visit: string, nowMs: number, sweptMs: number): Promise<number> {
    const record = await readRecord(folder)
    const jumped = sweptMs > nowMs && record?.movedAt !== sweptMs
    const beganMs = Math.min(nowMs, (record?.beganMs ?? nowMs) - (jumped ? sweptMs - nowMs : 0))
    if (beganMs === record?.beganMs) return beganMs
    await writeWhole(join(folder, recordFile), { ...record, visit, beganMs, ...(jumped ? { movedAt: sweptMs } : {}) })
    return beganMs
  }

  /** Oldest first, until there is room. Answers how many went. */
  async function makeRoom(oldestFirst: readonly Kept[]): Promise<number> {
    let bytes = oldestFirst.reduce((sum, kept) => sum + kept.bytes, 0)
    let gone = 0
    for (const kept of oldestFirst) {
      if (bytes <= ports.mostBytes && ports.freeBytes() >= ports.reserveBytes) break
      await remove(kept.folder)
      bytes -= kept.bytes
      gone += 1
    }
    return gone
  }

  async function remove(folder: string): Promise<void> {
    await rm(folder, { recursive: true, force: true })
  }

  function plan(rest: readonly Kept[], nowMs: number): void {
    const firstDueMs = rest.reduce((first, { beganMs }) => Math.min(first, beganMs + keepMs), Infinity)
    planNext(Math.min(longestPauseMs, Math.max(shortestPauseMs, firstDueMs - nowMs)))
  }

  function planNext(pauseMs: number): void {
    cancelNext()
    if (!stopped) cancelNext = clock.after(pauseMs, () => void sweep())
  }

  async function sweep(): Promise<void> {
    sweeping ??= sweepOnce()
      .catch((error: unknown) => {
        log.warn('pictures could not be looked after', { error: String(error) })
        planNext(longestPauseMs)
      })
      .finally(() => {
        sweeping = null
      })
    return sweeping
  }

  void sweep()
  return {
    sweep,
    stop() {
      stopped = true
      cancelNext()
    },
  }
}

async function lastSweptMs(dir: string): Promise<number> {
  try {
    const { atMs } = JSON.parse(await readFile(join(dir, sweptFile), 'utf8')) as { atMs?: unknown }
    return typeof atMs === 'number' && Number.isFinite(atMs) ? atMs : 0
  } catch {
    return 0
  }
}

async function bytesIn(folder: string): Promise<number> {
  let bytes = 0
  for (const name of await readdir(folder)) bytes += (await stat(join(folder, name))).size
  return bytes
}
