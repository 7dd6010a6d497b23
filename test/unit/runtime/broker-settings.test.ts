/** How a fridge shows itself to its owner's broker: what is refused, all at once, and what is read when. */
import { chmodSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { toBroker } from '../../../src/runtime/broker-settings.ts'
import { readStart } from '../../../src/runtime/settings.ts'
import type { ClientTls } from '../../../sync/edge/mqtt-client.ts'
import { authority } from '../../contract/brokers.ts'

let dir: string
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'broker-settings-'))
  const certificate = authority(dir)
  for (const name of ['fridge-1', 'fridge-2']) certificate(name)
  writeFileSync(join(dir, 'account'), 'a password\n', { mode: 0o600 })
  writeFileSync(join(dir, 'nothing'), '', { mode: 0o600 })
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const start = (broker: object, more: object = {}) => {
  writeFileSync(join(dir, 'config.json'), JSON.stringify({ relay: { url: 'https://relay.example', broker }, ...more }))
  return readStart(['--data', dir])
}
const said = (broker: object, more: object = {}): string => {
  const read = start(broker, more)
  return read.ok ? 'no fault' : read.error
}
const good = { url: 'mqtts://broker.example:8883', ca: 'ca.crt', certificate: 'fridge-1.crt', key: 'fridge-1.key' }

test('[SY70] a broker of the owner`s, with a certificate or an account, is taken; --relay leaves it as it is', () => {
  expect(start(good)).toMatchObject({ ok: true, value: { settings: { relay: { broker: good } } } })
  expect(said({ ...good, certificate: undefined, key: undefined, passwordFile: 'account' })).toBe('no fault')
  expect(said({})).toBe('no fault')
  start(good)
  expect(readStart(['--data', dir, '--relay', 'https://other.example'])).toMatchObject({
    ok: true,
    value: { settings: { relay: { url: 'https://other.example', broker: good } } },
  })
})

test('[SY70] [P1] every fault of the settings and of their files is told at once, with its place', () => {
  const other = said({ ...good, ca: 'nothing', certificate: 'fridge-2.crt', key: 'fridge-1.key', passwordFile: 'nothing' }, { holdMinor: 1 }) // prettier-ignore
  for (const part of [
    '5 fault',
    'holdMinor',
    'relay.broker.ca: ',
    'holds no certificate in PEM',
    'relay.broker.certificate: is of "fridge-2", and this fridge is "fridge-1"',
    'relay.broker.key: is of another certificate',
    'relay.broker.passwordFile: ',
  ])
    expect(other).toContain(part)
  chmodSync(join(dir, 'fridge-2.key'), 0o644)
  expect(said({ ...good, key: 'fridge-2.key' })).toMatch(/relay\.broker\.key: .*may be read by others: chmod 600/)
  expect(said({ ...good, ca: 'missing.crt' })).toContain("can't be read")
  expect(said({ certificate: 'fridge-1.crt' })).toContain('relay.broker.key: is missing')
  expect(said({ key: 'fridge-1.key' })).toContain('relay.broker.certificate: is missing')
  expect(said({ url: 'mqtt://broker.example' })).toContain('relay.broker.url: is mqtts or wss')
  expect(said({ url: 'mqtts://me:secret@broker.example' })).toContain('names no user')
  expect(said({ url: 'https://broker.example' })).toContain('relay.broker.url: is an address')
})

test('[SY70] files are read anew at each connection, and one that went away is a broker that is away', () => {
  const shown: (ClientTls & { password: string })[] = []
  const due: (() => void)[] = []
  const clock = { after: (_delayMs: number, run: () => void) => (due.push(run), () => {}) }
  const broker = { certificate: 'mine.crt', key: 'fridge-1.key', passwordFile: 'account' }
  const connect = toBroker({ dir, broker, clock }, (tls) => ({ password }) => {
    shown.push({ ...tls, password })
    return { subscribe() {}, publish() {}, end() {} }
  }) // prettier-ignore
  const closed: string[] = []
  const join1 = () =>
    connect(
      { url: 'mqtts://x', username: 'fridge-1', password: 'channel', will: { topic: 'a', bytes: new Uint8Array() } },
      { connected() {}, message() {}, closed: (why) => void closed.push(why) },
    )
  join1()
  for (const run of due.splice(0)) run()
  expect([shown.length, closed.length]).toEqual([0, 1])
  for (const name of ['fridge-1.crt', 'fridge-2.crt']) {
    copyFileSync(join(dir, name), join(dir, 'mine.crt'))
    join1()
  }
  expect(shown.map(({ password }) => password)).toEqual(['a password', 'a password'])
  expect(String(shown[0]?.cert)).not.toBe(String(shown[1]?.cert))
})
