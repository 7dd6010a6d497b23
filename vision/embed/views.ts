/**
 * Views: the squares of a picture that the embedder looks at, as its input wants them.
 *
 * A photograph is looked at several times, nearer each time, because how large the product stands in it is not known. A
 * studio picture (white ground all round) is cut to its product first. Whatever is not square gets white beside it and is
 * never squeezed: a can must not become a carton. Pure but for sharp's resampling. Called by embed/embedder.ts.
 */
import sharp from 'sharp'
import type { Picture } from './picture.ts'

/** A rectangle of a picture, in pixels. */
export interface Cut {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** A studio's ground is at least this bright in every channel. */
const whiteFrom = 246
/** So much of a picture's rim is white in a studio. */
const whiteRim = 0.9
/** Air left round a product that was cut free, as a share of its longer side; training showed it about so. */
const studioAir = 0.06

/** What to look at: one cut for a studio picture, one for each of `shares` (of the sides, centred) for a photograph. */
export function cutsOf(picture: Picture, shares: readonly number[]): readonly Cut[] {
  const product = studioProduct(picture)
  if (product !== null) return [product]
  return shares.map((share) => centred(picture, share))
}

/** The values of one view: channel by channel (red, green, blue), row by row, 0 to 255. */
export async function viewValues(picture: Picture, cut: Cut, sidePixels: number): Promise<Float32Array> {
  const longer = Math.max(cut.width, cut.height)
  const scaled = await sharp(squareOf(picture, cut, longer), { raw: { width: longer, height: longer, channels: 3 } })
    .resize(sidePixels, sidePixels, { kernel: 'cubic' })
    .raw()
    .toBuffer()
  const plane = sidePixels * sidePixels
  const values = new Float32Array(plane * 3)
  for (let pixel = 0, from = 0; pixel < plane; pixel += 1, from += 3) {
    values[pixel] = scaled[from] ?? 0
    values[plane + pixel] = scaled[from + 1] ?? 0
    values[2 * plane + pixel] = scaled[from + 2] ?? 0
  }
  return values
}

/** The cut in the middle of a white square. Row by row: sharp would be handed the whole frame for each cut of it. */
function squareOf({ width, rgb }: Picture, cut: Cut, side: number): Uint8Array {
  const square = new Uint8Array(side * side * 3).fill(255)
  const [left, top] = [Math.floor((side - cut.width) / 2), Math.floor((side - cut.height) / 2)]
  for (let y = 0; y < cut.height; y += 1) {
    const from = ((cut.top + y) * width + cut.left) * 3
    square.set(rgb.subarray(from, from + cut.width * 3), ((top + y) * side + left) * 3)
  }
  return square
}

function centred({ width, height }: Picture, share: number): Cut {
  const left = Math.round((width * (1 - share)) / 2)
  const top = Math.round((height * (1 - share)) / 2)
  return { left, top, width: width - 2 * left, height: height - 2 * top }
}

/** The product's box in a picture on white ground, with a little air; null when the ground is not white. */
function studioProduct(picture: Picture): Cut | null {
  const { width, height } = picture
  let rim = 0
  let white = 0
  const look = (x: number, y: number): void => {
    rim += 1
    if (isWhite(picture, x, y)) white += 1
  }
  for (let x = 0; x < width; x += 1) {
    look(x, 0)
    look(x, height - 1)
  }
  for (let y = 1; y < height - 1; y += 1) {
    look(0, y)
    look(width - 1, y)
  }
  if (white < rim * whiteRim) return null
  let [left, top, right, bottom] = [width, height, -1, -1]
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      if (isWhite(picture, x, y)) continue
      left = Math.min(left, x)
      right = Math.max(right, x)
      top = Math.min(top, y)
      bottom = y
    }
  }
  if (right < left) return null
  const air = Math.round(Math.max(right - left, bottom - top) * studioAir)
  const from = { left: Math.max(0, left - air), top: Math.max(0, top - air) }
  return {
    ...from,
    width: Math.min(width, right + 1 + air) - from.left,
    height: Math.min(height, bottom + 1 + air) - from.top,
  }
}

function isWhite({ width, rgb }: Picture, x: number, y: number): boolean {
  const at = (y * width + x) * 3
  return Math.min(rgb[at] ?? 0, rgb[at + 1] ?? 0, rgb[at + 2] ?? 0) >= whiteFrom
}
