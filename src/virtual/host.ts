/**
 * Host: the virtual fridge's process. It is everything that is not the edge runtime: the cabinet with its goods, the
 * controller's firmware, the bank, the card reader, the plug, the network, and the page on which a person plays them.
 *
 * Holds always: the runtime learns nothing from here but by the wires that it has on a real fridge: the controller's
 * line, the reader's, the cameras', the bank's wire API. Its page and the kiosk's share one address.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import fastifyWebsocket from '@fastify/websocket'
import Fastify, { type FastifyInstance } from 'fastify'
import type { Clock, Log, Random } from '../core/ports.ts'
import { asksToken, keepLocal, refuse } from '../gateway/safety.ts'
import { keptSecret, writeSecret } from '../gateway/secrets.ts'
import { createBank, type Bank } from './bank/bank.ts'
import { serveCameras } from './cameras.ts'
import { loadFirmware } from './controller.ts'
import { createControls } from './controls.ts'
import { createEdgeProcess } from './edge-process.ts'
import { createVirtualFridge } from './fridge.ts'
import { keepItems, keptItems } from './items.ts'
import { createNetwork } from './network.ts'
import { keptOperator } from './operator.ts'
import { createFront, type Front } from './proxy.ts'
import { introduce } from './introduction.ts'
import { createRelayProcess, type LocalRelay } from './relay-process.ts'
import { virtualRoutes } from './routes.ts'
import type { Shop } from './shop.ts'
import { isServed, serveReader, serveWire } from './sockets.ts'
import { createWorld } from './world/world.ts'

/** How long a predecessor on the same data may take to end. */
const patienceMs = 3_000
/** A fridge that is just starting, or a network that is cut, is met later. */
const meetAgainMs = 3_000

export interface HostPorts {
  readonly dir: string
  readonly shop: Shop
  /** 0: any free one. */
  readonly port: number
  readonly screens: string
  readonly firmware: string
  /** The arguments that start the edge runtime under this same Node; its wires are added. */
  readonly edgeArgs: readonly string[]
  /** The owner's relay: one that stands elsewhere, the program of one to be started beside the fridge, or none. */
  readonly relay: { readonly url: string } | { readonly program: string } | null
  /** The program that draws what the cameras see (camera/darkroom-program.ts); null: no cameras. */
  readonly darkroom: { readonly file: string; readonly args: readonly string[] } | null
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

export interface Host {
  readonly kiosk: string
  readonly virtual: string
  readonly token: string
  /** Calls back once the relay beside the fridge takes requests, and each time it does so anew. */
  onRelay(listener: (relay: LocalRelay) => void): void
  close(): Promise<void>
}

/** Starts it all. Resolves when a card may be tapped; rejects when the edge runtime refuses to start. */
export async function serveVirtualFridge(ports: HostPorts): Promise<Host> {
  const { dir, shop, clock, random, log } = ports
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const sockets = { controller: join(dir, 'controller.sock'), reader: join(dir, 'reader.sock') }
  // Not the controller's, whose only listener would be thrown out by ours. One that was told to end may still be at it.
  for (let waitedMs = 0; await isServed(sockets.reader); waitedMs += 100) {
    if (waitedMs >= patienceMs) throw new Error(`${dir} is in use by another virtual fridge`)
    await new Promise((resolve) => clock.after(100, () => resolve(null)))
  }
  const token = keptSecret(dir, 'screen.token', 16)
  const operator = keptOperator(dir, random)
  let changed = (): void => {}

  // ---- the world, and the wires out of it ----------------------------------------------------------------------------
  const items = keptItems(dir, shop)
  const world = createWorld({ shop, clock, random, ...(items === null ? {} : { items }) })
  world.onChange(() => {
    keepItems(dir, shop, world.items())
    changed()
  })
  const fridge = createVirtualFridge({
    world,
    firmware: loadFirmware(ports.firmware),
    linkKey: Buffer.from(keptSecret(dir, 'link.key'), 'hex'),
    clock,
    random,
    signalled: () => changed(),
  })
  const bank = createBank({ clock, random, log, secretKey: `sk_test_${keptSecret(dir, 'bank.key')}` })
  const network = await createNetwork(bank)
  const wire = await serveWire(sockets.controller, fridge.port)
  const reader = await serveReader(sockets.reader)
  const cameras =
    ports.darkroom === null ? null : await serveCameras({ dir, shop, world, program: ports.darkroom, clock, log })
  if (cameras !== null) world.onChange(cameras.changed)

  // ---- the runtime, as a process of its own --------------------------------------------------------------------------
  let gatewayPort: number | null = null
  const edge = createEdgeProcess({
    node: process.execPath,
    args: [
      ...ports.edgeArgs,
      '--controller',
      `unix:${sockets.controller}`,
      '--reader',
      `unix:${sockets.reader}`,
      '--bank',
      network.bankUrl,
      ...(cameras?.args ?? []),
      ...(ports.relay === null ? [] : ['--relay', network.relayUrl]),
    ],
    log,
    started(ready) {
      gatewayPort = Number(new URL(ready.kiosk).port)
      changed()
      meet()
    },
    ended() {
      gatewayPort = null
      changed()
    },
  })

  // ---- the owner's relay, as another -------------------------------------------------------------------------------
  let relay: LocalRelay | null = null
  let relayListener: (relay: LocalRelay) => void = () => {}
  /** They are introduced when both are there. */
  function meet(): void {
    const port = gatewayPort
    if (relay === null || port === null) return
    const parts = { relay, relayUrl: network.relayUrl, operator, token, gatewayPort: port }
    introduce(parts).then(
      (paired) => void (paired || log.warn('the virtual fridge could not be paired with its relay')),
      (error: unknown) => {
        log.warn('the relay and the fridge could not be introduced yet', {
          error: error instanceof Error ? error.message : String(error),
        })
        clock.after(meetAgainMs, meet)
      },
    )
  }
  const beside =
    ports.relay !== null && 'program' in ports.relay
      ? createRelayProcess({
          node: process.execPath,
          program: ports.relay.program,
          dir: join(dir, 'relay'),
          settings: {
            RELAY_STRIPE_KEY_FILE: relayBankKey(dir, bank),
            RELAY_STRIPE_PUBLISHABLE_KEY: bank.publishableKey,
            RELAY_BANK_URL: network.bankUrl,
          },
          log,
          ready(now) {
            relay = now
            network.leadTo(now.url)
            relayListener(now)
            changed()
            meet()
          },
          ended() {
            relay = null
            network.leadTo(null)
            changed()
          },
        })
      : null
  if (ports.relay !== null && 'url' in ports.relay) network.leadTo(ports.relay.url)

  const controls = createControls({
    world,
    fridge,
    bank,
    network,
    reader,
    edge,
    operator,
    cameras,
    token,
    gatewayPort: () => gatewayPort,
    relay: () => relay,
  })
  changed = controls.changed

  // ---- the page ------------------------------------------------------------------------------------------------------
  let front: Front | null = null
  const app = Fastify({
    bodyLimit: 64 * 1024,
    forceCloseConnections: true,
    serverFactory(ours) {
      front = createFront(ours, () => gatewayPort)
      return front.server
    },
  })
  await servePages(app, front, ports)
  await app.register(async (inside) => {
    inside.addHook('onRequest', asksToken(token))
    await virtualRoutes(inside, world, controls)
  })
  const close = async (): Promise<void> => {
    await Promise.all([edge.stop(), beside?.stop()])
    fridge.close()
    wire.close()
    reader.server.close()
    cameras?.close()
    await app.close()
    await network.close()
  }
  try {
    await edge.start()
    await app.listen({ host: '127.0.0.1', port: ports.port })
  } catch (error) {
    await close()
    throw error
  }
  const address = app.server.address()
  const at = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : ports.port}`
  // The kiosk is ready: nobody waits for this.
  beside?.start()
  return {
    kiosk: `${at}/kiosk/#token=${token}`,
    virtual: `${at}/virtual/#token=${token}`,
    token,
    onRelay: (listener) => void (relayListener = listener),
    close,
  }
}

async function servePages(app: FastifyInstance, front: Front | null, { screens, log }: HostPorts): Promise<void> {
  keepLocal(app)
  await app.register(fastifyWebsocket, {
    options: { maxPayload: 16 * 1024, ...(front === null ? {} : { server: front.upgrades }) },
  })
  await app.register(fastifyStatic, { root: screens, prefix: '/' })
  app.get('/', async (_request, reply) => reply.redirect('/virtual/'))
  app.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    const status = error.statusCode ?? 500
    if (status >= 500) log.warn('a request failed', { path: request.url.split('?')[0], error: error.message })
    return refuse(
      reply,
      status,
      status >= 500 ? 'internal' : 'request',
      status >= 500 ? 'the virtual fridge could not answer' : error.message,
    )
  })
}

/** The bank's key in a file of the relay's own, so that phones can pay at the virtual fridge. */
function relayBankKey(dir: string, { secretKey }: Pick<Bank, 'secretKey'>): string {
  const file = join(dir, 'relay-bank.key')
  writeSecret(file, `${secretKey}\n`)
  return file
}
