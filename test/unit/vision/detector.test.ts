import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Box, Detection } from '../../../vision/detect/detection.ts'
import { openDetector, type Detector } from '../../../vision/detect/detector.ts'
import { readPicture, type Picture } from '../../../vision/embed/picture.ts'
import { overlap } from '../../../vision/track/boxes.ts'

const vectors = new URL('../../vectors/vision/detector/', import.meta.url)
const models = new URL('../../../vision/models/', import.meta.url)

/** Left, top, right, bottom. */
type Sides = readonly [number, number, number, number]

interface Vector {
  readonly picture: string
  readonly leastScore: number
  readonly detections: readonly { readonly kind: string; readonly score: number; readonly box: Sides }[]
}

/** What the scene's maker knows of a thing. */
interface Thing {
  readonly kind: string
  readonly box: Sides
  readonly share: number
  readonly pixels: number
}

const boxOf = ([left, top, right, bottom]: Sides): Box => ({ left, top, width: right - left, height: bottom - top })

async function pictureOf(bytes: Uint8Array): Promise<Picture> {
  const read = await readPicture(bytes)
  if (!read.ok) throw new Error(read.error.says)
  return read.value
}

const json = async (name: string): Promise<unknown> => JSON.parse(await readFile(new URL(name, vectors), 'utf8'))

/** The share of `wanted` that is found, each by a detection of its own kind that overlaps it by half. */
const foundShare = (wanted: readonly { kind: string; box: Box }[], found: readonly Detection[]): number =>
  wanted.filter(({ kind, box }) => found.some((one) => one.kind === kind && overlap(one.box, box) >= 0.5)).length /
  wanted.length

describe('the shipped detector', () => {
  let detector: Detector
  let frame: Picture
  beforeAll(async () => {
    const opened = await openDetector()
    if (!opened.ok) throw new Error(opened.error.says)
    detector = opened.value
    frame = await pictureOf(await readFile(new URL('frame.jpg', vectors)))
  })
  afterAll(async () => detector.close())

  test('[VIS10] finds what training measured, in a picture of its size and in a larger one', async () => {
    const told = (await json('detector.json')) as readonly Vector[]
    expect(told).toHaveLength(2)
    for (const { picture, leastScore, detections } of told) {
      const shown = await pictureOf(await readFile(new URL(picture, vectors)))
      // The two resize by their own code, and of two cells that saw the same thing the other may then win.
      const [score, place] = shown.height === 352 ? [0.01, 0.95] : [0.05, 0.8]
      const found = await detector.detect(shown, { leastScore: leastScore - score })
      expect(detections.length, picture).toBeGreaterThan(5)
      const same = detections.filter((wanted) =>
        found.some(
          (one) =>
            one.kind === wanted.kind &&
            Math.abs(one.score - wanted.score) <= score &&
            overlap(one.box, boxOf(wanted.box)) > place,
        ),
      )
      expect(same.length / detections.length, picture).toBeGreaterThanOrEqual(shown.height === 352 ? 1 : 0.9)
      const sure = found.filter((one) => one.score > leastScore + score)
      expect(sure.length).toBeLessThanOrEqual(detections.length)
    }
  })

  test('[VIS14] finds products and hands of scenes that it was not trained on', async () => {
    for (const name of ['scene', 'frame']) {
      const { objects } = (await json(`${name}.truth.json`)) as { readonly objects: readonly Thing[] }
      const seen = objects.filter(({ kind, share, pixels }) => kind === 'hand' || (share > 0.6 && pixels > 300))
      const wanted = seen.map(({ kind, box }) => ({ kind, box: boxOf(box) }))
      const found = await detector.detect(await pictureOf(await readFile(new URL(`${name}.jpg`, vectors))))
      expect(wanted.length, name).toBeGreaterThan(4)
      expect(foundShare(wanted, found), name).toBeGreaterThan(0.8)
    }
  })

  test('[VIS12] tells boxes in the pixels of the picture, twice as large or with ground above and below', async () => {
    const shown = await detector.detect(frame)
    const raw = { raw: { width: frame.width, height: frame.height, channels: 3 as const } }
    const twice = await sharp(frame.rgb, raw)
      .resize(frame.width * 2, frame.height * 2, { kernel: 'linear' })
      .png()
      .toBuffer()
    const large = await detector.detect(await pictureOf(twice))
    const halved = large.map((one) => ({ ...one, box: scaled(one.box, 0.5) }))
    expect(
      foundShare(
        shown.filter(({ score }) => score > 0.6),
        halved,
      ),
    ).toBeGreaterThan(0.9)

    const extended = await sharp(frame.rgb, raw).extend({ top: 40, bottom: 200, background: '#555' }).png().toBuffer()
    const tall = await pictureOf(extended)
    expect(tall.height).toBe(frame.height + 240)
    const lower = await detector.detect(tall)
    const raised = lower.map((one) => ({ ...one, box: { ...one.box, top: one.box.top - 40 } }))
    expect(
      foundShare(
        shown.filter(({ score, box }) => score > 0.6 && box.width > 40),
        raised,
      ),
    ).toBeGreaterThan(0.7)
    for (const [{ width, height }, found] of [
      [frame, shown],
      [tall, lower],
    ] as const)
      for (const { box } of found) {
        expect(Math.min(box.left, box.top)).toBeGreaterThanOrEqual(0)
        expect(box.left + box.width).toBeLessThanOrEqual(width)
        expect(box.top + box.height).toBeLessThanOrEqual(height)
      }
  })

  test('[VIS12] looks at a part of the picture only, and tells boxes in the pixels of all of it', async () => {
    const region = { left: 100, top: 0, width: 384, height: 360 }
    const found = await detector.detect(frame, { region })
    // The weak ones stand over the edges before they are cut.
    for (const { box } of await detector.detect(frame, { region, leastScore: 0.02 })) {
      expect(Math.min(box.left - 100, box.top)).toBeGreaterThanOrEqual(0)
      expect(box.left + box.width).toBeLessThanOrEqual(484)
      expect(box.top + box.height).toBeLessThanOrEqual(360)
    }
    const whole = await detector.detect(frame)
    const inside = whole.filter(({ box, score }) => score > 0.6 && box.left > 110 && box.left + box.width < 474)
    expect(inside.length).toBeGreaterThan(3)
    expect(foundShare(inside, found)).toBeGreaterThan(0.8)
  })

  test('[VIS13] tells nothing below the threshold of its kind, or below what was asked for', async () => {
    const usual = await detector.detect(frame)
    for (const { kind, score } of usual) expect(score).toBeGreaterThanOrEqual(detector.leastScores[kind])
    const weak = await detector.detect(frame, { leastScore: 0.1 })
    expect(weak.length).toBeGreaterThan(usual.length)
    expect(await detector.detect(frame, { leastScore: 0.999 })).toEqual([])
  })

  test('[VIS11] gives the same picture the same answer, best first', async () => {
    const first = await detector.detect(frame)
    expect(await detector.detect(frame)).toEqual(first)
    const scores = first.map(({ score }) => score)
    expect(scores).toEqual(scores.toSorted((a, b) => b - a))
  })

  test('[VIS7] finds nothing in a picture that is black or cut short, and says so', async () => {
    const black = { create: { width: 64, height: 64, channels: 3 as const, background: '#000' } }
    expect(await detector.detectFile(await sharp(black).png().toBuffer())).toMatchObject({ error: { code: 'black' } })
    const whole = await readFile(new URL('frame.jpg', vectors))
    expect(await detector.detectFile(whole.subarray(0, 9000))).toMatchObject({ error: { code: 'cutShort' } })
    expect(await detector.detectFile(whole)).toMatchObject({ ok: true })
  })
})

describe('a detector that is none', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vision-detector-'))
  })
  afterAll(async () => rm(folder, { recursive: true }))

  test('[VIS6] is refused: not there, another model, or one bit changed', async () => {
    const at = pathToFileURL(`${folder}/`)
    expect(await openDetector(at)).toMatchObject({ error: { code: 'missing' } })
    const spec = JSON.parse(await readFile(new URL('detector.json', models), 'utf8')) as object
    const embedder = JSON.parse(await readFile(new URL('embedder.json', models), 'utf8')) as { sha256: string }
    await copyFile(new URL('embedder.onnx', models), join(folder, 'detector.onnx'))
    await writeFile(join(folder, 'detector.json'), JSON.stringify(spec))
    expect(await openDetector(at)).toMatchObject({ error: { code: 'checksum' } })
    await writeFile(join(folder, 'detector.json'), JSON.stringify({ ...spec, sha256: embedder.sha256 }))
    expect(await openDetector(at)).toMatchObject({ error: { code: 'shape' } })
    await copyFile(new URL('detector.onnx', models), join(folder, 'detector.onnx'))
    await writeFile(join(folder, 'detector.json'), JSON.stringify(spec))
    const bytes = await readFile(join(folder, 'detector.onnx'))
    bytes[1500] = (bytes[1500] ?? 0) ^ 1
    await writeFile(join(folder, 'detector.onnx'), bytes)
    expect(await openDetector(at)).toMatchObject({ error: { code: 'checksum' } })
  })
})

function scaled({ left, top, width, height }: Box, by: number): Box {
  return { left: left * by, top: top * by, width: width * by, height: height * by }
}
