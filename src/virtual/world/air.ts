/**
 * Air: the temperature inside. It follows where it is drawn to, exponentially: the room through an open door in ten
 * minutes, the evaporator in four, the room through the walls of a fridge without power in two hours.
 */
import { hourMs, minuteMs } from '../../core/time.ts'

const roomCelsius = 22
const coldCelsius = 3.6

export interface Air {
  celsius(nowMs: number): number
  /** Something changes what draws it: the door or the power. */
  drawn(nowMs: number, doorOpen: boolean, powered: boolean): void
  /** A person holds it at this, whatever draws. */
  hold(celsius: number): void
}

export function createAir(nowMs: number): Air {
  let from = { atMs: nowMs, celsius: coldCelsius }
  let target = coldCelsius
  let timeMs = 4 * minuteMs
  let held = false

  const now = (atMs: number): number =>
    held ? from.celsius : target + (from.celsius - target) * Math.exp(-(atMs - from.atMs) / timeMs)

  return {
    celsius: now,
    drawn(atMs, doorOpen, powered) {
      from = { atMs, celsius: now(atMs) }
      target = doorOpen || !powered ? roomCelsius : coldCelsius
      timeMs = doorOpen ? 10 * minuteMs : powered ? 4 * minuteMs : 2 * hourMs
    },
    hold(celsius) {
      held = true
      from = { atMs: from.atMs, celsius }
    },
  }
}
