/**
 * Gateway: the one door for screens, HTTP and WebSocket on loopback.
 *
 * Holds always: nothing but static files without the token; what comes in is validated here and nowhere else; what goes
 * out is the view, which is committed state. Called by runtime/edge.
 */
import fastifyStatic from '@fastify/static'
import fastifyWebsocket from '@fastify/websocket'
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import { z } from 'zod'
import {
  clearSafetySchema,
  decideReviewSchema,
  kioskMessageSchema,
  pairRelaySchema,
  type CamerasView,
  type Catalogue,
  type KioskView,
  type RelayView,
  viewEveryMs,
} from '../contract/kiosk.ts'
import { visitId, type VisitId } from '../core/ids.ts'
import type { Cancel, Log } from '../core/ports.ts'
import type { Result } from '../core/result.ts'
import type { OperatorDoor } from './operators.ts'
import { asksToken, keepLocal, refuse } from './safety.ts'

/** What a person decided that a visit in doubt took. */
export interface Verdict {
  readonly visit: VisitId
  readonly taken: readonly { readonly sku: string; readonly count: number }[]
  readonly by: string
  readonly reason: string
}

const reviewRefusals = {
  notInReview: 'this visit is not waiting for a review',
  unknownProduct: 'the verdict names a product that this fridge does not sell',
  busy: 'the fridge is busy: try again',
} as const

const noCameras: CamerasView = { worker: 'none', says: null, cameras: [] }

/** The owner's relay, as an operator may see and change it. */
export interface RelayDesk {
  view(): RelayView
  /** Null: it is paired. */
  pair(asked: {
    readonly code: string
    readonly relay: string | undefined
    readonly by: string
    readonly reason: string
  }): Promise<{ readonly code: string; readonly message: string } | null>
  retry(): void
}

export interface GatewayPorts {
  readonly token: string
  /** Folder of the built screens. */
  readonly screens: string
  readonly catalogue: Catalogue
  /** The picture of a product, or null where there is none. */
  readonly picture: (sku: string) => { readonly root: string; readonly path: string; readonly type: string } | null
  readonly view: () => KioskView
  readonly onView: (listener: () => void) => Cancel
  readonly dismiss: () => void
  readonly cancel: () => void
  readonly clearSafety: (by: string, reason: string) => void
  readonly review: (verdict: Verdict) => Result<null, keyof typeof reviewRefusals>
  readonly relay: RelayDesk
  /** Absent: there are no cameras. */
  readonly cameras?: () => CamerasView
  readonly operators: OperatorDoor
  readonly log: Log
}

export async function serveGateway(
  ports: GatewayPorts,
  port: number,
): Promise<{ url: string; close(): Promise<void> }> {
  const app = Fastify({ bodyLimit: 64 * 1024, forceCloseConnections: true })
  keepLocal(app)
  await app.register(fastifyWebsocket, { options: { maxPayload: 16 * 1024 } })
  await app.register(fastifyStatic, { root: ports.screens, prefix: '/', index: ['index.html'], redirect: true })
  app.get('/', async (_request, reply) => reply.redirect('/kiosk/'))
  app.get('/api/health', async () => ({ ok: true }))
  await app.register(async (inside) => screensApi(inside, ports))
  app.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    const status = error.statusCode ?? 500
    if (status >= 500) ports.log.warn('a request failed', { path: request.url.split('?')[0], error: error.message })
    return refuse(
      reply,
      status,
      status >= 500 ? 'internal' : 'request',
      status >= 500 ? 'the fridge could not answer' : error.message,
    )
  })
  await app.listen({ host: '127.0.0.1', port })
  const address = app.server.address()
  const bound = typeof address === 'object' && address !== null ? address.port : port
  return { url: `http://127.0.0.1:${bound}`, close: () => app.close() }
}

async function screensApi(app: FastifyInstance, ports: GatewayPorts): Promise<void> {
  app.addHook('onRequest', asksToken(ports.token))

  app.get('/api/catalogue', async () => ports.catalogue)

  app.get<{ Params: { sku: string } }>('/api/products/:sku/picture', async (request, reply) => {
    const picture = ports.picture(request.params.sku)
    if (picture === null) return refuse(reply, 404, 'picture', `no picture of ${request.params.sku}`)
    // A drawing may hold a style sheet of its own; it may load and run nothing.
    reply.header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; sandbox")
    return reply.type(picture.type).header('cache-control', 'max-age=3600').sendFile(picture.path, picture.root)
  })

  app.post('/api/operator/clear', async (request, reply) => {
    const signed = signedBy(clearSafetySchema, request.body, reply)
    if (signed === null) return reply
    ports.clearSafety(signed.name, signed.reason)
    return { ok: true }
  })

  app.post('/api/operator/review', async (request, reply) => {
    const signed = signedBy(decideReviewSchema, request.body, reply)
    if (signed === null) return reply
    const { visit, lines: taken, name: by, reason } = signed
    const decided = ports.review({ visit: visitId(visit), taken, by, reason })
    return decided.ok ? { ok: true } : refuse(reply, 409, decided.error, reviewRefusals[decided.error])
  })

  app.get('/api/operator/relay', async () => ports.relay.view())

  app.get('/api/operator/cameras', async () => ports.cameras?.() ?? noCameras)

  app.post('/api/operator/pair', async (request, reply) => {
    const signed = signedBy(pairRelaySchema, request.body, reply)
    if (signed === null) return reply
    const { code, relay, name: by, reason } = signed
    const refused = await ports.relay.pair({ code, relay, by, reason })
    return refused === null ? { ok: true } : refuse(reply, 409, refused.code, refused.message)
  })

  // Asking again spends a few bytes and changes nothing, so it takes no PIN.
  app.post('/api/operator/relay/retry', async () => {
    ports.relay.retry()
    return { ok: true }
  })

  /** What an operator asks for, when the request is whole and the PIN is theirs; else it has been refused. */
  function signedBy<T extends { name: string; pin: string }>(
    schema: z.ZodType<T>,
    body: unknown,
    reply: FastifyReply,
  ): T | null {
    const parsed = schema.safeParse(body)
    if (!parsed.success) {
      refuse(reply, 400, 'request', z.prettifyError(parsed.error))
      return null
    }
    const signIn = ports.operators.signIn(parsed.data.name, parsed.data.pin)
    if (signIn === 'ok') return parsed.data
    if (signIn === 'wrong') refuse(reply, 401, 'pin', 'the name or the PIN is wrong')
    else refuse(reply, 429, 'wait', `too many wrong PINs: wait ${Math.ceil(signIn.waitMs / 1000)} s`)
    return null
  }

  app.get('/api/kiosk', { websocket: true }, (socket) => {
    let queued = false
    const { catalogue } = ports
    // One push a turn of the event loop, with the newest view: a slow screen skips views, it never queues them.
    const push = (): void => {
      if (queued) return
      queued = true
      setImmediate(() => {
        queued = false
        // Prices have changed from afar: a screen that connects again reads them anew.
        if (ports.catalogue !== catalogue) return socket.close(1012, 'the catalogue has changed')
        if (socket.readyState === socket.OPEN && socket.bufferedAmount < 1_000_000)
          socket.send(JSON.stringify(ports.view()))
      })
    }
    const cancel = ports.onView(push)
    const beat = setInterval(push, viewEveryMs)
    push()
    socket.on('close', () => {
      cancel()
      clearInterval(beat)
    })
    socket.on('error', (error) => ports.log.warn('a screen went away', { error: error.message }))
    socket.on('message', (bytes: Buffer) => {
      const parsed = kioskMessageSchema.safeParse(parseJson(bytes.toString('utf8')))
      if (!parsed.success) {
        socket.send(JSON.stringify({ type: 'error', message: z.prettifyError(parsed.error) }))
        return
      }
      switch (parsed.data.type) {
        case 'dismiss':
          ports.dismiss()
          break
        case 'cancel':
          ports.cancel()
          break
        case 'language':
          break // the screen's own business so far; a receipt by mail will want it
      }
    })
  })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // the schema refuses it, and says so
  }
}
