/**
 * A wire over a local socket: to the virtual fridge's controller, in another process. Connects again by itself; what is
 * written meanwhile is lost, as on a cable that is out, and the link above it notices by the silence.
 */
import { createConnection, type Socket } from 'node:net'
import type { ByteLink, Clock, Log } from '../core/ports.ts'

const reconnectMs = 100

export function openSocket(path: string, clock: Clock, log: Log): ByteLink {
  let listener: ((bytes: Uint8Array) => void) | null = null
  let socket: Socket | null = null
  let closed = false
  let told = false

  function connect(): void {
    if (closed) return
    const next = createConnection(path)
    next.on('connect', () => {
      socket = next
      told = false
    })
    next.on('data', (bytes) => listener?.(bytes))
    next.on('error', (error) => {
      if (!told) log.warn('the controller is away', { error: error.message })
      told = true
    })
    next.on('close', () => {
      if (socket === next) socket = null
      clock.after(reconnectMs, connect)
    })
  }
  connect()

  return {
    write: (bytes) => void socket?.write(bytes),
    onBytes(next) {
      listener = next
    },
    close() {
      closed = true
      socket?.destroy()
    },
  }
}
