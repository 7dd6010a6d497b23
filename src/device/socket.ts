/** The wire to a controller in another process on this machine: the virtual fridge's, or the firmware's host build. */
import { connect } from 'node:net'
import type { ByteLink, Clock, Log } from '../core/ports.ts'
import { createReopening } from './reopening.ts'

/** A unix socket that carries the link's bytes as a serial port would; reopened when it ends. */
export function openSocket(path: string, clock: Clock, log: Log): ByteLink & { dropped(): number } {
  return createReopening(
    {
      name: path,
      open({ opened, bytes, lost }) {
        let why = 'closed'
        const socket = connect(path, opened)
        socket.on('data', bytes)
        socket.on('error', (error) => {
          why = error.message
        })
        socket.on('close', () => lost(why))
        return {
          write: (data) => void socket.write(data),
          waiting: () => socket.writableLength,
          close: () => void socket.destroy(),
        }
      },
    },
    clock,
    log,
  )
}
