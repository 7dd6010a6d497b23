/**
 * The bank on loopback: HTTP/1.1 for the real SDK over a real socket. Never for a network: it binds where it is told,
 * which is 127.0.0.1 unless a test says otherwise.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Bank } from './bank.ts'
import { bankPage } from './page.ts'
import type { WebhookTarget } from './webhooks.ts'

const largestBodyBytes = 256 * 1024

export interface BankServer {
  readonly host: string
  readonly port: number
  close(): Promise<void>
}

/** Listens; port 0 takes any free one. Rejects with the socket's error (EADDRINUSE, ...) when it can't. */
export async function serveBank(
  bank: Bank,
  at: { readonly port: number; readonly host?: string },
): Promise<BankServer> {
  const host = at.host ?? '127.0.0.1'
  const server = createServer((request, response) => {
    answer(bank, request, response).catch(() => response.destroy())
  })
  // A client must meet its own time-out, not ours.
  server.requestTimeout = 0
  server.keepAliveTimeout = 60_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(at.port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the bank has no TCP address')
  return {
    host,
    port: address.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
        server.closeAllConnections()
      }),
  }
}

/** Carries webhooks to `url` by POST; a receiver that takes longer than 10 s has not received. */
export const postTo =
  (url: string): WebhookTarget['deliver'] =>
  async ({ headers, body }) => {
    const response = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(10_000) })
    await response.body?.cancel()
    return response.status
  }

async function answer(bank: Bank, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const page = request.method === 'GET' ? bankPage(request.url ?? '/') : null
  if (page !== null) {
    const { type, policy, body } = page
    response.writeHead(200, {
      'content-type': `${type}; charset=utf-8`,
      'content-security-policy': policy,
      'cache-control': 'no-cache',
    })
    response.end(body)
    return
  }
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue
    size += chunk.length
    if (size > largestBodyBytes) {
      response.writeHead(413, { 'content-type': 'application/json', connection: 'close' })
      response.end(
        JSON.stringify({
          error: { type: 'invalid_request_error', message: `The body is larger than ${largestBodyBytes} bytes` },
        }),
      )
      return
    }
    chunks.push(chunk)
  }
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(request.headers))
    headers[name] = Array.isArray(value) ? value.join(', ') : (value ?? '')
  const wire = await bank.respond({
    method: request.method ?? 'GET',
    path: request.url ?? '/',
    headers,
    body: Buffer.concat(chunks).toString('utf8'),
  })
  switch (wire.type) {
    case 'response':
      response.writeHead(wire.status, { ...wire.headers, 'content-length': Buffer.byteLength(wire.body) })
      response.end(wire.body)
      return
    case 'silence':
      return // the socket stays open until the caller gives up
    case 'refused':
      request.socket.destroy()
  }
}
