/**
 * Cameras: the virtual fridge's two cameras and their wires: a socket each in the data folder, the settings by which the
 * runtime finds them, and pictures to teach its gallery by.
 *
 * Holds always: nothing is drawn until somebody looks or is let in; without power the cameras are dark wires.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { z } from 'zod'
import type { cameraConditionsSchema } from '../contract/virtual.ts'
import type { Clock, Log } from '../core/ports.ts'
import { createDarkroom, type DarkroomPorts } from './camera/darkroom.ts'
import { openingSeenBy } from './camera/opening.ts'
import { serveStream } from './camera/stream.ts'
import { shutterMs } from './camera/visit.ts'
import { cameraIds, shelfRegions, type CameraId, type Conditions } from './camera/studio.ts'
import type { Shop } from './shop.ts'
import type { World } from './world/world.ts'

const pixels = { width: 1280, height: 720 } as const
const framesPerSecond = 10
/** Fog at the door's opening is gone to a third after this. */
const fogFadesMs = 4_000

export interface VirtualCameras {
  /** What the runtime is started with, so that it looks. */
  readonly args: readonly string[]
  /** A JPEG of what the camera sees now; null when it gives none. */
  still(camera: CameraId): Promise<Uint8Array | null>
  setConditions(order: z.infer<typeof cameraConditionsSchema>): void
  changed(): void
  close(): void
}

export async function serveCameras(ports: {
  readonly dir: string
  readonly shop: Shop
  readonly world: World
  readonly program: DarkroomPorts['program']
  readonly clock: Clock
  readonly log: Log
}): Promise<VirtualCameras> {
  const { dir, shop, world, program, clock, log } = ports
  const now = () => ({
    doorOpen: world.doorOpen(),
    items: world.items().map(({ sku, shelf }) => ({ sku, shelf })),
  })
  const darkroom = createDarkroom({ shop, world: now, pixels, program, clock, log })
  darkroom.setConditions({ shutterMs })
  const still = (camera: CameraId): Promise<Uint8Array | null> =>
    world.powered() ? darkroom.picture(camera) : Promise.resolve(null)
  const gallery = join(dir, 'teaching')
  // Drawn at the first start only, while a card may be tapped already: the vision worker learns them when they are there.
  void darkroom.teach(gallery)
  const socketOf = (camera: CameraId): string => join(dir, `camera-${camera}.sock`)
  const streams = await Promise.all(
    cameraIds.map((camera) =>
      serveStream({ path: socketOf(camera), clock, everyMs: 1_000 / framesPerSecond, picture: () => still(camera) }),
    ),
  )
  const settings = {
    cameras: cameraIds.map((camera) => ({
      id: camera,
      source: `unix:${socketOf(camera)}`,
      ...pixels,
      framesPerSecond,
      shelves: shelfRegions(shop, camera, pixels.width, pixels.height),
      opening: openingSeenBy(shop, camera, pixels.width, pixels.height),
    })),
    gallery,
  }
  const file = join(dir, 'cameras.json')
  writeFileSync(file, `${JSON.stringify(settings, null, 2)}\n`)

  return {
    args: ['--cameras', file],
    still,
    setConditions({ camera, fault, brightness, fog, body }) {
      const lenses = camera === undefined ? cameraIds : [camera]
      const conditions: Conditions = {
        brightness,
        shutterMs,
        ...(fog === 0 ? {} : { fog: { peak: fog, fadesMs: fogFadesMs } }),
        ...(body ? { body: 0 } : {}),
        ...(fault === 'none'
          ? {}
          : { lens: Object.fromEntries(lenses.map((lens) => [lens, { fault, sinceMs: clock.nowMs() }])) }),
      }
      darkroom.setConditions(conditions)
    },
    changed() {
      if (world.boltReleased()) darkroom.warm()
      darkroom.changed()
    },
    close() {
      for (const stream of streams) stream.close()
      darkroom.close()
    },
  }
}
