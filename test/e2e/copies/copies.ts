/**
 * Copies: two relays from their real entry point, on one PostgreSQL and one mosquitto with mutual TLS, behind one address;
 * and a fridge's real runtime on its own data folder. What is started is ended.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { silent } from '../../../src/core/ports.ts'
import { createStripeClient } from '../../../src/payments/client.ts'
import { createStripeProvider } from '../../../src/payments/stripe.ts'
import { createBank } from '../../../src/virtual/bank/bank.ts'
import { serveBank } from '../../../src/virtual/bank/server.ts'
import { openPostgresql } from '../../../sync/relay/store/open.ts'
import { createTokens } from '../../../sync/relay/tokens.ts'
import { freePort, openMosquitto } from '../../contract/brokers.ts'
import { startPostgresql } from '../../contract/relay-stores.ts'
import { node, root } from '../programs.ts'
import { balance } from './balancer.ts'
import { realClock, realRandom } from './working-fridge.ts'

export type Copies = Awaited<ReturnType<typeof startCopies>>
/** What ends something that was started, in the order of their starts. */
type Ends = (() => Promise<unknown> | void)[]

/** What has started ends also where something else does not start. */
export async function startCopies() {
  const ends: Ends = []
  const close = async (): Promise<void> => {
    for (const end of ends.splice(0).toReversed()) await end()
  }
  try {
    return { ...(await startAll(ends)), close }
  } catch (error) {
    await close()
    throw error
  }
}

async function startAll(ends: Ends) {
  const dir = mkdtempSync(join(tmpdir(), 'relay-copies-'))
  ends.push(() => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }))
  const both = [startPostgresql(), openMosquitto()] as const
  ends.push(async () => (await both[0].catch(() => null))?.stop())
  ends.push(async () => (await both[1].catch(() => null))?.close())
  const [cluster, broker] = await Promise.all(both)
  const files = broker.files
  if (files === undefined) throw new Error('this broker knows no certificates')
  const bank = createBank({ clock: realClock, random: realRandom })
  const bankAt = await serveBank(bank, { port: 0 })
  ends.push(() => bankAt.close())
  const bankUrl = `http://127.0.0.1:${bankAt.port}`
  const secret = randomBytes(32)
  writeFileSync(join(dir, 'bank.key'), bank.secretKey, { mode: 0o600 })
  writeFileSync(join(dir, 'tokens.key'), secret.toString('hex'), { mode: 0o600 })
  const relayFiles = files('relay')
  const running: ChildProcess[] = []
  ends.push(() => Promise.all(running.map((child) => ended(child))))

  async function relay(port: number): Promise<ChildProcess> {
    const child = spawn(node, [join(root, 'sync', 'relay', 'main.ts')], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        PATH: process.env['PATH'] ?? '',
        DATABASE_URL: cluster.url,
        RELAY_PORT: String(port),
        RELAY_LOG: 'error',
        RELAY_BROKER_URL: broker.url,
        RELAY_BROKER_CA: relayFiles.ca,
        RELAY_BROKER_CERT: relayFiles.certificate,
        RELAY_BROKER_KEY: relayFiles.key,
        RELAY_STRIPE_KEY_FILE: join(dir, 'bank.key'),
        RELAY_BANK_URL: bankUrl,
        RELAY_JWT_SECRET_FILE: join(dir, 'tokens.key'),
      },
    })
    running.push(child)
    const ready = async (): Promise<boolean> => (await fetch(`http://127.0.0.1:${port}/health/ready`)).ok
    for (let tried = 0; !(await ready().catch(() => false)); tried++) {
      if (tried > 300 || child.exitCode !== null) throw new Error(`the relay at ${port} does not start`)
      await realWait(100)
    }
    return child
  }
  const ports = [await freePort(), await freePort()] as const
  // Both at once on an empty database: one makes the tables, and the other waits for that.
  const [first, second] = await Promise.all([relay(ports[0]), relay(ports[1])])
  const balancer = await balance(ports)
  ends.push(() => balancer.close())
  const store = await openPostgresql(cluster.url, 3)
  ends.push(() => store.close())
  const client = () => createStripeClient({ apiKey: bank.secretKey, at: { host: '127.0.0.1', port: bankAt.port, protocol: 'http' } }) // prettier-ignore

  return {
    url: balancer.url,
    db: store.db,
    bank,
    tokens: await createTokens({ secret }),
    first,
    second,
    connectAs: (id: string) => broker.connectAs(id).connect,
    provider: (customer?: string) =>
      createStripeProvider({ stripe: client(), clock: realClock, log: silent, ...(customer === undefined ? {} : { customer }) }), // prettier-ignore
    /** Messages of fridges that a copy has taken. */
    async taken(which: 0 | 1): Promise<number> {
      const text = await (await fetch(`http://127.0.0.1:${ports[which]}/metrics`)).text()
      return Number(/messages_total\{outcome="taken"\} (\d+)/.exec(text)?.[1] ?? 0)
    },
    /** A fridge's real runtime, paired, with its broker in config.json; no controller is plugged in. Resolves with its folder. */
    async runtime(id: string, code: string): Promise<string> {
      const data = join(dir, id)
      mkdirSync(data, { mode: 0o700 })
      const relay = { url: balancer.url, broker: { url: broker.url, ...files(id) } }
      const controller = `unix:${join(data, 'nothing.sock')}`
      writeFileSync(join(data, 'config.json'), JSON.stringify({ fridge: { id }, controller, bank: { url: bankUrl }, relay })) // prettier-ignore
      // Not waited for in place: the address that it asks is this process's own.
      await promisify(execFile)(node, [join(root, 'scripts', 'pair.ts'), '--data', data, '--code', code])
      const child = spawn(node, [join(root, 'dist', 'runtime', 'main.mjs'), '--data', data], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] }) // prettier-ignore
      running.push(child)
      await new Promise<void>((resolve, reject) => {
        child.stdout.once('data', () => resolve())
        child.once('exit', () => reject(new Error(`the runtime of ${id} does not start`)))
      })
      return data
    },
  }
}

export const realWait = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms))

export async function ended(child: ChildProcess, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const over = new Promise<void>((resolve) => void child.once('exit', () => resolve()))
  child.kill(signal)
  await over
}
