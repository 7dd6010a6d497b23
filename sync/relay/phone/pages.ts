/**
 * Pages: the phone page at `/phone/`, as it was built, and at `/f/FRIDGE`, which a fridge's code says, with that fridge in it.
 * Holds always: the page runs its own scripts and the payment provider's, speaks to this relay and to the provider, and stands in
 * no other page's frame. Whether it is built or not, the relay runs.
 */
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { fridgeIdSchema } from '../../protocol/messages.ts'
import { packed, pageGiving, type Given } from './first-page.ts'

/** Vite's build, from here and from the relay as one file; in a container it stands beside that. */
const built = ['../../../dist/renderer/phone/', '../../dist/renderer/phone/', './renderer/phone/'].map(
  (path) => new URL(path, import.meta.url),
)

/** Where Stripe.js and its frames come from; never tried against Stripe itself. */
const stripe = {
  script: ['https://js.stripe.com', 'https://*.js.stripe.com', 'https://maps.googleapis.com'],
  connect: ['https://api.stripe.com', 'https://maps.googleapis.com'],
  frame: ['https://js.stripe.com', 'https://*.js.stripe.com', 'https://hooks.stripe.com'],
  image: ['https://*.stripe.com'],
}

/** `script`: the provider's; null: nobody pays here. */
export function phonePolicy(script: string | null): string {
  const origin = script === null ? null : new URL(script).origin
  const provider =
    origin === null
      ? { script: [], connect: [], frame: ["'none'"], image: [] }
      : origin === 'https://js.stripe.com'
        ? stripe
        : { script: [origin], connect: [origin], frame: [origin], image: [origin] }
  return [
    "default-src 'none'",
    ["script-src 'self'", ...provider.script].join(' '),
    ["connect-src 'self'", ...provider.connect].join(' '),
    ['frame-src', ...provider.frame].join(' '),
    ["img-src 'self' data: blob:", ...provider.image].join(' '),
    "style-src 'self'",
    "font-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  ].join('; ')
}

/** `given`: what a fridge's page begins with; null: it is not known, or not now. */
export async function phonePages(
  app: FastifyInstance,
  {
    script,
    given,
  }: {
    readonly script: string | null
    readonly given: (fridge: string, request: FastifyRequest) => Promise<Given | null>
  },
): Promise<void> {
  const hidden = { schema: { hide: true } }
  const root = built.map((url) => fileURLToPath(url)).find((folder) => existsSync(`${folder}index.html`))
  if (root === undefined) {
    app.get('/phone/', hidden, async (_request, reply) =>
      reply.code(503).type('text/plain').send('The phone page is not built: npm run build\n'),
    )
    app.get('/f/:fridge', hidden, async (_request, reply) => reply.redirect('/phone/', 302))
    return
  }
  const origin = script === null ? '' : ` "${new URL(script).origin}"`
  await app.register(async (pages) => {
    pages.addHook('onSend', async (_request, reply) => {
      void reply.header('content-security-policy', phonePolicy(script))
      void reply.header('permissions-policy', `camera=(self), payment=(self${origin}), geolocation=(), microphone=()`)
    })
    const page = pageGiving(readFileSync(`${root}index.html`, 'utf8'))
    pages.get('/f/:fridge', hidden, async (request, reply) => {
      const id = fridgeIdSchema.safeParse((request.params as { fridge: string }).fridge.toLowerCase())
      if (!id.success) return reply.redirect('/phone/', 302)
      const found = await given(id.data, request).catch((error: unknown) => {
        request.log.warn({ err: error }, 'a fridge could not be written into its page; the page asks by itself')
        return null
      })
      const { body, encoding } = await packed(page(found), request.headers['accept-encoding'] ?? '')
      if (encoding !== null) void reply.header('content-encoding', encoding)
      void reply.headers({ 'cache-control': 'no-store', vary: 'accept-encoding' })
      return reply.type('text/html; charset=utf-8').send(body)
    })
    // Vite has put the compressed forms beside each file.
    const common = { decorateReply: false, schemaHide: true, preCompressed: true }
    // Vite puts a hash of its content into each name below assets/; everything else is asked for anew.
    await pages.register(fastifyStatic, {
      ...common,
      root: `${root}assets`,
      prefix: '/phone/assets/',
      index: false,
      maxAge: '365d',
      immutable: true,
    })
    await pages.register(fastifyStatic, {
      ...common,
      root,
      prefix: '/phone/',
      index: ['index.html'],
      redirect: true,
      cacheControl: false,
    })
  })
}
