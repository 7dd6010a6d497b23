/**
 * Shop: the virtual fridge's goods, read from a folder: catalogue.json and a picture each (see products/README.md).
 *
 * Holds always: a shop that loads is whole and makes sense: every product has a price, a weight, a shelf and a picture
 * that can be shown; no sku comes twice. One that doesn't is refused with ALL its faults at once, each with file, place
 * and what is wrong. Forgiving in form (texts for words, defaults for what is left out), strict in sense. Called by
 * runtime/assortment at the start; reads files, changes none.
 */
import { readFileSync, statSync, type Stats } from 'node:fs'
import { join } from 'node:path'
import type { Currency } from '../core/money.ts'
import type { Product } from '../core/product.ts'
import { err, ok, type Result } from '../core/result.ts'
import { jsonFault } from './json-fault.ts'
import { catalogueHead, readProduct, type FieldFault, type Written } from './shop-fields.ts'
import { inspectPicture, largestPictureBytes, type PictureFaultCode } from './picture.ts'

export type ShopFaultCode =
  | 'folderMissing'
  | 'catalogueMissing'
  | 'catalogueTooBig'
  | 'notJson'
  | 'field'
  | 'unknownField'
  | 'duplicateSku'
  | 'pictureMissing'
  | PictureFaultCode

export interface ShopFault {
  readonly code: ShopFaultCode
  /** The file's name in the folder; the folder itself when that is at fault. */
  readonly file: string
  /** Where in the file: `products[3].price`, `line 12`; empty when it is the file as a whole. */
  readonly path: string
  readonly message: string
}

export interface Shop {
  /** Where the pictures are: `Product.picture` is a file name in it. */
  readonly directory: string
  readonly currency: Currency
  readonly shelves: number
  /** In the catalogue's order. */
  readonly products: readonly Product[]
}

const catalogueFile = 'catalogue.json'
const largestCatalogueBytes = 1024 * 1024

/** Reads the shop in the folder `dir`. Never throws for what an owner may have written or left out. */
export function loadShop(dir: string): Result<Shop, readonly ShopFault[]> {
  const text = readCatalogue(dir)
  if (!text.ok) return err([text.error])
  const json = parse(text.value)
  if (!json.ok) return err([json.error])

  const faults: ShopFault[] = []
  const inCatalogue = ({ code, path, message }: FieldFault) => faults.push({ code, file: catalogueFile, path, message })
  const head = catalogueHead(json.value, inCatalogue)
  const written = head.products.map((raw, index) => readProduct(raw, `products[${index}]`, head.shelves, inCatalogue))
  for (const fault of duplicates(written)) inCatalogue(fault)
  const products = written.flatMap((one) => {
    const picture = one.picture === null ? null : openPicture(dir, one.picture, `${one.path}.picture`, faults)
    return one.complete && picture ? [one.complete(picture)] : []
  })
  return faults.length > 0
    ? err(faults)
    : ok({ directory: dir, currency: head.currency, shelves: head.shelves, products })
}

function readCatalogue(dir: string): Result<string, ShopFault> {
  const folder = lookAt(dir)
  if (!folder?.isDirectory())
    return err({
      code: 'folderMissing',
      file: dir,
      path: '',
      message: folder ? 'is not a folder' : 'there is no such folder',
    })
  const file = lookAt(join(dir, catalogueFile))
  const fault = (code: ShopFaultCode, message: string) => err({ code, file: catalogueFile, path: '', message })
  if (!file?.isFile())
    return fault('catalogueMissing', 'is missing: the folder needs one (see src/virtual/products/README.md)')
  if (file.size > largestCatalogueBytes)
    return fault('catalogueTooBig', `is larger than ${largestCatalogueBytes} bytes`)
  try {
    return ok(new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(join(dir, catalogueFile))))
  } catch (cause) {
    return fault('notJson', cause instanceof TypeError ? 'is not UTF-8 text' : `can't be read: ${String(cause)}`)
  }
}

/** JSON, or the place where it stops being that. */
function parse(text: string): Result<unknown, ShopFault> {
  const fault = jsonFault(text)
  if (fault === null) return ok(JSON.parse(text) as unknown)
  const { line, column, message } = fault
  return err({ code: 'notJson', file: catalogueFile, path: `line ${line}, column ${column}`, message })
}

/** The same sku twice, also where only capitals differ: people can't tell those apart on a shelf. */
function duplicates(written: readonly Written[]): FieldFault[] {
  const first = new Map<string, string>()
  return written.flatMap(({ sku, path }) => {
    if (sku === null) return []
    const known = first.get(sku.toLowerCase())
    if (known === undefined) {
      first.set(sku.toLowerCase(), path)
      return []
    }
    return [{ code: 'duplicateSku', path: `${path}.sku`, message: `"${sku}" is already the sku of ${known}` } as const]
  })
}

interface Seen {
  readonly width: number
  readonly height: number
}

/** Looks at the picture; says into `faults` what is wrong, there or in the field `path` that names it. */
function openPicture(dir: string, name: string, path: string, faults: ShopFault[]): Seen | null {
  const file = lookAt(join(dir, name))
  if (!file?.isFile()) {
    faults.push({
      code: 'pictureMissing',
      file: catalogueFile,
      path,
      message: `there is no file "${name}" in the folder`,
    })
    return null
  }
  if (file.size > largestPictureBytes) {
    const message = `is ${file.size} bytes: at most ${largestPictureBytes} (make it smaller, 600 pixels high is enough)`
    faults.push({ code: 'pictureTooBig', file: name, path: '', message })
    return null
  }
  let bytes: Buffer
  try {
    bytes = readFileSync(join(dir, name))
  } catch (cause) {
    faults.push({ code: 'pictureMissing', file: name, path: '', message: `can't be read: ${String(cause)}` })
    return null
  }
  const facts = inspectPicture(bytes, name)
  for (const fault of facts.faults) faults.push({ file: name, ...fault })
  return facts.faults.length === 0 ? facts : null
}

/** What is there, or null when nothing is or it may not be looked at. */
function lookAt(path: string): Stats | null {
  try {
    return statSync(path, { throwIfNoEntry: false }) ?? null
  } catch {
    return null
  }
}
