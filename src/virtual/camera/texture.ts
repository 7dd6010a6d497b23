/**
 * Texture: a picture to be wrapped on a body, with ever smaller copies of itself, so that a label seen small is averaged
 * and not picked at. Colours are packed as a canvas packs them: red in the lowest byte.
 */

export interface Level {
  readonly width: number
  readonly height: number
  readonly texels: Uint32Array
}

export interface Texture {
  /** Each half as wide and high as the one before, to 1 x 1. */
  readonly levels: readonly Level[]
}

export const packed = (red: number, green: number, blue: number): number => (blue << 16) | (green << 8) | red

/** One even colour; channels of 0 to 255. */
export function plainTexture(red: number, green: number, blue: number): Texture {
  const whole = (channel: number): number => Math.max(0, Math.min(255, Math.round(channel)))
  const texels = Uint32Array.of(packed(whole(red), whole(green), whole(blue)))
  return { levels: [{ width: 1, height: 1, texels }] }
}

/** `pixels`: row by row, `channels` bytes a pixel, of which the first three are red, green and blue. */
export function textureOf(pixels: Uint8Array, width: number, height: number, channels: 3 | 4): Texture {
  const texels = new Uint32Array(width * height)
  for (let at = 0; at < texels.length; at++) {
    const from = at * channels
    texels[at] = packed(pixels[from] as number, pixels[from + 1] as number, pixels[from + 2] as number)
  }
  const levels: Level[] = [{ width, height, texels }]
  for (let last = levels[0] as Level; last.width > 1 || last.height > 1; last = levels.at(-1) as Level)
    levels.push(halved(last))
  return { levels }
}

function halved({ width, height, texels }: Level): Level {
  const [halfWidth, halfHeight] = [Math.max(1, width >> 1), Math.max(1, height >> 1)]
  const half = new Uint32Array(halfWidth * halfHeight)
  for (let y = 0; y < halfHeight; y++) {
    // An odd last row or column is averaged in, so that nothing at an edge is lost.
    const y0 = Math.floor((y * height) / halfHeight)
    const y1 = Math.max(y0 + 1, Math.floor(((y + 1) * height) / halfHeight))
    for (let x = 0; x < halfWidth; x++) {
      const x0 = Math.floor((x * width) / halfWidth)
      const x1 = Math.max(x0 + 1, Math.floor(((x + 1) * width) / halfWidth))
      let [red, green, blue] = [0, 0, 0]
      for (let row = y0; row < y1; row++)
        for (let column = x0; column < x1; column++) {
          const texel = texels[row * width + column] as number
          red += texel & 255
          green += (texel >>> 8) & 255
          blue += (texel >>> 16) & 255
        }
      const count = (y1 - y0) * (x1 - x0)
      half[y * halfWidth + x] = packed(Math.round(red / count), Math.round(green / count), Math.round(blue / count))
    }
  }
  return { width: halfWidth, height: halfHeight, texels: half }
}
