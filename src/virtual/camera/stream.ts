/**
 * Stream: a virtual camera's wire: JPEG after JPEG over a socket, to whoever is connected, as a camera's program gives them.
 *
 * Holds always: nothing is drawn while nobody is connected; a client that reads slowly misses whole pictures and never gets
 * a part of one; at most one picture of a camera is being drawn.
 */
import { rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import type { Cancel, Clock } from '../../core/ports.ts'

export interface Stream {
  close(): void
}

export interface StreamPorts {
  readonly path: string
  readonly clock: Clock
  /** From the beginning of one picture to that of the next. */
  readonly everyMs: number
  /** Null: the camera gives nothing now. */
  readonly picture: () => Promise<Uint8Array | null>
}

/** Resolves when the socket takes connections. */
export function serveStream({ path, clock, everyMs, picture }: StreamPorts): Promise<Stream> {
  const clients = new Set<Socket>()
  let cancel: Cancel = () => {}
  let drawing = false

  async function next(): Promise<void> {
    if (drawing || clients.size === 0) return
    drawing = true
    const startedMs = clock.nowMs()
    const jpeg = await picture()
    drawing = false
    if (jpeg !== null) for (const client of clients) if (!client.writableNeedDrain) client.write(jpeg)
    cancel = clock.after(Math.max(1, startedMs + everyMs - clock.nowMs()), () => void next())
  }

  rmSync(path, { force: true }) // a socket that a dead process left
  const server: Server = createServer((client) => {
    client.on('error', () => client.destroy())
    client.on('close', () => clients.delete(client))
    client.resume() // what a client says is no camera's concern
    clients.add(client)
    cancel()
    void next()
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () =>
      resolve({
        close() {
          cancel()
          server.close()
          for (const client of clients) client.destroy()
          clients.clear()
        },
      }),
    )
  })
}
