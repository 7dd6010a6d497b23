/**
 * Google, as far as the relay speaks to it: tokens for a service account, and the Sheets API v4's wire protocol over one
 * spreadsheet in memory. It checks what Google checks (the signature, the scope, the grid's limits), keeps no idempotency of
 * its own, and can refuse, lose an answer, or do a thing late.
 */
import { generateKeyPairSync } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { importSPKI, jwtVerify } from 'jose'

type Cell = string | number | boolean
interface Grid {
  readonly id: number
  rows: number
  readonly cells: Cell[][]
}
export interface FakeGoogle {
  readonly base: string
  readonly id: string
  readonly credentials: { type: 'service_account'; client_email: string; private_key: string; private_key_id: string }
  /** A tab's cells as they stand, made where it is missing. */
  tab(title: string): Cell[][]
  tabTitles(): string[]
  /** As an owner does who deletes what is empty: a tab ends here. */
  shrink(title: string, rows: number): void
  /** What the next calls meet, by a part of their path: a refusal, a lost answer, or one that is done later. */
  fail(...faults: Fault[]): void
  /** Method and path of every call of the API since it was last asked. */
  calls(): string[]
  /** Tokens given so far; all before are taken back. */
  takeTokensBack(): void
  tokens(): number
  close(): Promise<void>
}
export type Fault =
  | { readonly on: string; readonly status: number; readonly retryAfter?: string }
  | { readonly on: string; readonly lose: 'answer' | 'request'; readonly laterMs?: number }

/** Made once: it is the slowest part of all. */
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const email = 'relay@visionvend.iam.example'

export async function openGoogle(): Promise<FakeGoogle> {
  const id = '1AbC-the_spreadsheet'
  const key = await importSPKI(publicKey.export({ type: 'spki', format: 'pem' }).toString(), 'RS256')
  const grids = new Map<string, Grid>()
  const addTab = (title: string): Grid => {
    const grid = { id: grids.size + 100, rows: 1_000, cells: [] }
    grids.set(title, grid)
    return grid
  }
  let faults: Fault[] = []
  let calls: string[] = []
  let given = 0
  let good = new Set<string>()
  let base = ''

  const server = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk: Buffer) => (text += chunk.toString()))
    request.on('end', () => {
      answer(request, response, text).catch((error: unknown) => {
        send(response, 500, refusal(500, String(error)))
      })
    })
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', () => resolve()))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  async function answer(request: IncomingMessage, response: ServerResponse, text: string): Promise<void> {
    const url = new URL(request.url ?? '/', base)
    if (url.pathname === '/token') return token(response, text)
    const path = decodeURIComponent(url.pathname).replace(`/v4/spreadsheets/${id}`, '')
    calls.push(`${request.method} ${path}`)
    const fault = faults.find(({ on }) => `${request.method} ${path}`.includes(on))
    if (fault !== undefined) faults = faults.filter((one) => one !== fault)
    if (fault !== undefined && 'status' in fault) {
      const headers = fault.retryAfter === undefined ? {} : { 'retry-after': fault.retryAfter }
      return send(response, fault.status, refusal(fault.status, 'as the test wanted'), headers)
    }
    if (!good.has(/^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? ''))
      return send(response, 401, refusal(401, 'Request had invalid authentication credentials.'))
    if (!decodeURIComponent(url.pathname).startsWith(`/v4/spreadsheets/${id}`))
      return send(response, 404, refusal(404, 'Requested entity was not found.'))
    if (fault !== undefined && fault.lose === 'request') {
      response.socket?.destroy()
      if (fault.laterMs !== undefined) setTimeout(() => act(request.method ?? '', path, text), fault.laterMs)
      return
    }
    const { status, body } = act(request.method ?? '', path, text)
    if (fault === undefined) send(response, status, body)
    else response.socket?.destroy()
  }

  async function token(response: ServerResponse, text: string): Promise<void> {
    const form = new URLSearchParams(text)
    try {
      if (form.get('grant_type') !== 'urn:ietf:params:oauth:grant-type:jwt-bearer') throw new Error('grant_type')
      const audience = `${base}/token`
      const { payload } = await jwtVerify(form.get('assertion') ?? '', key, { algorithms: ['RS256'], issuer: email, audience }) // prettier-ignore
      if (payload['scope'] !== 'https://www.googleapis.com/auth/spreadsheets') throw new Error('scope')
      if (Number(payload.exp) - Number(payload.iat) > 3_600) throw new Error('exp')
      const access = `token-${++given}`
      good.add(access)
      send(response, 200, { access_token: access, expires_in: 3_599, token_type: 'Bearer' })
    } catch (error) {
      send(response, 400, { error: 'invalid_grant', error_description: String(error) })
    }
  }

  function act(method: string, path: string, text: string): { status: number; body: object } {
    const bad = (what: string) => ({ status: 400, body: refusal(400, what) })
    const body = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
    if (method === 'GET' && path === '') {
      const sheets = [...grids].map(([title, grid]) => ({
        properties: { sheetId: grid.id, title, gridProperties: { rowCount: grid.rows } },
      }))
      return { status: 200, body: { sheets } }
    }
    if (method === 'POST' && path === ':batchUpdate') {
      for (const one of body['requests'] as {
        addSheet?: { properties: { title: string } }
        appendDimension?: { sheetId: number; length: number }
      }[]) {
        // prettier-ignore
        if (one.addSheet !== undefined) {
          if (grids.has(one.addSheet.properties.title)) return bad('a sheet with the name already exists')
          addTab(one.addSheet.properties.title)
        }
        const grown = [...grids.values()].find(({ id }) => id === one.appendDimension?.sheetId)
        if (grown !== undefined) grown.rows += one.appendDimension?.length ?? 0
      }
      return { status: 200, body: { replies: [] } }
    }
    if (method === 'POST' && path === '/values:batchUpdate') {
      if (body['valueInputOption'] !== 'RAW') return bad('not RAW: a text would be taken for a formula')
      const data = body['data'] as { range: string; values: Cell[][] }[]
      for (const { range, values } of data) {
        const area = areaOf(range, grids)
        if (typeof area === 'string') return bad(area)
        if (area.toRow < area.fromRow + values.length - 1 || area.fromRow + values.length - 1 > area.grid.rows)
          return bad(`${range} exceeds grid limits`)
      }
      for (const { range, values } of data) {
        const area = areaOf(range, grids)
        if (typeof area === 'string') continue
        values.forEach((cells, row) => cells.forEach((cell, column) => put(area.grid, area.fromRow + row, area.fromColumn + column, cell))) // prettier-ignore
      }
      return { status: 200, body: {} }
    }
    if (method === 'POST' && path === '/values:batchClear') {
      for (const range of body['ranges'] as string[]) {
        const area = areaOf(range, grids)
        if (typeof area === 'string') return bad(area)
        for (let row = area.fromRow; row <= Math.min(area.toRow, area.grid.cells.length); row++)
          for (let column = area.fromColumn; column <= area.toColumn; column++) put(area.grid, row, column, '')
      }
      return { status: 200, body: {} }
    }
    if (method === 'GET' && path.startsWith('/values/')) {
      const area = areaOf(path.slice('/values/'.length), grids)
      if (typeof area === 'string') return bad(area)
      const read = area.grid.cells
        .slice(area.fromRow - 1, area.toRow)
        .map((cells) =>
          trimmed(Array.from(cells.slice(area.fromColumn - 1, area.toColumn), (cell: Cell | undefined) => cell ?? '')),
        )
      while (read.at(-1)?.length === 0) read.pop()
      // As Google does, an empty range has no `values` at all.
      return {
        status: 200,
        body: read.length === 0 ? { majorDimension: 'ROWS' } : { majorDimension: 'ROWS', values: read },
      }
    }
    return { status: 404, body: refusal(404, `${method} ${path}`) }
  }

  return {
    base,
    id,
    credentials: {
      type: 'service_account',
      client_email: email,
      private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      private_key_id: 'key-1',
    },
    tab: (title) => (grids.get(title) ?? addTab(title)).cells,
    tabTitles: () => [...grids.keys()],
    shrink(title, rows) {
      const grid = grids.get(title)
      if (grid !== undefined) grid.rows = rows
    },
    fail: (...more) => void (faults = more),
    calls() {
      const before = calls
      calls = []
      return before
    },
    takeTokensBack: () => void (good = new Set()),
    tokens: () => given,
    async close() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => void server.close(() => resolve()))
    },
  }
}

interface Area {
  readonly grid: Grid
  readonly fromRow: number
  readonly toRow: number
  readonly fromColumn: number
  readonly toColumn: number
}

/** `Sales!A2:I5`, `Sales!A2:A`, `Sales!B7` or a whole tab. A text: Google's refusal. */
function areaOf(range: string, grids: ReadonlyMap<string, Grid>): Area | string {
  const [title = '', cells] = range.split('!')
  const grid = grids.get(title)
  if (grid === undefined) return `Unable to parse range: ${range}`
  if (cells === undefined) return { grid, fromRow: 1, toRow: grid.rows, fromColumn: 1, toColumn: 26 }
  const [, column = '', row, toColumn, toRow] = /^([A-Z])(\d+)(?::([A-Z])(\d*))?$/.exec(cells) ?? []
  if (row === undefined) return `Unable to parse range: ${range}`
  if (Number(row) > grid.rows) return `Range (${range}) exceeds grid limits. Max rows: ${grid.rows}, max columns: 26`
  const isOne = toColumn === undefined
  return {
    grid,
    fromRow: Number(row),
    toRow: isOne ? grid.rows : toRow === '' ? grid.rows : Number(toRow),
    fromColumn: column.charCodeAt(0) - 64,
    toColumn: isOne ? 26 : toColumn.charCodeAt(0) - 64,
  }
}

function put(grid: Grid, row: number, column: number, cell: Cell): void {
  for (let at = grid.cells.length; at < row; at++) grid.cells.push([])
  const cells = grid.cells[row - 1] ?? []
  for (let at = cells.length; at < column; at++) cells.push('')
  cells[column - 1] = cell
}

function trimmed(cells: Cell[]): Cell[] {
  let end = cells.length
  while (end > 0 && cells[end - 1] === '') end--
  return cells.slice(0, end)
}

const refusal = (code: number, message: string): object => ({ error: { code, message, status: 'REFUSED' } })

function send(response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}
