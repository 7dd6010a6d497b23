/**
 * `vision verdicts DIR [--out GALLERY]`: what people decided, a line of JSON a visit; with --out, the products that left the
 * shelf cut out of the pictures before, a folder a product, for `teach` or as a gallery.
 *
 * Holds always: a picture gets a name only where there can be no other: the verdict names one product, and as many things are
 * gone from the camera's picture as it says, and nothing came. All else stays a record.
 */
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { decodeGrid } from '../camera/decode.ts'
import { openDetector, type Detector } from '../detect/detector.ts'
import { readPicture } from '../embed/picture.ts'
import { judgedIn, type Judged } from '../evidence/verdicts.ts'
import type { Still } from '../shelf/compare.ts'
import { vanished } from '../shelf/vanished.ts'
import { Told, type Arguments } from './arguments.ts'
import { isFolder } from './folders.ts'

export async function verdictsCommand({ options, rest }: Arguments): Promise<void> {
  const [dir, ...others] = rest
  if (dir === undefined || others.length > 0 || !(await isFolder(dir))) throw new Told('name one folder of verdicts', 2)
  const out = options.get('out')
  const opened = out === undefined ? null : await openDetector()
  if (opened?.ok === false) throw new Told(opened.error.says)
  for (const judged of await judgedIn(dir)) {
    const { visit, taken, pictures } = judged
    const cut = out === undefined || opened === null ? null : await cutOut(judged, opened.value, out)
    const told = { visit, taken, pictures: pictures.length, ...(cut === null ? {} : { cut }) }
    process.stdout.write(`${JSON.stringify(told)}\n`)
  }
  await opened?.value.close()
}

/** How many pictures of the product were made of it. */
async function cutOut({ visit, taken, pictures }: Judged, detector: Detector, out: string): Promise<number> {
  const [line, ...others] = taken
  if (line === undefined || others.length > 0) return 0
  let made = 0
  for (const camera of new Set(pictures.map((one) => one.camera))) {
    const newest = (why: string) => pictures.findLast((one) => one.camera === camera && one.why === why)
    const [before, after] = [newest('before'), newest('after')]
    if (before === undefined || after === undefined) continue
    const [was, is] = [await stillOf(before.file, detector), await stillOf(after.file, detector)]
    if (was === null || is === null) continue
    const places = await vanished(was, is)
    if (places?.length !== line.count) continue
    await mkdir(join(out, line.sku), { recursive: true, mode: 0o700 })
    for (const [index, { left, top, width, height }] of places.entries()) {
      await sharp(before.file)
        .extract({ left, top, width, height })
        .jpeg({ quality: 92 })
        .toFile(join(out, line.sku, `${visit}-${camera}-${index + 1}.jpg`))
      made += 1
    }
  }
  return made
}

async function stillOf(file: string, detector: Detector): Promise<Still | null> {
  const jpeg = await readFile(file)
  const grid = await decodeGrid(jpeg)
  const picture = await readPicture(jpeg)
  if (!grid.ok || !picture.ok) return null
  return { grid: grid.value, picture: picture.value, detect: () => detector.detect(picture.value) }
}
