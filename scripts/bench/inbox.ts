/**
 * Inputs per second through inbox and ledger, each in a commit of its own and sharing commits, beside the disk's own rate:
 * the same number of bytes appended to a file and fdatasync'ed, once a commit.
 */
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { fridgeId } from '../../src/core/ids.ts'
import { openLedger } from '../../src/ledger/ledger.ts'
import { realClock } from '../../src/runtime/clock.ts'
import { newFridge } from '../../src/runtime/fridge.ts'
import { createInbox } from '../../src/runtime/inbox.ts'
import { defaultLimits } from '../../src/cabinet/cabinet.ts'
import { rounded, type Figure } from './figures.ts'

const commits = 600
/** One page and its frame header: the least that a commit writes to the WAL. */
const walFrameBytes = 4_096 + 24

export function benchInbox(folder: string): Figure[] {
  const dir = mkdtempSync(join(folder, 'bench-'))
  try {
    const syncs = fdatasyncRate(join(dir, 'plain'))
    const alone = inputRate(join(dir, 'alone'), 1)
    const shared = inputRate(join(dir, 'shared'), 32)
    const reference = { name: 'fdatasync of one WAL frame per second', value: rounded(syncs, 0) }
    return [
      {
        name: 'inputs through inbox and ledger, a commit each',
        value: rounded(alone, 0),
        unit: '1/s',
        reference,
        aim: '0.8 of the reference',
      },
      {
        name: 'inputs through inbox and ledger, 32 sharing a commit',
        value: rounded(shared, 0),
        unit: '1/s',
        reference,
      },
    ]
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

function fdatasyncRate(file: string): number {
  const frame = Buffer.alloc(walFrameBytes)
  const handle = openSync(file, 'w')
  const startedAt = performance.now()
  for (let n = 0; n < commits; n++) {
    writeSync(handle, frame)
    fdatasyncSync(handle)
  }
  const seconds = (performance.now() - startedAt) / 1_000
  closeSync(handle)
  return commits / seconds
}

function inputRate(dir: string, together: number): number {
  const ledger = openLedger(dir)
  const inbox = createInbox(newFridge, {
    ledger,
    clock: realClock(0),
    limits: defaultLimits,
    live: () => ({ doorOpen: false, storageFull: false, weights: null }),
    committed: () => {},
    failed: (error) => {
      throw error
    },
  })
  inbox.post({ type: 'Restarted', fridge: fridgeId('bench'), version: '0', offMs: 0 })
  inbox.turn()
  const startedAt = performance.now()
  for (let commit = 0; commit < commits; commit++) {
    for (let n = 0; n < together; n++) inbox.post({ type: 'DoorForced' })
    inbox.turn()
  }
  const seconds = (performance.now() - startedAt) / 1_000
  ledger.close()
  return (commits * together) / seconds
}
