/**
 * Review pictures: what the relay link needs to bring pictures of visits in doubt to who decides them: which wait, what there is
 * of each, and how many bytes went today.
 *
 * Holds always: bytes are counted on disk before they go, so that a fridge that restarts does not begin its day anew; a count
 * that can't be kept lets nothing go. Called by runtime/edge.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Log } from '../core/ports.ts'
import { dayMs } from '../core/time.ts'
import { isFree } from '../session/state.ts'
import type { DayBudget, ReviewPicture } from '../../sync/edge/pictures.ts'
import { pictureWhys } from '../../sync/protocol/pictures.ts'
import { sha256Of } from '../../sync/protocol/question.ts'
import type { SmallPicture } from '../../vision/evidence/review.ts'
import type { OwnEyes } from './eyes.ts'
import type { LinkPictures } from './relay-link.ts'
import type { Runtime } from './runtime.ts'

export interface ReviewPicturePorts {
  readonly dir: string
  readonly log: Log
  readonly eyes: Pick<OwnEyes, 'reviewPictures'>
  /** Asked later only: it is not there yet when this is made. */
  readonly runtime: () => Pick<Runtime, 'fridge'>
  readonly bytesADay: number
}

export function reviewPictures({ dir, log, eyes, runtime, bytesADay }: ReviewPicturePorts): LinkPictures {
  return {
    waiting: () =>
      [...runtime().fridge().visits.settlements].flatMap(([visit, money]) => (money.at === 'review' ? [visit] : [])),
    free: () => isFree(runtime().fridge().visits.session),
    budget: dayBudget(join(dir, 'pictures-sent.json'), bytesADay, log),
    async pictures(visit) {
      const small = await eyes.reviewPictures(visit)
      if (small === null) return null
      const found: ReviewPicture[] = []
      for (const picture of small) found.push(...(await asReviewPicture(picture)))
      return found
    },
  }
}

async function asReviewPicture({ file, camera, why, atMs }: SmallPicture): Promise<ReviewPicture[]> {
  const travels = pictureWhys.find((one) => one === why)
  const bytes = await readFile(file).catch(() => null)
  if (travels === undefined || bytes === null) return []
  const about = { sha256: sha256Of(bytes), bytes: bytes.length, camera, why: travels, atMs: Math.round(atMs) }
  return [{ about, read: () => readFile(file) }]
}

/** Days of the fridge's time. */
export function dayBudget(file: string, bytesADay: number, log: Log): DayBudget {
  let sent = readSent(file)
  const day = (nowMs: number): number => Math.floor(nowMs / dayMs)
  const sentToday = (nowMs: number): number => (sent.day === day(nowMs) ? sent.bytes : 0)
  return {
    take(nowMs, bytes) {
      const next = { day: day(nowMs), bytes: sentToday(nowMs) + bytes }
      if (next.bytes > bytesADay) return false
      try {
        writeFileSync(`${file}.new`, JSON.stringify(next), { mode: 0o600 })
        renameSync(`${file}.new`, file)
      } catch (error) {
        log.warn('no pictures go to the relay: what was sent can`t be counted', { error: String(error) })
        return false
      }
      sent = next
      return true
    },
  }
}

function readSent(file: string): { readonly day: number; readonly bytes: number } {
  try {
    const { day, bytes } = JSON.parse(readFileSync(file, 'utf8')) as { day?: unknown; bytes?: unknown }
    if (typeof day === 'number' && typeof bytes === 'number' && bytes >= 0) return { day, bytes }
  } catch {
    // None was sent yet, or nobody can say: a day's bytes more, once.
  }
  return { day: 0, bytes: 0 }
}
