/**
 * A card reader that speaks one JSON object a line over a local socket: the virtual fridge's reader, and what a bridge to
 * a payment terminal may speak. Each line is a presented card: the provider's token and fingerprint, never a number (P1).
 * It connects again by itself; a line it can't read is named in the log and changes nothing.
 */
import { createConnection, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import type { CardReader, Clock, Log, PresentedCard } from '../core/ports.ts'

const cardSchema = z.strictObject({
  paymentMethod: z.string().min(1).max(128),
  fingerprint: z.string().min(1).max(128),
})

const reconnectMs = 500

export function lineReader(socketPath: string, clock: Clock, log: Log): CardReader & { close(): void } {
  const listeners = new Set<(card: PresentedCard) => void>()
  let closed = false
  let socket: Socket | null = null

  function connect(): void {
    if (closed) return
    socket = createConnection(socketPath)
    const lines = createInterface({ input: socket })
    lines.on('line', (line) => {
      const parsed = cardSchema.safeParse(parseJson(line))
      if (!parsed.success)
        return log.warn('the reader said something unreadable', { fault: z.prettifyError(parsed.error) })
      for (const listener of listeners) listener(parsed.data)
    })
    lines.on('error', () => {}) // the socket's own error says it
    socket.on('error', (error) => log.warn('the reader is away', { error: error.message }))
    socket.on('close', () => void clock.after(reconnectMs, connect))
  }
  connect()

  return {
    onCard(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close() {
      closed = true
      socket?.destroy()
    },
  }
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
