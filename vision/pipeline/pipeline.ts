/**
 * Pipeline: all cameras over one visit after the other: on when somebody shops, off when they have gone; before, while
 * and after the door is open it looks at what it has time for, and says what it saw.
 *
 * Holds always: one shot is looked at at a time, the newest of the camera that waited longest, and nothing queues up
 * (SPEC VIS35); an answer is given within its time, of what was seen until then, and says what was not (VIS36, VIS37); an
 * error of a model or a picture makes its camera blind for the visit and ends nothing (VIS38). Called by worker.ts.
 */
import type { Cancel, Clock, Log } from '../../src/core/ports.ts'
import { nothingSeen, type Sights } from '../../src/core/sighting.ts'
import type { Camera } from '../camera/camera.ts'
import { clarityWords, createClarity } from '../camera/clarity.ts'
import type { Keeper } from '../evidence/keeper.ts'
import type { ShelfRegion } from '../shelf/regions.ts'
import type { Opening } from '../track/opening.ts'
import type { Looker } from './looker.ts'
import { createWatch, type ShotFault, type Testimony, type Watch } from './watch.ts'

export interface WatchedCamera {
  readonly camera: Camera
  readonly regions: readonly ShelfRegion[]
  /** The door's opening in its pictures, for the witness of crossings; null: there is none. */
  readonly opening: Opening | null
}

export interface CameraHealth {
  readonly camera: string
  /** What is wrong with it, for the operator; null when nothing is known to be. Kept while it is off. */
  readonly says: string | null
  readonly fault: ShotFault | 'lost' | null
}

export interface PipelinePorts {
  readonly cameras: readonly WatchedCamera[]
  readonly looker: () => Looker | null
  readonly keeper: Keeper
  readonly clock: Clock
  readonly log: Log
  /** Something new was seen in the visit under way. */
  readonly seen: (visit: string, sights: Sights) => void
  /** A camera's health changed. */
  readonly healthChanged: () => void
}

export interface Pipeline {
  begin(visit: string): void
  opened(atMs: number): void
  closed(atMs: number): void
  /** Once the door is closed: everything that was seen, at the latest at `dueMs` (fridge time). */
  settle(dueMs: number): Promise<Sights>
  /** Looks once through each camera, so that a faulty one is known before somebody shops. Nothing is kept. */
  check(): Promise<void>
  /** Resolves when all shots that came were looked at. */
  rest(): Promise<void>
  /** Cameras off; resolves when they are, and the evidence is on disk. */
  end(): Promise<void>
  health(): readonly CameraHealth[]
}

/** A picture from behind the closed door is waited for until so long before the answer is due: comparing takes time. */
const compareMs = 200
const healthEveryMs = 500
/** For a camera on a Pi to give its first picture, or to be found lost. */
const checkMs = 5_000
const keepsNothing: Keeper = { begin: () => {}, keep: () => {}, end: async () => {} }

interface Eye {
  readonly camera: Camera
  readonly watch: () => Watch | null
  fault: ShotFault | null
  lost: string | null
  seenNumber: number
  turn: number
  /** What it told last while the door was open, and of which moment. */
  told: { readonly testimonies: readonly Testimony[]; readonly atMs: number } | null
}

export function createPipeline(ports: PipelinePorts): Pipeline {
  const { clock, log, keeper } = ports
  let visit: string | null = null
  let openedMs = 0
  let closedMs = 0
  let settled: Sights = nothingSeen
  let pumping: Promise<void> | null = null
  let turns = 0
  let checking = false
  const waiting: (() => void)[] = []
  let cancelHealth: Cancel = () => {}
  const watches = new Map<string, Watch>()
  const clarities = new Map(ports.cameras.map(({ camera }) => [camera.id, createClarity()]))
  const eyes = ports.cameras.map(({ camera }): Eye => {
    camera.onShot(() => pump())
    const watch = (): Watch | null => watches.get(camera.id) ?? null
    return { camera, watch, fault: null, lost: null, seenNumber: 0, turn: 0, told: null }
  })

  const busy = (): boolean => visit !== null

  /** The eye that waited longest and has something new. */
  function nextEye(): Eye | null {
    const fresh = eyes.filter(({ camera, seenNumber }) => (camera.latest()?.number ?? 0) > seenNumber)
    return fresh.toSorted((a, b) => a.turn - b.turn)[0] ?? null
  }

  function pump(): void {
    if (pumping !== null) return
    pumping = pumpAll().finally(() => {
      pumping = null
    })
  }

  async function pumpAll(): Promise<void> {
    for (;;) {
      await nextTurn() // all that has arrived is read first: what waited in a pipe is not the newest
      const eye = busy() || checking ? nextEye() : null
      const shot = eye?.camera.latest()
      if (eye === null || shot == null) return
      eye.seenNumber = shot.number
      eye.turn = turns += 1
      try {
        const rests = (await eye.watch()?.look(shot)) ?? false
        if (rests && closedMs === 0) await tell(eye)
      } catch (error) {
        log.warn('a picture could not be looked at', { camera: eye.camera.id, error: String(error) })
      }
      for (const wake of waiting.splice(0)) wake()
    }
  }

  /** What this camera sees just now, for the live basket; the others as they were told last. */
  async function tell(eye: Eye): Promise<void> {
    const mine = visit
    const shotMs = eye.camera.latest()?.atMs ?? 0
    const testimonies = await testimonyOf(eye)
    if (mine === null || mine !== visit || closedMs !== 0) return
    eye.told = { testimonies, atMs: shotMs }
    settled = testimonies.reduce(replaced, settled)
    ports.seen(mine, settled)
  }

  async function testimonyOf(eye: Eye): Promise<readonly Testimony[]> {
    const watch = eye.watch()
    const none = [blind(eye.camera.id)]
    if (watch === null) return none
    try {
      return await watch.testify()
    } catch (error) {
      log.warn('a camera`s pictures could not be compared', { camera: eye.camera.id, error: String(error) })
      return none
    }
  }

  /** What was told while the door was open, when the last look comes too late: blind for the rest of the time. */
  function inTime({ camera, told }: Eye): readonly Testimony[] {
    if (told === null || closedMs <= openedMs) return [blind(camera.id)]
    const unseen = Math.min(1, Math.max(0, 1 - (told.atMs - openedMs) / (closedMs - openedMs)))
    return told.testimonies.map(({ witness, sightings }) => ({
      witness: { ...witness, blindShare: Math.max(witness.blindShare, unseen) },
      sightings,
    }))
  }

  function replaced({ witnesses, sightings }: Sights, { witness, sightings: its }: Testimony): Sights {
    const taught = ports.looker()?.taught
    return {
      witnesses: [...witnesses.filter(({ id }) => id !== witness.id), witness],
      sightings: [...sightings.filter((sighting) => sighting.witness !== witness.id), ...its],
      ...(taught === undefined ? {} : { taught }),
    }
  }

  /** While they are on: a camera that gives nothing tells nothing either. */
  function followHealth(): void {
    cancelHealth = clock.after(healthEveryMs, followHealth)
    for (const eye of eyes) {
      const { lost } = eye.camera.state()
      if (lost === eye.lost) continue
      eye.lost = lost
      ports.healthChanged()
    }
  }

  function switchOn(keeps: Keeper): void {
    watches.clear()
    for (const eye of eyes) {
      const { camera } = eye
      eye.told = null
      const { regions = [], opening = null } = ports.cameras.find((one) => one.camera === camera) ?? {}
      const clarity = clarities.get(camera.id) ?? createClarity()
      clarity.paused()
      const faulty = (fault: ShotFault | null): void => {
        if (eye.fault === fault) return
        eye.fault = fault
        ports.healthChanged()
      }
      const { looker } = ports
      watches.set(
        camera.id,
        createWatch({ camera: camera.id, regions, opening, clarity, keeper: keeps, looker, faulty }),
      )
      camera.start()
    }
    cancelHealth()
    cancelHealth = clock.after(healthEveryMs, followHealth)
  }

  async function switchOff(): Promise<void> {
    for (const wake of waiting.splice(0)) wake()
    followHealth()
    cancelHealth()
    await Promise.all([...eyes.map(async ({ camera }) => camera.stop()), pumping])
  }

  /** Resolves at the next shot that was looked at, or at that time. */
  function shotOr(dueMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = clock.after(Math.max(0, dueMs - clock.nowMs()), resolve)
      waiting.push(() => {
        cancel()
        resolve()
      })
    })
  }

  const late = async (dueMs: number): Promise<null> =>
    new Promise((resolve) => clock.after(Math.max(0, dueMs - clock.nowMs()), () => resolve(null)))

  return {
    begin(next) {
      visit = next
      closedMs = 0
      settled = nothingSeen
      keeper.begin(next, clock.nowMs())
      switchOn(keeper)
    },
    async check() {
      if (busy() || checking) return
      checking = true
      switchOn(keepsNothing)
      const dueMs = clock.nowMs() + checkMs
      while (!busy() && clock.nowMs() < dueMs && eyes.some((eye) => eye.seenNumber === 0)) await shotOr(dueMs)
      checking = false
      if (!busy()) await switchOff()
    },
    opened(atMs) {
      openedMs = atMs
      closedMs = 0
      for (const watch of watches.values()) watch.opened(atMs)
    },
    closed(atMs) {
      closedMs = atMs
      for (const watch of watches.values()) watch.closed(atMs)
    },
    async settle(dueMs) {
      const mine = visit
      if (mine === null) return nothingSeen
      const pictureByMs = dueMs - compareMs
      const telling = new Map<Eye, Promise<readonly Testimony[]>>()
      let turn: Promise<unknown> = Promise.resolve()
      // Whoever has its picture compares it while the others wait for theirs; but one at a time, or all may be late.
      const begin = (ready: readonly Eye[]): void => {
        for (const eye of ready.filter((one) => !telling.has(one))) {
          const told = turn.then(async () => testimonyOf(eye))
          telling.set(eye, told)
          turn = told
        }
      }
      const waits = (eye: Eye): boolean => eye.watch()?.hasAfter() === false
      while (clock.nowMs() < pictureByMs && eyes.some(waits)) {
        begin(eyes.filter((eye) => !waits(eye)))
        await shotOr(pictureByMs)
      }
      begin(eyes)
      let told: Sights = nothingSeen
      for (const eye of eyes) {
        const testimonies = (await Promise.race([telling.get(eye) ?? null, late(dueMs)])) ?? inTime(eye)
        told = testimonies.reduce(replaced, told)
      }
      if (mine === visit) settled = told
      return told
    },
    async end() {
      if (visit === null) return
      visit = null
      for (const watch of watches.values()) watch.ended()
      // At once: what is begun while the cameras go off is another's, and keeps its own.
      const written = keeper.end(settled)
      await switchOff()
      await written
    },
    async rest() {
      await pumping
    },
    health: () =>
      eyes.map(({ camera, fault, lost }) => {
        const says =
          lost ?? (fault === null ? null : fault === 'damaged' ? 'its pictures are damaged' : clarityWords[fault])
        return { camera: camera.id, says, fault: lost === null ? fault : 'lost' }
      }),
  }
}

const nextTurn = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

const blind = (camera: string): Testimony => ({
  witness: { id: `${camera}-shelves`, kind: 'shelf', blindShare: 1, blindShelves: [] },
  sightings: [],
})
