/** Google's quota: how many requests go in a minute, whatever there is to do. */
import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { createSpreadsheet } from '../../../sync/relay/sheets/google.ts'
import { backOffMs } from '../../../sync/relay/turns.ts'

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const credentials = {
  type: 'service_account' as const,
  client_email: 'relay@example.org',
  private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
}

test('[RL58] a backlog is sent within the quota: 60 requests in any minute, and no fewer than it must be', async () => {
  let now = Date.UTC(2026, 10, 25)
  const sentAtMs: number[] = []
  const tokensAtMs: number[] = []
  const spreadsheet = createSpreadsheet(
    { id: 'sheet', credentials },
    {
      nowMs: () => now,
      wait: async (delayMs) => void (now += delayMs),
      fetch: async (url) => {
        const isToken = url === 'https://oauth2.googleapis.com/token'
        ;(isToken ? tokensAtMs : sentAtMs).push(now)
        return Response.json(isToken ? { access_token: 'token', expires_in: 3_599 } : { sheets: [] })
      },
    },
  )
  for (let call = 0; call < 4_000; call++) await spreadsheet.tabs()
  const inMinute = sentAtMs.map((atMs) => sentAtMs.filter((one) => one >= atMs && one < atMs + 60_000).length)
  expect(Math.max(...inMinute)).toBeLessThanOrEqual(61)
  expect(Math.max(...inMinute)).toBeGreaterThan(50)
  // 4,000 requests are 100 minutes: a token is good for an hour.
  expect(tokensAtMs.length).toBe(2)
})

test('[RL53] [RL58] what fails is tried later each time, a minute at most, and not by all copies at once', () => {
  const waits = [1, 2, 3, 4, 5, 6, 7, 30].map((times) => backOffMs(times, 60_000, 1))
  expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000])
  expect(backOffMs(3, 60_000, 0)).toBe(2_000)
})
