/** What the relay writes into a fridge's page: the fridge as it is, no tag that could begin, nothing where nothing is known. */
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { packed, pageGiving, type Given } from '../../../../sync/relay/phone/first-page.ts'

const page = '<html><div id="root"></div><script type="application/json" id="given"></script></html>'
const nasty = '</script><script>alert(1)</script> $& $` \u2028'
const given: Given = {
  setup: { payments: null, mail: true, pushKey: null },
  fridge: {
    fridge: 'fridge-1',
    name: nasty,
    contact: '',
    currency: 'EUR',
    holdMinor: 1_500,
    online: true,
    busy: false,
    closed: null,
    celsius: null,
    products: [],
  },
}

describe('a fridge’s page', () => {
  test('[RL80] has the fridge in it as it is, and no name of a fridge becomes a tag', () => {
    const html = pageGiving(page)(given)
    const [, json = '', ...more] = /id="given">([^]*?)<\/script>/.exec(html) ?? []
    expect(more).toEqual([])
    expect(JSON.parse(json)).toEqual(given)
    expect(html.split('<script').length).toBe(2)
    expect(pageGiving(page)(null)).toBe(page)
    expect(() => pageGiving('<html></html>')).toThrow('no place')
  })

  test('[RL80] is compressed as far as its asker reads it', async () => {
    const brotli = await packed(page, 'gzip, deflate, br, zstd')
    expect([brotli.encoding, brotliDecompressSync(brotli.body).toString()]).toEqual(['br', page])
    const zipped = await packed(page, 'gzip')
    expect([zipped.encoding, gunzipSync(zipped.body).toString()]).toEqual(['gzip', page])
    expect(await packed(page, '')).toEqual({ encoding: null, body: Buffer.from(page) })
  })
})
