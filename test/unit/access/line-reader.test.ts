import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lineReader } from '../../../src/access/line-reader.ts'
import type { Clock, Log, PresentedCard } from '../../../src/core/ports.ts'

let dir: string
let server: Server
let connected: (socket: Socket) => void
const clock: Clock = {
  nowMs: () => 0,
  after(_delayMs, due) {
    const now = setImmediate(due) // the pause before the next try is the clock's business, not this test's
    return () => clearImmediate(now)
  },
}
const warned: string[] = []
const log: Log = { info: () => {}, warn: (what) => void warned.push(what) }
const card = { paymentMethod: 'pm_1', fingerprint: 'fp_1' }

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'reader-'))
  warned.length = 0
  server = createServer((socket) => connected(socket))
})
afterEach(() => {
  server.close()
  rmSync(dir, { recursive: true, force: true })
})
const listen = (): Promise<string> =>
  new Promise((resolve) => server.listen(join(dir, 'reader.sock'), () => resolve(join(dir, 'reader.sock'))))
const connection = (): Promise<Socket> =>
  new Promise((resolve) => {
    connected = resolve
  })

test('a line is a card; half a line is not one yet', async () => {
  const path = await listen()
  const [socket, reader] = [connection(), lineReader(path, clock, log)]
  const heard = new Promise<PresentedCard>((resolve) => reader.onCard(resolve))
  const text = JSON.stringify(card)
  ;(await socket).write(text.slice(0, 10))
  ;(await socket).write(`${text.slice(10)}\n`)
  expect(await heard).toEqual(card)
  reader.close()
})

test('[P1] a line with anything else in it, such as a card number, is refused, and the next one is heard', async () => {
  const path = await listen()
  const [socket, reader] = [connection(), lineReader(path, clock, log)]
  const heard: PresentedCard[] = []
  const one = new Promise<void>((resolve) => {
    reader.onCard((next) => {
      heard.push(next)
      resolve()
    })
  })
  const lines = [
    'not json',
    '{"paymentMethod":"pm_1"}',
    JSON.stringify({ ...card, number: '4242424242424242' }),
    JSON.stringify(card),
  ]
  ;(await socket).write(lines.map((line) => `${line}\n`).join(''))
  await one
  expect(heard).toEqual([card])
  expect(warned).toEqual(Array.from({ length: 3 }, () => 'the reader said something unreadable'))
  reader.close()
})

test('a reader that goes away is found again', async () => {
  const path = await listen()
  const [first, reader] = [connection(), lineReader(path, clock, log)]
  const gone = await first
  const second = connection()
  gone.destroy()
  const heard = new Promise<PresentedCard>((resolve) => reader.onCard(resolve))
  ;(await second).write(`${JSON.stringify(card)}\n`)
  expect(await heard).toEqual(card)
  reader.close()
})
