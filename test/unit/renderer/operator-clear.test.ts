import { expect, test } from 'vitest'
import { clearSafety } from '../../../renderer/kiosk/operator-clear.ts'

const good = { name: 'ada', pin: '314159', reason: 'food checked' }
const answering =
  (status: number, body: unknown): typeof fetch =>
  async () =>
    new Response(JSON.stringify(body), { status })

test('a good name, PIN and reason are sent whole, with the token', async () => {
  let asked: { url: string; init: RequestInit } | null = null
  const answer = await clearSafety(good, { authorization: 'Bearer t' }, async (url, init) => {
    asked = { url: typeof url === 'string' ? url : '', init: init ?? {} }
    return new Response('{"ok":true}')
  })
  expect(answer).toEqual({ code: 'cleared' })
  expect(asked).toMatchObject({ url: '/api/operator/clear', init: { method: 'POST', body: JSON.stringify(good) } })
  expect(asked).toMatchObject({ init: { headers: { authorization: 'Bearer t' } } })
})

test('what the fridge would not take is not sent', async () => {
  const never: typeof fetch = () => Promise.reject(new Error('asked'))
  expect(await clearSafety({ ...good, name: '' }, {}, never)).toEqual({ code: 'name' })
  expect(await clearSafety({ ...good, pin: '12345' }, {}, never)).toEqual({ code: 'pin' })
  expect(await clearSafety({ ...good, reason: 'ok' }, {}, never)).toEqual({ code: 'reason' })
})

test('each refusal has its own words', async () => {
  const refused = (code: string): unknown => ({ ok: false, error: { code, message: 'not now' } })
  expect(await clearSafety(good, {}, answering(401, refused('pin')))).toEqual({ code: 'wrongPin' })
  expect(await clearSafety(good, {}, answering(429, refused('wait')))).toEqual({ code: 'tooMany' })
  expect(await clearSafety(good, {}, answering(500, refused('internal')))).toEqual({
    code: 'refused',
    message: 'not now',
  })
})

test('no answer, and one that makes no sense, are "try again"', async () => {
  expect(await clearSafety(good, {}, () => Promise.reject(new TypeError('no network')))).toEqual({
    code: 'unreachable',
  })
  expect(await clearSafety(good, {}, answering(502, 'what?'))).toEqual({ code: 'unreachable' })
})
