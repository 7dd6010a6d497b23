/** Fridges that break Y5, the law of commands, on purpose, to see that somebody says so. */
import { expect, test } from 'vitest'
import type { Runtime } from '../../src/runtime/runtime.ts'
import { newRemote } from '../../src/runtime/remote.ts'
import { simulate } from './simulation.ts'

/** The laws that a seed with much weather breaks where the runtime hears its commands through this. */
async function brokenBy(runtime: (runtime: Runtime) => Runtime): Promise<Set<string>> {
  const { violations, judged } = await simulate({
    seed: 7,
    events: 200,
    orders: true,
    cameras: false,
    broken: { life: { runtime } },
  })
  expect(judged['Y5']).toBeGreaterThan(5)
  return new Set(violations.map(({ law }) => law))
}

test('a fridge that does as it should breaks none', async () => {
  expect(await brokenBy((runtime) => runtime)).toEqual(new Set())
})

test('[Y5] a fridge that acts on a command twice', async () => {
  const laws = await brokenBy((runtime) => ({
    ...runtime,
    obey(command) {
      const first = runtime.obey(command)
      runtime.obey({ ...command, number: command.number + 1 })
      return first
    },
  }))
  expect(laws).toContain('Y5')
})

test('[Y5] a fridge that takes stale counters, and gives each its own', async () => {
  const laws = await brokenBy((runtime) => ({
    ...runtime,
    fridge: () => ({ ...runtime.fridge(), remote: newRemote }),
    obey: (command) => runtime.obey({ ...command, number: runtime.fridge().remote.lanes[command.lane].highest + 1 }),
  }))
  expect(laws).toContain('Y5')
})

test('[Y5] [M3] a fridge that forgets whose order it was', async () => {
  const laws = await brokenBy((runtime) => ({
    ...runtime,
    obey: (command) => runtime.obey({ ...command, by: 'somebody' }),
  }))
  expect(laws).toContain('Y5')
})
