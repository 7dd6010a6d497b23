/** The shipped calibration of the gallery, as vision/training/calibrate.py fitted it. A wrong file stops the process. */
import { readFile } from 'node:fs/promises'
import { invariant } from '../../src/core/result.ts'
import type { Calibration } from './gallery.ts'

const shipped = new URL('../models/calibration.json', import.meta.url)

export async function readCalibration(): Promise<Calibration> {
  const { scale, even, evenPerDoubling, acceptFrom } = JSON.parse(
    await readFile(shipped, 'utf8'),
  ) as Partial<Calibration>
  invariant(
    typeof scale === 'number' &&
      typeof even === 'number' &&
      typeof evenPerDoubling === 'number' &&
      typeof acceptFrom === 'number',
    'vision/models/calibration.json has scale, even, evenPerDoubling and acceptFrom',
  )
  return { scale, even, evenPerDoubling, acceptFrom }
}
