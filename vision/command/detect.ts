/**
 * `vision detect PICTURE|DIR... [--json] [--out DIR]`: the products and hands of each picture; with --out, a copy of it with
 * their boxes drawn. A picture that cannot be read is told and left out.
 */
import { mkdir } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import sharp from 'sharp'
import type { Detection } from '../detect/detection.ts'
import { openDetector } from '../detect/detector.ts'
import { readPicture, type Picture } from '../embed/picture.ts'
import { Told, type Arguments } from './arguments.ts'
import { bytesOf } from './embed.ts'
import { isFolder, picturesIn } from './folders.ts'

export async function detectCommand({ options, json, rest }: Arguments): Promise<void> {
  if (rest.length === 0) throw new Told('name at least one picture, or a folder of them', 2)
  const paths: string[] = []
  for (const path of rest) paths.push(...((await isFolder(path)) ? await picturesIn(path) : [path]))
  const out = options.get('out')
  if (out !== undefined) await mkdir(out, { recursive: true })
  const opened = await openDetector()
  if (!opened.ok) throw new Told(opened.error.says)
  let faults = 0
  for (const path of paths) {
    const picture = await readPicture(await bytesOf(path))
    if (!picture.ok) {
      faults += 1
      process.stdout.write(json ? line({ picture: path, fault: picture.error }) : `${path}: ${picture.error.says}\n`)
      continue
    }
    const startedMs = performance.now()
    const detections = await opened.value.detect(picture.value)
    const tookMs = Math.round(performance.now() - startedMs)
    const { width, height } = picture.value
    process.stdout.write(
      json ? line({ picture: path, width, height, tookMs, detections }) : told(path, detections, tookMs),
    )
    if (out !== undefined) await draw(picture.value, detections, join(out, `${basename(path, extname(path))}.jpg`))
  }
  await opened.value.close()
  if (faults > 0) throw new Told(`${faults} of ${paths.length} pictures could not be read`)
}

const line = (value: unknown): string => `${JSON.stringify(value)}\n`

function told(path: string, detections: readonly Detection[], tookMs: number): string {
  const count = (kind: Detection['kind']): number => detections.filter((one) => one.kind === kind).length
  return `${path}: ${count('product')} products, ${count('hand')} hands (${tookMs} ms)\n`
}

/** Products green, hands red, each with its score in percent. */
async function draw({ width, height, rgb }: Picture, detections: readonly Detection[], path: string): Promise<void> {
  const stroke = Math.max(1, Math.round(Math.max(width, height) / 400))
  const marks = detections.map(({ kind, box, score }) => {
    const colour = kind === 'hand' ? '#ff3b30' : '#00e05a'
    const { left, top } = box
    return `<rect x="${left}" y="${top}" width="${box.width}" height="${box.height}" fill="none" stroke="${colour}" stroke-width="${stroke}"/>
      <text x="${left + 2 * stroke}" y="${top + 11 * stroke}" font-size="${10 * stroke}" font-family="sans-serif" fill="${colour}">${Math.round(score * 100)}</text>`
  })
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${marks.join('')}</svg>`
  await sharp(rgb, { raw: { width, height, channels: 3 } })
    .composite([{ input: Buffer.from(svg) }])
    .jpeg({ quality: 88 })
    .toFile(path)
}
