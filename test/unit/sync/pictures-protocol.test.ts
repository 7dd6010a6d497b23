import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { answerSchema } from '../../../sync/protocol/messages.ts'
import {
  decodeQuestion,
  encodeList,
  encodePicture,
  maxPictureBytes,
  maxVisitBytes,
  maxVisitPictures,
  pictureAnswerSchema,
  pictureAnswerStatus,
  signedPictures,
  type PictureAbout,
} from '../../../sync/protocol/pictures.ts'
import { sha256Of } from '../../../sync/protocol/question.ts'
import { publicKeyOf, signedRows, signingKey, verified } from '../../../sync/protocol/signing.ts'

interface Signed {
  readonly wire: string
  readonly signature: string
}
const golden = JSON.parse(readFileSync('test/vectors/sync/pictures-version-1.json', 'utf8')) as {
  seed: string
  publicKey: string
  fridge: string
  visit: string
  about: PictureAbout
  list: Signed
  picture: Signed
}
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const bytes = (text: string): Buffer => Buffer.from(text, 'hex')
const to = { fridge: 'fridge-1', visit: golden.visit }
const jpeg = (length: number): Buffer => Buffer.concat([bytes('ffd8ffe0'), Buffer.alloc(length - 4, 1)])
const about = (picture: Uint8Array, parts: Partial<PictureAbout> = {}): PictureAbout => ({
  sha256: sha256Of(picture),
  bytes: picture.length,
  camera: 'left',
  why: 'before',
  atMs: 1,
  ...parts,
})

test('[SY50] the golden questions: their bytes and their signatures, by the key of a known seed', () => {
  const key = signingKey(bytes(golden.seed))
  const known = publicKeyOf(Buffer.from(golden.publicKey, 'base64'))!
  const picture = decodeQuestion(bytes(golden.picture.wire))
  if (!picture.ok || picture.value.type !== 'picture') throw new Error(JSON.stringify(picture))
  expect(hex(encodeList({ ...to, pictures: [golden.about] }))).toBe(golden.list.wire)
  expect(hex(encodePicture(to, golden.about, picture.value.picture))).toBe(golden.picture.wire)
  for (const { wire, signature } of [golden.list, golden.picture]) {
    const said = signedPictures(golden.fridge, bytes(wire))
    expect(Buffer.from(key.sign(said)).toString('base64')).toBe(signature)
    expect(verified(known, said, Buffer.from(signature, 'base64'))).toBe(true)
    // What was signed as one thing is no other, and nobody else's.
    expect(verified(known, signedRows(golden.fridge, bytes(wire)), Buffer.from(signature, 'base64'))).toBe(false)
    expect(verified(known, signedPictures('fridge-2', bytes(wire)), Buffer.from(signature, 'base64'))).toBe(false)
  }
})

test('[SY51] any picture comes back as it went, and none that is another than its line names', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 400 }), fc.nat(), (tail, at) => {
      const picture = Buffer.concat([bytes('ffd8ff'), tail])
      const sent = Buffer.from(encodePicture(to, about(picture), picture))
      const read = decodeQuestion(sent)
      if (!read.ok || read.value.type !== 'picture') throw new Error(JSON.stringify(read))
      expect(Buffer.compare(read.value.picture, picture)).toBe(0)
      expect(read.value.mediaType).toBe('image/jpeg')
      const place = sent.length - 1 - (at % picture.length)
      sent[place] = (sent[place] ?? 0) ^ 1
      expect(decodeQuestion(sent).ok).toBe(false)
      expect(decodeQuestion(sent.subarray(0, -1)).ok).toBe(false)
    }),
  )
})

test('[SY51] what is no picture, too big, too many or no line at all is refused and said', () => {
  const says = (body: Uint8Array): string => {
    const read = decodeQuestion(body)
    return read.ok ? 'read' : `${read.error.type}: ${read.error.what}`
  }
  const html = Buffer.from('<script>alert(1)</script>')
  expect(says(encodePicture(to, about(html), html))).toMatch(/neither a JPEG nor a WebP/)
  const webp = Buffer.concat([Buffer.from('RIFF'), Buffer.alloc(4), Buffer.from('WEBPVP8 '), Buffer.alloc(9)])
  expect(says(encodePicture(to, about(webp), webp))).toBe('read')
  const most = jpeg(maxPictureBytes)
  expect(says(encodePicture(to, about(most), most))).toBe('read')
  const more = jpeg(maxPictureBytes + 1)
  expect(says(encodePicture(to, about(more), more))).toMatch(/bytes/)
  expect(says(Buffer.alloc(300 * 1024, 32))).toMatch(/^tooBig/)
  const many = Array.from({ length: maxVisitPictures + 1 }, (_, atMs) => about(jpeg(10), { atMs }))
  expect(says(encodeList({ ...to, pictures: many }))).toMatch(/^malformed: pictures/)
  const heavy = many.slice(1).map((one) => ({ ...one, bytes: maxVisitBytes / maxVisitPictures + 1 }))
  expect(says(encodeList({ ...to, pictures: heavy }))).toMatch(/^tooBig/)
  expect(says(Buffer.from('{"type":"list"'))).toMatch(/does not end/)
  expect(says(Buffer.from('[[[[\n'))).toMatch(/no JSON/)
  expect(says(Buffer.concat([encodeList({ ...to, pictures: [] }), html]))).toMatch(/follows/)
  expect(says(encodeList({ fridge: 'fridge-1', visit: '../../etc', pictures: [] }))).toMatch(/^malformed: visit/)
  expect(says(encodePicture(to, about(webp, { camera: "l'eft" }), webp))).toMatch(/^malformed: camera/)
})

test('[SY50] a refusal has the words and the status of a batch`s', () => {
  for (const { shape } of pictureAnswerSchema.options) {
    const [type] = shape.type.values
    const batch = answerSchema.options.find((one) => one.shape.type.values.has(type as never))
    if (batch === undefined) expect(['wanted', 'kept', 'unwanted']).toContain(type)
    else expect(Object.keys(shape).toSorted()).toEqual(Object.keys(batch.shape).toSorted())
    expect(pictureAnswerStatus[type!]).toBeGreaterThanOrEqual(200)
  }
})
