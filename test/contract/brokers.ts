/**
 * Brokers for the relay's contract: its own (aedes), a mosquitto with mutual TLS, and a RabbitMQ with its MQTT plug-in, each
 * a process of this test's own with the rights that stand beside the relay. What is started is ended.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createConnection, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Connect } from '../../sync/edge/commands.ts'
import { overMqtt } from '../../sync/edge/mqtt-client.ts'
import type { Broker, BrokerListener } from '../../sync/relay/broker/broker.ts'
import { createEmbeddedBroker } from '../../sync/relay/broker/embedded.ts'
import { createExternalBroker } from '../../sync/relay/broker/external.ts'

export interface TestBroker {
  readonly url: string
  /** A way to it for this fridge, and what it shows. */
  connectAs(fridge: string): { readonly connect: Connect; readonly password: string }
  /** A copy of the relay at it. An embedded one has one copy only. */
  relay(listener: BrokerListener): Promise<Broker & { sharing?: () => boolean }>
  /** Where certificates are the names: the files of whoever this is. */
  files?(name: string): { readonly ca: string; readonly certificate: string; readonly key: string }
  /** As a broker that is restarted: all connections end. */
  restart?(): Promise<void>
  close(): Promise<void>
}

const rights = 'sync/relay/broker/rights'
const passwordOf = (fridge: string): string => `password of ${fridge}`

export async function openEmbedded(): Promise<TestBroker> {
  let heard: BrokerListener = { message: () => {}, up: () => {} }
  const broker = await createEmbeddedBroker({
    passwordOf: async (fridge) => (fridge.startsWith('fridge-') ? passwordOf(fridge) : null),
    listener: { message: (topic, bytes) => heard.message(topic, bytes), up: () => heard.up() },
  })
  const port = await broker.listen(0, '127.0.0.1')
  return {
    url: `mqtt://127.0.0.1:${port}`,
    connectAs: (fridge) => ({ connect: overMqtt(), password: passwordOf(fridge) }),
    async relay(listener) {
      heard = listener
      return { ...broker, close: async () => {} }
    },
    close: () => broker.close(),
  }
}

const onPath = (...programs: string[]): string | null =>
  programs
    .flatMap((name) => ['/usr/sbin', '/usr/bin', '/usr/local/sbin'].map((dir) => join(dir, name)))
    .find(existsSync) ?? null
export const mosquittoProgram = onPath('mosquitto')
export const rabbitmqProgram = ['/usr/lib/rabbitmq/bin/rabbitmq-server'].find(existsSync) ?? null

export async function openMosquitto(): Promise<TestBroker> {
  if (mosquittoProgram === null) throw new Error('mosquitto is not installed here: sudo apt-get install mosquitto')
  const program = mosquittoProgram
  const dir = mkdtempSync(join(tmpdir(), 'relay-mosquitto-'))
  const port = await freePort()
  const certificate = authority(dir)
  const server = certificate('localhost')
  const settings = readFileSync(`${rights}/mosquitto.conf`, 'utf8')
    .replace('listener 8883', `listener ${port} 127.0.0.1`)
    .replace('/etc/mosquitto/certs/ca.crt', join(dir, 'ca.crt'))
    .replace('/etc/mosquitto/certs/server.crt', server.certFile)
    .replace('/etc/mosquitto/certs/server.key', server.keyFile)
    .replace('/etc/mosquitto/fleet.acl', join(dir, 'fleet.acl'))
  writeFileSync(join(dir, 'fleet.acl'), readFileSync(`${rights}/mosquitto.acl`))
  // Started as root it becomes another user, who must read the keys.
  writeFileSync(join(dir, 'mosquitto.conf'), `user root\n${settings}`)
  let running: ChildProcess | null = null
  const start = async (): Promise<void> => {
    running = spawn(program, ['-c', join(dir, 'mosquitto.conf')], { stdio: 'ignore' })
    await listening(port, 10_000)
  }
  await start()
  const url = `mqtts://localhost:${port}`
  const ca = readFileSync(join(dir, 'ca.crt'))
  const tls = (name: string) => {
    const { certFile, keyFile } = certificate(name)
    return { ca, cert: readFileSync(certFile), key: readFileSync(keyFile) }
  }
  return {
    url,
    connectAs: (fridge) => ({ connect: overMqtt(tls(fridge)), password: '' }),
    files(name) {
      const { certFile, keyFile } = certificate(name)
      return { ca: join(dir, 'ca.crt'), certificate: certFile, key: keyFile }
    },
    relay: (listener) => joined(createExternalBroker({ url, tls: tls('relay') }, listener)),
    async restart() {
      await ended(running)
      await start()
    },
    async close() {
      await ended(running)
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** `amqp`: where its own protocol is spoken, by a user who may do all. */
export async function openRabbitmq(): Promise<TestBroker & { readonly amqp: string }> {
  if (rabbitmqProgram === null) throw new Error('RabbitMQ is not installed here: sudo apt-get install rabbitmq-server')
  const dir = mkdtempSync(join(tmpdir(), 'relay-rabbitmq-'))
  const [port, amqpPort, dist, epmdPort] = await Promise.all([freePort(), freePort(), freePort(), freePort()])
  const fridges = ['fridge-1', 'fridge-2']
  const definitions = JSON.parse(readFileSync(`${rights}/rabbitmq.json`, 'utf8')) as Record<string, unknown[]>
  for (const name of fridges) {
    const own = `^(amq\\.topic|mqtt-subscription-${name}.*)$`
    definitions['users']?.push({ name, password: passwordOf(name), tags: '' })
    definitions['permissions']?.push({ user: name, vhost: '/', configure: `^mqtt-subscription-${name}`, write: own, read: own }) // prettier-ignore
    definitions['topic_permissions']?.push({
      user: name,
      vhost: '/',
      exchange: 'amq.topic',
      write: `^fridge\\.${name}\\.up\\.(online|state|outcome)$`,
      read: `^fridge\\.${name}\\.down\\.(\\*|now|kept)$`,
    })
  }
  definitions['users']?.push({ name: 'events', password: 'events', tags: '' })
  definitions['permissions']?.push({ user: 'events', vhost: '/', configure: '.*', write: '.*', read: '.*' })
  writeFileSync(join(dir, 'definitions.json'), JSON.stringify(definitions))
  writeFileSync(join(dir, 'plugins'), '[rabbitmq_mqtt].\n')
  const settings = [`listeners.tcp.1 = 127.0.0.1:${amqpPort}`, `mqtt.listeners.tcp.1 = 127.0.0.1:${port}`, 'mqtt.allow_anonymous = false', `load_definitions = ${join(dir, 'definitions.json')}`] // prettier-ignore
  writeFileSync(join(dir, 'rabbit.conf'), `${settings.join('\n')}\n`)
  const node = { ERL_EPMD_ADDRESS: '127.0.0.1', ERL_EPMD_PORT: String(epmdPort) }
  const env = {
    ...node,
    PATH: process.env['PATH'] ?? '',
    HOME: dir,
    LC_ALL: 'C.UTF-8',
    RABBITMQ_NODENAME: `relay${process.pid}@localhost`,
    RABBITMQ_DIST_PORT: String(dist),
    RABBITMQ_MNESIA_BASE: join(dir, 'mnesia'),
    RABBITMQ_LOG_BASE: join(dir, 'log'),
    RABBITMQ_LOGS: '-',
    RABBITMQ_CONFIG_FILE: join(dir, 'rabbit.conf'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(dir, 'plugins'),
    RABBITMQ_PID_FILE: join(dir, 'pid'),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-start_epmd false +S 1',
  }
  const user = unprivileged()
  if (user !== null) chownSync(dir, user.uid, user.gid)
  const epmd = spawn('epmd', [], { ...user, env, stdio: 'ignore' })
  const rabbit = spawn(rabbitmqProgram, [], { ...user, env, cwd: dir, stdio: 'ignore', detached: true })
  const close = async (): Promise<void> => {
    // The shell that started Erlang does not pass a signal on: its whole group is asked.
    await ended(rabbit, (signal) => void process.kill(-(rabbit.pid ?? 0), signal))
    await ended(epmd)
    rmSync(dir, { recursive: true, force: true })
  }
  try {
    await listening(port, 60_000)
    await listening(amqpPort, 60_000)
  } catch (error) {
    await close()
    throw error
  }
  const url = `mqtt://127.0.0.1:${port}`
  return {
    url,
    amqp: `amqp://events:events@127.0.0.1:${amqpPort}`,
    connectAs: (fridge) => ({ connect: overMqtt(), password: passwordOf(fridge) }),
    relay: (listener) =>
      joined(createExternalBroker({ url: url.replace('mqtt://', 'mqtt://relay:CHANGE-ME@') }, listener)),
    close,
  }
}

/** The broker's address through a wire that can be cut, as a radio's is: without a word. */
export async function wireTo(url: string): Promise<{ readonly url: string; cut(): void; close(): void }> {
  const to = new URL(url)
  const at = { host: to.hostname, port: Number(to.port) }
  const ends = new Set<Socket>()
  const server = createServer((near) => {
    const far = createConnection(at)
    for (const end of [near, far]) {
      ends.add(end)
      end.on('error', () => {})
      end.on('close', () => ends.delete(end))
    }
    near.pipe(far).pipe(near)
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', () => resolve()))
  const address = server.address()
  to.port = String(typeof address === 'object' && address !== null ? address.port : 0)
  return {
    url: to.href.replace(/\/$/, ''),
    cut() {
      for (const end of ends) end.resetAndDestroy()
    },
    close: () => void server.close(),
  }
}

/** Resolves when it is connected and subscribed. */
async function joined<Joined extends Broker>(broker: Joined): Promise<Joined> {
  for (let tried = 0; tried < 200 && !broker.isUp(); tried++) await sleep(50)
  if (!broker.isUp()) throw new Error('the relay does not come to its broker')
  return broker
}

/** A certificate authority of this test's own, and certificates by name. */
export function authority(dir: string): (name: string) => { readonly certFile: string; readonly keyFile: string } {
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { cwd: dir, stdio: 'ignore' })
  const made = new Map<string, { readonly certFile: string; readonly keyFile: string }>()
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  openssl('req', '-x509', ...ec, '-keyout', 'ca.key', '-out', 'ca.crt', '-subj', '/CN=test', '-days', '2')
  return (name) => {
    const known = made.get(name)
    if (known !== undefined) return known
    openssl('req', ...ec, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`)
    writeFileSync(join(dir, `${name}.ext`), `subjectAltName=DNS:${name}\n`)
    openssl('x509', '-req', '-in', `${name}.csr`, '-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', `${name}.ext`, '-out', `${name}.crt`) // prettier-ignore
    const files = { certFile: join(dir, `${name}.crt`), keyFile: join(dir, `${name}.key`) }
    made.set(name, files)
    return files
  }
}

async function listening(port: number, withinMs: number): Promise<void> {
  const endsAtMs = performance.now() + withinMs
  for (;;) {
    const there = await new Promise<boolean>((resolve) => {
      const socket = createConnection({ host: '127.0.0.1', port }, () => resolve(true))
      socket.on('error', () => resolve(false))
      socket.on('connect', () => socket.destroy())
    })
    if (there) return
    if (performance.now() > endsAtMs) throw new Error(`nothing listens at ${port} after ${withinMs} ms`)
    await sleep(100)
  }
}

export const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })

async function ended(
  child: ChildProcess | null,
  signal: (name: NodeJS.Signals) => void = (name) => void child?.kill(name),
): Promise<void> {
  if (child === null || child.exitCode !== null || child.signalCode !== null) return
  const over = new Promise<void>((resolve) => void child.once('exit', () => resolve()))
  signal('SIGTERM')
  const timer = setTimeout(() => signal('SIGKILL'), 10_000)
  await over
  clearTimeout(timer)
}

/** RabbitMQ is not to be run as root. */
function unprivileged(): { readonly uid: number; readonly gid: number } | null {
  if (process.getuid?.() !== 0) return null
  const idOf = (flag: string): number => Number(execFileSync('id', [flag, 'rabbitmq'], { encoding: 'utf8' }))
  return { uid: idOf('-u'), gid: idOf('-g') }
}
