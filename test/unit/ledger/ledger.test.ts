import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Effect } from '../../../src/core/effects.ts'
import type { Event } from '../../../src/core/events.ts'
import { effectKey, visitId } from '../../../src/core/ids.ts'
import { chainHash, chainStart } from '../../../src/ledger/chain.ts'
import { LedgerFailed, openLedger, readLedger, type Batch } from '../../../src/ledger/ledger.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'ledger-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const visit = visitId('v1')
const forced: Event = { type: 'DoorForced' }
const relock = (key: string): Effect => ({ type: 'RelockDoor', key: effectKey(key), visit })
const batch = (atMs: number, parts: Partial<Batch> = {}): Batch => ({
  atMs,
  events: [],
  effects: [],
  done: [],
  abandoned: [],
  ...parts,
})
const raw = (work: (db: Database.Database) => void): void => {
  const db = new Database(join(dir, 'ledger.db'))
  work(db)
  db.close()
}
const fault = (work: () => unknown): { code: string; message: string } => {
  try {
    work()
  } catch (error) {
    if (error instanceof LedgerFailed) return { code: error.code, message: error.message }
    throw error
  }
  throw new Error('nothing failed')
}
/** A ledger of three events, closed. */
const three = (): void => {
  const ledger = openLedger(dir)
  for (const atMs of [10, 20, 30]) ledger.commit(batch(atMs, { events: [forced] }))
  ledger.close()
}

test('[LED1] what commit returned is there after the process is gone without a word', () => {
  const ledger = openLedger(dir)
  ledger.commit(batch(10, { events: [forced, { type: 'SensorLost' }] }))
  // A copy of the files as they stand on disk is what a dead process leaves.
  const left = mkdtempSync(join(tmpdir(), 'left-'))
  for (const file of ['ledger.db', 'ledger.db-wal']) copyFileSync(join(dir, file), join(left, file))
  expect([...readLedger(left).replay()].map((row) => row.event.type)).toEqual(['DoorForced', 'SensorLost'])
  ledger.close()
  rmSync(left, { recursive: true })
})

test('[LED1] the database syncs at every commit', () => {
  const ledger = openLedger(dir)
  ledger.close()
  raw((db) => expect(db.pragma('journal_mode', { simple: true })).toBe('wal'))
  expect(readFileSync('src/ledger/ledger.ts', 'utf8')).toMatch(/synchronous = FULL/)
})

test('[LED2] a golden chain: the hash of a row is what SPEC says, as Python computes it', () => {
  const body = '{"type":"DoorForced"}'
  expect(chainHash(chainStart, 1, 1.5, body).toString('hex')).toBe(
    '15b69965372e469076a5f6e0422938a7c466074698b5260a12a63ad269ba60cc',
  )
})

test('[LED2] rows refuse to be changed or deleted', () => {
  three()
  raw((db) => {
    expect(() => db.exec("UPDATE events SET body = '{}' WHERE seq = 2")).toThrow('only appended')
    expect(() => db.exec('DELETE FROM events WHERE seq = 2')).toThrow('only appended')
    expect(() => db.exec('DELETE FROM effects')).not.toThrow() // none there
  })
})

test.each([
  ['a changed row', 'UPDATE events SET body = \'{"type":"SensorLost"}\' WHERE seq = 2', 'event 2 was changed'],
  ['a changed time', 'UPDATE events SET at_ms = 21 WHERE seq = 2', 'event 2 was changed'],
  ['a missing row', 'DELETE FROM events WHERE seq = 2', 'event 2 is missing'],
  ['a missing last row', 'DELETE FROM events WHERE seq = 3', 'events 3 to 3 are missing'],
])('[LED2] %s is found, by somebody who went round the triggers', (_what, sql, message) => {
  three()
  raw((db) => {
    db.exec('DROP TRIGGER events_never_change; DROP TRIGGER events_never_go;' + sql)
  })
  const ledger = openLedger(dir)
  expect(fault(() => [...ledger.replay()])).toMatchObject({
    code: 'damaged',
    message: expect.stringContaining(message) as string,
  })
  ledger.close()
})

test('[LED2] rows are read by cursor as they stand, a bounded number at a time, and their chain can be checked again', () => {
  three()
  const ledger = readLedger(dir)
  expect(ledger.rows(0, 2).map((row) => row.seq)).toEqual([1, 2])
  expect(ledger.rows(2, 10)).toMatchObject([{ seq: 3, atMs: 30, body: '{"type":"DoorForced"}' }])
  expect(ledger.rows(3, 10)).toEqual([])
  let tip: Uint8Array = chainStart
  for (const row of ledger.rows(0, 10)) {
    tip = chainHash(tip, row.seq, row.atMs, row.body)
    expect(Buffer.from(row.hash)).toEqual(tip)
  }
  ledger.close()
})

test('[LED3] [LED4] a commit that fails leaves nothing of itself, and says so', () => {
  const ledger = openLedger(dir)
  ledger.commit(batch(10, { events: [forced] }))
  raw((db) => db.exec('DROP TABLE effects'))
  expect(fault(() => ledger.commit(batch(20, { events: [forced], effects: [relock('a')] })))).toMatchObject({
    code: 'io',
  })
  ledger.close()
  expect([...readOnly()].length).toBe(1)
})
const readOnly = () => {
  const db = new Database(join(dir, 'ledger.db'), { readonly: true })
  const rows = db.prepare('SELECT seq FROM events').all()
  db.close()
  return rows
}

test('[LED4] [LED5] an effect is promised once, pending until it is answered, and answered once', () => {
  const ledger = openLedger(dir)
  const first = ledger.commit(batch(10, { events: [forced], effects: [relock('a'), relock('b')] }))
  expect(first.effects.map((effect) => effect.key)).toEqual(['a', 'b'])
  expect(ledger.commit(batch(11, { effects: [relock('a')] })).effects).toEqual([])
  ledger.commit(batch(12, { done: [effectKey('a')] }))
  expect(ledger.pending().map((effect) => effect.key)).toEqual(['b'])
  ledger.commit(batch(13, { abandoned: [effectKey('b')] }))
  ledger.close()
  const again = openLedger(dir)
  expect(again.pending()).toEqual([])
  expect(again.commit(batch(14, { effects: [relock('b')] })).effects).toEqual([])
  again.close()
  raw((db) => expect(() => db.exec("UPDATE effects SET status = 'pending'")).toThrow('ends once'))
})

test('[LED6] a second process on the same folder is refused, and let in once the first is gone', () => {
  const ledger = openLedger(dir)
  expect(fault(() => openLedger(dir))).toMatchObject({ code: 'inUse', message: expect.stringContaining(dir) as string })
  ledger.close()
  openLedger(dir).close()
})

test('[LED6] the books can be read while the fridge writes them', () => {
  const ledger = openLedger(dir)
  ledger.commit(batch(10, { events: [forced] }))
  const reader = readLedger(dir)
  expect([...reader.replay()].length).toBe(1)
  reader.close()
  ledger.close()
})

test('[LED7] a file that is no database, a foreign one and a newer one are refused and left alone', () => {
  const file = join(dir, 'ledger.db')
  writeFileSync(file, 'not a database at all, but long enough to be looked at')
  expect(fault(() => openLedger(dir)).code).toBe('damaged')
  expect(readFileSync(file, 'utf8')).toMatch(/^not a database/)
  rmSync(file)
  raw((db) => db.exec('CREATE TABLE mine (x)'))
  expect(fault(() => openLedger(dir)).code).toBe('foreign')
  rmSync(file)
  three()
  raw((db) => db.pragma('user_version = 99'))
  expect(fault(() => openLedger(dir))).toMatchObject({
    code: 'newer',
    message: expect.stringContaining('version 99') as string,
  })
})

test('[LED7] reading a ledger that is not there makes none', () => {
  expect(fault(() => readLedger(dir)).code).toBe('io')
  expect(existsSync(join(dir, 'ledger.db'))).toBe(false)
})

test('[LED8] time never goes back', () => {
  const ledger = openLedger(dir)
  ledger.commit(batch(10, { events: [forced] }))
  expect(fault(() => ledger.commit(batch(9, { events: [forced] })))).toMatchObject({ code: 'damaged' })
  expect(ledger.last()).toEqual({ seq: 1, atMs: 10 })
  ledger.close()
})
