/**
 * Contact sheet: every product of a shop on one picture, as it stands on its shelf (one scale for all) and as small as the
 * screens ever show it. For whoever draws: `node scripts/product-sheet.ts [--products DIR] [--out FILE.png]`. Also says,
 * shelf by shelf, which choices of up to three units weigh nearly the same.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { chromium } from 'playwright-core'
import type { Product } from '../src/core/product.ts'
import { loadShop, type Shop } from '../src/virtual/shop.ts'
import { chromiumProgram } from './start/chromium.mjs'

const pixelsPerMm = 1.62
const tileHeight = 80

const { values } = parseArgs({
  options: {
    products: { type: 'string', default: fileURLToPath(new URL('../src/virtual/products', import.meta.url)) },
    out: { type: 'string', default: 'product-sheet.png' },
  },
})

const shop = loadShop(values.products)
if (shop.ok) {
  await photograph(pageOf(shop.value), values.out)
  console.log(`${values.out}: ${shop.value.products.length} products`)
  for (let shelf = 1; shelf <= shop.value.shelves; shelf += 1) console.log(closestOn(shop.value, shelf))
} else {
  for (const { file, path, message } of shop.error)
    console.error(`${file}: ${path === '' ? '' : `${path}: `}${message}`)
  process.exitCode = 1
}

function pageOf(from: Shop): string {
  const source = ({ picture }: Product) => {
    const kind = /\.svg$/i.test(picture) ? 'svg+xml' : 'png'
    return `data:image/${kind};base64,${readFileSync(join(from.directory, picture)).toString('base64')}`
  }
  const shelves = Array.from({ length: from.shelves }, (_, index) => {
    const goods = from.products.filter(({ shelf }) => shelf === index + 1)
    const items = goods.map((product) => {
      const { width, height } = product.sizeMm
      const price = (product.priceMinor / 100).toFixed(2)
      return `<figure><img src="${source(product)}" style="width:${width * pixelsPerMm}px;height:${height * pixelsPerMm}px">
        <figcaption>${escaped(product.name.en)}<br><b>${price}</b> · ${product.weightGrams} g</figcaption></figure>`
    })
    return `<section>${items.join('')}</section>`
  })
  const tiles = from.products.map((product) => `<img src="${source(product)}">`)
  const dark = tiles.join('')
  return `<!doctype html><meta charset="utf-8"><style>
    body { margin: 0; padding: 24px 32px; width: 1336px; background: #eff4f7; font: 15px/1.3 system-ui, sans-serif; color: #2b3a45 }
    section { display: flex; justify-content: space-around; align-items: end; padding-top: 26px }
    figure { margin: 0; text-align: center; max-width: 290px }
    figure img { display: block; margin: auto; filter: drop-shadow(0 7px 5px #0f2a3c33) }
    figcaption { margin-top: 10px; padding-top: 8px; border-top: 5px solid #cfdbe2 }
    div { display: flex; flex-wrap: wrap; gap: 14px; align-items: end; margin-top: 26px; padding: 14px; background: #fff; border-radius: 12px }
    div.dark { background: #10191f }
    div img { height: ${tileHeight}px }
  </style>${shelves.join('')}<div>${tiles.join('')}</div><div class="dark">${dark}</div>`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}

async function photograph(page: string, out: string): Promise<void> {
  const executablePath = chromiumProgram()
  if (executablePath === null) throw new Error('no Chromium on this machine: install it to take the picture')
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
  try {
    const sheet = await browser.newPage({ viewport: { width: 1400, height: 900 } })
    await sheet.setContent(page)
    await sheet.screenshot({ path: out, fullPage: true })
  } finally {
    await browser.close()
  }
}

/** The three closest pairs of choices that a shelf's scale would have to tell apart. */
function closestOn(from: Shop, shelf: number): string {
  const goods = from.products.filter((one) => one.shelf === shelf)
  const choices: { grams: number; held: readonly number[] }[] = [{ grams: 0, held: [] }]
  const add = (grams: number, held: readonly number[]): void => {
    for (let index = held.at(-1) ?? 0; index < goods.length; index += 1) {
      const choice = { grams: grams + (goods[index]?.weightGrams ?? 0), held: [...held, index] }
      choices.push(choice)
      if (choice.held.length < 3) add(choice.grams, choice.held)
    }
  }
  add(0, [])
  const name = (held: readonly number[]) =>
    held.length === 0 ? 'nothing' : held.map((index) => goods[index]?.sku ?? '').join(' + ')
  const closest = choices
    .flatMap((a, index) =>
      choices
        .slice(index + 1)
        .filter((b) => !a.held.some((one) => b.held.includes(one)))
        .map((b) => ({ apart: Math.abs(a.grams - b.grams), pair: `${name(a.held)}  |  ${name(b.held)}` })),
    )
    .sort((x, y) => x.apart - y.apart)
    .slice(0, 6)
  return [`shelf ${shelf}`, ...closest.map(({ apart, pair }) => `  ${apart.toFixed(1).padStart(5)} g  ${pair}`)].join(
    '\n',
  )
}
