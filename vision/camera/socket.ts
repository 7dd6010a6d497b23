/**
 * Socket: a camera behind a unix socket, JPEG after JPEG: the virtual fridge's. Connecting is what switches it on, and
 * leaving what switches it off, so that nothing is drawn while nobody looks.
 */
import { connect } from 'node:net'
import type { Source } from './source.ts'

export function socketSource(path: string): Source {
  return {
    name: `unix:${path}`,
    open({ bytes, lost }) {
      let why = 'its socket was closed'
      let closing = false
      const socket = connect(path)
      const gone = new Promise<void>((resolve) => {
        socket.once('close', () => {
          if (!closing) lost(why)
          resolve()
        })
      })
      socket.on('data', (chunk: Buffer) => {
        if (!closing) bytes(chunk)
      })
      socket.on('error', (error) => {
        why = error.message
      })
      return {
        async close() {
          closing = true
          socket.destroy()
          await gone
        },
      }
    },
  }
}
