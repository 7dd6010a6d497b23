/** Draws a text as the dark modules of a QR code, for an <svg> path. Kept apart because the encoder is loaded late. */
import { create } from 'qrcode'

/** `size` is the modules on a side. Throws for more than about 2,900 bytes, which no receipt reaches. */
export function codeOf(text: string): { size: number; path: string } {
  const { modules } = create(text, { errorCorrectionLevel: 'L' })
  const { size } = modules
  let path = ''
  for (let row = 0; row < size; row += 1) {
    let run = 0
    for (let column = 0; column <= size; column += 1) {
      if (column < size && modules.get(row, column)) {
        run += 1
      } else if (run > 0) {
        path += `M${column - run} ${row}h${run}v1h-${run}z`
        run = 0
      }
    }
  }
  return { size, path }
}
