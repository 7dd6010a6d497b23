import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { noStock, type Stock } from '../../../src/catalog/stock.ts'
import { silent } from '../../../src/core/ports.ts'
import { keepProductPictures } from '../../../src/runtime/product-pictures.ts'
import { startProductPictures } from '../../../sync/edge/product-pictures.ts'
import { decodePart, mostPartBytes, type PartAnswer } from '../../../sync/protocol/product-pictures.ts'
import { sha256Of } from '../../../sync/protocol/question.ts'
import { signingKey } from '../../../sync/protocol/signing.ts'
import { pear } from '../catalog/pear.ts'
import { handClock } from './hand-clock.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'products-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const first = Buffer.alloc(mostPartBytes * 2 + 100, 1)
const second = Buffer.alloc(500, 2)
const about = (bytes: Buffer) => ({ sha256: sha256Of(bytes), bytes: bytes.length, width: 10, height: 20 })
const stockOf = (...pictures: Buffer[]): Stock => ({
  ...noStock,
  defined: new Map([[pear.sku, { ...pear, pictures: pictures.map(about) }]]),
})

/** A fridge that fetches from a relay that has these bytes under these names. */
function fetching(
  stock: () => Stock,
  served: ReadonlyMap<string, Buffer>,
  broken: (from: number) => PartAnswer | null = () => null,
) {
  const { clock, run } = handClock()
  const asked: number[] = []
  const around = { free: true, room: true }
  const shelf = keepProductPictures({ dir, stock, hasRoom: () => around.room, log: silent })
  const link = startProductPictures(
    {
      shelf,
      free: () => around.free,
      key: signingKey(Buffer.alloc(32, 1)),
      fetch: async (_url, { body }) => {
        const question = decodePart(body)
        if (!question.ok) throw new Error(question.error.what)
        const { sha256, from } = question.value
        asked.push(from)
        const whole = served.get(sha256)
        const base64 = whole?.subarray(from, from + mostPartBytes).toString('base64') ?? ''
        const answer = broken(from) ?? (whole === undefined ? { type: 'unknown' } : { type: 'part', sha256, bytes: whole.length, from, base64 }) // prettier-ignore
        return { status: 200, text: async () => JSON.stringify(answer) }
      },
      clock,
      random: { bytes: (count) => Buffer.alloc(count, 128), uuid: () => '' },
      log: silent,
    },
    { fridge: 'fridge-1', relayUrl: 'http://relay.test' },
  )
  return { shelf, link, asked, around, run }
}

const served = new Map([first, second].map((bytes) => [sha256Of(bytes), bytes]))

test('[SY82] [SY83] pictures come behind everything else, the one that is shown first, and go on where they stopped', async () => {
  let died = false
  const one = fetching(() => stockOf(first, second), served, (from) => {
    if (from < mostPartBytes || died) return null
    died = true
    return { type: 'busy', retryAfterMs: 10_000_000 }
  }) // prettier-ignore
  one.around.free = false
  await one.run(60_000)
  expect(one.asked).toEqual([])
  one.around.free = true
  await one.run(60_000)
  expect(one.asked).toEqual([0, mostPartBytes])
  expect(one.shelf.shown(pear.sku)).toBeNull()
  one.link.stop()

  // The plug is pulled and put back.
  const again = fetching(() => stockOf(first, second), served)
  await again.run(60_000)
  expect(again.asked).toEqual([mostPartBytes, 2 * mostPartBytes, 0])
  const file = again.shelf.shown(pear.sku) ?? ''
  expect(readFileSync(join(again.shelf.dir, file)).equals(first)).toBe(true)
  expect(readdirSync(join(again.shelf.taught, pear.sku))).toEqual(['01.webp', '02.webp'])
  again.link.stop()

  // A definition without them: they go, and nothing is asked.
  const edited = fetching(() => stockOf(second), served)
  await edited.run(60_000)
  expect([edited.asked, readdirSync(edited.shelf.dir)]).toEqual([[], [`${sha256Of(second)}.webp`]])
  expect(readdirSync(join(edited.shelf.taught, pear.sku))).toEqual(['01.webp'])
  edited.link.stop()
})

test('[SY84] a picture that is another than was said, or has no room, is left out, blocks nothing, and is asked for later', async () => {
  const forged = new Map(served).set(sha256Of(first), Buffer.alloc(first.length, 9))
  const lied = fetching(() => stockOf(first, second), forged)
  await lied.run(60_000)
  expect(lied.asked).toEqual([0, mostPartBytes, 2 * mostPartBytes, 0])
  expect(readdirSync(lied.shelf.dir)).toEqual([`${sha256Of(second)}.webp`])
  await lied.run(9 * 3_600_000)
  expect(lied.asked.length).toBeGreaterThan(6)
  lied.link.stop()
  const longer = fetching(() => stockOf(first), new Map([[sha256Of(first), Buffer.concat([first, second])]]))
  await longer.run(60_000)
  expect(longer.asked).toEqual([0])
  expect(longer.shelf.held(sha256Of(first))).toBe(0)
  longer.link.stop()
  const full = fetching(() => stockOf(first), served)
  full.around.room = false
  await full.run(60_000)
  expect([full.asked, full.shelf.held(sha256Of(first))]).toEqual([[0], 0])
  full.link.stop()
})
