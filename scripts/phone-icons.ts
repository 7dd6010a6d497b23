/**
 * Phone icons: draws the phone page's icons (a fridge whose door stands ajar) into `renderer/phone/public`. Run by hand when the
 * brand changes: `node scripts/phone-icons.ts`. The maskable one keeps its drawing within the middle 80 %, as launchers cut.
 */
import { join } from 'node:path'
import sharp from 'sharp'

const folder = join(import.meta.dirname, '..', 'renderer', 'phone', 'public')

/** On a square of 100, `part` of which the drawing fills; `corner`: the square's own radius. */
function drawing(part: number, corner: number): Buffer {
  const scale = (part * 100) / 64
  const moved = (100 - 64 * scale) / 2
  return Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">
    <defs>
      <linearGradient id="air" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#008a5c"/><stop offset="1" stop-color="#00563a"/></linearGradient>
    </defs>
    <rect width="100" height="100" rx="${corner}" fill="url(#air)"/>
    <g transform="translate(${moved} ${moved}) scale(${scale})">
      <rect x="13" y="4" width="38" height="56" rx="6" fill="#eafff6"/>
      <rect x="18" y="9" width="28" height="46" rx="3" fill="#0a3b2b"/>
      <path d="M18 24h28M18 39h28" stroke="#eafff6" stroke-width="2.4"/>
      <rect x="21.5" y="14" width="5" height="9" rx="1.6" fill="#ffd166"/>
      <rect x="29" y="16.5" width="5" height="6.5" rx="1.6" fill="#ff7b6b"/>
      <rect x="21.5" y="29" width="7" height="9" rx="1.6" fill="#7fd8ff"/>
      <rect x="32" y="30.5" width="5" height="7.5" rx="1.6" fill="#ffd166"/>
      <rect x="21.5" y="45" width="5" height="9" rx="1.6" fill="#ff7b6b"/>
      <path d="M51 8 60 12.5V58L51 56Z" fill="#bff3dc"/>
      <path d="M57 30v9" stroke="#00563a" stroke-width="2.4" stroke-linecap="round"/>
    </g>
  </svg>`)
}

for (const [name, size, part, corner] of [
  ['icon-180', 180, 0.78, 0],
  ['icon-192', 192, 0.82, 22],
  ['icon-512', 512, 0.82, 22],
  ['icon-maskable-512', 512, 0.6, 0],
] as const)
  await sharp(drawing(part, corner), { density: 72 * (size / 100) * 2 })
    .resize(size, size)
    .png({ compressionLevel: 9, palette: true })
    .toFile(join(folder, `${name}.png`))
