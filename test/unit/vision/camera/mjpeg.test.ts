/** The splitter on streams as cameras give them, and as no camera should. */
import fc from 'fast-check'
import sharp from 'sharp'
import { beforeAll, expect, test } from 'vitest'
import { createSplitter } from '../../../../vision/camera/mjpeg.ts'

let red: Buffer
let blue: Buffer
let progressive: Buffer
/** A picture whose header carries a whole JPEG of its own. */
let withThumbnail: Buffer

beforeAll(async () => {
  const flat = (background: string) =>
    sharp({ create: { width: 64, height: 48, channels: 3, background } }).jpeg({ quality: 80 })
  red = await flat('#c00').toBuffer()
  blue = await flat('#00c').toBuffer()
  progressive = await sharp(await flat('#0c0').toBuffer())
    .jpeg({ progressive: true })
    .toBuffer()
  const thumbnail = await sharp(red).resize(16, 12).jpeg().toBuffer()
  const length = Buffer.alloc(2)
  length.writeUInt16BE(thumbnail.length + 2)
  withThumbnail = Buffer.concat([red.subarray(0, 2), Buffer.from([0xff, 0xe1]), length, thumbnail, red.subarray(2)])
})

/** Everything that comes out of `stream`, given in chunks of `chunk` bytes. */
function split(stream: Buffer, chunk = stream.length, splitter = createSplitter()) {
  const found: Buffer[] = []
  for (let at = 0; at < stream.length; at += chunk)
    for (const { bytes } of splitter.push(stream.subarray(at, at + chunk))) found.push(Buffer.from(bytes))
  return { found, damaged: splitter.damaged() }
}

test('[VIS25] JPEGs come out as they went in, however the stream was cut into chunks', () => {
  const all = [red, withThumbnail, progressive, blue]
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3_000 }), (chunk) => {
      expect(split(Buffer.concat(all), chunk)).toEqual({ found: all, damaged: 0 })
    }),
    { numRuns: 60 },
  )
})

test('[VIS25] a thumbnail inside a header is a part of its picture', () => {
  const { found } = split(withThumbnail, 7)
  expect(found).toEqual([withThumbnail])
  expect(createSplitter().push(withThumbnail)[0]).toMatchObject({ width: 64, height: 48 })
})

test('[VIS25] garbage between pictures is left out', () => {
  const garbage = Buffer.from([0x00, 0xff, 0xff, 0xd8, 0x12, 0xff, 0xd9, 0xff, 0x00, 0xff])
  expect(split(Buffer.concat([garbage, red, garbage, garbage, blue, garbage]), 11).found).toEqual([red, blue])
})

test('[VIS25] a picture cut short anywhere is dropped and told, and the ones behind it are found', () => {
  // A cut inside a header's length may ask for 64 kB that belong to its followers: those are looked at again.
  const behind = Buffer.concat(Array.from({ length: Math.ceil(70_000 / blue.length) }, () => blue))
  for (let cut = 3; cut < red.length; cut += 1) {
    const { found, damaged } = split(Buffer.concat([red.subarray(0, cut), behind, red]), 9_973)
    expect(damaged, `cut at ${cut}`).toBeGreaterThan(0)
    expect(found.length, `cut at ${cut}`).toBeGreaterThanOrEqual(behind.length / blue.length)
    expect(
      found.slice(0, -1).every((one) => one.equals(blue)),
      `cut at ${cut}`,
    ).toBe(true)
    expect(found.at(-1)!.equals(red), `cut at ${cut}`).toBe(true)
  }
})

test('[VIS25] a picture without an end does not fill the memory', () => {
  const splitter = createSplitter(10_000)
  const endless = Buffer.concat([red.subarray(0, red.length - 2), Buffer.alloc(9_000, 0x55)])
  for (let times = 0; times < 50; times += 1) splitter.push(endless.subarray(times === 0 ? 0 : red.length))
  expect(splitter.damaged()).toBeGreaterThan(0)
  splitter.push(Buffer.alloc(10_000, 0x55))
  expect(splitter.push(blue).map(({ bytes }) => Buffer.from(bytes))).toEqual([blue])
})

test('[VIS25] any bytes at all stop nothing', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 }), (chunks) => {
      const splitter = createSplitter(1_000)
      for (const chunk of chunks) splitter.push(chunk)
      for (let times = 0; times < 3; times += 1) splitter.push(new Uint8Array(600))
      splitter.restart()
      expect(splitter.push(red)).toHaveLength(1)
    }),
    { numRuns: 200 },
  )
})

test('[VIS25] 100 pictures of 100 kB are split in a few milliseconds', () => {
  const large = Buffer.concat([
    red.subarray(0, -2),
    Buffer.from(Array.from({ length: 100_000 }, (_, index) => (index % 97 === 0 ? 0 : (index * 31) % 255))),
    Buffer.from([0xff, 0xd9]),
  ])
  const splitter = createSplitter()
  const startMs = performance.now()
  let found = 0
  for (let times = 0; times < 100; times += 1)
    for (let at = 0; at < large.length; at += 65_536) found += splitter.push(large.subarray(at, at + 65_536)).length
  expect(found).toBe(100)
  expect(performance.now() - startMs).toBeLessThan(1_000)
})
