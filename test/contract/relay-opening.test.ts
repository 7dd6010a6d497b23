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
    '/api/v1/fridges',
    '/api/v1/fridges/{fridge}/revoke',
    '/api/v1/fridges/{fridge}/set-aside',
    '/api/v1/fridges/{fridge}/stock',
    '/api/v1/money',
    '/api/v1/pairing-codes',
    '/api/v1/receipts',
    '/api/v1/sales',
  ])
  await app.close()
})
