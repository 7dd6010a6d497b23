/**
 * Proxy: the virtual fridge's address also leads to the kiosk's own gateway, so that one page can show both and a script
 * needs one port. Bytes pass as they are; the gateway checks host, origin and token itself.
 *
 * `server` is for Fastify (serverFactory); `upgrades` is where it hears of WebSockets that are not the gateway's.
 */
import {
  createServer,
  request,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import { connect, type Socket } from 'node:net'

export interface Front {
  readonly server: Server
  readonly upgrades: Server
}

const isGateways = (url: string | undefined): boolean => url !== undefined && url.startsWith('/api/')

/** `gatewayPort` is null while the runtime is down: then what is meant for it is refused at once. */
export function createFront(ours: RequestListener, gatewayPort: () => number | null): Front {
  const upgrades = createServer()
  const server = createServer((incoming, outgoing) => {
    if (isGateways(incoming.url)) passOn(incoming, outgoing, gatewayPort())
    else ours(incoming, outgoing)
  })
  const tunnels = new Set<Socket>()
  server.on('upgrade', (incoming: IncomingMessage, socket: Socket, head: Buffer) => {
    if (!isGateways(incoming.url)) return void upgrades.emit('upgrade', incoming, socket, head)
    tunnels.add(socket)
    socket.on('close', () => tunnels.delete(socket))
    return tunnel(incoming, socket, head, gatewayPort())
  })
  server.on('close', () => {
    for (const socket of tunnels) socket.destroy()
  })
  return { server, upgrades }
}

function passOn(incoming: IncomingMessage, outgoing: ServerResponse, port: number | null): void {
  if (port === null) return away(outgoing)
  const { method, url: path, headers } = incoming
  const onward = request({ host: '127.0.0.1', port, method, path, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(outgoing)
  })
  onward.on('error', () => (outgoing.headersSent ? outgoing.destroy() : away(outgoing)))
  outgoing.on('close', () => onward.destroy())
  incoming.pipe(onward)
}

function away(outgoing: ServerResponse): void {
  const error = { code: 'runtimeAway', message: 'the fridge has no power, or is starting' }
  outgoing.writeHead(503, { 'content-type': 'application/json' }).end(JSON.stringify({ ok: false, error }))
}

/** A WebSocket: the same request again, and then whatever comes, both ways. */
function tunnel(incoming: IncomingMessage, socket: Socket, head: Buffer, port: number | null): void {
  if (port === null) {
    socket.end('HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\n\r\n')
    return
  }
  const onward = connect(port, '127.0.0.1', () => {
    const lines = [`GET ${incoming.url ?? '/'} HTTP/1.1`]
    for (let at = 0; at < incoming.rawHeaders.length; at += 2)
      lines.push(`${incoming.rawHeaders[at]}: ${incoming.rawHeaders[at + 1]}`)
    onward.write(`${lines.join('\r\n')}\r\n\r\n`)
    onward.write(head)
    onward.pipe(socket).pipe(onward)
  })
  onward.on('error', () => socket.destroy())
  socket.on('error', () => onward.destroy())
  onward.on('close', () => socket.destroy())
  socket.on('close', () => onward.destroy())
}
