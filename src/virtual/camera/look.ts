/**
 * Look: what a product's package looks like, read once from its picture or from a folder of labels, as textures and an
 * outline. A picture is cut out on a transparent ground (products/README.md); a folder of labels holds front, side, back,
 * left and wrap (vision/training/fridge_labels.py). Files are rasterised by sharp; nothing here is random.
 */
import { readdirSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { textureOf, plainTexture, type Texture } from './texture.ts'

/** The outline of a picture at one height: its edges, 0 to 1 across the picture. */
export interface OutlineRow {
  readonly left: number
  readonly right: number
}

export interface PictureLook {
  readonly front: Texture
  /** The colours of the front's edges, with the small print of a side. */
  readonly side: Texture
  /** Even, of the uppermost part. */
  readonly lid: Texture
  /** Equally spaced, from the picture's top down. */
  readonly outline: readonly OutlineRow[]
}

export interface LabelLook {
  readonly front: Texture
  readonly side: Texture
  readonly back: Texture
  readonly left: Texture
  readonly wrap: Texture
}

const pictureHeight = 640
const outlineRows = 96
/** Of 255: less is air. */
const solid = 96
/** What is behind glass or foil that lets light through. */
const behindGlass = 222

interface Pixels {
  readonly rgba: Uint8Array
  readonly width: number
  readonly height: number
}

async function pixelsOf(file: string): Promise<Pixels> {
  const { height, format } = await sharp(file).metadata()
  // A drawing has no pixels of its own: draw it as large as it is needed.
  const density = format === 'svg' ? Math.min(1200, Math.max(20, (72 * pictureHeight) / Math.max(1, height))) : 72
  const { data, info } = await sharp(file, { density })
    .resize({
      width: pictureHeight * 2,
      height: pictureHeight,
      fit: 'inside',
      withoutEnlargement: format !== 'svg',
    })
    .ensureAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { rgba: new Uint8Array(data), width: info.width, height: info.height }
}

/** The look of a product whose picture this is. Rejects for a file that sharp can't read. */
export async function pictureLook(file: string): Promise<PictureLook> {
  const pixels = await pixelsOf(file)
  const outline = outlineOf(pixels)
  fillGround(pixels)
  const lid = meanOf(pixels, 0, 0.05)
  return {
    front: textureOf(pixels.rgba, pixels.width, pixels.height, 4),
    side: sideOf(pixels),
    lid: plainTexture(...lid),
    outline,
  }
}

/** The look of one folder of labels. */
async function labelLook(folder: string): Promise<LabelLook> {
  const texture = async (name: string): Promise<Texture> => {
    const { rgba, width, height } = await pixelsOf(join(folder, `${name}.png`))
    return textureOf(rgba, width, height, 4)
  }
  const [front, side, back, left, wrap] = await Promise.all(['front', 'side', 'back', 'left', 'wrap'].map(texture))
  return { front, side, back, left, wrap } as LabelLook
}

/** Every folder of labels in this one, in the order of their names. */
export function labelFolders(dir: string): readonly string[] {
  if (!existsSync(dir)) throw new Error(`there is no folder ${dir}`)
  const folders = readdirSync(dir)
    .filter((name) => existsSync(join(dir, name, 'front.png')))
    .toSorted()
  if (folders.length === 0) throw new Error(`${dir} holds no folder with a front.png: run fridge_labels.py first`)
  return folders
}

export const labelLooks = (dir: string, names: readonly string[]): Promise<LabelLook[]> =>
  Promise.all(names.map((name) => labelLook(join(dir, name))))

function outlineOf({ rgba, width, height }: Pixels): OutlineRow[] {
  return Array.from({ length: outlineRows }, (_, index) => {
    const row = Math.min(height - 1, Math.floor(((index + 0.5) * height) / outlineRows))
    let [left, right] = [width, -1]
    for (let column = 0; column < width; column++) {
      if ((rgba[(row * width + column) * 4 + 3] as number) < solid) continue
      left = Math.min(left, column)
      right = column
    }
    return right < left ? { left: 0.5, right: 0.5 } : { left: left / width, right: (right + 1) / width }
  })
}

/** Air takes the colour of the nearest edge in its row, so that no ground shines through at the seams. */
function fillGround({ rgba, width, height }: Pixels): void {
  for (let row = 0; row < height; row++) {
    const alpha = (column: number): number => rgba[(row * width + column) * 4 + 3] as number
    let [left, right] = [-1, -1]
    for (let column = 0; column < width; column++) {
      if (alpha(column) < 200) continue
      if (left < 0) left = column
      right = column
    }
    // A pixel or two inside, for the very edge is mixed with nothing already.
    const inset = Math.min(2, Math.max(0, (right - left) >> 1))
    for (let column = 0; column < width; column++) {
      const at = (row * width + column) * 4
      const clear = alpha(column)
      if (clear === 255) continue
      const outside = left < 0 || column < left || column > right
      const from = (row * width + (column < left ? left + inset : right - inset)) * 4
      for (let channel = 0; channel < 3; channel++) {
        const ground = left < 0 ? behindGlass : outside ? (rgba[from + channel] as number) : behindGlass
        rgba[at + channel] = outside
          ? ground
          : Math.round(((rgba[at + channel] as number) * clear + ground * (255 - clear)) / 255)
      }
    }
  }
}

type Rgb = [number, number, number]

function meanOf({ rgba, width, height }: Pixels, from: number, to: number): Rgb {
  const sum: Rgb = [0, 0, 0]
  let count = 0
  for (let row = Math.floor(from * height); row < Math.max(1, to * height); row++)
    for (let column = 0; column < width; column++) {
      const at = (row * width + column) * 4
      if ((rgba[at + 3] as number) < solid) continue
      for (let channel = 0; channel < 3; channel++) sum[channel] = (sum[channel] ?? 0) + (rgba[at + channel] as number)
      count++
    }
  return count === 0 ? [behindGlass, behindGlass, behindGlass] : (sum.map((value) => value / count) as Rgb)
}

/** A side: each row in the mean colour of the front's, and lines of small print that nobody reads. */
function sideOf(pixels: Pixels): Texture {
  const { rgba, width, height } = pixels
  const sideWidth = 96
  const side = new Uint8Array(sideWidth * height * 3)
  const bright = meanOf(pixels, 0.2, 0.9).reduce((sum, value) => sum + value, 0) / 3 > 128
  for (let row = 0; row < height; row++) {
    const sum: Rgb = [0, 0, 0]
    let count = 0
    for (let column = 0; column < width; column += 2) {
      const at = (row * width + column) * 4
      if ((rgba[at + 3] as number) < solid) continue
      for (let channel = 0; channel < 3; channel++) sum[channel] = (sum[channel] ?? 0) + (rgba[at + channel] as number)
      count++
    }
    const line = Math.floor(row / (height / 64))
    const printed = line > 30 && line < 50 && line % 2 === 0
    const length = 0.55 + 0.3 * Math.abs(Math.sin(line * 12.9898))
    for (let column = 0; column < sideWidth; column++) {
      const at = (row * sideWidth + column) * 3
      const across = column / sideWidth
      const ink = printed && across > 0.12 && across < length && Math.sin(column * 2.1 + line * 7) > -0.6
      for (let channel = 0; channel < 3; channel++) {
        const value = count === 0 ? behindGlass : (sum[channel] ?? 0) / count
        side[at + channel] = ink ? (bright ? value * 0.45 : value * 0.5 + 120) : value
      }
    }
  }
  return textureOf(side, sideWidth, height, 3)
}
