import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { effectKey, sku, visitId } from '../../../src/core/ids.ts'
import { minor } from '../../../src/core/money.ts'
import { LedgerFailed, openLedger, readLedger, type Ledger } from '../../../src/ledger/ledger.ts'
import { frozen, thawed } from '../../../src/runtime/checkpoint.ts'
import { evolve, newFridge } from '../../../src/runtime/fridge.ts'
import { pruningDue } from '../../../src/runtime/prune.ts'
import { recover } from '../../../src/runtime/recover.ts'
import { pear } from '../catalog/pear.ts'
import { opening, visitEvents } from '../sync/books.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pruning-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const visit = visitId('v1')
const relock = (key: string) => ({ type: 'RelockDoor', key: effectKey(key), visit }) as const
const write = (ledger: Ledger, atMs: number, events: ReturnType<typeof visitEvents>): void =>
  void ledger.commit({ atMs, events, effects: [], done: [], abandoned: [] })

/** Opening rows at 0, then a visit at 1,000, 2,000, ... and every ninth of them ends in review. */
function sold(visits: number): Ledger {
  const ledger = openLedger(dir)
  write(ledger, 0, opening('corner'))
  for (let each = 1; each <= visits; each++) write(ledger, each * 1_000, visitEvents(5, each, each % 9 === 0))
  return ledger
}
const raw = (work: (db: Database.Database) => void): void => {
  const db = new Database(join(dir, 'ledger.db'))
  work(db)
  db.close()
}
function pruneTo(ledger: Ledger, seq: number, beforeMs = Infinity): number {
  const due = pruningDue(ledger, seq, beforeMs)
  if (due === null) return 0
  write(ledger, ledger.last().atMs, [due.event])
  ledger.prune(due.event.uptoSeq, due.state)
  return due.event.uptoSeq
}
const fault = (work: () => unknown): string => {
  try {
    work()
  } catch (error) {
    if (error instanceof LedgerFailed) return `${error.code}: ${error.message}`
    throw error
  }
  throw new Error('nothing failed')
}

test('[LED10] a start from any anchor stands where a start from the first row would', () => {
  const ledger = sold(30)
  const whole = [...ledger.replay()]
  let prefix = newFridge
  whole.forEach((row, at) => {
    prefix = evolve(prefix, row.event, row.atMs)
    const thawn = thawed(frozen(prefix))
    if (!thawn.ok) throw new Error(thawn.error)
    const rest = (from: typeof newFridge) =>
      whole.slice(at + 1).reduce((fridge, next) => evolve(fridge, next.event, next.atMs), from)
    expect(thawn.value).toEqual(prefix)
    expect(rest(thawn.value)).toEqual(rest(prefix))
  })
  const before = recover(ledger).fridge
  const upto = pruneTo(ledger, 200)
  expect(upto).toBe(200)
  ledger.close()
  const again = openLedger(dir)
  expect(recover(again)).toMatchObject({
    fridge: { visits: before.visits, stock: before.stock, remote: before.remote },
  })
  expect(recover(again).events).toBe(whole.length + 1 - upto)
  again.close()
})

test('[LED9] what the relay has not, or is not old enough, stays; twice is once', () => {
  const ledger = sold(10)
  expect(pruningDue(ledger, 0, Infinity)).toBeNull()
  expect(pruningDue(ledger, ledger.last().seq, 0)).toBeNull()
  const young = pruningDue(ledger, ledger.last().seq, 4_000)?.event.uptoSeq ?? 0
  const [kept] = ledger.rows(young, 1)
  const [gone] = ledger.rows(young - 1, 1)
  expect([gone?.atMs, kept?.atMs]).toEqual([3_000, 4_000])
  expect(pruneTo(ledger, 50)).toBe(50)
  expect(pruneTo(ledger, 50)).toBe(0)
  expect(pruneTo(ledger, 60)).toBe(60)
  expect(ledger.rows(0, 1)[0]?.seq).toBe(61)
  ledger.close()
})

test('[LED9] rows go only after a row has said so; a death in between loses nothing', () => {
  const ledger = sold(10)
  const due = pruningDue(ledger, 80, Infinity)
  if (due === null) throw new Error('nothing is due')
  expect(fault(() => ledger.prune(80, due.state))).toMatch(/^damaged: .*nothing says that the events up to 80/)
  write(ledger, ledger.last().atMs, [due.event])
  expect(fault(() => ledger.prune(80, `${due.state} `))).toMatch(/nothing says/)
  expect(fault(() => ledger.prune(79, due.state))).toMatch(/nothing says/)
  ledger.close() // here the plug is pulled
  const again = openLedger(dir)
  expect([...again.replay()].length).toBe(again.last().seq)
  again.prune(80, due.state)
  expect(Array.from(again.replay(), ({ seq }) => seq)[0]).toBe(81)
  again.close()
})

test('[LED9] an anchor that was changed is found, and the database refuses what only a hand would do', () => {
  const ledger = sold(10)
  pruneTo(ledger, 80)
  ledger.close()
  raw((db) => {
    for (const change of ['DELETE FROM anchor', 'UPDATE anchor SET seq = 10', 'DELETE FROM events WHERE seq = 82'])
      expect(() => db.exec(change), change).toThrow(/anchor|appended/)
  })
  const change = (words: string): string => {
    raw((db) => db.exec(`DROP TRIGGER IF EXISTS anchor_moves_on; ${words}`))
    const reader = readLedger(dir)
    const found = fault(() => [...reader.replay()])
    reader.close()
    return found
  }
  expect(change(`UPDATE anchor SET state = replace(state, '"receipts":', '"receipts":9')`)).toMatch(
    /^damaged: .*let go of/,
  )
  expect(change('UPDATE anchor SET hash = zeroblob(32)')).toMatch(/^damaged: .*event 81 was changed/)
})

test('[LED9] effects that ended go with their rows, pending ones stay, and keys of kept ones are known', () => {
  const ledger = sold(1)
  const effects = [relock('old'), relock('waiting')]
  ledger.commit({ atMs: 1_000, events: [], effects, done: [], abandoned: [] })
  ledger.commit({ atMs: 1_000, events: [], effects: [], done: [effectKey('old')], abandoned: [] })
  write(ledger, 2_000, visitEvents(5, 2, false))
  pruneTo(ledger, ledger.last().seq)
  expect(ledger.pending().map(({ key }) => key)).toEqual(['waiting'])
  ledger.close()
  raw((db) => expect(db.prepare('SELECT key FROM effects').pluck().all()).toEqual(['waiting']))
})

test('[LED10] the text of a state is what it was when this version of it was made', async () => {
  const ledger = sold(2)
  const open = visitEvents(5, 9, true)
  const command = {
    lane: 'kept',
    number: 1,
    what: 'prices',
    by: 'Ada',
    reason: 'a sale',
    outcome: 'done',
    why: null,
  } as const
  write(ledger, 3_000, [
    ...open.slice(0, open.findIndex(({ type }) => type === 'ReviewOpened') + 1),
    { type: 'CommandTaken', ...command },
    { type: 'PricesSet', prices: [{ sku: sku('can-1'), priceMinor: minor(99) }] },
    { type: 'CardsDenied', fingerprints: ['fp_9'] },
  ])
  const { fridge: older } = recover(ledger)
  write(ledger, 4_000, [
    { type: 'ProductDefined', product: pear },
    { type: 'OffersSet', offers: [{ sku: sku('can-2'), offered: false }] },
  ])
  const { fridge: before } = recover(ledger)
  write(ledger, 5_000, [
    {
      type: 'BasketResolved',
      visit,
      lines: [{ sku: sku('can-1'), count: 1, priceMinor: minor(99), or: [sku('can-3')] }],
      moves: [{ sku: sku('can-1'), shelf: 1, count: -1 }],
      totalMinor: minor(99),
      probability: 0.6,
      totalProbability: 0.99,
      before: [],
      after: [],
    },
  ])
  const { fridge } = recover(ledger)
  ledger.close()
  // What a fridge of a release before left is read as it then was, and goes on from there.
  const left = (release: number): string =>
    readFileSync(new URL(`../../vectors/checkpoint-version-${release}.json`, import.meta.url), 'utf8')
  expect(thawed(left(1))).toEqual({ ok: true, value: older })
  expect(thawed(left(2))).toEqual({ ok: true, value: before })
  // If this differs: raise the version in src/runtime/checkpoint.ts, write the step from the older one, then `vitest -u`.
  await expect(`${JSON.stringify(JSON.parse(frozen(fridge)), null, 1)}\n`).toMatchFileSnapshot(
    '../../vectors/checkpoint-version-3.json',
  )
})

test('[LED10] a state of another version, or none, is refused by name', () => {
  expect(thawed('{"version":4,"fridge":{}}')).toEqual({ ok: false, error: expect.stringContaining('fridge.visits') })
  const newer = frozen(newFridge).replace('"version":3', '"version":4')
  expect(thawed(newer)).toEqual({ ok: false, error: 'it has version 4, and this program knows 3' })
  expect(thawed('{')).toEqual({ ok: false, error: 'it is not JSON' })
})

test('[LED7] a ledger of an older program is not read before its runtime has opened it', () => {
  sold(1).close()
  raw((db) => db.pragma('user_version = 1'))
  expect(fault(() => readLedger(dir))).toMatch(/^older: .*version 1/)
  expect(readFileSync(join(dir, 'ledger.db')).length).toBeGreaterThan(0)
})
