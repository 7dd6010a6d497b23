/**
 * Verdicts: what a person found that a visit took, kept with its pictures for whoever teaches vision later. Only where the owner
 * said so (settings: evidence.verdictDays), in a folder of its own in evidence's own form (folder.ts), so that the same retention
 * deletes it on time (law P2).
 *
 *   DIR/VISIT/visit.json     as evidence has it, and the verdict
 *   DIR/VISIT/*.jpg          the pictures that a reviewer saw, as the cameras sent them
 *
 * Holds always: no picture that evidence did not have, nothing of who shopped or who decided; whole or not at all.
 */
import { copyFile, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  folderOf,
  makeFolder,
  pictureNamed,
  readRecord,
  recordFile,
  writeWhole,
  type KeptPicture,
  type VisitRecord,
} from './folder.ts'
import { selected } from './selection.ts'

export interface Taken {
  readonly sku: string
  readonly count: number
}

/** A kept visit, and what a person said of it. */
export interface Judged {
  readonly folder: string
  readonly visit: string
  readonly taken: readonly Taken[]
  readonly pictures: readonly (KeptPicture & { readonly file: string })[]
}

type JudgedRecord = VisitRecord & { readonly taken?: unknown }

/** False where there is nothing to keep: no evidence of the visit, or no more. */
export async function keepVerdict(
  from: { readonly evidence: string; readonly verdicts: string },
  visit: string,
  taken: readonly Taken[],
): Promise<boolean> {
  const [source, target] = [folderOf(from.evidence, visit), folderOf(from.verdicts, visit)]
  if (source === null || target === null) return false
  const record = await readRecord(source)
  const pictures = await picturesIn(source)
  if (record === null || pictures.length === 0) return false
  // A folder without its name is no visit's: retention, which begins anew what has no beginning, takes it for one and deletes it.
  const making = `${target}-new`
  await rm(making, { recursive: true, force: true })
  await makeFolder(making)
  const { beganMs, seen } = record
  await writeWhole(join(making, recordFile), { visit, beganMs, ...(seen === undefined ? {} : { seen }), taken })
  for (const { file, name } of pictures) await copyFile(file, join(making, name))
  await rm(target, { recursive: true, force: true })
  await rename(making, target)
  return true
}

/** All that are kept, the oldest first. What can't be read is left out. */
export async function judgedIn(dir: string): Promise<readonly Judged[]> {
  const found: (Judged & { readonly beganMs: number })[] = []
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    const folder = folderOf(dir, entry.name)
    if (!entry.isDirectory() || folder === null) continue
    const record: JudgedRecord | null = await readRecord(folder)
    const taken = takenIn(record?.taken)
    if (record === null || taken === null || record.visit !== entry.name) continue
    found.push({ folder, visit: record.visit, beganMs: record.beganMs, taken, pictures: await picturesIn(folder) })
  }
  return found.toSorted((a, b) => a.beganMs - b.beganMs)
}

async function picturesIn(folder: string): Promise<(KeptPicture & { readonly file: string; readonly name: string })[]> {
  const all = (await readdir(folder)).flatMap((name) => {
    const picture = pictureNamed(name)
    return picture === null ? [] : [{ ...picture, name, file: join(folder, name) }]
  })
  const chosen = new Set<KeptPicture>(selected(all))
  return all.filter((one) => chosen.has(one)).toSorted((a, b) => a.atMs - b.atMs)
}

function takenIn(value: unknown): readonly Taken[] | null {
  if (!Array.isArray(value)) return null
  const lines = (value as Partial<Taken>[]).filter(
    (one): one is Taken => typeof one.sku === 'string' && Number.isInteger(one.count) && (one.count ?? 0) > 0,
  )
  return lines.length === value.length ? lines.map(({ sku, count }) => ({ sku, count })) : null
}
