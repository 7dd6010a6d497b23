import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { camerasViewSchema, kioskViewSchema, relayViewSchema, type KioskView } from '../../../src/contract/kiosk.ts'
import { silent } from '../../../src/core/ports.ts'
import { err, ok } from '../../../src/core/result.ts'
import { serveGateway, type GatewayPorts } from '../../../src/gateway/gateway.ts'
import { keepOperator, operatorDoor } from '../../../src/gateway/operators.ts'
import { keptSecret, sameSecret } from '../../../src/gateway/secrets.ts'
import { clarityWords } from '../../../vision/camera/clarity.ts'

const token = 'ab'.repeat(16)
let dir: string
let url: string
let close: () => Promise<void>
let nowMs = 0
let said: string[]
let changed: () => void
let view: KioskView

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'gateway-'))
  const screens = join(dir, 'screens')
  for (const page of ['kiosk', 'virtual']) {
    mkdirSync(join(screens, page), { recursive: true })
    writeFileSync(join(screens, page, 'index.html'), `<title>${page}</title>`)
  }
  writeFileSync(join(dir, 'cola.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>')
  nowMs = 0
  said = []
  changed = () => {}
  view = {
    type: 'view',
    fridge: { id: 'f', name: 'F', contact: 'C' },
    currency: 'EUR',
    holdMinor: 1000,
    online: true,
    temperatureCelsius: 4,
    screen: { at: 'attract' },
    stock: { cola: 3 },
  }
  const ports: GatewayPorts = {
    token,
    screens,
    catalogue: { currency: 'EUR', products: [] },
    picture: (sku) => (sku === 'cola' ? { root: dir, path: 'cola.svg', type: 'image/svg+xml' } : null),
    view: () => view,
    onView(listener) {
      changed = listener
      return () => {}
    },
    dismiss: () => void said.push('dismiss'),
    cancel: () => void said.push('cancel'),
    clearSafety: (by, reason) => void said.push(`clear ${by} ${reason}`),
    review({ visit, taken, by }) {
      if (taken.some((line) => line.sku !== 'cola')) return err('unknownProduct')
      said.push(`review ${visit} ${taken.length} ${by}`)
      return ok(null)
    },
    cameras: () => ({
      worker: 'ready',
      says: null,
      cameras: [{ camera: 'left', fault: 'black', says: clarityWords.black }],
    }),
    relay: {
      view: () => ({
        fridge: 'f',
        relay: 'https://relay.test',
        paired: true,
        at: 'idle',
        acknowledgedSeq: 7,
        pending: 0,
        lastError: null,
        setAside: [],
      }),
      pair: async ({ code, relay, by }) => {
        said.push(`pair ${code} ${relay} ${by}`)
        return code === 'AAAA-AAAA' ? null : { code: 'badCode', message: 'the code is wrong' }
      },
      retry: () => void said.push('retry'),
    },
    operators: operatorDoor(dir, { nowMs: () => nowMs, after: () => () => {} }),
    log: silent,
  }
  const gateway = await serveGateway(ports, 0)
  url = gateway.url
  close = () => gateway.close()
})
afterEach(async () => {
  await close()
  rmSync(dir, { recursive: true, force: true })
})

const bearer = { authorization: `Bearer ${token}` }
const clear = (body: unknown): Promise<Response> => post('/api/operator/clear', body)
const post = (path: string, body: unknown): Promise<Response> =>
  fetch(`${url}${path}`, {
    method: 'POST',
    headers: { ...bearer, 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })

/** A request with headers that fetch would not let us forge. */
const forged = (path: string, headers: Record<string, string>): Promise<number> =>
  new Promise((resolve, reject) => {
    request(`${url}${path}`, { headers }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
      .on('error', reject)
      .end()
  })

test('pages are open, what they ask is not', async () => {
  expect((await fetch(`${url}/kiosk/`)).status).toBe(200)
  expect((await fetch(`${url}/api/catalogue`)).status).toBe(401)
  expect((await fetch(`${url}/api/catalogue`, { headers: { authorization: 'Bearer nonsense' } })).status).toBe(401)
  expect((await fetch(`${url}/api/catalogue`, { headers: bearer })).status).toBe(200)
})

test('a name that is not this machine`s, or a page from elsewhere, is refused', async () => {
  expect(await forged('/kiosk/', { host: 'fridge.example' })).toBe(421)
  expect(await forged('/api/catalogue', { ...bearer, origin: 'http://evil.example' })).toBe(403)
  expect(await forged('/api/catalogue', { ...bearer, origin: url })).toBe(200)
})

test('every answer carries the content policy, and a picture may run nothing', async () => {
  const page = await fetch(`${url}/kiosk/`)
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
  expect(page.headers.get('content-security-policy')).not.toContain('unsafe')
  const picture = await fetch(`${url}/api/products/cola/picture?token=${token}`)
  expect(picture.headers.get('content-type')).toContain('image/svg+xml')
  expect(picture.headers.get('content-security-policy')).toContain('sandbox')
  expect((await fetch(`${url}/api/products/..%2Fcola/picture?token=${token}`)).status).toBe(404)
})

test('a screen gets the view at once and after each change, and may say only what the contract knows', async () => {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/api/kiosk?token=${token}`)
  const heard: unknown[] = []
  let wake = (): void => {}
  socket.on('message', (bytes: Buffer) => {
    heard.push(JSON.parse(bytes.toString('utf8')))
    wake()
  })
  const count = (type: 'view' | 'error'): number =>
    heard.filter((one) => ((one as { type?: string }).type === 'error') === (type === 'error')).length
  const until = (type: 'view' | 'error', wanted: number): Promise<void> =>
    new Promise((resolve) => {
      wake = () => {
        if (count(type) >= wanted) resolve()
      }
      wake()
    })
  const next = (wanted: number): Promise<void> => until('view', wanted)
  const errors = (wanted: number): Promise<void> => until('error', wanted)
  await next(1)
  expect(kioskViewSchema.parse(heard[0]).screen.at).toBe('attract')
  view = { ...view, screen: { at: 'holding', amountMinor: 1000 } }
  changed()
  changed() // two changes in one breath are one view
  await next(2)
  expect(heard[1]).toMatchObject({ screen: { at: 'holding' } })
  socket.send('{"type":"openDoor"}')
  await errors(1)
  socket.send('not json')
  await errors(2)
  socket.send('{"type":"cancel"}')
  socket.send('{"type":"dismiss"}')
  socket.send('{"type":"openDoor"}')
  await errors(3)
  expect(said).toEqual(['cancel', 'dismiss'])
  await next(count('view') + 1) // and again although nothing changed: a screen knows by it that the fridge is alive
  socket.close()
})

test('a socket without the token is not opened', async () => {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/api/kiosk?token=${'00'.repeat(16)}`)
  const failure = await new Promise<Error>((resolve) => socket.on('error', resolve))
  expect(failure.message).toContain('401')
})

test('[D5] sales are cleared by a name, a PIN and a reason, and by nothing less', async () => {
  keepOperator(dir, 'Operator', '482913')
  expect((await clear('{"name":')).status).toBe(400)
  expect(await (await clear({ name: 'Operator', pin: '12', reason: 'x' })).json()).toMatchObject({
    error: { message: expect.stringMatching(/6 to 12 digits/) as string },
  })
  expect((await clear({ name: 'Operator', pin: '000000', reason: 'checked' })).status).toBe(401)
  expect((await clear({ name: 'Nobody', pin: '482913', reason: 'checked' })).status).toBe(401)
  expect(said).toEqual([])
  expect((await clear({ name: 'Operator', pin: '482913', reason: 'checked' })).status).toBe(200)
  expect(said).toEqual(['clear Operator checked'])
})

test('[M5] [P3] a doubt is decided by a name, a PIN and a reason, and about what is sold here', async () => {
  keepOperator(dir, 'Operator', '482913')
  const visit = '00000000-0000-4000-8000-000000000001'
  const verdict = { name: 'Operator', pin: '482913', reason: 'seen', visit, lines: [{ sku: 'cola', count: 2 }] }
  expect((await post('/api/operator/review', { ...verdict, pin: '000000' })).status).toBe(401)
  expect((await post('/api/operator/review', { ...verdict, lines: [{ sku: 'cola', count: -2 }] })).status).toBe(400)
  const unknown = await post('/api/operator/review', { ...verdict, lines: [{ sku: 'gold', count: 1 }] })
  expect(await unknown.json()).toMatchObject({ error: { code: 'unknownProduct' } })
  expect((await post('/api/operator/review', verdict)).status).toBe(200)
  expect(said).toEqual([`review ${visit} 1 Operator`])
})

test('guessing a PIN is slowed, and the right one waits too', async () => {
  keepOperator(dir, 'Operator', '482913')
  for (let guess = 0; guess < 5; guess++) await clear({ name: 'Operator', pin: '000000', reason: 'checked' })
  expect((await clear({ name: 'Operator', pin: '482913', reason: 'checked' })).status).toBe(429)
  nowMs += 15_001
  expect((await clear({ name: 'Operator', pin: '482913', reason: 'checked' })).status).toBe(200)
})

test('[P1] secrets and PINs are files that only their owner reads, and no PIN is in one', () => {
  const secret = keptSecret(dir, 'link.key')
  expect(keptSecret(dir, 'link.key')).toBe(secret)
  keepOperator(dir, 'Operator', '482913')
  for (const file of ['link.key', 'operators.json']) expect(statSync(join(dir, file)).mode & 0o777).toBe(0o600)
  writeFileSync(join(dir, 'link.key'), 'short')
  expect(() => keptSecret(dir, 'link.key')).toThrow(/link.key is not 64 hex digits/)
  expect(sameSecret('a', 'ab')).toBe(false)
  expect(sameSecret('ab', 'ab')).toBe(true)
})

test('[SY16] [P3] the fridge is paired by a name, a PIN, a reason and the relay`s code; how far it is may be seen', async () => {
  keepOperator(dir, 'Ada', '271828')
  const pair = (body: object) =>
    fetch(`${url}/api/operator/pair`, {
      method: 'POST',
      headers: { ...bearer, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'Ada', pin: '271828', reason: 'a new relay', ...body }),
    })
  expect((await pair({ code: 'AAAA-AAAA', pin: '314159' })).status).toBe(401)
  expect((await pair({ code: 'AAAA-AAAA', reason: '' })).status).toBe(400)
  expect((await pair({ code: 'A' })).status).toBe(400)
  const refused = await pair({ code: 'BBBB-BBBB', relay: 'relay.test' })
  expect([refused.status, await refused.json()]).toMatchObject([409, { error: { code: 'badCode' } }])
  expect((await pair({ code: ' AAAA-AAAA ' })).status).toBe(200)
  expect(said).toEqual(['pair BBBB-BBBB relay.test Ada', 'pair AAAA-AAAA undefined Ada'])

  const seen = await fetch(`${url}/api/operator/relay`, { headers: bearer })
  expect(relayViewSchema.parse(await seen.json())).toMatchObject({ paired: true, acknowledgedSeq: 7, pending: 0 })
  expect((await fetch(`${url}/api/operator/relay/retry`, { method: 'POST', headers: bearer })).status).toBe(200)
  expect(said.at(-1)).toBe('retry')
  expect((await fetch(`${url}/api/operator/relay`)).status).toBe(401)
})

test('an operator sees who looks into the fridge, and what keeps them from it', async () => {
  const looking = async () =>
    camerasViewSchema.parse(await (await fetch(`${url}/api/operator/cameras`, { headers: bearer })).json())
  expect(await looking()).toEqual({
    worker: 'ready',
    says: null,
    cameras: [{ camera: 'left', fault: 'black', says: clarityWords.black }],
  })
  expect((await fetch(`${url}/api/operator/cameras`)).status).toBe(401)
})
