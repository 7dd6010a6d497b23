/**
 * Tampers: the pictures of forced doors that a fridge keeps, each under the ledger's row that tells of it. Nothing was bought there,
 * so that nothing is looked at again: they are listed, for whoever wants to see who it was. Reads only. Called by
 * scripts/vision-replay.ts.
 */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { folderOf, pictureNamed, readRecord } from '../../vision/evidence/folder.ts'

export interface Tamper {
  /** `tamper-SEQ`, of the DoorForced in the ledger. */
  readonly tamper: string
  readonly beganMs: number
  /** Files, in the order in which they were taken. */
  readonly pictures: readonly string[]
}

export const isTamper = (name: string): boolean => /^tamper-\d+$/.test(name)

/** The forced doors in `dir` (a fridge's data folder) of which anything is kept, the oldest first. */
export async function tampersIn(dir: string): Promise<readonly Tamper[]> {
  const evidence = join(dir, 'evidence')
  const found: Tamper[] = []
  for (const name of (await readdir(evidence).catch(() => [])).filter(isTamper)) {
    const folder = folderOf(evidence, name)
    const record = folder === null ? null : await readRecord(folder)
    if (folder === null || record?.visit !== name) continue
    const taken = (await readdir(folder)).flatMap((file) => {
      const picture = pictureNamed(file)
      return picture === null ? [] : [{ ...picture, file: join(folder, file) }]
    })
    const pictures = taken.toSorted((a, b) => a.atMs - b.atMs).map(({ file }) => file)
    found.push({ tamper: name, beganMs: record.beganMs, pictures })
  }
  return found.toSorted((a, b) => a.beganMs - b.beganMs)
}

/** One line of a list, or with its pictures. */
export function tamperText({ tamper, beganMs, pictures }: Tamper, whole: boolean): string {
  const head = `${tamper}: the door was forced at ${new Date(beganMs).toISOString()}, ${pictures.length} pictures\n`
  return whole ? head + pictures.map((file) => `  ${file}\n`).join('') : head
}
