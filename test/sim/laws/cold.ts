/**
 * The cold's law, D5, judged from the true air, the true sensor and the true power. The fridge's clock may be wrong and its
 * process dead: neither makes warm food good.
 */
import type { Event } from '../../../src/core/events.ts'
import { count, type Judged, type Report } from './record.ts'

export interface ColdPorts extends Judged {
  readonly report: Report
  readonly nowMs: () => number
}

export interface ColdLaws {
  air(celsius: number): void
  sensor(alive: boolean): void
  power(on: boolean): void
  row(event: Event): void
  lockReleased(): void
}

const minuteMs = 60_000
const limitCelsius = 5
/** The sensor is read in steps and with noise, and told every half second: as long as that nobody can know. */
const marginCelsius = 0.4
const marginMs = 1.5 * minuteMs
const warmMs = 30 * minuteMs
const longOffMs = 240 * minuteMs

export function coldLaws({ report, nowMs, judged }: ColdPorts): ColdLaws {
  let warmSinceMs: number | null = null
  let deadSinceMs: number | null = null
  let sensorAlive = true
  let offSinceMs: number | null = null
  let mustClear: string | null = null
  let stoppedByRow = false

  /** What has lasted long enough by now demands an operator, even when it ends after that. */
  function judge(): void {
    const atMs = nowMs()
    if (warmSinceMs !== null && atMs - warmSinceMs > warmMs + marginMs)
      mustClear = 'the air was too warm for 30 minutes'
    if (deadSinceMs !== null && atMs - deadSinceMs > warmMs + marginMs) mustClear = 'the sensor was dead for 30 minutes'
  }

  return {
    air(celsius) {
      judge()
      if (celsius > limitCelsius + marginCelsius) warmSinceMs ??= nowMs()
      else warmSinceMs = null
    },
    sensor(alive) {
      judge()
      sensorAlive = alive
      if (alive) deadSinceMs = null
      else if (offSinceMs === null) deadSinceMs ??= nowMs()
    },
    power(on) {
      judge()
      if (!on) {
        offSinceMs ??= nowMs()
        deadSinceMs = null // without power every thermometer is silent: that is the power's law, not the sensor's
      } else if (offSinceMs !== null) {
        if (nowMs() - offSinceMs > longOffMs + marginMs) mustClear = 'the power was off for 4 hours'
        offSinceMs = null
        if (!sensorAlive) deadSinceMs = nowMs()
      }
    },
    row(event) {
      if (event.type === 'SalesStopped') stoppedByRow = true
      if (event.type !== 'SalesCleared') return
      if (event.by === '' || event.reason === '') report('P3', 'sales were cleared by nobody or for no reason')
      mustClear = null
      stoppedByRow = false
      if (warmSinceMs !== null) warmSinceMs = nowMs()
      if (deadSinceMs !== null) deadSinceMs = nowMs()
    },
    lockReleased() {
      judge()
      count(judged, 'D5')
      if (mustClear !== null) report('D5', `the lock opened, though ${mustClear} and no operator has cleared it`)
      if (stoppedByRow) report('D5', 'the lock opened, though sales are stopped in the ledger')
    },
  }
}
