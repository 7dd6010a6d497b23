/** The shipped calibration of the gallery, as vision/training/calibrate.py fitted it. A wrong file stops the process. */
import { readFile } from 'node:fs/promises'
import { invariant } from '../../src/core/result.ts'
import type { Calibration } from './gallery.ts'

const shippedFolder = new URL('../models/', import.meta.url)

/** Of the models in `folder`. */
export async function readCalibration(folder: URL = shippedFolder): Promise<Calibration> {
  const { scale, even, evenPerDoubling, acceptFrom } = JSON.parse(
    await readFile(new URL('calibration.json', folder), 'utf8'),
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
