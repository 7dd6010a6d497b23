/** The fridge's end of its relay: its files, its pairing, and what an operator is shown. The other side is written here. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Event } from '../../../src/core/events.ts'
import { silent } from '../../../src/core/ports.ts'
import { createRelayLink, type RelayLink } from '../../../src/runtime/relay-link.ts'
import { relayKey } from '../../../src/runtime/relay-files.ts'
import type { Fetch } from '../../../sync/edge/exchange.ts'
import { chance, randomOf } from '../../sim/chance.ts'
import { simTime, type SimTime } from '../../sim/time.ts'
import { createBooks, opening, startMs, visitEvents, type Books } from '../sync/books.ts'
import { memoryRelay, type MemoryRelay } from '../sync/other-side.ts'

const fridge = 'fridge-1'
const goodCode = 'AAAA-AAAA'
let dir: string
let time: SimTime
let books: Books
let relay: MemoryRelay
let asked: string[]

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'relay-link-'))
  time = simTime(startMs)
  books = createBooks()
  books.write(startMs, ...opening(fridge))
  relay = memoryRelay(fridge, relayKey(dir).publicKey)
  asked = []
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const fetch: Fetch = async (url, { headers, body }) => {
  asked.push(url)
  if (url.endsWith('/rows')) return { status: 200, text: async () => JSON.stringify(relay.post(headers, body)) }
  const { code } = JSON.parse(Buffer.from(body).toString()) as { code: string }
  const answer = code === goodCode ? { type: 'paired', fridge } : { type: 'badCode' }
  return { status: 200, text: async () => JSON.stringify(answer) }
}
const linkAt = (relayUrl?: string, as = fridge): RelayLink =>
  createRelayLink(
    {
      dir,
      ledger: books,
      fetch,
      clock: time,
      random: randomOf(chance(1, 'link')),
      log: silent,
      failed: (error) => {
        throw error
      },
    },
    { fridge: as, relayUrl },
  )
const run = (ms: number): Promise<void> => time.runUntil(time.sleep(ms))
const write = (link: RelayLink, ...events: Event[]): void => {
  books.write(time.nowMs(), ...events)
  link.wrote(events)
}

test('[SY16] without a pairing nothing is sent; with the owner`s code everything is, also after a restart', async () => {
  const link = linkAt('https://relay.test')
  await run(3_600_000)
  expect(asked).toEqual([])
  expect(link.view()).toMatchObject({
    paired: false,
    at: 'off',
    relay: 'https://relay.test',
    pending: books.last().seq,
  })
  expect(await link.pair({ code: 'BBBB-BBBB', relay: undefined })).toEqual({ ok: false, error: 'badCode' })
  expect(await link.pair({ code: goodCode, relay: undefined })).toEqual({ ok: true, value: 'https://relay.test' })
  await run(10_000)
  expect(link.view()).toMatchObject({ paired: true, at: 'idle', pending: 0, acknowledgedSeq: books.last().seq })
  for (const file of ['relay.key', 'relay.json']) expect(statSync(join(dir, file)).mode & 0o777).toBe(0o600)
  link.stop()

  const again = linkAt()
  write(again, ...visitEvents(1, 1))
  await run(10_000)
  expect(again.view()).toMatchObject({ paired: true, at: 'idle', pending: 0 })
  expect(relay.taken.map(({ seq }) => seq)).toEqual(books.all().map(({ seq }) => seq))
  again.stop()
})

test('[SY16] a pairing written beside the running fridge is found; one of another id, or a damaged one, is none', async () => {
  const link = linkAt()
  expect(await link.pair({ code: goodCode, relay: undefined })).toEqual({ ok: false, error: 'noRelay' })
  expect(await link.pair({ code: goodCode, relay: 'http://relay.example' })).toEqual({ ok: false, error: 'noRelay' })
  const file = join(dir, 'relay.json')
  writeFileSync(file, '{"relay":')
  await run(10_000)
  writeFileSync(file, JSON.stringify({ relay: 'https://relay.test', fridge: 'fridge-2' }))
  await run(10_000)
  expect([link.view().paired, asked]).toEqual([false, []])
  rmSync(file)
  const other = linkAt()
  expect(await other.pair({ code: goodCode, relay: 'relay.test' })).toEqual({ ok: true, value: 'https://relay.test' })
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ relay: 'https://relay.test', fridge })
  other.stop()
  await run(20_000)
  expect(link.view()).toMatchObject({ paired: true, at: 'idle', pending: 0 })
  link.stop()
})

test('[SY15] a visit travels as one batch, seconds after its receipt', async () => {
  const link = linkAt('https://relay.test')
  await link.pair({ code: goodCode, relay: undefined })
  await run(10_000)
  relay.sizes.length = 0
  const visit = visitEvents(1, 2).slice(0, 12) // to its receipt
  for (const event of visit) {
    write(link, event)
    await run(1_500)
  }
  await run(3_000)
  expect(relay.sizes).toEqual([visit.length])
  expect(link.view()).toMatchObject({ at: 'idle', pending: 0 })
  link.stop()
})

test('an operator sees what keeps rows from the relay, and that it is over', async () => {
  const link = linkAt('https://relay.test')
  await link.pair({ code: goodCode, relay: undefined })
  relay.instead = () => ({ type: 'revoked' })
  await run(10_000)
  expect(link.view()).toMatchObject({ at: 'refused', pending: books.last().seq, lastError: { code: 'revoked' } })
  relay.instead = () => null
  link.retry()
  await run(1_000)
  expect(link.view()).toMatchObject({ at: 'idle', pending: 0, lastError: null })
  link.stop()
})
