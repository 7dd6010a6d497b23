/**
 * First page: the built page as a fridge's code leads to it, with what the relay knows of that fridge written into it, so that a
 * phone on a slow network waits for one answer and the page's script, and for nothing else.
 * Holds always (SPEC RL80): what is written in says what `/shop/setup` and `/shop/fridges/FRIDGE` say at this moment, runs nothing
 * (a block of JSON in which no tag can begin), and is kept by nobody. Called by pages.ts.
 */
import { brotliCompress, constants, gzip } from 'node:zlib'
import { promisify } from 'node:util'
import type { PhoneFridge, PhoneSetup } from '../../../src/contract/phone.ts'

export interface Given {
  readonly setup: PhoneSetup
  readonly fridge: PhoneFridge
}

const empty = '<script type="application/json" id="given"></script>'

/** Throws where the built page has no place for it: then page and relay are of different releases. */
export function pageGiving(page: string): (given: Given | null) => string {
  const [before, after, ...more] = page.split(empty)
  if (before === undefined || after === undefined || more.length > 0) throw new Error('the phone page has no place for what is given with it') // prettier-ignore
  return (given) => {
    if (given === null) return page
    const json = JSON.stringify(given).replaceAll('<', String.raw`\u003c`)
    return `${before}${empty.replace('></', () => `>${json}</`)}${after}`
  }
}

const brotli = promisify(brotliCompress)
const zip = promisify(gzip)

/** Compressed as far as the asker can read it. */
export async function packed(text: string, accepts: string): Promise<{ body: Buffer; encoding: string | null }> {
  const bytes = Buffer.from(text)
  if (/\bbr\b/.test(accepts)) {
    const params = { [constants.BROTLI_PARAM_QUALITY]: 5, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length }
    return { body: await brotli(bytes, { params }), encoding: 'br' }
  }
  if (/\bgzip\b/.test(accepts)) return { body: await zip(bytes), encoding: 'gzip' }
  return { body: bytes, encoding: null }
}
