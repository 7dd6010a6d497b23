/** The default shop's drawings: what is committed is what the program draws, light enough, and of the right shape. */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { drawProducts } from '../../../scripts/products.ts'
import { loadShop } from '../../../src/virtual/shop.ts'

const folder = new URL('../../../src/virtual/products/', import.meta.url)
const drawn = drawProducts()

describe.each(Object.entries(drawn))('%s', (sku, svg) => {
  test('is committed as it is drawn', () => {
    expect(readFileSync(new URL(`${sku}.svg`, folder), 'utf8')).toBe(svg)
  })

  test('is at most 14 kB, and needs no font', () => {
    expect(svg.length).toBeLessThanOrEqual(14 * 1024)
    expect(svg).not.toMatch(/<text|font-family|NaN|undefined/)
  })

  test('names its parts once, after itself, and all that it uses', () => {
    const ids = [...svg.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)
    const used = [...svg.matchAll(/(?:url\(|href=")#([^)"]+)/g)].map(([, id]) => id)
    expect(new Set(ids).size).toBe(ids.length)
    expect(new Set(used)).toEqual(new Set(ids))
    for (const id of ids) expect(id?.startsWith(`${sku}-`)).toBe(true)
  })
})

test('each product has its drawing, in the proportions of the real package', () => {
  const shop = loadShop(folder.pathname)
  if (!shop.ok) throw new Error(JSON.stringify(shop.error))
  const pictures = readdirSync(folder).filter((name) => name.endsWith('.svg'))
  expect(pictures.sort()).toEqual(shop.value.products.map((one) => one.picture).sort())
  for (const { sku, sizeMm } of shop.value.products)
    expect(drawn[sku], sku).toContain(`viewBox="0 0 ${sizeMm.width} ${sizeMm.height}"`)
})
