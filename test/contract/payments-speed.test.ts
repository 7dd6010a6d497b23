/**
 * How long a purchase takes in the same process: the simulation lives on it. Printed, not judged.
 */
import { expect, test } from 'vitest'
import { effectKey } from '../../src/core/ids.ts'
import { minor } from '../../src/core/money.ts'
import { inProcessDesk } from './payments-desk.ts'

test('a thousand holds placed and captured', async () => {
  const desk = await inProcessDesk()
  const buy = async (): Promise<void> => {
    const hold = desk.hold()
    const placed = await desk.provider.placeHold(hold)
    if (!placed.ok) throw new Error(placed.error.code)
    const { reference } = placed.value
    await desk.provider.capture({
      key: effectKey(`c-${hold.key}`),
      reference,
      amountMinor: minor(420),
      askedAtMs: desk.nowMs(),
    })
  }
  for (let warm = 0; warm < 200; warm += 1) await buy()
  const before = process.cpuUsage()
  for (let times = 0; times < 1_000; times += 1) await buy()
  const { user, system } = process.cpuUsage(before)
  process.stdout.write(
    `placeHold + capture through the SDK, in process: ${Math.round((user + system) / 1_000)} µs of processor\n`,
  )
  expect(desk.bank.summary().sums['EUR']).toMatchObject({ holds: 1_200, heldMinor: 0, capturedMinor: 1_200 * 420 })
})
