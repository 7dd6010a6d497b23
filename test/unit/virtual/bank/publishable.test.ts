import { Script } from 'node:vm'
import { expect, test } from 'vitest'
import type { Clock } from '../../../../src/core/ports.ts'
import { createBank } from '../../../../src/virtual/bank/bank.ts'
import { bankPage } from '../../../../src/virtual/bank/page.ts'

const clock: Clock = { nowMs: () => Date.UTC(2026, 0, 1), after: () => () => {} }
let drawn = 0
const bank = createBank({ clock, random: { bytes: (count) => Buffer.alloc(count, (drawn += 1)), uuid: () => String((drawn += 1)) } }) // prettier-ignore

async function ask(method: 'GET' | 'POST', path: string, form: Record<string, string>, key?: string) {
  const body = new URLSearchParams(form).toString()
  const headers: Record<string, string> = key === undefined ? {} : { authorization: `Bearer ${key}` }
  const answer = await bank.respond({ method, path: method === 'GET' ? `${path}?${body}` : path, headers, body: method === 'GET' ? '' : body }) // prettier-ignore
  if (answer.type !== 'response') throw new Error(answer.type)
  return { status: answer.status, body: JSON.parse(answer.body) as { id: string; client_secret: string; status: string; payment_method: string; error?: { code?: string; type: string } } } // prettier-ignore
}
const setup = async () => (await ask('POST', '/v1/setup_intents', {}, bank.secretKey)).body
const card = (number: string, more: Record<string, string> = {}) => ({
  'payment_method_data[type]': 'card',
  'payment_method_data[card][number]': number,
  'payment_method_data[card][exp_month]': '12',
  'payment_method_data[card][exp_year]': '34',
  'payment_method_data[card][cvc]': '123',
  ...more,
})

test('a browser confirms one intent by its secret with a card’s number, and can do nothing else', async () => {
  const { id, client_secret } = await setup()
  const mine = { key: bank.publishableKey, client_secret }
  const path = `/v1/setup_intents/${id}/confirm`
  expect(await ask('POST', path, { ...mine, ...card('4242 4242 4242 4241') })).toMatchObject({ status: 402, body: { error: { code: 'incorrect_number' } } }) // prettier-ignore
  expect(await ask('POST', path, { ...mine, ...card('4000000000000002') })).toMatchObject({ status: 402, body: { error: { code: 'card_declined' } } }) // prettier-ignore
  expect(await ask('POST', path, { ...mine, client_secret: `${client_secret}x`, ...card('4242424242424242') })).toMatchObject({ status: 400 }) // prettier-ignore
  const confirmed = await ask('POST', path, { ...mine, ...card('4242424242424242') })
  expect(confirmed).toMatchObject({ status: 200, body: { status: 'succeeded' } })
  expect(await ask('GET', `/v1/setup_intents/${id}`, mine)).toMatchObject({ body: { payment_method: confirmed.body.payment_method } }) // prettier-ignore
  for (const other of ['/v1/customers', '/v1/setup_intents', '/v1/payment_intents'])
    expect((await ask('POST', other, { key: bank.publishableKey })).status).toBe(403)
  expect((await ask('POST', path, { key: 'pk_test_x', client_secret })).status).toBe(401)
})

test('a server may hand over no number, and the script’s parts are served with a policy each', async () => {
  expect(await ask('POST', '/v1/payment_methods', { type: 'card', 'card[number]': '4242424242424242' }, bank.secretKey)).toMatchObject({ status: 400 }) // prettier-ignore
  for (const path of ['/v3/', '/v3/element', '/v3/element.js'])
    expect(bankPage(path)?.policy).toContain("default-src 'none'")
  expect(bankPage('/v3/other')).toBeNull()
  for (const path of ['/v3/', '/v3/element.js']) expect(() => new Script(bankPage(path)?.body ?? '')).not.toThrow()
})
