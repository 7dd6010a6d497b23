/**
 * Export routes: what an owner takes away as a file, `/api/v1/exports/sales.csv` or `.xlsx`.
 * Holds always (SPEC RL55-RL56): for the roles that may read it; streamed, so that years of it take no more memory than a page;
 * a file that could not be finished is cut off, and never looks whole.
 */
import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { fridgeIdSchema } from '../protocol/messages.ts'
import { byteOrderMark, csvHead, csvRows } from './exports/csv.ts'
import {
  exportCount,
  exportNames,
  exportRows,
  exportTables,
  type ExportAsked,
  type ExportName,
} from './exports/tables.ts'
import { xlsx, xlsxMostRows } from './exports/xlsx.ts'
import { dayBegins, zoneNamed, type Zone } from './exports/zone.ts'
import { addRoute, Download, fault, Refusal, type OwnerPorts } from './routes-owner.ts'
import type { Db } from './store/open.ts'

const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'is a day, YYYY-MM-DD')
const time = z.coerce.number().int().min(0).max(8_640_000_000_000_000)
const latestMs = Date.UTC(9999, 11, 31)

const query = z
  .strictObject({
    fridge: fridgeIdSchema.optional(),
    from: day.optional().describe('the first day, by the zone’s clock'),
    to: day.optional().describe('the last day, which is in it'),
    fromMs: time.optional().describe('in place of `from`: from this instant on'),
    toMs: time.optional().describe('in place of `to`: before this instant'),
    zone: z.string().max(64).default('UTC').describe('a time zone by its IANA name, such as Europe/Berlin'),
    bom: z
      .enum(['true', 'false'])
      .default('false')
      .describe('begins a CSV file with a byte order mark, by which Excel knows UTF-8'),
  })
  .refine((one) => one.from === undefined || one.fromMs === undefined, 'from and fromMs are one or the other')
  .refine((one) => one.to === undefined || one.toMs === undefined, 'to and toMs are one or the other')
type Query = z.infer<typeof query>

export function exportRoutes(app: FastifyInstance, ports: OwnerPorts): void {
  for (const name of exportNames)
    for (const as of ['csv', 'xlsx'] as const)
      addRoute(app, ports, {
        method: 'GET',
        url: `/exports/${name}.${as}`,
        role: 'viewer',
        what: `A file (${as.toUpperCase()}): ${exportTables[name].what}`,
        query,
        answer: ({ db, query }) => exported(db, name, as, query),
      })
}

async function exported(db: Db, name: ExportName, as: 'csv' | 'xlsx', asked: Query): Promise<Download | Refusal> {
  const zone = zoneNamed(asked.zone)
  if (zone === null) return malformed(`zone: there is no time zone ${asked.zone}`)
  const span = spanOf(asked, zone)
  if (typeof span === 'string') return malformed(span)
  const { columns } = exportTables[name]
  const pages = exportRows(db, name, span)
  const file = `visionvend-${name}.${as}`
  if (as === 'csv') {
    const lines = csvLines(pages, columns, zone, asked.bom === 'true')
    return new Download(file, 'text/csv; charset=utf-8; header=present', Readable.from(lines, { objectMode: false }))
  }
  if ((await exportCount(db, name, span, xlsxMostRows)) > xlsxMostRows)
    return new Refusal(422, fault('tooMany', `a sheet holds ${xlsxMostRows} rows: ask for a shorter time, or for CSV`))
  const type = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
  return new Download(file, type, Readable.from(xlsx(columns, pages, zone, name), { objectMode: false }))
}

const malformed = (what: string): Refusal => new Refusal(400, fault('malformed', what.slice(0, 200)))

async function* csvLines(
  pages: ReturnType<typeof exportRows>,
  columns: Parameters<typeof csvHead>[0],
  zone: Zone,
  bom: boolean,
): AsyncGenerator<string> {
  yield `${bom ? byteOrderMark : ''}${csvHead(columns)}`
  for await (const rows of pages) yield csvRows(columns, rows, zone)
}

const dayMs = 86_400_000

/** The span that was asked for, or what is wrong with it. */
function spanOf({ fridge, from, to, fromMs, toMs }: Query, zone: Zone): ExportAsked | string {
  const first = from === undefined ? (fromMs ?? 0) : dayBegins(zone, from)
  if (first === null) return `from: there is no day ${from ?? ''}`
  // The day behind the last one, by the calendar: a day of a zone may be 23 hours long.
  const behind = to === undefined ? null : Date.parse(`${to}T00:00:00Z`) + dayMs
  if (to !== undefined && dayBegins(zone, to) === null) return `to: there is no day ${to}`
  const last = behind === null ? (toMs ?? latestMs) : dayBegins(zone, new Date(behind).toISOString().slice(0, 10))
  if (last === null) return `to: there is no day behind ${to ?? ''}`
  return first < last ? { fridge, fromMs: first, toMs: last } : 'from: is not before to'
}
