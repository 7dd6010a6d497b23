/**
 * Receipt as a PDF: one small page by the PDF's own fourteen fonts, so that nothing is embedded and a file has 2 to 4 kB. Pure.
 * Holds always: amounts stand right, in figures whose widths are known exactly; what the fonts' alphabet (Windows-1252) lacks
 * loses its accent, or is a question mark; a long receipt is a long page.
 */
import { lineName, momentIn, moneyIn, wordsIn } from '../phone/words.ts'
import type { ReceiptAsked } from './letters.ts'

const widthPt = 226.8 // 80 mm, as till rolls have it
const marginPt = 16

interface Text {
  readonly text: string
  readonly size: number
  readonly bold?: boolean
  readonly right?: boolean
}
/** One line: what stands left and right of it; a rule under it. */
interface Row {
  readonly texts: readonly Text[]
  readonly heightPt: number
  readonly rule?: boolean
}

export function receiptPdf({ visit, receipt, language, zone }: ReceiptAsked): Buffer {
  const words = wordsIn(language).receipt
  const money = (amountMinor: number): string => moneyIn(language, amountMinor, visit.currency)
  const rows: Row[] = []
  const left = (text: string, size = 9, bold = false): void => {
    for (const line of wrapped(text, size, widthPt - 2 * marginPt)) rows.push({ texts: [{ text: line, size, bold }], heightPt: size * 1.4 })
  } // prettier-ignore
  const pair = (what: string, amount: string, bold = false, size = 9): void =>
    void rows.push({ texts: [{ text: what, size, bold }, { text: amount, size, bold, right: true }], heightPt: size * 1.5 }) // prettier-ignore
  const rule = (): void => void rows.push({ texts: [], heightPt: 8, rule: true })

  left(visit.fridgeName, 14, true)
  left(words.number(receipt.number), 10)
  left(momentIn(language, receipt.atMs, zone))
  rule()
  for (const line of receipt.lines) {
    const { count, priceMinor } = line
    left(lineName(language, line), 9, true)
    pair(words.each(count, money(priceMinor)), money(count * priceMinor))
  }
  rule()
  pair(words.total, money(receipt.totalMinor), true, 11)
  pair(words.charged, money(receipt.chargedMinor), true, 11)
  pair(words.reserved, money(visit.holdMinor))
  pair(words.free, money(Math.max(0, visit.holdMinor - receipt.chargedMinor)))
  if (receipt.voucherMinor !== undefined) pair(words.voucher, money(-receipt.voucherMinor), true)
  if (receipt.refund?.state === 'done') pair(words.refunded, money(receipt.refund.amountMinor), true)
  rule()
  left(receipt.payment === 'paid' ? words.paid : words.paying)
  if (receipt.totalMinor > receipt.chargedMinor) left(words.beyond)
  if (receipt.lines.some(({ or }) => or !== undefined)) left(words.either)
  if (visit.contact !== '') left(words.contact(visit.contact))
  return document(rows, `${words.number(receipt.number)}, ${visit.fridgeName}`, language, receipt.atMs)
}

function document(rows: readonly Row[], title: string, language: string, atMs: number): Buffer {
  const heightPt = Math.ceil(rows.reduce((sum, { heightPt: height }) => sum + height, 2 * marginPt))
  let y = heightPt - marginPt
  const drawn: string[] = []
  for (const { texts, heightPt: height, rule = false } of rows) {
    y -= height
    if (rule) drawn.push(`0.7 G ${marginPt} ${num(y + height / 2)} m ${num(widthPt - marginPt)} ${num(y + height / 2)} l S`)
    for (const { text, size, bold = false, right = false } of texts) {
      const x = right ? widthPt - marginPt - widthOf(text, size) : marginPt
      drawn.push(`BT /${bold ? 'B' : 'R'} ${size} Tf ${num(x)} ${num(y + size * 0.3)} Td (${shown(text)}) Tj ET`)
    }
  } // prettier-ignore
  const content = drawn.join('\n')
  const font = (name: string): string =>
    `<< /Type /Font /Subtype /Type1 /BaseFont /${name} /Encoding /WinAnsiEncoding >>`
  const made = new Date(atMs).toISOString().replaceAll(/[-:T]/g, '').slice(0, 14)
  const objects = [
    `<< /Type /Catalog /Pages 2 0 R /Lang (${language}) /ViewerPreferences << /DisplayDocTitle true >> >>`,
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${widthPt} ${heightPt}] /Contents 4 0 R /Resources << /Font << /R 5 0 R /B 6 0 R >> >> >>`,
    `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
    font('Helvetica'),
    font('Helvetica-Bold'),
    `<< /Title (${shown(title)}) /Producer (VisionVend) /CreationDate (D:${made}Z) >>`,
  ] // prettier-ignore
  let text = '%PDF-1.4\n%\xe2\xe3\xcf\xd3\n'
  const at: number[] = []
  objects.forEach((object, index) => {
    at.push(text.length)
    text += `${index + 1} 0 obj\n${object}\nendobj\n`
  })
  const table = text.length
  text += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n`
  for (const offset of at) text += `${String(offset).padStart(10, '0')} 00000 n \n`
  text += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R /Info ${objects.length} 0 R >>\nstartxref\n${table}\n%%EOF\n`
  return Buffer.from(text, 'latin1') // one byte a sign, as the offsets count
}

const num = (value: number): string => String(Math.round(value * 100) / 100)

/** Windows-1252's own signs between 0x80 and 0x9f that a receipt may have. */
const special = new Map([
  ['€', 0x80], ['‚', 0x82], ['„', 0x84], ['…', 0x85], ['Š', 0x8a], ['Œ', 0x8c], ['Ž', 0x8e], ['‘', 0x91], ['’', 0x92],
  ['“', 0x93], ['”', 0x94], ['•', 0x95], ['–', 0x96], ['—', 0x97], ['™', 0x99], ['š', 0x9a], ['œ', 0x9c], ['ž', 0x9e],
  ['Ÿ', 0x9f],
]) // prettier-ignore

/** As Windows-1252, one latin1 sign a byte. */
function encoded(text: string): string {
  let bytes = ''
  for (const sign of text.normalize('NFC')) {
    const known = special.get(sign)
    const code = sign.codePointAt(0) ?? 0
    if (known !== undefined) bytes += String.fromCharCode(known)
    else if ((code >= 0x20 && code < 0x7f) || (code >= 0xa0 && code <= 0xff)) bytes += sign
    else {
      const bare = sign.normalize('NFD').replaceAll(/\p{M}/gu, '')
      bytes += /^[\x20-\x7e]+$/.test(bare) ? bare : '?'
    }
  }
  return bytes
}

const shown = (text: string): string => encoded(text).replaceAll(/[\\()]/g, (sign) => `\\${sign}`)

/** Helvetica's widths in thousandths, from the space on (Adobe's font metrics). Bold is a little wider; figures are the same. */
const widths = [
  278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556, 556,
  556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
  667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556,
  556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
] as const // prettier-ignore

function widthOf(text: string, size: number): number {
  let sum = 0
  for (const sign of encoded(text)) {
    const bare = sign.normalize('NFD').charCodeAt(0)
    sum += widths[bare - 0x20] ?? 556
  }
  return (sum * size) / 1000
}

function wrapped(text: string, size: number, most: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/\s+/)) {
    const longer = line === '' ? word : `${line} ${word}`
    // A tenth is left for what is bold.
    if (line !== '' && widthOf(longer, size) > most * 0.9) {
      lines.push(line)
      line = word
    } else line = longer
  }
  lines.push(line)
  return lines
}
