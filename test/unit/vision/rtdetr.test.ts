import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { detectionsOf } from '../../../vision/detect/rtdetr-answers.ts'
import { resized } from '../../../vision/detect/resize.ts'
import { openRtDetr, type RtDetr, type RtDetrUse } from '../../../vision/detect/rtdetr.ts'
import { readPicture, type Picture } from '../../../vision/embed/picture.ts'

const folder = new URL('../../vectors/vision/rtdetr/', import.meta.url)

/** What vision/training/rtdetr_vectors.py saw the reference implementations answer. */
interface Vector {
  readonly file: string
  readonly sha256: string
  readonly labels: readonly number[]
  readonly scores: readonly number[]
  /** Left, top, right, bottom in pixels. */
  readonly boxes: readonly (readonly number[])[]
}

const {
  picture: pictureFile,
  resizedSha256,
  vectors,
} = JSON.parse(readFileSync(new URL('answers.json', folder), 'utf8')) as {
  readonly picture: string
  /** Of the picture at 640 x 640, as Pillow resizes it. */
  readonly resizedSha256: string
  readonly vectors: readonly Vector[]
}
const nothing: RtDetrUse = { kinds: new Map() }

async function shelf(): Promise<Picture> {
  const read = await readPicture(await readFile(new URL(pictureFile, folder)))
  if (!read.ok) throw new Error(read.error.says)
  return read.value
}

async function opened(file: URL | string, use: RtDetrUse = nothing): Promise<RtDetr> {
  const detector = await openRtDetr(file, use)
  if (!detector.ok) throw new Error(detector.error.says)
  return detector.value
}

const says = async (file: URL | string, use: RtDetrUse = nothing): Promise<string> => {
  const detector = await openRtDetr(file, use)
  return detector.ok ? 'opened' : `${detector.error.code}: ${detector.error.says}`
}

describe('an exported RT-DETR', () => {
  test.each(vectors)('[VIS15] $file answers as its own implementation did', async (vector) => {
    const detector = await opened(new URL(vector.file, folder), { kinds: new Map(), sha256: vector.sha256 })
    expect(detector.layout).toBe(vector.file.includes('deploy') ? 'deploy' : 'raw')
    const answers = await detector.answers(await shelf())
    await detector.close()
    expect(answers.map(({ label }) => label)).toEqual(vector.labels)
    let worst = 0
    for (const [index, { score, box }] of answers.entries()) {
      const found = [box.left, box.top, box.left + box.width, box.top + box.height]
      for (const [edge, value] of found.entries()) {
        worst = Math.max(worst, Math.abs(value - (vector.boxes[index]?.[edge] ?? NaN)))
      }
      worst = Math.max(worst, Math.abs(score - (vector.scores[index] ?? NaN)))
    }
    expect(worst).toBeLessThan(1e-3)
  })

  test('[VIS15] sees the picture that Pillow would make, to the last bit', async () => {
    const { rgb } = resized(await shelf(), 640, 640)
    expect(createHash('sha256').update(rgb).digest('hex')).toBe(resizedSha256)
  })

  test('[VIS16] gives products and hands as its owner says what the classes are, best first, and nothing else', async () => {
    const detector = await opened(new URL('rtdetrv2-deploy.onnx', folder), {
      kinds: new Map([
        [0, 'hand'],
        [2, 'product'],
      ]),
      leastScore: 0.8,
    })
    const [shown, vector] = [await shelf(), vectors.find(({ file }) => file === 'rtdetrv2-deploy.onnx')]
    const found = await detector.detect(shown)
    await detector.close()
    const meant = (vector?.labels ?? []).flatMap((label, index) =>
      (vector?.scores[index] ?? 0) > 0.8 && (label === 0 || label === 2) ? [{ label, box: vector?.boxes[index] }] : [],
    )
    expect(found.map(({ kind }) => kind)).toEqual(meant.map(({ label }) => (label === 0 ? 'hand' : 'product')))
    expect(new Set(found.map(({ kind }) => kind))).toEqual(new Set(['hand', 'product']))
    expect(found.map(({ score }) => score)).toEqual(found.map(({ score }) => score).toSorted((a, b) => b - a))
    const [left = 0, top = 0, right = 0, bottom = 0] = meant[0]?.box ?? []
    expect(found[0]?.box.left).toBeCloseTo(left, 2)
    expect(found[0]?.box.top).toBeCloseTo(top, 2)
    expect(found[0]?.box.width).toBeCloseTo(right - left, 2)
    expect(found[0]?.box.height).toBeCloseTo(bottom - top, 2)
  })

  test('[VIS16] a score that is no number is no detection', () => {
    const box = { left: 0, top: 0, width: 1, height: 1 }
    expect(detectionsOf([{ label: 1, score: NaN, box }], new Map([[1, 'product']]), 0.5)).toEqual([])
  })
})

describe('a file that is no RT-DETR', () => {
  const changed = async (file: string, change: (text: string) => string): Promise<string> => {
    const made = await mkdtemp(join(tmpdir(), 'vision-rtdetr-'))
    onTestFinished(async () => rm(made, { recursive: true }))
    const path = join(made, 'changed.onnx')
    await writeFile(path, change(await readFile(new URL(file, folder), 'latin1')), 'latin1')
    return path
  }

  test('[VIS17] is told by what it wants, gives, or is', async () => {
    expect(await says(new URL('../tiny.onnx', folder))).toMatch(
      /^shape: the model tiny\.onnx .*inputs are pixels, and should be pixel_values, or images and orig_target_sizes/,
    )
    expect(await says(new URL('gone.onnx', folder))).toMatch(/^missing: .*gone\.onnx/)
    expect(await says(new URL('answers.json', folder))).toMatch(/^notOnnx: .*answers\.json/)
    expect(await says(new URL('rtdetr.onnx', folder), { ...nothing, sha256: '0'.repeat(64) })).toMatch(/^checksum: /)
  })

  test('[VIS17] with an output of another name is told by the name that is missing', async () => {
    const path = await changed('rtdetr.onnx', (text) => text.replaceAll('pred_boxes', 'pred_boxen'))
    expect(await says(path)).toMatch(/^shape: .*gives logits, pred_boxen, and no pred_boxes/)
  })

  test('[VIS17] with outputs of other types or shapes is told with both', async () => {
    const swapped: Record<string, string> = { labels: 'scores', scores: 'labels' }
    const path = await changed('rtdetrv2-deploy.onnx', (text) =>
      text.replaceAll(/labels|scores/g, (name) => swapped[name] ?? name),
    )
    expect(await says(path)).toMatch(/^shape: .*answers labels float32 1 x 40, .*should answer labels int64/)
  })
})
