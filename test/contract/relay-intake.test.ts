/**
 * The simulation's books in memory beside the databases': the same batches, in the same disorder, get the same answers and leave
 * the same tables. What the simulation says of the relay holds for the relay because of this.
 */
import { sql, type KyselyPlugin } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cursorAt, nextBatch, type Cursor } from '../../sync/edge/batches.ts'
import type { Batch } from '../../sync/protocol/messages.ts'
import { takeIn, type Ingested } from '../../sync/relay/intake.ts'
import { sweepAlerts } from '../../sync/relay/store/alerts.ts'
import { allowRestart } from '../../sync/relay/store/books.ts'
import { booksIn } from '../../sync/relay/store/ingest.ts'
import type { Db } from '../../sync/relay/store/open.ts'
import { chance, type Chance } from '../sim/chance.ts'
import { memoryBooks, type Kept } from '../sim/memory-books.ts'
import { createBooks, opening, startMs, visitEvents, type Books } from '../unit/sync/books.ts'
import { openMemory, openOwnPostgresql, postgresqlBin, type TestStore } from './relay-stores.ts'

const seeds = [1, 4, 7]
const key = new Uint8Array(32).fill(7)

describe('beside an embedded database', () => {
  contract(openMemory)
})
describe.skipIf(postgresqlBin === null && process.env['CI'] !== 'true')('beside PostgreSQL', () => {
  contract(openOwnPostgresql)

  test('[RL87] alerts are looked for while a fridge is at its books, and what it changes is seen the next time', async () => {
    const opened = await openOwnPostgresql()
    const { db } = opened.store
    await sql`insert into stock (fridge, shelf, sku, count) values ('a', 1, 'can', 9), ('b', 1, 'can', 9)`.execute(db)
    const most = async () => (await sql<{ most: number }>`select most from stock order by fridge`.execute(db)).rows.map((row) => row.most) // prettier-ignore
    await db.transaction().execute(async (trx) => {
      await sql`update stock set count = 12 where fridge = 'a'`.execute(trx)
      await sweepAlerts(db)
      expect(await most()).toEqual([0, 9])
    })
    await sweepAlerts(db)
    expect(await most()).toEqual([12, 9])
    await opened.close()
  }, 60_000)
})

function contract(open: () => Promise<TestStore>): void {
  let opened: TestStore
  beforeAll(async () => void (opened = await open()), 120_000)
  afterAll(async () => opened.close(), 120_000)

  test.each(seeds)('[SY5] [SY6] [SY7] [SY18] seed %i: the same answers, the same tables', async (seed) => {
    const { db } = opened.store
    const fridge = `intake-${seed}`
    const random = chance(seed, 'intake')
    const memory = memoryBooks()
    memory.pair(fridge, key)
    await sql`insert into fridges (id, public_key, head) values (${fridge}, ${key}, decode(repeat('00', 32), 'hex'))`.execute(
      db,
    )
    const books = createBooks()
    books.write(startMs, ...opening(fridge))
    const answers: Ingested['type'][] = []
    for (let step = 1; step <= 30; step++) {
      grow(books, random, step)
      if (random.happens(0.06)) {
        books.putBack(random.below(books.last().seq))
        await allowRestart(db, fridge, 'Ada', 'the contract')
        const kept = memory.kept(fridge)
        if (kept !== undefined) kept.mayRestart = true
      }
      const batch = someBatch(books, fridge, random, memory.kept(fridge)?.upto ?? 0)
      const answer = await takeIn(memory, batch)
      expect(plainly(await takeIn(booksIn(db), batch)), `step ${step}`).toEqual(plainly(answer))
      answers.push(answer.type)
    }
    expect(await tablesIn(db, fridge)).toEqual(tablesOf(memory.kept(fridge)))
    expect(new Set(answers)).toContain('accepted')
  })

  async function paired(fridge: string, revoked = false): Promise<void> {
    const at = sql.raw(revoked ? 'now()' : 'null')
    await sql`insert into fridges (id, public_key, head, revoked_at)
      values (${fridge}, ${key}, decode(repeat('00', 32), 'hex'), ${at})`.execute(opened.store.db)
  }
  const sold = (seed: number, visits = 3): Books => {
    const books = createBooks()
    for (let visit = 1; visit <= visits; visit++) books.write(startMs + visit, ...visitEvents(seed, visit, visit === 2))
    return books
  }
  const batchOf = (books: Books, fridge: string, after = 0, rows = 1_000): Batch => {
    const batch = nextBatch(books, fridge, cursorAt(books, after) as Cursor, rows, new Map())
    if (!batch.ok) throw new Error(`row ${batch.error.seq}`)
    return batch.value
  }
  /** The same books, which count what is asked of the database. */
  function counted() {
    let statements = 0
    const counting: KyselyPlugin = {
      transformQuery({ node }) {
        statements += 1
        return node
      },
      transformResult: async ({ result }) => result,
    }
    return { books: booksIn(opened.store.db.withPlugin(counting)), statements: () => statements }
  }

  test('[RL85] a batch is one statement, of fifteen rows or a thousand, and those that come at once share one', async () => {
    await paired('counted')
    const books = sold(9, 70)
    const one = counted()
    for (const [after, rows] of [
      [0, 15],
      [15, 1_000],
    ] as const) {
      const before = one.statements()
      expect(await takeIn(one.books, batchOf(books, 'counted', after, rows))).toMatchObject({ type: 'accepted', taken: rows }) // prettier-ignore
      expect(one.statements() - before).toBe(1)
    }
    const fridges = Array.from({ length: 12 }, (_, index) => `crowd-${index}`)
    for (const fridge of fridges) await paired(fridge)
    const many = counted()
    const answers = await Promise.all(fridges.map((fridge, index) => takeIn(many.books, batchOf(sold(20 + index), fridge)))) // prettier-ignore
    expect(answers).toEqual(fridges.map(() => ({ type: 'accepted', upto: 46, refused: [], taken: 46 })))
    expect(many.statements()).toBeLessThanOrEqual(4) // the first three find a writer free
  })

  test('[RL85] [Y3] [SY6] of batches that come at once each has its own answer, and none is in the way of another', async () => {
    const own = (name: string, index: number) => ({ name: `at-once-${name}`, books: sold(40 + index) })
    const [good, early, again, poison] = [own('good', 0), own('early', 1), own('again', 2), own('poison', 3)]
    const [revoked, forked, last] = [own('revoked', 4), own('forked', 5), own('last', 6)]
    const all = [good, early, again, poison, revoked, forked, last]
    for (const one of all) await paired(one.name, one === revoked)
    const books = booksIn(opened.store.db)
    await takeIn(books, batchOf(again.books, again.name))
    poison.books.writeBody(startMs, JSON.stringify({ ...visitEvents(46, 9)[0], visit: 'no text holds \0' }))
    const batches = all.map(({ name, books: rows }) =>
      batchOf(rows, name, name === early.name || name === forked.name ? 15 : 0),
    )
    await takeIn(books, batchOf(sold(99), forked.name, 0, 15))
    const refused = [{ type: 'gap', expectedSeq: 1 }, { type: 'revoked' }, { type: 'fork', seq: 15 }] as const
    for (const [index, one] of [early, revoked, forked].entries())
      expect(await takeIn(books, batches[all.indexOf(one)] as Batch)).toEqual(refused[index])
    const answers = await Promise.all([...batches, batchOf(last.books, last.name)].map((batch) => takeIn(books, batch)))
    const accepted = { type: 'accepted', upto: 46, refused: [] }
    expect(answers).toMatchObject([
      accepted,
      refused[0],
      { ...accepted, taken: 0 },
      { ...accepted, upto: 47, refused: [{ seq: 47, why: 'unstorable' }], taken: 46 },
      refused[1],
      refused[2],
      accepted,
      accepted,
    ])
    const rows = await sql<{ fridge: string; rows: number }>`select fridge, count(*)::int as rows from ledger_rows
      where fridge like 'at-once-%' group by fridge order by fridge`.execute(opened.store.db)
    expect(new Map(rows.rows.map((row) => [row.fridge, row.rows]))).toEqual(
      new Map([[good.name, 46], [again.name, 46], [poison.name, 47], [forked.name, 15], [last.name, 46]]), // prettier-ignore
    )
  })
}

/** Visits, and now and then a row that can't be taken: foreign words, a receipt twice, a character that no text holds. */
function grow(books: Books, random: Chance, step: number): void {
  const visit = visitEvents(9, step, random.happens(0.3))
  if (random.happens(0.8)) books.write(startMs + step, ...visit)
  const poisons = [
    '{"type":"FridgeDreamt"}',
    'no json',
    JSON.stringify({ type: 'FridgeStarted', fridge: 'another', version: '1', offMs: 0 }),
    JSON.stringify({ ...visit[0], visit: `${step}\0` }),
    JSON.stringify(visit.at(-4)),
    JSON.stringify(visit[0]),
  ]
  while (random.happens(0.25)) books.writeBody(startMs + step, random.pick(poisons))
}

/** Mostly what is wanted next; also what was sent before, what comes too early, and what is not true. */
function someBatch(books: Books, fridge: string, random: Chance, upto: number): Batch {
  const last = books.last().seq
  const wanted = Math.min(upto, last)
  const after = random.happens(0.6) ? wanted : random.below(last + 1)
  const cursor = cursorAt(books, after) as Cursor
  const cut = nextBatch(books, fridge, cursor, 1 + random.below(60), new Map())
  if (!cut.ok) throw new Error(`row ${cut.error.seq}`)
  const batch = random.happens(0.1) ? { ...cut.value, rows: [], lastHash: cursor.hash } : cut.value
  if (random.happens(0.05)) return { ...batch, previousHash: new Uint8Array(32).fill(1) }
  if (random.happens(0.05)) return { ...batch, lastHash: new Uint8Array(32).fill(1) }
  return random.happens(0.2) ? { ...batch, restart: true } : batch
}

/** A database has its own words for why it refuses a row. */
const plainly = (answer: Ingested): unknown =>
  answer.type === 'accepted'
    ? { ...answer, refused: answer.refused.map((row) => (row.why === 'unstorable' ? { ...row, detail: '' } : row)) }
    : answer

type Told = Readonly<Record<string, readonly string[]>>

function tablesOf(kept: Kept | undefined): Told {
  if (kept === undefined) return {}
  const { receipts } = kept
  return {
    fridge: [`${kept.upto} ${hex(kept.head)} ${kept.books} ${kept.divergedSeq} ${kept.currency}`],
    rows: kept.rows.map(({ seq, atMs, hash, body }) => `${seq} ${atMs} ${hex(hash)} ${body}`),
    former: kept.former.map(({ books, seq, hash, body }) => `${books} ${seq} ${hex(hash)} ${body}`).toSorted(),
    setAside: [...kept.setAside].map(([seq, { why, body }]) => `${seq} ${why} ${body}`).toSorted(),
    visits: [...kept.visits].map(([visit, { currency, ending }]) => `${visit} ${currency} ${ending}`).toSorted(),
    captures: [...kept.captures].map(([visit, one]) => `${visit} ${one.amountMinor} ${one.currency}`).toSorted(),
    receipts: [...receipts]
      .map(
        ([visit, one]) => `${visit} ${one.books} ${one.number} ${one.totalMinor} ${one.chargedMinor} ${one.currency}`,
      )
      .toSorted(),
    lines: [...receipts]
      .flatMap(([visit, { lines }]) => lines.map((line, at) => `${visit} ${at + 1} ${line}`))
      .toSorted(),
    reviews: [...kept.reviews].map(([visit, { outcome }]) => `${visit} ${outcome}`).toSorted(),
    stock: [...kept.stock].map(([place, count]) => `${place} ${count}`).toSorted(),
  }
}

async function tablesIn(db: Db, fridge: string): Promise<Told> {
  const told = async (text: string, order = false): Promise<string[]> => {
    const { rows } = await sql<{
      told: string
    }>`${sql.raw(text)} where fridge = ${fridge} ${sql.raw(order ? 'order by seq' : '')}`.execute(db)
    return order ? rows.map((row) => row.told) : rows.map((row) => row.told).toSorted()
  }
  const word = (column: string): string => `coalesce(${column}::text, 'null')`
  const line = (...columns: string[]): string => `select ${columns.map(word).join(` || ' ' || `)} as told from`
  return {
    fridge: await told(
      `${line('upto', `encode(head, 'hex')`, 'books', 'diverged_seq', 'currency')} (select *, id as fridge from fridges) f`,
    ),
    rows: await told(`${line('seq', 'at_ms::bigint', `encode(hash, 'hex')`, 'body')} ledger_rows`, true),
    former: await told(`${line('books', 'seq', `encode(hash, 'hex')`, 'body')} former_rows`),
    setAside: await told(`${line('seq', 'why', `convert_from(body, 'UTF8')`)} quarantine`),
    visits: await told(`${line('visit', 'currency', 'ending')} visits`),
    captures: await told(`${line('visit', 'amount_minor', 'currency')} captures`),
    receipts: await told(`${line('visit', 'books', 'number', 'total_minor', 'charged_minor', 'currency')} receipts`),
    lines: await told(`${line('visit', 'line', 'sku', 'count', 'price_minor')} receipt_lines`),
    reviews: await told(`${line('visit', 'outcome')} reviews`),
    stock: await told(`select shelf || '/' || sku || ' ' || count as told from stock`),
  }
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
