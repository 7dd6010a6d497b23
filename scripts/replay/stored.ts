/**
 * Stored: one visit as the fridge kept it: its pictures (evidence), its weights and what was said of it (ledger), and what was
 * believed to stand on the shelves when it began. Reads only, also while the fridge runs. Called by scripts/vision-replay.ts.
 */
import { existsSync } from 'node:fs'
import { readFile, readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { evolve, noStock, onShelves, type ShelfStock, type Stock } from '../../src/catalog/stock.ts'
import type { EventOf } from '../../src/core/events.ts'
import type { Sku } from '../../src/core/ids.ts'
import { err, ok, type Result } from '../../src/core/result.ts'
import type { Sights } from '../../src/core/sighting.ts'
import type { CountedSku } from '../../src/fusion/evidence.ts'
import { LedgerFailed, readLedger } from '../../src/ledger/ledger.ts'
import { cameraSettings } from '../../src/runtime/camera-settings.ts'
import { thawed } from '../../src/runtime/checkpoint.ts'
import { folderOf, pictureNamed, readRecord, type KeptPicture } from '../../vision/evidence/folder.ts'
import type { CameraSettings } from '../../vision/worker-messages.ts'
import { isTamper } from './tampers.ts'

export interface StoredPicture extends KeptPicture {
  readonly file: string
}

export type Grams = readonly (number | null)[]

export interface Said {
  readonly lines: readonly CountedSku[]
  readonly probability: number
  readonly reviewed: boolean
}

export interface StoredVisit {
  readonly visit: string
  readonly openedMs: number
  readonly closedMs: number
  readonly pictures: readonly StoredPicture[]
  /** What the cameras told then; null: nothing was kept of it. */
  readonly seen: Sights | null
  readonly before: Grams
  readonly after: Grams
  readonly said: Said
  /** What a person decided later. */
  readonly decided: readonly CountedSku[] | null
  readonly products: EventOf<'CatalogueAdopted'>['products']
  readonly stock: readonly ShelfStock[]
}

export interface Cabinet {
  readonly cameras: readonly CameraSettings[]
  readonly gallery: string
}

const settingsSchema = z.object({ cameras: cameraSettings.cameras, gallery: cameraSettings.gallery })
const share = z.number().min(0).max(1)
const seenSchema = z.object({
  witnesses: z.array(
    z.object({
      id: z.string(),
      kind: z.enum(['crossing', 'shelf']),
      blindShare: share,
      blindShelves: z.array(z.int()),
    }),
  ),
  sightings: z.array(
    z.object({
      witness: z.string(),
      direction: z.enum(['taken', 'returned']),
      shelf: z.int().nullable(),
      atMs: z.number().nullable(),
      candidates: z.array(z.object({ sku: z.string().transform((text) => text as Sku), probability: share })),
      noneProbability: share,
    }),
  ),
  taught: z.array(z.string().transform((text) => text as Sku)).optional(),
})

/** The cameras and the gallery of the fridge in `dir`; `file` and `gallery` stand above what it has. */
export async function cabinetOf(dir: string, file?: string, gallery?: string): Promise<Result<Cabinet, string>> {
  const path = file ?? ['cameras.json', 'config.json'].map((name) => join(dir, name)).find((name) => existsSync(name))
  if (path === undefined) return err(`${dir} has neither cameras.json nor config.json: name one by --cameras`)
  let value: unknown
  try {
    value = JSON.parse(await readFile(path, 'utf8'))
  } catch (error) {
    return err(`${path} can't be read: ${error instanceof Error ? error.message : String(error)}`)
  }
  const read = settingsSchema.safeParse(value)
  if (!read.success) return err(`${path}: ${z.prettifyError(read.error)}`)
  const taught = gallery ?? (read.data.gallery === undefined ? undefined : resolve(dir, read.data.gallery))
  if (taught === undefined) return err(`${path} names no gallery: name one by --gallery`)
  return ok({ cameras: read.data.cameras, gallery: taught })
}

/** The visits in `dir` that have pictures, the oldest first. */
export async function visitsIn(dir: string): Promise<readonly string[]> {
  const evidence = join(dir, 'evidence')
  const found: { readonly visit: string; readonly beganMs: number }[] = []
  for (const name of await readdir(evidence).catch(() => [])) {
    const folder = folderOf(evidence, name)
    const record = folder === null ? null : await readRecord(folder)
    if (record?.visit === name && !isTamper(name)) found.push(record)
  }
  return found.toSorted((a, b) => a.beganMs - b.beganMs).map(({ visit }) => visit)
}

/** The visit, or a sentence that says what of it is missing. */
export async function storedVisit(dir: string, visit: string): Promise<Result<StoredVisit, string>> {
  const folder = folderOf(join(dir, 'evidence'), visit)
  const record = folder === null ? null : await readRecord(folder)
  if (folder === null || record === null) return err(`${visit}: no evidence of it is kept in ${dir}`)
  const seen = seenSchema.safeParse(record.seen)
  if (record.seen !== undefined && !seen.success)
    return err(`${visit}: visit.json is damaged: ${z.prettifyError(seen.error)}`)
  const written = inLedger(dir, visit)
  if (!written.ok) return written
  const pictures = (await readdir(folder)).flatMap((name) => {
    const picture = pictureNamed(name)
    return picture === null ? [] : [{ ...picture, file: join(folder, name) }]
  })
  if (pictures.length === 0) return err(`${visit}: none of its pictures is left`)
  return ok({
    ...written.value,
    visit,
    pictures: pictures.toSorted((a, b) => a.atMs - b.atMs || (a.camera < b.camera ? -1 : 1)),
    seen: seen.success ? withoutAbsent(seen.data) : null,
  })
}

function withoutAbsent({ witnesses, sightings, taught }: z.infer<typeof seenSchema>): Sights {
  return { witnesses, sightings, ...(taught === undefined ? {} : { taught }) }
}

type Written = Omit<StoredVisit, 'visit' | 'pictures' | 'seen'>

function inLedger(dir: string, visit: string): Result<Written, string> {
  try {
    return fromLedger(dir, visit)
  } catch (error) {
    if (error instanceof LedgerFailed) return err(`${visit}: ${error.message}`)
    throw error
  }
}

function fromLedger(dir: string, visit: string): Result<Written, string> {
  const ledger = readLedger(dir)
  try {
    const anchor = ledger.anchor()
    const frozen = anchor === null ? null : thawed(anchor.state)
    let stock: Stock = frozen?.ok === true ? frozen.value.stock : noStock
    let asked: Stock | null = null
    let openedMs: number | null = null
    let closedMs: number | null = null
    let answer: EventOf<'BasketResolved'> | EventOf<'ReviewOpened'> | null = null
    let decided: readonly CountedSku[] | null = null
    for (const { event, atMs } of ledger.replay()) {
      if ('visit' in event && event.visit === visit) {
        if (event.type === 'UnlockRequested') asked = stock
        if (event.type === 'DoorOpened') openedMs ??= atMs
        if (event.type === 'DoorClosed') closedMs = atMs
        if (event.type === 'BasketResolved' || event.type === 'ReviewOpened') answer ??= event
        if (event.type === 'ReviewDecided') decided = event.lines.map(counted)
      }
      stock = evolve(stock, event)
    }
    if (asked === null) return err(`${visit}: the ledger in ${dir} does not know it (any more)`)
    if (openedMs === null || closedMs === null) return err(`${visit}: its door was not opened and closed`)
    if (answer === null) return err(`${visit}: nothing was said of its basket`)
    const lines = answer.type === 'BasketResolved' ? answer.lines : answer.likelyLines
    return ok({
      openedMs,
      closedMs,
      before: answer.before,
      after: answer.after,
      said: { lines: lines.map(counted), probability: answer.probability, reviewed: answer.type === 'ReviewOpened' },
      decided,
      products: asked.catalogue?.products ?? [],
      stock: onShelves(asked),
    })
  } finally {
    ledger.close()
  }
}

const counted = ({ sku, count }: CountedSku): CountedSku => ({ sku, count })
