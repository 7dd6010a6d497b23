/**
 * The serial port to a real controller: 921600 baud, 8 data bits, no parity, 1 stop bit.
 * A port that vanishes (a cable, a reset of the controller's USB) is opened again; heartbeats above notice the silence.
 */
import { SerialPort } from 'serialport'
import type { ByteLink, Clock, Log } from '../core/ports.ts'
import { createReopening } from './reopening.ts'

export interface SerialSettings {
  /** The device: /dev/ttyACM0, /dev/serial/by-id/... */
  readonly path: string
  readonly baudRate?: number
  readonly clock: Clock
  readonly log: Log
}

export function openSerial({ path, baudRate = 921_600, clock, log }: SerialSettings): ByteLink & { dropped(): number } {
  return createReopening(
    {
      name: path,
      open({ opened, bytes, lost }) {
        const port = new SerialPort({ path, baudRate, dataBits: 8, parity: 'none', stopBits: 1 }, (error) =>
          error === null ? opened() : lost(error.message),
        )
        // Without a data listener the port never tells that its device is gone.
        port.on('data', (chunk: Buffer) => bytes(chunk))
        port.on('error', (error: Error) => lost(error.message))
        port.on('close', () => lost('closed'))
        return {
          write: (data) => void port.write(data),
          waiting: () => port.writableLength,
          close: () => {
            if (port.isOpen) port.close(() => {})
            else port.destroy()
          },
        }
      },
    },
    clock,
    log,
  )
}
