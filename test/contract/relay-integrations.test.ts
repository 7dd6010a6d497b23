/** The relay telling places outside: from its settings to what arrives there, and what it refuses to start with. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { integrationsOf } from '../../sync/relay/integration-files.ts'
import { createRelay } from '../../sync/relay/relay.ts'
import { readCommand, type Settings } from '../../sync/relay/settings.ts'
import { sweepAlerts } from '../../sync/relay/store/alerts.ts'
import type { OpenStore } from '../../sync/relay/store/open.ts'
import { freePort } from './brokers.ts'
import { openGoogle, type FakeGoogle } from './google.ts'
import { newFridge } from './relay-fridge.ts'
import { openMemory } from './relay-stores.ts'

const dir = mkdtempSync(join(tmpdir(), 'relay-integrations-'))
const secretFile = join(dir, 'webhook.secret')
const credentialsFile = join(dir, 'google.json')
let google: FakeGoogle

beforeAll(async () => {
  google = await openGoogle()
  writeFileSync(secretFile, `whsec_${Buffer.alloc(32, 7).toString('base64')}\n`, { mode: 0o600 })
  writeFileSync(credentialsFile, JSON.stringify(google.credentials), { mode: 0o600 })
})
afterAll(async () => {
  await google.close()
  rmSync(dir, { recursive: true, force: true })
})

const settingsOf = (env: Record<string, string>): Settings => {
  const read = readCommand([], env)
  if (!read.ok) throw new Error(read.error)
  return read.value.settings
}

test('what the settings name is read, and what is no good is said, without a secret', () => {
  const good = {
    AMQP_URL: 'amqps://relay:pw@events.example.org',
    ALERT_WEBHOOK_URL: 'https://pager.example.org/x',
    ALERT_WEBHOOK_SECRET_FILE: secretFile,
    GOOGLE_SHEETS_ID: google.id,
    GOOGLE_CREDENTIALS_FILE: credentialsFile,
    GOOGLE_SHEETS_ZONE: 'Europe/Berlin',
  }
  expect(integrationsOf(settingsOf(good))).toMatchObject({
    rabbitmq: { url: good.AMQP_URL, exchange: 'visionvend.events', history: false },
    webhook: { url: good.ALERT_WEBHOOK_URL, secret: Buffer.alloc(32, 7) },
    sheets: { id: google.id, base: undefined, history: false },
  })
  expect(integrationsOf(settingsOf(Object.fromEntries(Object.keys(good).map((name) => [name, '']))))).toEqual({})
  for (const [change, what] of [
    [{ AMQP_URL: 'http://x' }, 'AMQP_URL: begins with amqp://'],
    [{ AMQP_EXCHANGE: 'a b' }, 'AMQP_EXCHANGE'],
    [{ ALERT_WEBHOOK_URL: 'ftp://x' }, 'ALERT_WEBHOOK_URL: begins with https://'],
    [{ ALERT_WEBHOOK_SECRET_FILE: '' }, 'goes with ALERT_WEBHOOK_SECRET_FILE'],
    [{ ALERT_WEBHOOK_SECRET_FILE: credentialsFile }, 'is not whsec_ and 24 to 64 bytes'],
    [{ GOOGLE_SHEETS_ID: 'https://docs.google.com' }, 'GOOGLE_SHEETS_ID: is the part of its address'],
    [{ GOOGLE_CREDENTIALS_FILE: '' }, 'goes with GOOGLE_CREDENTIALS_FILE'],
    [{ GOOGLE_CREDENTIALS_FILE: secretFile }, 'is no key file of a Google service account'],
    [{ GOOGLE_SHEETS_ZONE: 'Mars' }, 'there is no time zone Mars'],
    [{ GOOGLE_BASE_URL: 'http://evil.example.org' }, 'GOOGLE_BASE_URL'],
  ] as const) {
    let said = ''
    try {
      integrationsOf(settingsOf({ ...good, ...change }))
    } catch (error) {
      said = error instanceof Error ? error.message : ''
    }
    expect(said).toContain(what)
    expect(said).not.toMatch(/PRIVATE KEY|BwcHBw/)
  }
  chmodSync(secretFile, 0o644)
  expect(() => integrationsOf(settingsOf(good))).toThrow(/may be read by others/)
  chmodSync(secretFile, 0o600)
})

test('[RL53] a relay tells who answers, counts who does not, and ends at once when it is told to', async () => {
  const told: string[] = []
  const receiver = createServer((request, response) => {
    told.push(String(request.headers['webhook-signature']))
    request.resume()
    response.end()
  })
  await new Promise<void>((resolve) => void receiver.listen(0, '127.0.0.1', () => resolve()))
  const nobody = await freePort()
  let log = ''
  const settings = settingsOf({
    AMQP_URL: `amqp://127.0.0.1:${nobody}`,
    ALERT_WEBHOOK_URL: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`,
    ALERT_WEBHOOK_SECRET_FILE: secretFile,
    GOOGLE_SHEETS_ID: google.id,
    GOOGLE_CREDENTIALS_FILE: credentialsFile,
    GOOGLE_BASE_URL: google.base,
  })
  let store: OpenStore | null = null
  const app = await createRelay({
    kind: 'embedded',
    store: () => store,
    log: pino({ level: 'warn' }, { write: (line: string) => void (log += line) }),
    integrations: integrationsOf(settings),
  })
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  // It listens before its database is open, and tells nobody anything until it is.
  await sleep(300)
  expect([google.tokens(), log]).toEqual([0, ''])
  store = (await openMemory()).store
  const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
    for (let tried = 0; tried < 600 && !(await holds()); tried++) await sleep(100)
    expect(await holds()).toBe(true)
  }
  const metrics = async (): Promise<string> => (await fetch(`${url}/metrics`)).text()
  await until(() => google.tabTitles().length === 3)
  await until(async () => (await metrics()).includes('visionvend_relay_waiting{to="webhook"} 0'))
  const fridge = await newFridge(app, store.db)
  fridge.books.write(Date.now(), { type: 'SalesStopped', reason: 'temperature' })
  await fridge.drain()
  await sweepAlerts(store.db)
  await until(() => told.length === 1)
  await until(async () => (await metrics()).includes('visionvend_relay_sent_total{to="rabbitmq",outcome="failed"}'))
  expect(log).toContain('ECONNREFUSED')
  const described = (await (await fetch(`${url}/asyncapi.json`)).json()) as { asyncapi: string }
  expect(described.asyncapi).toBe('3.0.0')
  expect(log).not.toMatch(/PRIVATE KEY|BwcHBw/)
  const before = performance.now()
  await app.close()
  expect(performance.now() - before).toBeLessThan(5_000)
  await store.close()
  receiver.close()
}, 120_000)
