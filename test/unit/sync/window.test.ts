import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { silent } from '../../../src/core/ports.ts'
import { startWindow, type ShopWindow } from '../../../sync/edge/window.ts'
import { signingKey } from '../../../sync/protocol/signing.ts'
import { decodeWindow, encodeWindow, encodeWindowPicture, type WindowAnswer } from '../../../sync/protocol/window.ts'
import { handClock } from './hand-clock.ts'

const picture = Buffer.from('<svg/>')
const sha256 = createHash('sha256').update(picture).digest('hex')
const name = { en: 'Cola', es: 'Cola', de: 'Cola' }
const window = { fridge: 'fridge-1', contact: '', products: [{ sku: 'cola', name, picture: sha256 }] }

test('[SY61] what was encoded is decoded; what is too much, false or more is refused', () => {
  expect(decodeWindow(encodeWindow(window))).toMatchObject({ ok: true, value: window })
  const sent = { fridge: 'fridge-1', sha256, mediaType: 'image/svg+xml' as const, picture }
  expect(decodeWindow(encodeWindowPicture(sent))).toMatchObject({ ok: true, value: { sha256, picture } })
  const bad = [
    Buffer.from('x'),
    Buffer.from('[]\n'),
    Buffer.concat([encodeWindow(window), picture]),
    encodeWindowPicture({ ...sent, picture: Buffer.from('<svg>') }),
    encodeWindowPicture({ ...sent, mediaType: 'image/webp' }),
    encodeWindow({ ...window, contact: 'x'.repeat(121) }),
    encodeWindow({ ...window, products: Array.from({ length: 501 }, () => ({ sku: 'a', name, picture: null })) }),
  ]
  for (const body of bad) expect(decodeWindow(body)).toMatchObject({ ok: false, error: { type: 'malformed' } })
  const large = Buffer.alloc(256 * 1024 + 1, 32)
  const hash = createHash('sha256').update(large).digest('hex')
  expect(decodeWindow(encodeWindowPicture({ ...sent, sha256: hash, picture: large }))).toMatchObject({ ok: false, error: { type: 'tooBig' } }) // prettier-ignore
})

test('[SY62] the window goes behind the rows, waits out what is away, and leaves out what is refused', async () => {
  const told: string[] = []
  const answers: (WindowAnswer | null)[] = [
    null,
    { type: 'busy', retryAfterMs: 10 },
    { type: 'wanted', sha256: [sha256], phone: '/f/fridge-1' },
    { type: 'noRoom' },
    { type: 'wanted', sha256: [sha256], phone: null },
  ]
  const { clock, run } = handClock()
  let pending = true
  const phones: (string | null)[] = []
  const shown: ShopWindow = { contact: '', products: window.products, picture: () => ({ mediaType: 'image/svg+xml', bytes: picture }) } // prettier-ignore
  const link = startWindow(
    {
      window: () => shown,
      free: () => !pending,
      onPhone: (address) => void phones.push(address),
      key: signingKey(Buffer.alloc(32, 1)),
      fetch: async (_url, { body }) => {
        const read = decodeWindow(body)
        told.push(read.ok ? read.value.type : 'bad')
        const answer = answers.shift()
        if (answer == null) throw new Error('no network')
        return { status: 200, text: async () => JSON.stringify(answer) }
      },
      clock,
      random: { bytes: (count) => Buffer.alloc(count, 128), uuid: () => '' },
      log: silent,
    },
    { fridge: 'fridge-1', relayUrl: 'http://relay.test' },
  )
  await run(60_000)
  expect(told).toEqual([])
  pending = false
  await run(10 * 60_000)
  expect(told).toEqual(['window', 'window', 'window', 'picture'])
  await run(2 * 24 * 3_600_000) // the next day; what was refused is not sent again
  expect(told.slice(0, 5)).toEqual(['window', 'window', 'window', 'picture', 'window'])
  expect(told.slice(5)).not.toContain('picture')
  expect(phones.slice(0, 2)).toEqual(['/f/fridge-1', null])
  link.stop()
})
