/**
 * Publishable: what a browser may do at this bank with the key that is no secret: look at one intent and confirm it, by the
 * client's secret, and hand over a card's number, which no server may.
 * Holds always: nothing else is answered by this key, and of an intent only what its own secret opens. Called by bank.ts.
 */
import { createHash } from 'node:crypto'
import type { Books } from './books.ts'
import { cardOfNumber } from './cards.ts'
import type { Form } from './form.ts'
import { invalid, Refusal } from './refusal.ts'
import type { FoundRoute } from './routes.ts'

export const publishableKeyOf = (secretKey: string): string =>
  `pk_test_${createHash('sha256').update(`publishable ${secretKey}`).digest('hex').slice(0, 24)}`

const allowed = new Set([
  'GET /v1/setup_intents/:id',
  'POST /v1/setup_intents/:id/confirm',
  'GET /v1/payment_intents/:id',
  'POST /v1/payment_intents/:id/confirm',
])

/** Makes of a browser's form one that the route knows: its card becomes a method. Throws a Refusal. */
export function openForBrowser(books: Books, found: FoundRoute, form: Form): void {
  const { route, id } = found
  if (!allowed.has(`${route.method} ${route.path}`))
    throw new Refusal(
      403,
      { type: 'invalid_request_error', message: 'This API call cannot be made with a publishable API key.' },
      false,
    )
  const secret = form.get('client_secret')
  const kept = (books.setupIntents.get(id) ?? books.intents.get(id))?.clientSecret
  if (kept === undefined || secret !== kept)
    throw invalid('The client_secret provided does not match any associated intent.', 'client_secret')
  for (const name of ['key', 'client_secret', 'use_stripe_sdk', 'payment_user_agent']) form.delete(name)
  const told = form.get('payment_method_data')
  if (told === undefined) return
  form.delete('payment_method_data')
  if (typeof told === 'string' || told.get('type') !== 'card')
    throw invalid('Only cards are taken here.', 'payment_method_data[type]')
  const facts = told.get('card')
  if (facts === undefined || typeof facts === 'string') throw invalid('Missing card.', 'payment_method_data[card]')
  const text = (name: string): string => {
    const value = facts.get(name)
    return typeof value === 'string' ? value : ''
  }
  const [number, month, year] = [text('number').replaceAll(/\s/g, ''), Number(text('exp_month')), Number(text('exp_year'))] // prettier-ignore
  const wrong = (message: string, code: string): Refusal =>
    new Refusal(402, { type: 'card_error', code, message }, false)
  const card = cardOfNumber(number)
  if (card === null) throw wrong('Your card number is incorrect.', 'incorrect_number')
  if (!(month >= 1 && month <= 12)) throw wrong("Your card's expiration month is invalid.", 'invalid_expiry_month')
  const ends = Date.UTC(year < 100 ? 2000 + year : year, month) / 1000
  if (!(ends > books.nowS())) throw wrong("Your card's expiration year is invalid.", 'invalid_expiry_year')
  if (!/^\d{3,4}$/.test(text('cvc'))) throw wrong("Your card's security code is invalid.", 'invalid_cvc')
  form.set('payment_method', books.addMethod('card', card).id)
}
