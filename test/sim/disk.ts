/**
 * Disk: a real SQLite ledger on a memory file system, which can die in the middle of a commit.
 *
 * What is kept is modelled on what SQLite does: a commit appends frames to the WAL, syncs it (synchronous=FULL), and now
 * and then copies pages into the database, which the WAL still covers. So a commit that returned is never lost; of one
 * in flight any prefix of the new WAL bytes may be there, or (the sectors having been written in any order) any part.
 */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLedger, LedgerFailed, type Batch, type Ledger, type Written } from '../../src/ledger/ledger.ts'
import type { Chance } from './chance.ts'

/** What becomes of one commit. `torn`: the power goes, or the process is killed, while it is being written. */
export type CommitFate = 'done' | 'killedBefore' | 'killedAfter' | 'torn' | 'ioBefore' | 'ioAfter' | 'full'

/** Thrown where the process would simply stop existing: nobody may learn anything from it. */
export class ProcessGone extends Error {
  override readonly name = 'ProcessGone'
}

export interface Disk {
  /** The ledger, for one life of the process. `fate` is asked before each commit. Throws as openLedger does. */
  open(fate: (batch: Batch) => CommitFate, committed: (batch: Batch, written: Written) => void): Ledger
  /** The process that had it open is gone. What is on the disk is what was written, or what was torn. */
  gone(): void
  /** Where the ledger lies now. */
  dir(): string
  remove(): void
}

/** Takes away what simulations that were killed have left: it lies in memory. */
export function sweepDisks(nowMs: number): void {
  for (const name of readdirSync(base)) {
    const dir = join(base, name)
    if (!name.startsWith(prefix) || nowMs - (statSync(dir, { throwIfNoEntry: false })?.mtimeMs ?? nowMs) < staleMs)
      continue
    rmSync(dir, { recursive: true, force: true })
  }
}

interface Snapshot {
  readonly db: Buffer
  readonly wal: Buffer
}

const base = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
const prefix = 'visionvend-sim-'
const staleMs = 3_600_000
const sector = 512
const page = 4096

/** For the tests of the auditor: a disk that lies about syncing, a ledger that leaves a row out. */
export type BrokenDisk = 'losesCommits' | 'dropsReceipts'

export function simDisk(chance: Chance, broken?: BrokenDisk): Disk {
  const losesCommits = broken === 'losesCommits'
  const root = mkdtempSync(join(base, prefix))
  let generation = 0
  let current = join(root, '0')
  let held: Ledger | null = null
  let torn: Snapshot | null = null
  let lastWhole: Snapshot | null = null

  const read = (file: string): Buffer => (existsSync(file) ? readFileSync(file) : Buffer.alloc(0))
  const snapshot = (): Snapshot => ({ db: read(join(current, 'ledger.db')), wal: read(join(current, 'ledger.db-wal')) })

  function commit(ledger: Ledger, batch: Batch, fate: CommitFate): Written {
    switch (fate) {
      case 'done':
        if (losesCommits) lastWhole = snapshot()
        return broken === 'dropsReceipts' ? withoutReceipts(ledger, batch) : ledger.commit(batch)
      case 'killedBefore':
        throw new ProcessGone('killed before a commit')
      case 'killedAfter':
        ledger.commit(batch)
        throw new ProcessGone('killed after a commit')
      case 'torn': {
        const before = snapshot()
        ledger.commit(batch)
        torn = tear(before, snapshot(), chance)
        throw new ProcessGone('killed in the middle of a commit')
      }
      case 'ioBefore':
        throw new LedgerFailed('io', 'simulated: writing failed (EIO)')
      case 'ioAfter':
        // A failed fsync: the bytes may be there all the same, and come back with the next start.
        ledger.commit(batch)
        throw new LedgerFailed('io', 'simulated: fsync failed (EIO)')
      case 'full':
        throw new LedgerFailed('full', 'simulated: no space left on device (ENOSPC)')
    }
  }

  return {
    open(fate, committed) {
      const ledger = openLedger(current)
      held = ledger
      return {
        commit(batch) {
          const written = commit(ledger, batch, fate(batch))
          committed(batch, written)
          return written
        },
        replay: () => ledger.replay(),
        pending: () => ledger.pending(),
        rows: (afterSeq, limit) => ledger.rows(afterSeq, limit),
        last: () => ledger.last(),
        anchor: () => ledger.anchor(),
        prune(seq, state) {
          if (chance.happens(0.15)) throw new ProcessGone('killed before old rows went')
          const before = chance.happens(0.15) ? snapshot() : null
          ledger.prune(seq, state)
          if (before === null) return
          // Two transactions: where pages were copied between them, the second one's WAL does not cover the first's.
          const after = snapshot()
          if (after.db.equals(before.db)) torn = tear(before, after, chance)
          throw new ProcessGone('killed while old rows went')
        },
        close() {
          held = null
          ledger.close()
        },
      }
    },
    gone() {
      const next = join(root, String(++generation))
      mkdirSync(next)
      if (losesCommits && lastWhole !== null) torn = lastWhole
      if (torn !== null) {
        writeFileSync(join(next, 'ledger.db'), torn.db)
        if (torn.wal.length > 0) writeFileSync(join(next, 'ledger.db-wal'), torn.wal)
      } else
        for (const name of ['ledger.db', 'ledger.db-wal'])
          if (existsSync(join(current, name))) copyFileSync(join(current, name), join(next, name))
      torn = null
      lastWhole = null
      held?.close() // only now: closing tidies the WAL away, which a dead process does not do
      held = null
      rmSync(current, { recursive: true, force: true })
      current = next
    },
    dir: () => current,
    remove() {
      held?.close()
      held = null
      rmSync(root, { recursive: true, force: true })
    },
  }
}

/** Says that everything is written, and leaves the receipts out. */
function withoutReceipts(ledger: Ledger, batch: Batch): Written {
  const before = ledger.last().seq
  const written = ledger.commit({ ...batch, events: batch.events.filter(({ type }) => type !== 'ReceiptIssued') })
  const recorded = batch.events.map((event, index) => ({ seq: before + index + 1, atMs: batch.atMs, event }))
  return { ...written, recorded }
}

/** The files as they may be found when the writing of `after` over `before` stopped somewhere. */
function tear(before: Snapshot, after: Snapshot, chance: Chance): Snapshot {
  const first = firstDifference(before.wal, after.wal)
  const written = after.wal.length - first
  if (!after.db.equals(before.db) && chance.happens(0.5)) {
    // It stopped while pages were being copied into the database: the WAL is whole and synced, and covers them all.
    const db = Buffer.from(after.db)
    for (let at = 0; at < db.length; at += page) {
      if (chance.happens(0.5)) continue
      db.fill(0, at, Math.min(at + page, db.length))
      before.db.copy(db, at, at, at + page)
    }
    return { db, wal: after.wal }
  }
  const cut = first + chance.below(written + 1)
  if (chance.happens(0.7)) {
    const wal = Buffer.concat([after.wal.subarray(0, cut), before.wal.subarray(cut)])
    return { db: before.db, wal }
  }
  // Out of order: each sector of the new part is there or not.
  const wal = Buffer.alloc(after.wal.length)
  before.wal.copy(wal)
  for (let at = first - (first % sector); at < after.wal.length; at += sector)
    if (chance.happens(0.6)) after.wal.copy(wal, at, at, at + sector)
  return { db: before.db, wal }
}

function firstDifference(before: Buffer, after: Buffer): number {
  const shared = Math.min(before.length, after.length)
  for (let at = 0; at < shared; at++) if (before[at] !== after[at]) return at
  return shared
}
