/**
 * Kept verdicts: after a person's verdict the visit's pictures stay longer, with what was taken, to teach vision by; where the
 * owner said so, for as many days as they said, and never else.
 *
 * Holds always: deleted on time by the same retention as evidence is, also when the setting was taken back meanwhile; nothing of
 * it is in the way of the money, which the verdict has settled already. Called by runtime/edge.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Event } from '../core/events.ts'
import type { Clock, Log } from '../core/ports.ts'
import { dayMs } from '../core/time.ts'
import { startRetention, type RetentionPorts } from '../../vision/evidence/retention.ts'
import { keepVerdict } from '../../vision/evidence/verdicts.ts'

/** All verdicts together take no more. */
const mostBytes = 256 * 1024 * 1024

export interface KeptVerdicts {
  /** After each commit. */
  wrote(events: readonly Event[]): void
  /** Resolves when what was to be kept is. */
  rest(): Promise<void>
  stop(): void
}

export function startVerdicts(
  ports: {
    readonly dir: string
    readonly clock: Clock
    readonly log: Log
  } & Pick<RetentionPorts, 'freeBytes' | 'reserveBytes'>,
  days: number,
): KeptVerdicts {
  const { dir, clock, log, freeBytes, reserveBytes } = ports
  const folders = { evidence: join(dir, 'evidence'), verdicts: join(dir, 'verdicts') }
  const retention =
    days > 0 || existsSync(folders.verdicts)
      ? startRetention({ dir: folders.verdicts, clock, log, keepMs: days * dayMs, mostBytes, freeBytes, reserveBytes })
      : null
  let keeping: Promise<void> = Promise.resolve()
  return {
    wrote(events) {
      if (days === 0) return
      for (const event of events)
        if (event.type === 'ReviewDecided')
          keeping = keeping
            .then(async () => keepVerdict(folders, event.visit, event.lines))
            .then((kept) => void (kept && log.info('a verdict is kept to teach by', { visit: event.visit })))
            .catch((error: unknown) => log.warn('a verdict can`t be kept', { error: String(error) }))
    },
    rest: () => keeping,
    stop: () => retention?.stop(),
  }
}
