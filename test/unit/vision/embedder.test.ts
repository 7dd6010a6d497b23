import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import sharp from 'sharp'
import { openEmbedder, type Embedder } from '../../../vision/embed/embedder.ts'
import { cosine } from '../../../vision/embed/vector.ts'
import { readCalibration } from '../../../vision/gallery/calibration.ts'
import { emptyGallery, identify, teach } from '../../../vision/gallery/gallery.ts'
import { cola, jpeg, milk, picture, type Drawing } from './drawings.ts'

describe('the shipped embedder', () => {
  let embedder: Embedder
  beforeAll(async () => {
    const opened = await openEmbedder()
    if (!opened.ok) throw new Error(opened.error.says)
    embedder = opened.value
  })
  afterAll(async () => embedder.close())

  const embedding = async (bytes: Uint8Array): Promise<Float32Array> => {
    const found = await embedder.embedFile(bytes)
    if (!found.ok) throw new Error(found.error.says)
    return found.value
  }

  test('[VIS8] gives unit length, and a box of a frame the same alone and in a batch', async () => {
    const frame = await picture(cola)
    const [box, other] = [
      { left: 60, top: 30, width: 120, height: 180 },
      { left: 0, top: 0, width: 240, height: 240 },
    ]
    const [alone] = await embedder.embedCuts(frame, [box])
    const [first, second] = await embedder.embedCuts(frame, [box, other])
    expect(alone).toHaveLength(embedder.dimensions)
    expect(Math.hypot(...(alone ?? []))).toBeCloseTo(1, 5)
    expect(cosine(alone!, first!)).toBeGreaterThan(0.99999)
    expect(cosine(alone!, second!)).toBeLessThan(0.999)
    expect(await embedder.embedCuts(frame, [])).toEqual([])
  })

  test('[VIS7] gives no embedding for a picture that is cut short', async () => {
    const whole = await jpeg(cola)
    expect(await embedder.embedFile(whole.subarray(0, whole.length / 2))).toMatchObject({ ok: false })
  })

  test('drawn products are known again turned, dimmed and elsewhere, after three pictures; what is no product is none', async () => {
    let gallery = emptyGallery(embedder.modelSha256)
    for (const [name, drawing] of Object.entries({ cola, milk })) {
      const shown = [0, 12, -15].map(async (turnDegrees) => embedding(await jpeg({ ...drawing, turnDegrees })))
      const taught = teach(gallery, name, await Promise.all(shown))
      if (!taught.ok) throw new Error(taught.error.says)
      gallery = taught.value
    }
    const calibration = await readCalibration()
    const named = async (bytes: Uint8Array): Promise<string | null> =>
      identify(gallery, await embedding(bytes), calibration).product
    const dimmed = async (drawing: Drawing): Promise<Buffer> =>
      sharp(await jpeg({ ...drawing, ground: '#a3b18a', turnDegrees: 7 }))
        .modulate({ brightness: 0.8 })
        .jpeg()
        .toBuffer()
    expect(await named(await dimmed(cola))).toBe('cola')
    expect(await named(await dimmed(milk))).toBe('milk')
    const noise = { type: 'gaussian', mean: 120, sigma: 40 } as const
    expect(
      await named(
        await sharp({ create: { width: 240, height: 240, channels: 3, background: '#787878', noise } })
          .jpeg()
          .toBuffer(),
      ),
    ).toBeNull()
  })
})
