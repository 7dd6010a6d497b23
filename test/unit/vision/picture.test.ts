import { describe, expect, test } from 'vitest'
import sharp from 'sharp'
import { readPicture } from '../../../vision/embed/picture.ts'
import { cola, jpeg, png } from './drawings.ts'

const flat = async (side: number, colour: string): Promise<Buffer> =>
  sharp({ create: { width: side, height: side, channels: 3, background: colour } })
    .png()
    .toBuffer()

const code = async (bytes: Uint8Array): Promise<string> => {
  const read = await readPicture(bytes)
  return read.ok ? 'ok' : read.error.code
}

describe('a picture', () => {
  test('is decoded to RGB of its own size', async () => {
    const read = await readPicture(await jpeg(cola))
    expect(read.ok && [read.value.width, read.value.height, read.value.rgb.length]).toEqual([240, 240, 240 * 240 * 3])
  })

  test('of one channel, or with transparency, becomes RGB too', async () => {
    const grey = await sharp(await png(cola))
      .greyscale()
      .toColourspace('b-w')
      .png()
      .toBuffer()
    const seeThrough = await sharp(await png(cola))
      .ensureAlpha(0.5)
      .png()
      .toBuffer()
    for (const bytes of [grey, seeThrough]) {
      const read = await readPicture(bytes)
      expect(read.ok && read.value.rgb.length).toBe(240 * 240 * 3)
    }
  })

  test('stands upright as its EXIF says', async () => {
    const lying = await sharp(await jpeg(cola))
      .resize(120, 60, { fit: 'fill' })
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer()
    const read = await readPicture(lying)
    expect(read.ok && [read.value.width, read.value.height]).toEqual([60, 120])
  })
})

describe('[VIS7] what is no picture of a product', () => {
  test.each([0.1, 0.5, 0.9])('a JPEG cut after %f of its bytes is named so', async (share) => {
    const whole = await jpeg(cola)
    const found = await readPicture(whole.subarray(0, Math.floor(whole.length * share)))
    expect(found.ok).toBe(false)
    expect(!found.ok && ['cutShort', 'notPicture']).toContain(!found.ok && found.error.code)
  })

  test('a PNG cut short', async () => {
    const whole = await png(cola)
    expect(await code(whole.subarray(0, Math.floor(whole.length / 2)))).toBe('cutShort')
  })

  test('black, one colour, tiny, empty, and words', async () => {
    expect(await code(await flat(64, '#030303'))).toBe('black')
    expect(await code(await flat(64, '#c0c0c0'))).toBe('blank')
    expect(
      await code(
        await sharp(await png(cola))
          .resize(16, 16)
          .png()
          .toBuffer(),
      ),
    ).toBe('tooSmall')
    expect(await code(new Uint8Array())).toBe('notPicture')
    expect(await code(Buffer.from('the door is open'))).toBe('notPicture')
  })
})
