/** The shop's loader: forgiving in form, strict in sense, and telling every fault of a folder at once. */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { loadShop, type Shop, type ShopFault } from '../../../src/virtual/shop.ts'

const own = new URL('../../../src/virtual/products/', import.meta.url).pathname
const drawing = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 120"><rect width="60" height="120"/></svg>'

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'shop-'))
})
afterEach(() => {
  rmSync(dir, { recursive: true, force: true })
})

/** The least an owner writes. */
const can = (more: Readonly<Record<string, unknown>> = {}) => ({
  sku: 'can',
  name: 'A can',
  price: '2.50',
  weight: 350,
  spread: 2,
  shelf: 1,
  picture: 'can.svg',
  ...more,
})

function lay(products: readonly unknown[], more: Readonly<Record<string, unknown>> = {}): void {
  writeFileSync(join(dir, 'catalogue.json'), JSON.stringify({ ...more, products }))
  writeFileSync(join(dir, 'can.svg'), drawing)
}

function opened(): Shop {
  const shop = loadShop(dir)
  if (!shop.ok) throw new Error(JSON.stringify(shop.error))
  return shop.value
}

function faults(): readonly ShopFault[] {
  const shop = loadShop(dir)
  return shop.ok ? [] : shop.error
}

/** Where and what kind, without the words. */
const places = () => faults().map(({ code, file, path }) => `${code} ${file} ${path}`)

describe('what an owner may leave out', () => {
  test('seven fields are enough, and the rest gets a sane default', () => {
    lay([can()])
    const shop = opened()
    expect(shop).toMatchObject({ directory: dir, currency: 'EUR', shelves: 4 })
    expect(shop.products).toEqual([
      {
        sku: 'can',
        name: { en: 'A can', es: 'A can', de: 'A can' },
        priceMinor: 250,
        weightGrams: 350,
        weightSpreadGrams: 2,
        shelf: 1,
        stock: 8,
        capacity: 12,
        picture: 'can.svg',
        kind: 'other',
        allergens: [],
        sizeMm: { width: 75, height: 150, depth: 75 },
      },
    ])
  })

  test('prices, spreads and names are read in the forms people write', () => {
    const product = (more: Readonly<Record<string, unknown>>) => {
      lay([can(more)])
      return opened().products[0]
    }
    expect(product({ price: '2,50' })?.priceMinor).toBe(250)
    expect(product({ price: ' 3 ' })?.priceMinor).toBe(300)
    expect(product({ price: undefined, priceMinor: 199 })?.priceMinor).toBe(199)
    expect(product({ spread: '0.5 %' })?.weightSpreadGrams).toBeCloseTo(1.75)
    expect(product({ sku: 4_001_234_567_890 })?.sku).toBe('4001234567890')
    expect(product({ name: { de: 'Dose', en: 'Can' } })?.name).toEqual({ en: 'Can', es: 'Can', de: 'Dose' })
    expect(product({ stock: 20 })).toMatchObject({ stock: 20, capacity: 20 })
    expect(product({ capacity: 5 })).toMatchObject({ stock: 5, capacity: 5 })
    expect(product({ allergens: ['milk', 'milk'] })?.allergens).toEqual(['milk'])
  })

  test('a catalogue that begins with a byte order mark is read', () => {
    writeFileSync(join(dir, 'catalogue.json'), `\uFEFF${JSON.stringify({ products: [can()] })}`)
    writeFileSync(join(dir, 'can.svg'), drawing)
    expect(opened().products).toHaveLength(1)
  })
})

describe('what is refused', () => {
  test('every fault of the folder is told at once, each with its file and place', () => {
    lay(
      [
        can({ price: 2.5, colour: 'red' }),
        can({ sku: 'CAN', shelf: 5, priceMinor: 2.5, price: undefined, picture: 'gone.svg' }),
        'not a product',
        can({ sku: 'a/b', weight: undefined, picture: '../secret.svg', allergens: ['gluten', 'cheese'] }),
        can({ sku: 'z', spread: 90, stock: 9, capacity: 8, picture: 'bad.svg', sizeMm: { width: 1, height: 2 } }),
      ],
      { currency: 'DOGE', shelfs: 3 },
    )
    writeFileSync(join(dir, 'bad.svg'), drawing.replace('<rect', '<script>1</script>\n<rect onload="2"'))
    expect(places()).toEqual([
      'unknownField catalogue.json shelfs',
      'field catalogue.json currency',
      'unknownField catalogue.json products[0].colour',
      'field catalogue.json products[0].price',
      'field catalogue.json products[1].priceMinor',
      'field catalogue.json products[1].shelf',
      'field catalogue.json products[2]',
      'field catalogue.json products[3].sku',
      'field catalogue.json products[3].weight',
      'field catalogue.json products[3].picture',
      'field catalogue.json products[3].allergens[1]',
      'field catalogue.json products[4].sizeMm.width',
      'field catalogue.json products[4].sizeMm.height',
      'field catalogue.json products[4].sizeMm.depth',
      'field catalogue.json products[4].spread',
      'field catalogue.json products[4].stock',
      'duplicateSku catalogue.json products[1].sku',
      'pictureMissing catalogue.json products[1].picture',
      'pictureUnsafe bad.svg line 1',
      'pictureUnsafe bad.svg line 2',
    ])
    expect(faults().every(({ message }) => message.length > 5)).toBe(true)
  })

  test('a price as a bare number is not guessed at: euros or cents?', () => {
    lay([can({ price: 250 })])
    expect(faults()[0]?.message).toContain('"2.50"')
    lay([can({ priceMinor: 250 })])
    expect(faults()[0]?.message).toBe('is there beside "price": write one of them')
  })

  test.each([
    ['shelf', { shelf: 0 }],
    ['shelf', { shelf: 1.5 }],
    ['price', { price: '0.00' }],
    ['price', { price: '2.555' }],
    ['price', { price: '-2.50' }],
    ['weight', { weight: -1 }],
    ['spread', { spread: 0 }],
    ['spread', { spread: '50 %' }],
    ['spread', { spread: 'little' }],
    ['name', { name: '  ' }],
    ['name', { name: {} }],
    ['name', { name: 7 }],
    ['name.fr', { name: { en: 'Can', fr: 'Canette' } }],
    ['name.de', { name: { en: 'Can', de: 3 } }],
    ['kind', { kind: 'spaceship' }],
    ['energyKcal', { energyKcal: '139' }],
  ])('%s: %j', (field, more) => {
    lay([can(more)])
    const path = field === 'name.fr' ? 'name' : field
    expect(faults().map((fault) => fault.path)).toEqual([`products[0].${path}`])
  })

  test('a shelf that the catalogue itself does not have', () => {
    lay([can({ shelf: 3 })], { shelves: 2 })
    expect(places()).toEqual(['field catalogue.json products[0].shelf'])
  })

  test('no folder, no catalogue, none in it, not JSON', () => {
    expect(loadShop(join(dir, 'nowhere'))).toMatchObject({ error: [{ code: 'folderMissing' }] })
    expect(places()).toEqual(['catalogueMissing catalogue.json '])
    writeFileSync(join(dir, 'catalogue.json'), '{\n "products": [\n  { "sku": can }\n ]\n}')
    expect(places()).toEqual(['notJson catalogue.json line 3, column 12'])
    writeFileSync(join(dir, 'catalogue.json'), '{ "products": [')
    expect(places()).toEqual(['notJson catalogue.json line 1, column 16'])
    writeFileSync(join(dir, 'catalogue.json'), Buffer.from([0x7b, 0xff, 0x7d]))
    expect(places()).toEqual(['notJson catalogue.json '])
    writeFileSync(join(dir, 'catalogue.json'), '[]')
    expect(places()).toEqual(['field catalogue.json '])
    writeFileSync(join(dir, 'catalogue.json'), '{"products": []}')
    expect(places()).toEqual(['field catalogue.json products'])
    rmSync(join(dir, 'catalogue.json'))
    mkdirSync(join(dir, 'catalogue.json'))
    expect(places()).toEqual(['catalogueMissing catalogue.json '])
  })
})

describe('the default shop', () => {
  test('is whole: twenty products, five on each of four shelves', () => {
    const shop = loadShop(own)
    if (!shop.ok) throw new Error(JSON.stringify(shop.error))
    expect(shop.value.products).toHaveLength(20)
    for (const shelf of [1, 2, 3, 4]) expect(shop.value.products.filter((one) => one.shelf === shelf)).toHaveLength(5)
    for (const product of shop.value.products) {
      expect(product.ingredients?.de).toBeTruthy()
      expect(product.weightSpreadGrams / product.weightGrams).toBeGreaterThan(0.0025)
      expect(product.weightSpreadGrams / product.weightGrams).toBeLessThan(0.0105)
    }
  })

  test('one picture taken away is one fault, of the product that shows it', () => {
    lay([])
    copyFileSync(join(own, 'catalogue.json'), join(dir, 'catalogue.json'))
    expect(places()).toHaveLength(20)
    expect(places()[0]).toBe('pictureMissing catalogue.json products[0].picture')
  })

  /**
   * What a shelf's scale can tell: for every two different choices of at most three units, the difference in grams. The
   * lime can counts as the lemon can: those two are twins on purpose, and no scale tells them apart.
   */
  test('a scale tells any three of a shelf from any other three, but for the twins', () => {
    const shop = loadShop(own)
    if (!shop.ok) throw new Error('the default shop does not load')
    const closest = [1, 2, 3, 4].map((shelf) => {
      const goods = shop.value.products.filter((one) => one.shelf === shelf)
      const choices = [{ grams: 0, name: '' }]
      const add = (from: number, grams: number, names: readonly string[]): void => {
        for (let index = from; index < goods.length; index += 1) {
          const { weightGrams = 0, sku = '' } = goods[index] ?? {}
          const held = [...names, sku === 'pling-lime' ? 'pling-lemon' : sku]
          choices.push({ grams: grams + weightGrams, name: held.sort().join('+') })
          if (held.length < 3) add(index, grams + weightGrams, held)
        }
      }
      add(0, 0, [])
      choices.sort((a, b) => a.grams - b.grams)
      let least = Number.POSITIVE_INFINITY
      for (const [index, a] of choices.entries())
        for (const b of choices.slice(index + 1)) if (a.name !== b.name) least = Math.min(least, b.grams - a.grams)
      return least
    })
    for (const least of closest) expect(least).toBeGreaterThan(12)
  })

  test('the twins: two cans within 1 %, two colas about 4 % apart, and look-alikes on other shelves', () => {
    const shop = loadShop(own)
    if (!shop.ok) throw new Error('the default shop does not load')
    const of = (sku: string) => shop.value.products.find((one) => one.sku === sku)
    const apart = (a: string, b: string) => {
      const [x, y] = [of(a)?.weightGrams ?? 0, of(b)?.weightGrams ?? 0]
      return Math.abs(x - y) / Math.max(x, y)
    }
    expect(of('pling-lemon')?.shelf).toBe(of('pling-lime')?.shelf)
    expect(apart('pling-lemon', 'pling-lime')).toBeLessThan(0.01)
    expect(of('ombra-cola')?.shelf).toBe(of('ombra-zero')?.shelf)
    expect(apart('ombra-cola', 'ombra-zero')).toBeGreaterThan(0.03)
    expect(apart('ombra-cola', 'ombra-zero')).toBeLessThan(0.045)
    expect(apart('almina-strawberry', 'almina-blueberry')).toBeLessThan(0.01)
    expect(of('almina-strawberry')?.shelf).not.toBe(of('almina-blueberry')?.shelf)
  })
})
