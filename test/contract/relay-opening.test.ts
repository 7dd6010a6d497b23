/** The relay before its database is there, and what it says of itself. */
import { expect, test } from 'vitest'
import { newFridge, relayOn } from './relay-fridge.ts'

test('a relay whose database is being opened says so, and asks fridges to wait', async () => {
  const app = await relayOn(null)
  const fridge = await newFridge(app, null, { type: 'DoorForced' })
  expect((await app.inject('/health')).statusCode).toBe(503)
  expect((await app.inject('/health/live')).statusCode).toBe(200)
  expect((await app.inject('/')).body).toContain('Opening the database')
  expect(await fridge.send(fridge.batch())).toMatchObject({ type: 'busy' })
  expect((await app.inject('/metrics')).body).toContain('visionvend_relay_database_up 0')
  expect((await app.inject({ url: '/api/v1/fridges' })).statusCode).toBe(503)
  await app.close()
})

test('the description of the API names every route of it', async () => {
  const app = await relayOn(null)
  const { paths } = (await app.inject('/openapi.json')).json<{ paths: Record<string, unknown> }>()
  expect(Object.keys(paths).toSorted()).toEqual([
    '/api/v1/alerts',
    '/api/v1/alerts/acknowledge',
    '/api/v1/alerts/escalate',
    '/api/v1/audit',
    '/api/v1/catalogues',
    '/api/v1/changes',
    '/api/v1/changes/preview',
    '/api/v1/changes/undo',
    '/api/v1/drafts',
    '/api/v1/drafts/drop',
    '/api/v1/exports/alerts.csv',
    '/api/v1/exports/alerts.xlsx',
    '/api/v1/exports/captures.csv',
    '/api/v1/exports/captures.xlsx',
    '/api/v1/exports/receipts.csv',
    '/api/v1/exports/receipts.xlsx',
    '/api/v1/exports/refunds.csv',
    '/api/v1/exports/refunds.xlsx',
    '/api/v1/exports/sales.csv',
    '/api/v1/exports/sales.xlsx',
    '/api/v1/exports/stock.csv',
    '/api/v1/exports/stock.xlsx',
    '/api/v1/exports/visits.csv',
    '/api/v1/exports/visits.xlsx',
    '/api/v1/fill',
    '/api/v1/fridges',
    '/api/v1/fridges/{fridge}/capacities',
    '/api/v1/fridges/{fridge}/catalogue',
    '/api/v1/fridges/{fridge}/commands',
    '/api/v1/fridges/{fridge}/counts',
    '/api/v1/fridges/{fridge}/denied',
    '/api/v1/fridges/{fridge}/pictures',
    '/api/v1/fridges/{fridge}/place',
    '/api/v1/fridges/{fridge}/planogram',
    '/api/v1/fridges/{fridge}/price-schedules',
    '/api/v1/fridges/{fridge}/price-schedules/cancel',
    '/api/v1/fridges/{fridge}/prices',
    '/api/v1/fridges/{fridge}/refunds',
    '/api/v1/fridges/{fridge}/restart',
    '/api/v1/fridges/{fridge}/reviews',
    '/api/v1/fridges/{fridge}/revoke',
    '/api/v1/fridges/{fridge}/samples',
    '/api/v1/fridges/{fridge}/set-aside',
    '/api/v1/fridges/{fridge}/stock',
    '/api/v1/fridges/{fridge}/unlock',
    '/api/v1/live',
    '/api/v1/me',
    '/api/v1/money',
    '/api/v1/pairing-codes',
    '/api/v1/places',
    '/api/v1/product-pictures',
    '/api/v1/receipts',
    '/api/v1/refunds',
    '/api/v1/reviews',
    '/api/v1/sales',
    '/api/v1/sales/fridges',
    '/api/v1/sales/spans',
    '/api/v1/vouchers',
    '/api/v1/vouchers/revoke',
    '/save-payment',
    '/shop/card',
    '/shop/fridges/{fridge}',
    '/shop/me',
    '/shop/push',
    '/shop/setup',
    '/shop/sign-in',
    '/shop/sign-in/code',
    '/shop/sign-out',
    '/shop/visits',
    '/shop/visits/{id}',
    '/shop/visits/{id}/live',
    '/shop/visits/{id}/mail',
    '/shop/visits/{id}/receipt.pdf',
    '/shop/visits/{id}/voucher',
    '/transactions',
    '/transactions/{id}',
    '/unlock',
  ])
  await app.close()
})
