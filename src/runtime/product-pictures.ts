/**
 * Product pictures: those of the products that the relay defined, as files of the fridge: `products/pictures/HASH.webp`, what is on
 * its way as `HASH.part`, and for the cameras' gallery `products/taught/SKU/N.webp`, put in place whole, by renaming.
 *
 * Holds always: a file under a hash has it; what no definition names any more goes; no picture takes room that evidence or the books
 * need. Called by runtime/edge.
 */
import {
  appendFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Stock } from '../catalog/stock.ts'
import { sku as asSku } from '../core/ids.ts'
import type { Log } from '../core/ports.ts'
import type { PictureShelf, WantedPicture } from '../../sync/edge/product-pictures.ts'
import { sha256Of } from '../../sync/protocol/question.ts'

export interface ProductPictures extends PictureShelf {
  readonly dir: string
  /** The file in `dir` of the picture that a product is shown by; null: it has none, or not yet. */
  shown(sku: string): string | null
  /** A folder with a sub-folder of pictures for each product: for the gallery. */
  readonly taught: string
}

export interface ProductPicturePorts {
  /** The fridge's own folder. */
  readonly dir: string
  readonly stock: () => Stock
  readonly hasRoom: () => boolean
  readonly log: Log
}

export function keepProductPictures({ dir: home, stock, hasRoom, log }: ProductPicturePorts): ProductPictures {
  const dir = join(home, 'products', 'pictures')
  const taught = join(home, 'products', 'taught')
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const here = new Set(readdirSync(dir).flatMap((name) => /^([0-9a-f]{64})\.webp$/.exec(name)?.[1] ?? []))
  let of: Stock['defined'] | null = null
  let wanted: readonly WantedPicture[] = []
  let teachable = ''

  /** What is shown first, before what only teaches; what nobody wants any more goes. */
  function look(): void {
    const { defined } = stock()
    if (defined === of) return
    of = defined
    const lists = [...defined.values()].map(({ pictures }) => pictures)
    wanted = [...lists.map((one) => one.slice(0, 1)), ...lists.map((one) => one.slice(1))].flat()
    const named = new Set(wanted.map(({ sha256 }) => sha256))
    for (const name of readdirSync(dir)) {
      const [sha256 = ''] = name.split('.')
      if (named.has(sha256)) continue
      rmSync(join(dir, name))
      here.delete(sha256)
    }
    teach()
  }

  /** Whole products only: a gallery that learned half of one would have to learn it again. */
  function teach(): void {
    const whole = [...stock().defined.values()].filter(({ pictures }) => pictures.length > 0 && pictures.every(({ sha256 }) => here.has(sha256))) // prettier-ignore
    const now = JSON.stringify(whole.map(({ sku, pictures }) => [sku, pictures.map(({ sha256 }) => sha256)]))
    if (now === teachable) return
    teachable = now
    if (whole.length === 0 && !existsSync(taught)) return
    const fresh = `${taught}.new`
    rmSync(fresh, { recursive: true, force: true })
    mkdirSync(fresh, { recursive: true, mode: 0o700 })
    for (const { sku, pictures } of whole) {
      mkdirSync(join(fresh, sku))
      pictures.forEach(({ sha256 }, index) => {
        linkSync(join(dir, `${sha256}.webp`), join(fresh, sku, `${String(index + 1).padStart(2, '0')}.webp`))
      })
    }
    rmSync(taught, { recursive: true, force: true })
    renameSync(fresh, taught)
  }

  const partOf = (sha256: string): string => join(dir, `${sha256}.part`)
  return {
    dir,
    taught,
    shown(sku) {
      const sha256 = stock().defined.get(asSku(sku))?.pictures[0]?.sha256
      return sha256 !== undefined && here.has(sha256) ? `${sha256}.webp` : null
    },
    missing() {
      look()
      return wanted.filter(({ sha256 }) => !here.has(sha256))
    },
    held: (sha256) => (existsSync(partOf(sha256)) ? statSync(partOf(sha256)).size : 0),
    append(sha256, bytes) {
      if (!hasRoom()) return false
      appendFileSync(partOf(sha256), bytes, { mode: 0o600, flush: true })
      return true
    },
    finish(sha256) {
      if (sha256Of(readFileSync(partOf(sha256))) !== sha256) {
        rmSync(partOf(sha256))
        return false
      }
      renameSync(partOf(sha256), join(dir, `${sha256}.webp`))
      here.add(sha256)
      try {
        teach()
      } catch (error) {
        log.warn('the cameras can`t be taught a product', { error: String(error) })
      }
      return true
    },
  }
}
