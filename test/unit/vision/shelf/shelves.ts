/**
 * Two shelves as a camera sees them, drawn: coloured packages on floors, with a lamp, noise and whoever stands before them. A
 * package's colour is its product, so that a look at it needs no model.
 */
import sharp from 'sharp'
import type { Detection } from '../../../../vision/detect/detection.ts'
import type { Picture } from '../../../../vision/embed/picture.ts'
import type { Cut } from '../../../../vision/embed/views.ts'
import type { Identification } from '../../../../vision/gallery/gallery.ts'
import type { Still } from '../../../../vision/shelf/compare.ts'
import type { ShelfRegion } from '../../../../vision/shelf/regions.ts'

export interface Package {
  readonly product: 'red' | 'green' | 'blue'
  /** Lower edge's middle and height, in pixels of 640 x 360; lower in the picture is nearer. */
  readonly at: readonly [number, number]
  readonly tall: number
}

const colours = { red: [200, 40, 40], green: [40, 170, 60], blue: [50, 70, 210] } as const
export const size = { width: 640, height: 360 }
export const regions: readonly ShelfRegion[] = [
  { shelf: 1, polygon: [[0, 0.25], [1, 0.25], [1, 0.5], [0, 0.5]] }, // prettier-ignore
  { shelf: 2, polygon: [[0, 0.7], [1, 0.7], [1, 0.98], [0, 0.98]] }, // prettier-ignore
]

export interface Light {
  readonly gain?: number
  readonly seed?: number
  /** Somebody's back or arm, as SVG. */
  readonly before?: string
}

const boxOf = ({ at: [x, y], tall }: Package) => ({
  left: x - tall * 0.3,
  top: y - tall,
  width: tall * 0.6,
  height: tall,
})

export async function pictureOf(
  packages: readonly Package[],
  { gain = 1, seed = 1, before = '' }: Light = {},
): Promise<Picture> {
  const goods = packages
    .toSorted((a, b) => a.at[1] - b.at[1])
    .map((one) => {
      const { left, top, width, height } = boxOf(one)
      const [r, g, b] = colours[one.product]
      return `<rect x="${left}" y="${top}" width="${width}" height="${height}" fill="rgb(${r},${g},${b})" stroke="#222" stroke-width="2"/>
        <rect x="${left + width * 0.2}" y="${top + height * 0.1}" width="${width * 0.6}" height="${height * 0.12}" fill="#eee"/>`
    })
    .join('')
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="640" height="360"><rect width="640" height="360" fill="#c6ccd2"/>
    <rect y="180" width="640" height="8" fill="#8a9199"/><rect y="352" width="640" height="8" fill="#8a9199"/>${goods}${before}</svg>`
  const rgb = await sharp(Buffer.from(svg)).removeAlpha().linear(gain, 0).raw().toBuffer()
  let state = seed
  return {
    ...size,
    rgb: rgb.map((value) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      return Math.max(0, Math.min(255, value + Math.round((state / 2 ** 32) * 6 - 3)))
    }),
  }
}

export const jpegOf = async ({ width, height, rgb }: Picture): Promise<Buffer> =>
  sharp(rgb, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 92 })
    .toBuffer()

/** With `found`, a detector has been there: it sees the packages, and these hands. */
export async function still(
  packages: readonly Package[],
  light: Light = {},
  found: { readonly hands?: readonly Detection[] } | null = null,
): Promise<Still> {
  const picture = await pictureOf(packages, light)
  const rgb = await sharp(picture.rgb, { raw: { ...size, channels: 3 } })
    .resize(320, 180, { kernel: 'linear' })
    .raw()
    .toBuffer()
  const products = packages.map((one): Detection => ({ kind: 'product', box: boxOf(one), score: 0.9 }))
  return {
    grid: { width: 320, height: 180, rgb },
    picture,
    detect: found === null ? null : async () => [...products, ...(found.hands ?? [])],
  }
}

/** By the colour of the middle: sure of a package, and sure that the shelf is none. */
export const identify = async (picture: Picture, cuts: readonly Cut[]): Promise<readonly Identification[]> =>
  cuts.map(({ left, top, width, height }) => {
    const at = (Math.floor(top + height * 0.6) * picture.width + Math.floor(left + width / 2)) * 3
    const distance = (product: Package['product']): number =>
      Math.hypot(...colours[product].map((channel, index) => channel - (picture.rgb[at + index] ?? 0)))
    const products = (['red', 'green', 'blue'] as const).toSorted((a, b) => distance(a) - distance(b))
    const like = distance(products[0] ?? 'red') < 60
    return {
      product: like ? (products[0] ?? null) : null,
      candidates: products.map((product, index) => ({
        product,
        probability: index === 0 ? (like ? 0.96 : 0.02) : 0.01,
        similarity: index === 0 && like ? 0.95 : 0.3,
      })),
      noneProbability: like ? 0.02 : 0.96,
    }
  })
