import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openLedger, readLedger } from '../../../src/ledger/ledger.ts'

test('[LED6] a reader in the middle of the books takes what is written meanwhile for no damage', () => {
  const dir = mkdtempSync(join(tmpdir(), 'ledger-'))
  const ledger = openLedger(dir)
  const force = (atMs: number) =>
    ledger.commit({ atMs, events: [{ type: 'DoorForced' }], effects: [], done: [], abandoned: [] })
  force(10)
  force(20)
  const reader = readLedger(dir)
  const rows = reader.replay()
  expect(rows.next().value).toMatchObject({ seq: 1 })
  force(30)
  expect([...rows].map(({ seq }) => seq)).toEqual([2])
  expect([...reader.replay()].map(({ seq }) => seq)).toEqual([1, 2, 3])
  reader.close()
  ledger.close()
  rmSync(dir, { recursive: true })
})
