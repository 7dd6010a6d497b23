/**
 * Keeper: writes the pictures of the visit under way to disk: how the shelves stood before and after, what crossed the
 * door's plane, and a look now and then.
 *
 * Holds always: pictures are written one after the other and never wait in a crowd: what can't be written in time is left
 * out; a visit never takes more than its bytes, of which the looks in between may use a part only, so that there is room
 * for the end; a disk that takes nothing costs pictures and nothing else. Called by the pipeline.
 */
import { join } from 'node:path'
import type { Log } from '../../src/core/ports.ts'
import type { Shot } from '../camera/frame.ts'
import { folderOf, makeFolder, pictureName, recordFile, writePicture, writeWhole, type Why } from './folder.ts'

export interface Keeper {
  begin(visit: string, atMs: number): void
  /** Keeps a shot of the visit under way, once; for the first reason that is given. */
  keep(shot: Shot, why: Why): void
  /** Resolves when all that was kept is on disk, with what was seen. */
  end(seen: unknown): Promise<void>
}

export const mostVisitBytes = 8 * 1024 * 1024
/** Of a visit's bytes, up to where each reason may go. */
const upTo: Readonly<Record<Why, number>> = { during: 0.5, crossing: 0.8, before: 0.9, after: 1 }
/** Two cameras' looks at once, and a slow card. */
const mostWaiting = 8

interface Visit {
  readonly visit: string
  readonly folder: string
  readonly beganMs: number
  readonly kept: Set<string>
  bytes: number
  waiting: number
  writing: Promise<void>
  failed: boolean
}

export function createKeeper(dir: string, log: Log, mostBytes = mostVisitBytes): Keeper {
  let current: Visit | null = null

  function write(visit: Visit, what: () => Promise<void>): void {
    visit.waiting += 1
    visit.writing = visit.writing
      .then(what)
      .catch((error: unknown) => {
        if (!visit.failed) log.warn('evidence can`t be written', { visit: visit.visit, error: String(error) })
        visit.failed = true
      })
      .then(() => {
        visit.waiting -= 1
      })
  }

  return {
    begin(visit, beganMs) {
      const folder = folderOf(dir, visit)
      if (folder === null) {
        log.warn('no evidence is kept of a visit with such a name', { visit })
        current = null
        return
      }
      const begun: Visit = {
        visit,
        folder,
        beganMs,
        kept: new Set<string>(),
        bytes: 0,
        waiting: 0,
        writing: Promise.resolve(),
        failed: false,
      }
      current = begun
      write(begun, async () => {
        await makeFolder(folder)
        await writeWhole(join(folder, recordFile), { visit, beganMs })
      })
    },
    keep(shot, why) {
      const visit = current
      if (visit === null || visit.failed || visit.waiting > mostWaiting) return
      const key = `${shot.camera}-${shot.number}`
      if (visit.kept.has(key) || visit.bytes + shot.jpeg.length > upTo[why] * mostBytes) return
      visit.kept.add(key)
      visit.bytes += shot.jpeg.length
      write(visit, async () => writePicture(join(visit.folder, pictureName(shot, why)), shot.jpeg))
    },
    async end(seen) {
      const visit = current
      current = null
      if (visit === null) return
      const { beganMs, folder } = visit
      write(visit, async () => writeWhole(join(folder, recordFile), { visit: visit.visit, beganMs, seen }))
      await visit.writing
    },
  }
}
