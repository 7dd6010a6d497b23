/** Tiny pictures of products, drawn for the vision tests: an SVG label on a plain ground, as JPEG, PNG or RGB. */
import sharp from 'sharp'
import { readPicture, type Picture } from '../../../vision/embed/picture.ts'

export interface Drawing {
  readonly ground: string
  readonly label: string
  readonly word: string
  readonly turnDegrees?: number
}

export const cola: Drawing = { ground: '#7d8a96', label: '#c1121f', word: 'KOLA' }
export const milk: Drawing = { ground: '#7d8a96', label: '#f1f5ff', word: 'Melk' }

/** A carton of 90 x 160 in the middle of a 240 x 240 picture. */
const svg = ({ ground, label, word, turnDegrees = 0 }: Drawing): Buffer =>
  Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="240" height="240">
    <rect width="240" height="240" fill="${ground}"/>
    <g transform="rotate(${turnDegrees} 120 120)">
      <rect x="75" y="40" width="90" height="160" fill="${label}" stroke="#222" stroke-width="3"/>
      <rect x="75" y="150" width="90" height="22" fill="#2b59c3"/>
      <text x="120" y="105" font-size="30" font-weight="bold" text-anchor="middle" fill="#111">${word}</text>
    </g></svg>`)

export const jpeg = async (drawing: Drawing): Promise<Buffer> => sharp(svg(drawing)).jpeg({ quality: 90 }).toBuffer()

export const png = async (drawing: Drawing): Promise<Buffer> => sharp(svg(drawing)).png().toBuffer()

export async function picture(drawing: Drawing): Promise<Picture> {
  const read = await readPicture(await png(drawing))
  if (!read.ok) throw new Error(read.error.says)
  return read.value
}
