/**
 * The two wires from the virtual world to the edge runtime's process, as local sockets in the data folder: the
 * controller's serial line, and the card reader's.
 */
import { rmSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import type { ByteLink, PresentedCard } from '../core/ports.ts'

/** Serves `wire` to whoever connects last; bytes sent while nobody listens are lost, as on a cable. */
export function serveWire(path: string, wire: ByteLink): Promise<Server> {
  let listening: Socket | null = null
  wire.onBytes((bytes) => void listening?.write(bytes))
  return listenOn(path, (socket) => {
    listening?.destroy()
    listening = socket
    socket.on('data', (bytes) => wire.write(bytes))
    socket.on('close', () => {
      if (listening === socket) listening = null
    })
  })
}

/** Serves a reader: one line a card, to everybody who listens. */
export async function serveReader(path: string): Promise<{ present(card: PresentedCard): boolean; server: Server }> {
  const listening = new Set<Socket>()
  const server = await listenOn(path, (socket) => {
    listening.add(socket)
    socket.on('close', () => listening.delete(socket))
  })
  return {
    server,
    present(card) {
      for (const socket of listening) socket.write(`${JSON.stringify(card)}\n`)
      return listening.size > 0
    },
  }
}

/** True when a living process serves this socket; false for none, and for one that a dead process left. */
export function isServed(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

function listenOn(path: string, connected: (socket: Socket) => void): Promise<Server> {
  rmSync(path, { force: true }) // a socket that a dead process left
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy()) // the other side was killed; its next connection is a new one
    connected(socket)
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => resolve(server))
  })
}
