/**
 * Server: the page of one replayed visit, on this machine's own address only, behind a token that is told nowhere but on the
 * terminal that started it. Pictures of shoppers' hands: nothing is cached, nothing loads from elsewhere, no other path answers.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { Difference } from './difference.ts'
import { page } from './page.ts'
import type { Cabinet, StoredVisit } from './stored.ts'
import type { Today } from './today.ts'
import { languages, type Language } from './words.ts'

const styleFiles = ['../../renderer/theme/tokens.css', './page.css'].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
)

export interface Served {
  readonly address: string
  close(): void
}

/** Gives the address once it can be opened. */
export async function servePage(
  stored: StoredVisit,
  today: Today,
  apart: Difference | null,
  cabinet: Cabinet,
): Promise<Served> {
  const token = randomBytes(24).toString('base64url')
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1')
    const [, key = '', ...rest] = url.pathname.split('/')
    if (request.method !== 'GET' || !same(key, token)) return answer(response, 404, 'text/plain', '')
    const name = rest.join('/')
    if (name === '') {
      const language =
        languages.find((one) => one === url.searchParams.get('language')) ??
        preferred(request.headers['accept-language'])
      const theme = url.searchParams.get('theme') === 'dark' ? 'dark' : 'light'
      return answer(
        response,
        200,
        'text/html; charset=utf-8',
        page({ stored, today, apart, cabinet }, { token, language, theme }),
      )
    }
    return void served(response, name, today)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { address: `http://127.0.0.1:${port}/${token}/`, close: () => server.close() }
}

async function served(response: ServerResponse, name: string, { frames }: Today): Promise<void> {
  if (name === 'page.css') {
    const styles = await Promise.all(styleFiles.map(async (path) => readFile(path, 'utf8')))
    return answer(response, 200, 'text/css; charset=utf-8', styles.join('\n'))
  }
  const frame = /^\d+\.jpg$/.test(name) ? frames[Number.parseInt(name, 10)] : undefined
  const bytes = frame === undefined ? null : await readFile(frame.picture.file).catch(() => null)
  return bytes === null ? answer(response, 404, 'text/plain', '') : answer(response, 200, 'image/jpeg', bytes)
}

function answer(response: ServerResponse, status: number, type: string, body: string | Buffer): void {
  response.writeHead(status, {
    'Content-Type': type,
    'Cache-Control': 'no-store',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'Content-Security-Policy':
      "default-src 'none'; img-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  })
  response.end(body)
}

function same(key: string, token: string): boolean {
  const [given, wanted] = [Buffer.from(key), Buffer.from(token)]
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

const preferred = (accepted = ''): Language => languages.find((one) => accepted.toLowerCase().startsWith(one)) ?? 'en'
