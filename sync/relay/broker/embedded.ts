/**
 * Embedded: the relay's own broker (aedes), for a relay that is one process. Fridges come to it over a WebSocket at the
 * relay's own address, or over TCP where a port is set.
 * Holds always (SPEC SY39): who connects is a fridge with an open channel, by a password that only the two know; it says
 * and hears nothing but its own. A second connection in its name ends the first.
 */
import { Aedes } from 'aedes'
import { timingSafeEqual } from 'node:crypto'
import type { Server } from 'node:http'
import { createServer, type Server as TcpServer } from 'node:net'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { createWebSocketStream, WebSocketServer } from 'ws'
import { mqttPath } from '../../protocol/channel.ts'
import { maxMessageBytes } from '../../protocol/sealed.ts'
import type { Broker, BrokerListener } from './broker.ts'
import { mayHear, maySay } from './rights.ts'

export interface EmbeddedPorts {
  /** The password of a fridge's open channel; null where there is none. */
  readonly passwordOf: (fridge: string) => Promise<string | null>
  readonly listener: BrokerListener
}

export interface EmbeddedBroker extends Broker {
  /** Answers WebSockets of this HTTP server under `mqttPath`. */
  serveOn(server: Server): void
  /** Answers plain MQTT; for this machine, or behind a TLS proxy. Resolves with the port. */
  listen(port: number, host: string): Promise<number>
  connected(): number
}

const closeWithinMs = 2_000
/** Of a fridge that does not read. */
const queueLimit = 100

export async function createEmbeddedBroker({ passwordOf, listener }: EmbeddedPorts): Promise<EmbeddedBroker> {
  const aedes = await Aedes.createBroker({
    id: 'relay',
    queueLimit,
    connectTimeout: 15_000,
    maxClientsIdLength: 64,
    maxTopicLevels: 6,
    authenticate: (client, username, password, done) => {
      // The client's id is the fridge's: so the broker knows one connection a fridge.
      if (client.id !== username) return done(null, false)
      void answer(username, password, (right) => done(null, right))
    },
    authorizePublish: (client, packet, done) => {
      const said = client === null || (maySay(client.id, packet.topic) && packet.payload.length <= maxMessageBytes)
      done(said ? null : new Error('a fridge says its own only'))
    },
    authorizeSubscribe: (client, subscription, done) =>
      done(null, mayHear(client.id, subscription.topic) ? subscription : null),
    authorizeForward: (client, packet) => (packet.topic.startsWith(`fridge/${client.id}/down/`) ? packet : null),
  })
  aedes.on('clientError', () => {})
  aedes.on('connectionError', () => {})
  aedes.on('publish', (packet, client) => {
    if (client !== null || packet.topic.endsWith('/up/online')) heard(packet.topic, packet.payload)
  })

  function heard(topic: string, payload: string | Buffer): void {
    if (topic.startsWith('fridge/') && topic.includes('/up/'))
      listener.message(topic, typeof payload === 'string' ? Buffer.from(payload) : payload)
  }

  async function answer(fridge: string, password: Buffer | undefined, say: (right: boolean) => void): Promise<void> {
    say(await isRight(fridge, password).catch(() => false))
  }

  async function isRight(fridge: string | undefined, password: Buffer | undefined): Promise<boolean> {
    if (fridge === undefined || password === undefined) return false
    const wanted = Buffer.from((await passwordOf(fridge)) ?? '')
    return wanted.length > 0 && wanted.length === password.length && timingSafeEqual(wanted, password)
  }

  const tcp: TcpServer[] = []
  const wires = new Set<Duplex>()
  const hold = (wire: Duplex): void => {
    wires.add(wire)
    wire.once('close', () => wires.delete(wire))
  }
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: maxMessageBytes * 2,
    handleProtocols: (protocols) => (protocols.has('mqtt') ? 'mqtt' : false),
    perMessageDeflate: false,
  })

  return {
    kind: 'embedded',
    serveOn(server) {
      server.on('upgrade', (request, socket, head) => {
        if (request.url !== mqttPath) return void socket.destroy()
        sockets.handleUpgrade(request, socket, head, (ws) => {
          const stream = createWebSocketStream(ws)
          stream.on('error', () => ws.terminate())
          hold(stream)
          aedes.handle(stream, request)
        })
      })
    },
    async listen(port, host) {
      const server = createServer((socket) => {
        socket.setNoDelay(true)
        hold(socket)
        aedes.handle(socket)
      })
      tcp.push(server)
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject)
        server.listen(port, host, resolve)
      })
      const address = server.address()
      return typeof address === 'object' && address !== null ? address.port : port
    },
    connected: () => aedes.connectedClients,
    publish: (topic, payload) =>
      new Promise((resolve) => {
        aedes.publish(
          { cmd: 'publish', topic, payload: Buffer.from(payload), qos: 1, retain: false, dup: false },
          (error) => resolve(error == null),
        )
      }),
    isUp: () => !aedes.closed,
    async close() {
      for (const server of tcp) server.close()
      for (const ws of sockets.clients) ws.terminate()
      sockets.close()
      for (const wire of wires) wire.destroy()
      // Of thousands of fridges each gets its last will said, which nobody waits for longer than this.
      await Promise.race([new Promise<void>((resolve) => aedes.close(resolve)), sleep(closeWithinMs)])
    },
  }
}
