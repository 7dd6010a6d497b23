/**
 * Intake: what becomes of a batch, whatever keeps the books.
 *
 * Holds always (SPEC SY5-SY7): nothing of a body is believed before its signature is known to be the fridge's [SY2]; all that a
 * batch does is done while its fridge's page is held, whole or not at all; nothing is taken from a batch that forks; a row that
 * the books refuse is found by halving and set aside. Called by the rows route, and by the simulation on books in memory.
 */
import { chainStart, hashOf, sameHash } from '../protocol/chain.ts'
import { decodeBatch } from '../protocol/codec.ts'
import {
  fridgeIdSchema,
  headerNames,
  supportedVersions,
  type Answer,
  type AnswerOf,
  type Batch,
  type Refused,
} from '../protocol/messages.ts'
import { publicKeyOf, signedRows, verified } from '../protocol/signing.ts'
import { judge, plain, type JudgedRow } from './judge.ts'

/** Why books could not be written. `data`: some row can't be; `again`: the same would do now; `away`: there are no books. */
export type BooksFault = 'data' | 'again' | 'away' | 'other'

/** Every fridge's books. `store/ingest.ts` keeps them in a database. */
export interface Books {
  /** The key that may sign for a fridge; null where there is none. */
  key(fridge: string): Promise<Uint8Array | 'revoked' | null>
  /** Does `work` while nobody else has this fridge's page; what it throws undoes all of it. */
  page<T>(fridge: string, work: (page: Page) => Promise<T>): Promise<T>
  /**
   * Writes a batch that just goes on where its fridge's books end, as its page would. False: it is none, or could not be written
   * so; nothing was done, and the page says why. Books that have no quicker way than the page have none of it.
   */
  append?(batch: Batch, rows: readonly JudgedRow[]): Promise<boolean>
  faultOf(error: unknown): BooksFault
}

export interface Known {
  readonly upto: number
  readonly head: Uint8Array
  readonly revoked: boolean
  /** The owner lets its books begin anew [SY18]. */
  readonly mayRestart: boolean
}

/** One fridge's books, while they are held. */
export interface Page {
  known(): Promise<Known | null>
  /** The kept rows from `fromSeq` to before `beforeSeq`, in order. */
  hashes(fromSeq: number, beforeSeq: number): Promise<readonly { readonly seq: number; readonly hash: Uint8Array }[]>
  /** Those of them that were set aside. */
  setAside(fromSeq: number, beforeSeq: number): Promise<readonly Refused[]>
  /** It spoke, and there was nothing to take. */
  heard(): Promise<void>
  noteDivergence(seq: number): Promise<void>
  /** Moves what stands behind row `common` aside. */
  restart(common: number, head: Uint8Array): Promise<void>
  /** Takes rows that follow the last one; returns those that were set aside. */
  write(rows: readonly JudgedRow[]): Promise<readonly Refused[]>
  /** What `work` throws undoes what it did, and nothing else. */
  attempt<T>(work: () => Promise<T>): Promise<T>
}

/** The answer, and how many of the rows were new. */
export type Ingested = Exclude<Answer, { type: 'accepted' }> | (AnswerOf<'accepted'> & { readonly taken: number })

const busyRetryMs = 5_000
const notReady = { type: 'busy', retryAfterMs: 2_000 } as const
const attempts = 3

/** A request's headers and body, to its answer. `books`: null while they are being opened. */
export async function answerRows(
  books: Books | null,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  body: Uint8Array,
): Promise<Ingested> {
  if (!supportedVersions.includes(Number(headers[headerNames.protocol])))
    return { type: 'unsupportedVersion', supported: [...supportedVersions] }
  const fridge = fridgeIdSchema.safeParse(headers[headerNames.fridge])
  if (!fridge.success) return { type: 'malformed', what: `${headerNames.fridge} names no fridge` }
  const signature = headers[headerNames.signature]
  if (typeof signature !== 'string') return { type: 'badSignature' }
  if (books === null) return notReady
  const raw = await books.key(fridge.data)
  if (raw === null) return { type: 'unknownFridge' }
  if (raw === 'revoked') return { type: 'revoked' }
  const key = publicKeyOf(raw)
  if (key === null || !verified(key, signedRows(fridge.data, body), Buffer.from(signature, 'base64')))
    return { type: 'badSignature' }
  const batch = decodeBatch(body)
  if (!batch.ok) return batch.error
  if (batch.value.fridge !== fridge.data) return { type: 'foreignRows' }
  return takeIn(books, batch.value)
}

/** `read`: how rows are judged; another release's in tests. */
export async function takeIn(books: Books, batch: Batch, read = judge): Promise<Ingested> {
  const judged = read(batch)
  if (!judged.ok) return judged.error
  if (batch.restart !== true && (await books.append?.(batch, judged.value)) === true) {
    const taken = judged.value.length
    return { type: 'accepted', upto: batch.fromSeq + taken - 1, refused: [], taken }
  }
  let write = writeAll
  for (let attempt = 1; attempt <= attempts; attempt++) {
    try {
      return await books.page(batch.fridge, (page) => take(page, books, batch, judged.value, write))
    } catch (error) {
      const fault = books.faultOf(error)
      if (fault === 'other') throw error
      if (fault === 'away') break
      if (fault === 'data') write = writeByHalves
    }
  }
  return { type: 'busy', retryAfterMs: busyRetryMs }
}

type Write = (page: Page, books: Books, rows: readonly JudgedRow[]) => Promise<readonly Refused[]>

async function take(
  page: Page,
  books: Books,
  batch: Batch,
  rows: readonly JudgedRow[],
  write: Write,
): Promise<Ingested> {
  const { fromSeq, previousHash, restart } = batch
  let known = await page.known()
  if (known === null) return { type: 'unknownFridge' }
  if (known.revoked) return { type: 'revoked' }
  if (restart === true && known.mayRestart && (await isCommon(page, known, fromSeq - 1, previousHash))) {
    await page.restart(fromSeq - 1, previousHash)
    known = { ...known, upto: fromSeq - 1, head: previousHash }
  }
  const { upto } = known
  if (fromSeq > upto + 1) return { type: 'gap', expectedSeq: upto + 1 }
  const fork = await forkAt(page, batch, rows, known)
  if (fork !== null) {
    if (fork.type === 'fork') await page.noteDivergence(fork.seq)
    return fork
  }
  // The answer to the first time may have been lost.
  const before = fromSeq > upto ? [] : await page.setAside(fromSeq, Math.min(upto + 1, fromSeq + rows.length))
  const fresh = fromSeq > upto ? rows : rows.filter(({ seq }) => seq > upto)
  const last = fresh.at(-1)
  if (last === undefined) {
    await page.heard()
    return { type: 'accepted', upto, refused: [...before], taken: 0 }
  }
  const refused = await write(page, books, fresh)
  return { type: 'accepted', upto: last.seq, refused: [...before, ...refused], taken: fresh.length - refused.length }
}

/** Whether row `seq` is kept with this hash. */
async function isCommon(page: Page, { upto }: Known, seq: number, hash: Uint8Array): Promise<boolean> {
  if (seq > upto) return false
  if (seq === 0) return sameHash(chainStart, hash)
  const [row] = await page.hashes(seq, seq + 1)
  return row !== undefined && sameHash(row.hash, hash)
}

/** The first place where the batch and the kept rows differ. */
async function forkAt(
  page: Page,
  { fromSeq, previousHash, restart }: Batch,
  rows: readonly JudgedRow[],
  { upto, head }: Known,
): Promise<AnswerOf<'brokenChain' | 'fork'> | null> {
  if (fromSeq === 1 && !sameHash(previousHash, chainStart)) return { type: 'brokenChain', seq: 1 }
  if (fromSeq === upto + 1) return sameHash(previousHash, head) ? null : { type: 'fork', seq: upto }
  const sent = new Map(rows.map(({ seq, digest }) => [seq, hashOf(digest)]))
  if (fromSeq > 1) sent.set(fromSeq - 1, previousHash)
  const behind = fromSeq + rows.length
  for (const { seq, hash } of await page.hashes(fromSeq - 1, behind)) {
    const mine = sent.get(seq)
    if (mine !== undefined && !sameHash(mine, hash)) return { type: 'fork', seq }
  }
  // Nothing differs, and the fridge says that it has nothing more [SY18].
  return restart === true && behind <= upto ? { type: 'fork', seq: behind } : null
}

const writeAll: Write = (page, _books, rows) => page.write(rows)

/** Where some row is known to be one that the books refuse: each half by itself, down to the row. */
const writeByHalves: Write = async (page, books, rows) => {
  try {
    return await page.attempt(() => page.write(rows))
  } catch (error) {
    if (books.faultOf(error) !== 'data') throw error
    const [row] = rows
    if (row !== undefined && rows.length === 1) {
      const detail = plain(error instanceof Error ? error.message : '')
      return page.write([{ ...row, verdict: { why: 'unstorable', detail } }])
    }
    const middle = rows.length >> 1
    const before = await writeByHalves(page, books, rows.slice(0, middle))
    return [...before, ...(await writeByHalves(page, books, rows.slice(middle)))]
  }
}
