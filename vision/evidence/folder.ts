/**
 * Folder: how the pictures of one visit lie on disk, so that whoever writes, deletes or reviews them agrees.
 *
 *   DIR/VISIT/visit.json                   when it began, and what was seen in it
 *   DIR/VISIT/ATMS-CAMERA-NUMBER-WHY.jpg   a shot as its camera sent it
 *
 * Holds always: readable by the fridge's own user alone; a visit's name can't lead out of DIR; visit.json is written
 * whole or not at all.
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Shot } from '../camera/frame.ts'

/** Why a shot is kept. */
export type Why = 'before' | 'during' | 'crossing' | 'after'

export interface VisitRecord {
  readonly visit: string
  /** Fridge time. Retention counts from here, and moves it when the clock is found to have jumped back. */
  readonly beganMs: number
  /** Which jump of the clock has moved `beganMs` last: the time at which the clock stood before it. */
  readonly movedAt?: number
  /** What the cameras told of it, for review and for looking again; absent until they have. */
  readonly seen?: unknown
}

export interface KeptPicture {
  readonly atMs: number
  readonly camera: string
  readonly number: number
  readonly why: Why
}

export const recordFile = 'visit.json'

/** The visit's folder, or null for a name that is no visit's. */
export const folderOf = (dir: string, visit: string): string | null =>
  /^[0-9A-Za-z][0-9A-Za-z-]{0,63}$/.test(visit) ? join(dir, visit) : null

export const makeFolder = async (folder: string): Promise<void> =>
  void (await mkdir(folder, { recursive: true, mode: 0o700 }))

export const pictureName = ({ atMs, camera, number }: Shot, why: Why): string =>
  `${atMs}-${camera}-${number}-${why}.jpg`

/** What a picture's name says, or null for another file. */
export function pictureNamed(name: string): KeptPicture | null {
  const [, atMs, camera, number, why] = /^(\d+)-([a-z0-9]+)-(\d+)-(before|during|crossing|after)\.jpg$/.exec(name) ?? []
  if (camera === undefined) return null
  return { atMs: Number(atMs), camera, number: Number(number), why: why as Why }
}

export const writePicture = async (path: string, jpeg: Uint8Array): Promise<void> =>
  writeFile(path, jpeg, { mode: 0o600 })

/** Beside it and renamed: a power cut leaves the old one or the new one (or, without `flush`, perhaps neither). */
export async function writeWhole(path: string, value: unknown, flush = true): Promise<void> {
  await writeFile(`${path}.new`, JSON.stringify(value), { mode: 0o600, flush })
  await rename(`${path}.new`, path)
}

export async function readRecord(folder: string): Promise<VisitRecord | null> {
  try {
    const value = JSON.parse(await readFile(join(folder, recordFile), 'utf8')) as Partial<VisitRecord> | null
    return typeof value?.visit === 'string' && Number.isFinite(value.beganMs) ? (value as VisitRecord) : null
  } catch {
    return null
  }
}
