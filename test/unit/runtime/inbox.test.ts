import { afterEach, beforeEach, expect, test } from 'vitest'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defaultLimits } from '../../../src/cabinet/cabinet.ts'
import type { Event } from '../../../src/core/events.ts'
import { effectKey } from '../../../src/core/ids.ts'
import { LedgerFailed, openLedger, type Ledger } from '../../../src/ledger/ledger.ts'
import { newFridge } from '../../../src/runtime/fridge.ts'
import { createInbox, type Inbox, type InboxPorts } from '../../../src/runtime/inbox.ts'

let dir: string
let ledger: Ledger
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'inbox-'))
  ledger = openLedger(dir)
})
afterEach(() => {
  ledger.close()
  rmSync(dir, { recursive: true, force: true })
})

const commits: Event['type'][][] = []
function inboxOn(ports: Partial<InboxPorts> = {}): Inbox {
  commits.length = 0
  return createInbox(newFridge, {
    ledger,
    clock: { nowMs: () => 5, after: () => () => {} },
    limits: defaultLimits,
    live: () => ({ doorOpen: false, storageFull: false, weights: null }),
    committed: (_fridge, events) => void commits.push(events.map((event) => event.type)),
    failed: (error) => {
      throw error
    },
    ...ports,
  })
}
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('inputs that wait together share a commit, in their order', async () => {
  const inbox = inboxOn()
  inbox.post({ type: 'DoorForced' })
  inbox.post({ type: 'DoorOpened' })
  expect(commits).toEqual([])
  await nextTurn()
  expect(commits).toEqual([['DoorForced', 'DoorOpened']])
})

test('[L1] whoever asks for a turn finds it on disk when it returns', () => {
  const inbox = inboxOn()
  inbox.post({ type: 'DoorForced' })
  inbox.turn()
  expect(ledger.last().seq).toBe(1)
})

test('a turn asked for within a turn is the next one: no state is stepped on twice', async () => {
  const inbox: Inbox = inboxOn({
    committed(_fridge, events) {
      commits.push(events.map((event) => event.type))
      if (commits.length > 1) return
      inbox.post({ type: 'DoorOpened' })
      inbox.turn()
      expect(commits.length).toBe(1)
    },
  })
  inbox.post({ type: 'DoorForced' })
  inbox.turn()
  await nextTurn()
  expect(commits).toEqual([['DoorForced'], ['DoorOpened']])
})

test('what changes nothing is not written', async () => {
  const inbox = inboxOn()
  inbox.post({ type: 'Cancelled' })
  await nextTurn()
  expect([commits, ledger.last().seq]).toEqual([[], 0])
})

test('[L3] a ledger that fails stops the inbox for good: nothing is stepped, told or tried again', async () => {
  let failures = 0
  let tries = 0
  const broken: Ledger = {
    ...ledger,
    commit() {
      tries++
      throw new LedgerFailed('io', 'the disk is gone')
    },
  }
  const inbox = inboxOn({ ledger: broken, failed: () => void failures++ })
  inbox.post({ type: 'DoorForced' })
  await nextTurn()
  expect(inbox.post({ type: 'DoorForced' })).toBe(false)
  inbox.turn()
  await nextTurn()
  expect([failures, tries, commits]).toEqual([1, 1, []])
  expect(inbox.fridge()).toBe(newFridge)
})

test('a flood is turned away at the door, and answers to effects are still let in', () => {
  const inbox = inboxOn()
  const taken = Array.from({ length: 2_000 }, () => inbox.post({ type: 'DoorForced' })).filter(Boolean)
  expect(taken.length).toBe(1_024)
  expect(inbox.post({ type: 'Performed' }, effectKey('a'))).toBe(true)
  inbox.stop()
})
