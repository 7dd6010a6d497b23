/**
 * Network: the way from the fridge to its bank and to its owner's relay. Cut, both ports are closed: a connection is refused,
 * as it would be. Holds always: the addresses stay the same over a cut, and whatever is restarted behind them.
 */
import { createServer, request as requestHttp, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { Bank } from './bank/bank.ts'
import { serveBank, type BankServer } from './bank/server.ts'
import type { Duplex } from 'node:stream'

export interface Network {
  readonly bankUrl: string
  /** Leads to whatever relay stands behind it now. */
  readonly relayUrl: string
  /** Null: none is there; what is meant for it gets a 503. */
  leadTo(relay: string | null): void
  up(): boolean
  set(up: boolean): Promise<void>
  close(): Promise<void>
}

export async function createNetwork(bank: Bank): Promise<Network> {
  let relay: string | null = null
  let server: BankServer | null = await serveBank(bank, { port: 0 })
  const way = createServer((incoming, outgoing) => passOn(incoming, outgoing, relay))
  const held = new Set<Duplex>()
  way.on('upgrade', (incoming, socket, head) => passUp(incoming, socket, head, relay, held))
  const { host, port } = server
  const wayPort = await listen(way, 0)

  function closeWay(): Promise<void> {
    return new Promise((resolve) => {
      way.close(() => resolve())
      way.closeAllConnections()
      for (const socket of held) socket.destroy()
    })
  }

  return {
    bankUrl: `http://${host}:${port}`,
    relayUrl: `http://127.0.0.1:${wayPort}`,
    leadTo: (url) => void (relay = url),
    up: () => server !== null,
    async set(up) {
      if (up === (server !== null)) return
      const old = server
      server = null
      if (up) {
        server = await serveBank(bank, { port })
        await listen(way, wayPort)
      } else await Promise.all([old?.close(), closeWay()])
    },
    async close() {
      await Promise.all([server?.close(), closeWay()])
    },
  }
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject)
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}

/** The request as it stands, to another address. */
function passOn(incoming: IncomingMessage, outgoing: ServerResponse, relay: string | null): void {
  const away = (): void => void (outgoing.headersSent ? outgoing.destroy() : outgoing.writeHead(503).end())
  if (relay === null) return away()
  const { method, headers } = incoming
  const to = new URL(incoming.url ?? '/', relay)
  const ask = to.protocol === 'https:' ? requestHttps : requestHttp
  const onward = ask(to, { method, headers: { ...headers, host: to.host } }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(outgoing)
  })
  onward.on('error', away)
  outgoing.on('close', () => onward.destroy())
  incoming.pipe(onward)
}

/** A WebSocket, both ways, until either side ends. */
function passUp(incoming: IncomingMessage, near: Duplex, head: Buffer, relay: string | null, held: Set<Duplex>): void {
  const hold = (socket: Duplex): void => {
    held.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => {
      held.delete(socket)
      near.destroy()
    })
  }
  hold(near)
  if (relay === null) return void near.destroy()
  const to = new URL(incoming.url ?? '/', relay)
  const ask = to.protocol === 'https:' ? requestHttps : requestHttp
  const onward = ask(to, { headers: { ...incoming.headers, host: to.host } })
  onward.on('upgrade', (answer, far, rest) => {
    hold(far)
    near.on('close', () => far.destroy())
    const headers = Object.entries(answer.headers).map(([name, value]) => `${name}: ${String(value)}\r\n`)
    near.write(`HTTP/1.1 101 Switching Protocols\r\n${headers.join('')}\r\n`)
    near.write(rest)
    far.write(head)
    far.pipe(near).pipe(far)
  })
  onward.on('response', () => near.destroy())
  onward.on('error', () => near.destroy())
  onward.end()
}
