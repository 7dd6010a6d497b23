/**
 * Safety of a local page server: loopback names only, one content policy, a token for everything that is not a static file.
 * Shared by the fridge's gateway and the virtual fridge's.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { sameSecret } from './secrets.ts'

/**
 * `frame-ancestors` lets the virtual fridge's page, on another port of this machine, show the kiosk's screen; `frame-src`
 * lets that page do so.
 */
const contentPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self' ws://127.0.0.1:*",
  'frame-src http://127.0.0.1:*',
  'frame-ancestors http://127.0.0.1:*',
  "base-uri 'none'",
  "form-action 'none'",
].join('; ')

/** Refuses foreign host names (DNS rebinding) and origins, and sends the policy with every answer. */
export function keepLocal(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    if (!isLocal(request.headers.host)) return refuse(reply, 421, 'host', 'this server answers to 127.0.0.1 only')
    const { origin } = request.headers
    if (origin !== undefined && !isLocal(origin.replace(/^http:\/\//, '')))
      return refuse(reply, 403, 'origin', 'this server answers its own pages only')
    reply.headers({
      'content-security-policy': contentPolicy,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
    })
    return undefined
  })
}

/** Asks for the token: a bearer header, or `?token=` where a page can set no header (pictures, sockets). */
export function asksToken(token: string) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const query = request.query as { token?: unknown }
    const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
    const given = bearer ?? (typeof query.token === 'string' ? query.token : '')
    return sameSecret(given, token) ? undefined : refuse(reply, 401, 'token', 'the token is missing or wrong')
  }
}

export const refuse = (reply: FastifyReply, status: number, code: string, message: string): FastifyReply =>
  reply.code(status).send({ ok: false, error: { code, message } })

const isLocal = (host: string | undefined): boolean =>
  host !== undefined && /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(host)
