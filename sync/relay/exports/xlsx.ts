/**
 * XLSX: one sheet, written as it comes (ECMA-376, SpreadsheetML). Texts stand in their cells, so that there is no table of
 * strings to keep; a text is typed as one, and never a formula.
 * Holds always: no character that XML can't hold; a time is the zone's own clock, as a date that the spreadsheet knows.
 */
import { headOf, decimal } from './csv.ts'
import type { Cell, Column, Row } from './tables.ts'
import { zip } from './zip.ts'
import { wallMs, type Zone } from './zone.ts'

/** What a sheet holds at most, its head not counted. */
export const xlsxMostRows = 1_048_575

const xml = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const packages = 'http://schemas.openxmlformats.org/package/2006'
const sheetType = 'application/vnd.openxmlformats-officedocument.spreadsheetml'

/** Styles by their place in `styles.xml`. */
const style = { plain: 0, amount: 1, time: 2, head: 3 } as const

/** The bytes of a workbook with these rows. */
export function xlsx(columns: readonly Column[], pages: AsyncIterable<readonly Row[]>, zone: Zone, title: string) {
  return zip([
    { name: '[Content_Types].xml', text: [contentTypes] },
    { name: '_rels/.rels', text: [relations('officeDocument', 'xl/workbook.xml')] },
    { name: 'xl/workbook.xml', text: [workbook(title)] },
    { name: 'xl/_rels/workbook.xml.rels', text: [workbookRelations] },
    { name: 'xl/styles.xml', text: [styles] },
    { name: 'xl/worksheets/sheet1.xml', text: sheet(columns, pages, zone) },
  ])
}

async function* sheet(
  columns: readonly Column[],
  pages: AsyncIterable<readonly Row[]>,
  zone: Zone,
): AsyncGenerator<string> {
  const head = headOf(columns)
  yield `${xml}<worksheet xmlns="${main}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols><col min="1" max="${head.length}" width="20" customWidth="1"/></cols><sheetData><row>${head.map((name) => words(name, style.head)).join('')}</row>`
  for await (const rows of pages) yield rows.map((row) => `<row>${cells(columns, row, zone)}</row>`).join('')
  yield '</sheetData></worksheet>'
}

function cells(columns: readonly Column[], row: Row, zone: Zone): string {
  return columns
    .map(({ kind }, index) => {
      const cell: Cell = row[index] ?? null
      const empty = kind === 'time' ? '<c/><c/>' : '<c/>'
      if (cell === null) return empty
      if (typeof cell === 'string') return words(cell)
      if (kind === 'amount') return number(decimal(cell), style.amount)
      if (kind !== 'time') return number(String(cell))
      return number(serial(wallMs(zone, cell)), style.time) + words(new Date(cell).toISOString())
    })
    .join('')
}

/** Days since 30 December 1899, as spreadsheets count them. */
const serial = (atMs: number): string => (atMs / 86_400_000 + 25_569).toFixed(8)

const number = (value: string, as: number = style.plain): string => `<c s="${as}"><v>${value}</v></c>`
const words = (value: string, as: number = style.plain): string =>
  `<c t="inlineStr" s="${as}"><is><t xml:space="preserve">${escaped(value)}</t></is></c>`

/** What XML 1.0 has no way to say is left out as a question mark. */
const escaped = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(/[[\p{Cc}\ufffe\uffff]--[\t\n\r]]/gv, '?')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')

const relations = (type: string, target: string): string =>
  `${xml}<Relationships xmlns="${packages}/relationships"><Relationship Id="rId1" Type="${office}/${type}" Target="${target}"/></Relationships>`

const workbookRelations = `${xml}<Relationships xmlns="${packages}/relationships"><Relationship Id="rId1" Type="${office}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="${office}/styles" Target="styles.xml"/></Relationships>`

const workbook = (title: string): string =>
  `${xml}<workbook xmlns="${main}" xmlns:r="${office}"><sheets><sheet name="${escaped(title).slice(0, 31)}" sheetId="1" r:id="rId1"/></sheets></workbook>`

const contentTypes = `${xml}<Types xmlns="${packages}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${sheetType}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${sheetType}.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="${sheetType}.styles+xml"/></Types>`

const styles = `${xml}<styleSheet xmlns="${main}"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd hh:mm:ss"/></numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="2" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`
