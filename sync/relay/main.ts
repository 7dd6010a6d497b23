/**
 * `npm run relay`: one relay in one process, on an embedded database or, with DATABASE_URL, on PostgreSQL.
 * One line of JSON on stdout says where it listens; the log is JSON on stderr. SIGTERM and SIGINT end it after the requests
 * that are under way. An embedded relay makes its owner's key at the first start, in a file of mode 0600.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { createRelay } from './relay.ts'
import { integrationsOf } from './integration-files.ts'
import { phonesOf } from './phone/files.ts'
import { shopOf, tokensOf } from './shop-files.ts'
import { readCommand, type Command, type Settings } from './settings.ts'
import { makeKey } from './store/keys.ts'
import { openEmbedded, openPostgresql, type OpenStore } from './store/open.ts'
import { fridgesToRetake, retake } from './store/retake.ts'

const command = readCommand(process.argv.slice(2), process.env)
if (!command.ok) {
  process.stderr.write(command.error)
  process.exitCode = 2
} else if (command.value.do === 'key') await printKey(command.value)
else if (command.value.do === 'token') await printToken(command.value)
else await start(command.value)

async function printKey({ settings, name, role }: Extract<Command, { do: 'key' }>): Promise<void> {
  const store = await open(settings)
  process.stdout.write(`${await makeKey(store.db, name, role)}\n`)
  await store.close()
}

async function printToken({ settings, shopper }: Extract<Command, { do: 'token' }>): Promise<void> {
  const { issue } = await tokensOf(settings)
  if (issue === null) {
    process.stderr.write('RELAY_JWT_SECRET_FILE: tokens are made elsewhere, or no secret is set\n')
    process.exitCode = 2
  } else process.stdout.write(`${await issue(shopper, 60)}\n`)
}

async function start({ settings, attached }: Extract<Command, { do: 'start' }>): Promise<void> {
  const log = pino({ name: 'relay', base: null, level: settings.RELAY_LOG }, pino.destination(2))
  const kind = settings.DATABASE_URL === undefined ? 'embedded' : 'postgresql'
  const ending = new AbortController()
  let store: OpenStore | null = null
  const trustProxy = settings.RELAY_PROXY === 'true'
  const shop = await shopOf(settings, log)
  const app = await createRelay({
    kind,
    store: () => store,
    log,
    trustProxy,
    broker: brokerOf(settings),
    brokerForFridges: settings.RELAY_BROKER_FOR_FRIDGES,
    mqttPort: settings.RELAY_MQTT_PORT,
    shop,
    phones: phonesOf(settings, log),
    integrations: integrationsOf(settings),
    pictures: {
      days: settings.RELAY_PICTURES_DAYS,
      daysDecided: settings.RELAY_PICTURES_DAYS_DECIDED,
      fridgeBytes: settings.RELAY_PICTURES_MEGABYTES * 1024 * 1024,
    },
  })
  let opened: Promise<OpenStore | null> = Promise.resolve(null)

  const stop = async (): Promise<void> => {
    if (ending.signal.aborted) return
    ending.abort()
    await app.close()
    await (await opened.catch(() => null))?.close()
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop())
  if (attached) {
    process.stdin.resume()
    process.stdin.once('end', () => void stop())
  }

  try {
    // The page is there while an embedded database is still being made, which takes some seconds the first time.
    const relay = await app.listen({ host: settings.RELAY_HOST, port: settings.RELAY_PORT })
    const ownerKeyFile = join(resolve(settings.RELAY_DATA), 'owner.key')
    const said = kind === 'embedded' ? { relay, store: kind, ownerKeyFile } : { relay, store: kind }
    process.stdout.write(`${JSON.stringify(said)}\n`)
    opened = opening(settings, log, ending.signal)
    const found = await opened
    if (found !== null && kind === 'embedded') await keepOwnerKey(found, ownerKeyFile)
    store = found
    if (found !== null) await retakeAll(found, log, ending.signal)
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
    await stop()
  }
}

/** A PostgreSQL that is not there yet is waited for: in a cluster nobody promises an order. Null: it was told to end. */
async function opening(settings: Settings, log: pino.Logger, ending: AbortSignal): Promise<OpenStore | null> {
  while (!ending.aborted) {
    try {
      return await open(settings)
    } catch (error) {
      if (settings.DATABASE_URL === undefined) throw error
      log.warn({ err: error }, 'the database could not be opened; it is tried again in 2 s')
      await sleep(2_000, undefined, { signal: ending }).catch(() => {})
    }
  }
  return null
}

function brokerOf(settings: Settings) {
  const { RELAY_BROKER_URL: url, RELAY_BROKER_CA: ca, RELAY_BROKER_CERT: cert, RELAY_BROKER_KEY: key } = settings
  if (url === undefined) return undefined
  const files = Object.entries({ ca, cert, key }).flatMap(([name, file]) =>
    file === undefined ? [] : [[name, readFileSync(file)] as const],
  )
  return { url, tls: Object.fromEntries(files) }
}

/** After an update: what the release before could not take. Fridges push meanwhile; each is held only while it is its turn. */
async function retakeAll(store: OpenStore, log: pino.Logger, ending: AbortSignal): Promise<void> {
  for (const fridge of await fridgesToRetake(store.db).catch(() => [])) {
    if (ending.aborted) return
    await retake(store.db, fridge).then(
      (rows) => log.info({ fridge, rows }, 'rows that were set aside are taken'),
      (error: unknown) => log.warn({ err: error, fridge }, 'rows that were set aside could not be taken'),
    )
  }
}

function open(settings: Settings): Promise<OpenStore> {
  if (settings.DATABASE_URL !== undefined) return openPostgresql(settings.DATABASE_URL)
  return openEmbedded(resolve(settings.RELAY_DATA))
}

async function keepOwnerKey(store: OpenStore, file: string): Promise<void> {
  if (existsSync(file)) return
  writeFileSync(file, `${await makeKey(store.db, 'the owner', 'owner')}\n`, { mode: 0o600, flag: 'wx' })
}
