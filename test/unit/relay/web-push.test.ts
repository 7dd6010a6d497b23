import { createPublicKey, createECDH, verify } from 'node:crypto'
import { createServer } from 'node:http'
import { expect, test } from 'vitest'
import { createPusher, encrypted } from '../../../sync/relay/mail/web-push.ts'

const bytes = (text: string): Buffer => Buffer.from(text, 'base64url')

test('[RL28] a message is encrypted as RFC 8291, Appendix A, says', () => {
  const told = encrypted(
    {
      p256dh: 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
      auth: 'BTBZMqHH6r4Tts7J_aSIgg',
    },
    Buffer.from('When I grow up, I want to be a watermelon'),
    bytes('DGv6ra1nlYgDCS1FRnbzlw'),
    bytes('yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw'),
  )
  expect(told?.toString('base64url')).toBe(
    'DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN',
  )
})

test('[RL22] [RL28] keys that are none push nothing, and only the makers of browsers are pushed to', async () => {
  const pusher = createPusher({ secret: Buffer.alloc(32, 9), contact: 'mailto:a@b.cd' })
  const keys = { p256dh: createECDH('prime256v1').generateKeys().toString('base64url'), auth: Buffer.alloc(16).toString('base64url') } // prettier-ignore
  for (const endpoint of ['https://fcm.googleapis.com/x', 'https://updates.push.services.mozilla.com/x', 'https://web.push.apple.com/x'])
    expect(pusher.mayGoTo(endpoint)).toBe(true)
  for (const endpoint of ['http://fcm.googleapis.com/x', 'https://fcm.googleapis.com.evil.org/x', 'https://127.0.0.1/x', 'https://a@fcm.googleapis.com/x', 'https://evilpush.apple.com.cn/', 'x'])
    expect(pusher.mayGoTo(endpoint)).toBe(false)
  expect(await pusher.push({ endpoint: 'https://127.0.0.1/x', ...keys }, 'x', 1)).toBe('refused')
  expect(encrypted({ ...keys, p256dh: Buffer.alloc(65, 4).toString('base64url') }, Buffer.from('x'))).toBeNull()
  expect(encrypted({ ...keys, auth: 'aa' }, Buffer.from('x'))).toBeNull()
}) // prettier-ignore

test('[RL28] a push is signed by the relay’s own key for its service, and an answer says what becomes of it', async () => {
  const heard: { authorization: string; ttl: string }[] = []
  let status = 201
  const service = createServer((request, response) => {
    heard.push({ authorization: request.headers.authorization ?? '', ttl: String(request.headers['ttl']) })
    request.resume().on('end', () => response.writeHead(status).end())
  })
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve))
  const at = service.address()
  const origin = `http://127.0.0.1:${typeof at === 'object' && at !== null ? at.port : 0}`
  const pusher = createPusher({ secret: Buffer.alloc(32, 9), contact: 'mailto:a@b.cd' }, origin)
  const browser = createECDH('prime256v1')
  const to = { endpoint: `${origin}/1`, p256dh: browser.generateKeys().toString('base64url'), auth: Buffer.alloc(16, 1).toString('base64url') } // prettier-ignore
  expect(await pusher.push(to, 'hello', 60_000)).toBe('sent')
  const [, token = '', key = ''] = /^vapid t=(.+), k=(.+)$/.exec(heard[0]?.authorization ?? '') ?? []
  expect([key, heard[0]?.ttl]).toEqual([pusher.publicKey, '60'])
  const [head = '', claims = '', signature = ''] = token.split('.')
  const point = bytes(key)
  const jwk = { kty: 'EC', crv: 'P-256', x: point.subarray(1, 33).toString('base64url'), y: point.subarray(33).toString('base64url') } // prettier-ignore
  const by = { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' as const }
  expect(verify('sha256', Buffer.from(`${head}.${claims}`), by, bytes(signature))).toBe(true)
  expect(JSON.parse(bytes(claims).toString())).toMatchObject({ aud: origin, sub: 'mailto:a@b.cd' })
  for (const [answered, outcome] of [[404, 'gone'], [410, 'gone'], [429, 'later'], [503, 'later'], [400, 'refused']] as const) {
    status = answered
    expect(await pusher.push(to, 'hello', 60_000)).toBe(outcome)
  }
  service.closeAllConnections()
  await new Promise((resolve) => service.close(resolve))
  expect(await pusher.push(to, 'hello', 60_000)).toBe('later')
}) // prettier-ignore
