/**
 * Faults: what may go wrong in a simulation, how often in this one, and how often it has.
 * Each seed draws its weather: some are calm, so that what works without faults is judged too; some have everything.
 */
import type { Chance } from './chance.ts'

export const faultKinds = [
  'frameLost', 'frameRepeated', 'frameCorrupted', 'frameLate', 'frameReplayed', 'linkSilent',
  'controllerReset', 'brownOut',
  'bankTimeoutBefore', 'bankTimeoutAfter', 'bankError', 'bankRateLimit', 'bankGarbled', 'bankSlow', 'networkCut', 'decline',
  'killedAtCommit', 'killedAtEffect', 'killedAnytime', 'commitTorn', 'powerCut',
  'diskFull', 'ioError', 'restartFailed', 'clockForward', 'clockBack', 'heldStill',
  'warmAir', 'sensorDead', 'forcedDoor', 'loadCellDead', 'hostileTap',
  'relayMessageLost', 'relayAnswerLost', 'relayRepeated', 'relayCut', 'relayAway', 'relayRestored', 'relayForged', 'relayPoison',
  'commandLost', 'commandRepeated', 'commandForged', 'commandLineLost', 'deskCrashed', 'deskRestored',
] as const // prettier-ignore
export type FaultKind = (typeof faultKinds)[number]
export type FaultCounts = Record<FaultKind, number>

export const noFaults = (): FaultCounts =>
  Object.fromEntries(faultKinds.map((kind) => [kind, 0])) as Record<FaultKind, number>

/** How likely each is: frames and bank calls each time, the rest once a visit. */
export interface Weather {
  readonly name: string
  readonly frame: number
  readonly link: number
  readonly controller: number
  readonly bank: number
  readonly network: number
  readonly crash: number
  readonly power: number
  readonly disk: number
  readonly clock: number
  readonly cold: number
  readonly hostile: number
  readonly cell: number
  /** Of the way to the owner's relay and of the relay: messages each time, the rest once in a while. */
  readonly relay: number
}

const calm: Weather = {
  name: 'calm',
  frame: 0,
  link: 0,
  controller: 0,
  bank: 0,
  network: 0,
  crash: 0,
  power: 0,
  disk: 0,
  clock: 0,
  cold: 0,
  hostile: 0,
  cell: 0,
  relay: 0,
}
const weathers: readonly Weather[] = [
  calm,
  { ...calm, name: 'bad wire', frame: 0.06, link: 0.25, controller: 0.1, relay: 0.1 },
  { ...calm, name: 'bad bank', bank: 0.3, network: 0.1, crash: 0.05, relay: 0.3 },
  { ...calm, name: 'dying process', crash: 0.6, disk: 0.15, clock: 0.3, relay: 0.15 },
  { ...calm, name: 'bad power', power: 0.3, controller: 0.3, clock: 0.3, crash: 0.1, relay: 0.1 },
  { ...calm, name: 'bad people', hostile: 0.6, cell: 0.05, cold: 0.05, frame: 0.01 },
  {
    name: 'everything',
    frame: 0.02,
    link: 0.1,
    controller: 0.1,
    bank: 0.12,
    network: 0.06,
    crash: 0.25,
    power: 0.1,
    disk: 0.08,
    clock: 0.2,
    cold: 0.05,
    hostile: 0.25,
    cell: 0.03,
    relay: 0.2,
  },
]

/** The weather of one seed: each kind in turn, everything twice as often as any. */
export const weatherOf = (seed: number, chance: Chance): Weather => {
  const place = seed % (weathers.length + 1)
  const weather = weathers[Math.min(place, weathers.length - 1)] ?? calm
  const strength = weather === calm ? 1 : chance.between(0.5, 1.5)
  const scaled: Record<string, string | number> = { ...weather }
  for (const [name, value] of Object.entries(scaled)) if (typeof value === 'number') scaled[name] = value * strength
  return scaled as unknown as Weather
}

export const stillWeather = calm
