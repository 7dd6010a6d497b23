/** Relays that break the laws of sync on purpose, to see that somebody says so. */
import { expect, test } from 'vitest'
import type { Page } from '../../sync/relay/intake.ts'
import type { JudgedRow } from '../../sync/relay/judge.ts'
import { stillWeather } from './faults.ts'
import { simulate } from './simulation.ts'

/** The laws that a seed breaks where the relay writes like this. */
async function brokenBy(
  write: (page: Page, rows: readonly JudgedRow[]) => ReturnType<Page['write']>,
): Promise<Set<string>> {
  const { violations } = await simulate({
    seed: 3,
    events: 60,
    weather: stillWeather,
    broken: {
      relay: (books) => ({
        ...books,
        page: (fridge, work) => books.page(fridge, (page) => work({ ...page, write: (rows) => write(page, rows) })),
      }),
    },
  })
  return new Set(violations.map(({ law }) => law))
}
const isOf = ({ verdict }: JudgedRow, type: string): boolean => 'event' in verdict && verdict.event.type === type
const aside = (row: JudgedRow): JudgedRow => ({ ...row, verdict: { why: 'unknownEvent', detail: '' } })

test('a relay that does as it should breaks none', async () => {
  expect(await brokenBy((page, rows) => page.write(rows))).toEqual(new Set())
})

test('[Y1] a relay that keeps another row than it was sent', async () => {
  const change = (row: JudgedRow): JudgedRow => (row.seq === 20 ? { ...row, body: '{}' } : row)
  expect(await brokenBy((page, rows) => page.write(rows.map(change)))).toEqual(new Set(['Y1']))
})

test('[Y3] [M9] a relay that sets captures aside without need', async () => {
  const laws = await brokenBy((page, rows) =>
    page.write(rows.map((row) => (isOf(row, 'HoldCaptured') ? aside(row) : row))),
  )
  expect(laws).toEqual(new Set(['Y3', 'M9']))
})

test('[Y1] [Y3] a relay that fails at a row each time, and also when the row is withheld', async () => {
  const laws = await brokenBy(async (page, rows) => {
    if (rows.some(({ seq }) => seq === 40)) throw new Error('again and again')
    return page.write(rows)
  })
  expect(laws).toContain('Y1')
})
