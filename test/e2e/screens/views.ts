/**
 * Recorded views: one for everything a shopper may have to see, as the fridge would push it. Pictures, the screens' tests
 * and nothing else stand on them. Goods and prices are the default shop's.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { catalogueSchema, type Catalogue, type KioskView, type Screen } from '../../../src/contract/kiosk.ts'
import { root } from '../programs.ts'

export const productsFolder = join(root, 'src', 'virtual', 'products')

interface ShelfGoods {
  readonly currency: string
  readonly products: readonly (Record<string, unknown> & {
    sku: string
    picture: string
    stock: number
    priceMinor: number
  })[]
}
const goods = JSON.parse(readFileSync(join(productsFolder, 'catalogue.json'), 'utf8')) as ShelfGoods

export const catalogue: Catalogue = catalogueSchema.parse({
  currency: goods.currency,
  products: goods.products.map((product) => ({ ...product, pictureUrl: `/api/products/${product.sku}/picture` })),
})

export const pictureFile = (sku: string): string | null => {
  const product = goods.products.find((each) => each.sku === sku)
  return product ? join(productsFolder, product.picture) : null
}

const stock = Object.fromEntries(goods.products.map((product) => [product.sku, product.stock]))
/** How many the default shop starts with. */
export const stockOf = (sku: string): number => stock[sku] ?? 0

const holdMinor = 2_000

const line = (sku: string, count: number): { sku: string; count: number; priceMinor: number } => {
  const product = catalogue.products.find((each) => each.sku === sku)
  if (!product) throw new Error(`a recorded view names ${sku}, which the default shop does not sell`)
  return { sku, count, priceMinor: product.priceMinor }
}
const total = (lines: readonly { count: number; priceMinor: number }[]): number =>
  lines.reduce((sum, each) => sum + each.count * each.priceMinor, 0)

const few = [line('ombra-cola', 2), line('midi-egg-cress', 1), line('almina-strawberry', 1)]
const many = [
  line('ombra-cola', 2),
  line('mossa-kombucha', 1),
  line('hafra-choco', 3),
  line('almina-blueberry', 2),
  line('midi-salmon-poke', 1),
  line('casca-almonds', 1),
  line('pippa-mango', 2),
  line('rojita-gazpacho', 1),
  line('knurl', 1),
]
/** Two twins that nobody could tell apart. */
const manyOrOther = [
  { ...line('pling-lemon', 2), or: ['pling-lime'] },
  { ...line('mossa-kombucha', 1), or: ['solita-orange', 'hafra-choco'] },
  ...many.slice(2),
]
const beyond = [line('midi-salmon-poke', 1), line('midi-tofu-poke', 1), line('midi-caesar', 1)]

const viewOf = (screen: Screen, change: Partial<KioskView> = {}): KioskView => ({
  type: 'view',
  fridge: { id: 'fridge-1', name: 'Kühltheke Süd 2', contact: '+49 30 5550 0142' },
  currency: 'EUR',
  holdMinor,
  online: true,
  temperatureCelsius: 3.6,
  screen,
  stock,
  ...change,
})

const receipt = {
  at: 'receipt',
  visit: '0c9f3f4e-4f7e-4a41-9a3f-8a3f8b1f7c55',
  holdMinor,
  number: 'F1-2026-000142',
  issuedAtMs: Date.UTC(2026, 10, 24, 12, 41),
} as const

export const views: Readonly<Record<string, KioskView>> = {
  attract: viewOf({ at: 'attract' }),
  attractOffline: viewOf({ at: 'attract' }, { online: false, temperatureCelsius: null }),
  attractSoldOut: viewOf(
    { at: 'attract' },
    { stock: { ...stock, 'pling-lemon': 0, 'midi-caesar': 0, 'fontelle-still': 0, 'ombra-zero': 1 } },
  ),
  closedTemperature: viewOf({ at: 'closed', reason: 'temperature' }, { temperatureCelsius: 9.2 }),
  closedSensor: viewOf({ at: 'closed', reason: 'sensor' }, { temperatureCelsius: null }),
  closedController: viewOf({ at: 'closed', reason: 'controller' }, { temperatureCelsius: null }),
  closedStorage: viewOf({ at: 'closed', reason: 'storage' }),
  closedDoorOpen: viewOf({ at: 'closed', reason: 'doorOpen' }),
  closedStarting: viewOf({ at: 'closed', reason: 'starting' }),
  closedBank: viewOf({ at: 'closed', reason: 'bank' }, { online: false }),
  moment: viewOf({ at: 'moment', amountMinor: holdMinor }),
  holding: viewOf({ at: 'holding', amountMinor: holdMinor }),
  unlocking: viewOf({ at: 'unlocking', holdMinor }),
  unlocked: viewOf({ at: 'unlocked', holdMinor, leftMs: 7_000 }),
  shoppingEmpty: viewOf({ at: 'shopping', holdMinor, lines: [], totalMinor: 0, leftOpen: 0, moving: false }),
  shopping: viewOf({ at: 'shopping', holdMinor, lines: few, totalMinor: total(few), leftOpen: 0, moving: false }),
  shoppingMoving: viewOf({ at: 'shopping', holdMinor, lines: few, totalMinor: total(few), leftOpen: 0, moving: true }),
  shoppingMany: viewOf({
    at: 'shopping',
    holdMinor: 5_000,
    lines: many,
    totalMinor: total(many),
    leftOpen: 0,
    moving: false,
  }),
  shoppingBeyond: viewOf({
    at: 'shopping',
    holdMinor,
    lines: beyond,
    totalMinor: total(beyond),
    leftOpen: 0,
    moving: false,
  }),
  shoppingLeftOpen: viewOf({
    at: 'shopping',
    holdMinor,
    lines: few,
    totalMinor: total(few),
    leftOpen: 1,
    moving: false,
  }),
  shoppingLeftOpenEmpty: viewOf({ at: 'shopping', holdMinor, lines: [], totalMinor: 0, leftOpen: 1, moving: false }),
  shoppingAlert: viewOf({ at: 'shopping', holdMinor, lines: few, totalMinor: total(few), leftOpen: 2, moving: false }),
  blind: viewOf({ at: 'blind', holdMinor }, { temperatureCelsius: null }),
  settling: viewOf({ at: 'settling', holdMinor, lines: few }),
  receiptPaid: viewOf({ ...receipt, lines: few, totalMinor: total(few), chargedMinor: total(few), payment: 'paid' }),
  receiptPaying: viewOf({
    ...receipt,
    lines: few,
    totalMinor: total(few),
    chargedMinor: total(few),
    payment: 'paying',
    number: null,
  }),
  receiptMany: viewOf({
    ...receipt,
    holdMinor: 5_000,
    lines: manyOrOther,
    totalMinor: total(manyOrOther),
    chargedMinor: total(manyOrOther),
    payment: 'paid',
  }),
  receiptBeyond: viewOf({
    ...receipt,
    lines: beyond,
    totalMinor: total(beyond),
    chargedMinor: holdMinor,
    payment: 'paid',
  }),
  nothingTaken: viewOf({ at: 'nothingTaken', holdMinor }),
  notOpened: viewOf({ at: 'notOpened', holdMinor }),
  unsure: viewOf({ at: 'unsure', holdMinor, sureLines: few, sureMinor: total(few) }),
  unsureNothing: viewOf({ at: 'unsure', holdMinor, sureLines: [], sureMinor: 0 }),
  declined: viewOf({ at: 'declined', reason: 'declined' }),
  declinedInsufficientFunds: viewOf({ at: 'declined', reason: 'insufficientFunds' }),
  declinedExpiredCard: viewOf({ at: 'declined', reason: 'expiredCard' }),
  declinedAuthenticationNeeded: viewOf({ at: 'declined', reason: 'authenticationNeeded' }),
  declinedCardUnusable: viewOf({ at: 'declined', reason: 'cardUnusable' }),
  bankSilent: viewOf({ at: 'bankSilent', holdMinor }),
  unlockFailed: viewOf({ at: 'unlockFailed', holdMinor }),
  interrupted: viewOf({ at: 'interrupted', holdMinor }),
}
