/** The controller's status: in the port's words, and kept in step with the events that overtake it. Called by link.ts. */
import type { ControllerStatus } from '../core/ports.ts'
import type { EventMessage, HelloAck, Status } from './messages.gen.ts'

/** The port's words for a status. */
export const statusOf = (status: Status, ack: HelloAck): ControllerStatus => ({
  doorOpen: status.doorOpen,
  lockOpen: status.lock !== 'locked',
  temperatureCelsius: status.temperatureOk ? status.temperatureCentiCelsius / 100 : null,
  bootId: ack.bootId,
  uptimeMs: status.uptimeMs,
})

/** What an event says of door and lock, where it is newer than the status: nobody shall hear "closed" and read "open". */
export function overtaken(status: Status, event: EventMessage): Status {
  if (((event.atMs - status.uptimeMs) | 0) < 0) return status
  switch (event.type) {
    case 'doorOpened':
    case 'tamper':
      return { ...status, doorOpen: true }
    case 'doorClosed':
      return { ...status, doorOpen: false }
    case 'unlocked':
      return { ...status, lock: 'unlocked' }
    case 'relocked':
      return { ...status, lock: 'locked' }
    case 'unlockRefused':
    case 'doorLeftOpen':
    case 'weightsSettled':
      return status
  }
}
