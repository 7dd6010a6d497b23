/**
 * Air: the temperature inside, and the compressor that keeps it. Everything that draws it draws in proportion to the
 * difference: the room through the walls (2 h), the room through an open door (10 min), the evaporator while the
 * compressor runs (8 min; its fan stands still while the door is open). A thermostat switches at 4.6 and 2.8 degC, which
 * makes six minutes of running in eighteen.
 *
 * Holds always: solved in closed form from change to change, so that a minute asked for in one step or in 5,000 is the
 * same. The cells' metal follows the air slowly, and drifts the scales (cells.ts).
 */
import type { Clock } from '../../core/ports.ts'
import { dayMs, hourMs, minuteMs } from '../../core/time.ts'

const roomCelsius = 22
const evaporatorCelsius = 0
const onCelsius = 4.6
const offCelsius = 2.8
const metalMs = 20 * minuteMs

export interface Air {
  celsius(): number
  /** The load cells' own temperature. */
  metalCelsius(): number
  compressorRuns(): boolean
  /** Something changes what draws it: the door or the power. */
  drawn(doorOpen: boolean, powered: boolean): void
  /** A person holds it at this, whatever draws; null lets go. */
  hold(celsius: number | null): void
}

export function createAir(clock: Clock): Air {
  let atMs = clock.nowMs()
  let celsius = 3.6
  let metal = 3.6
  let doorOpen = false
  let powered = true
  let running = false
  let held = false

  /** Where it is drawn to, and how fast: the rates add up, the targets weigh by their rates. */
  function draught(): { target: number; timeMs: number } {
    const cooling = running && powered && !doorOpen ? 1 / (8 * minuteMs) : 0
    const warming = 1 / (2 * hourMs) + (doorOpen ? 1 / (10 * minuteMs) : 0)
    const rate = cooling + warming
    return { target: (cooling * evaporatorCelsius + warming * roomCelsius) / rate, timeMs: 1 / rate }
  }

  function switchThermostat(): void {
    if (celsius >= onCelsius) running = true
    else if (celsius <= offCelsius) running = false
  }

  /** When the thermostat will next switch if nothing else happens. */
  function switchInMs(target: number, timeMs: number): number {
    const threshold = running ? offCelsius : onCelsius
    const share = (celsius - target) / (threshold - target)
    return share > 1 ? timeMs * Math.log(share) : Infinity
  }

  function advance(): void {
    let leftMs = clock.nowMs() - atMs
    if (leftMs <= 0) return
    atMs += leftMs
    if (!held) {
      if (leftMs > 2 * dayMs) leftMs = (leftMs % dayMs) + dayMs // what was before has long been forgotten
      while (leftMs > 0) {
        switchThermostat()
        const { target, timeMs } = draught()
        // A millisecond more, so that the threshold is surely crossed and the loop goes on.
        const stepMs = Math.min(leftMs, switchInMs(target, timeMs) + 1)
        celsius = target + (celsius - target) * Math.exp(-stepMs / timeMs)
        metal = celsius + (metal - celsius) * Math.exp(-stepMs / metalMs)
        leftMs -= stepMs
      }
    } else metal = celsius + (metal - celsius) * Math.exp(-leftMs / metalMs)
  }

  return {
    celsius() {
      advance()
      return celsius
    },
    metalCelsius() {
      advance()
      return metal
    },
    compressorRuns() {
      advance()
      return running && powered && !doorOpen
    },
    drawn(open, power) {
      advance()
      doorOpen = open
      powered = power
    },
    hold(to) {
      advance()
      held = to !== null
      if (to !== null) celsius = to
    },
  }
}
