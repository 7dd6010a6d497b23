/**
 * Tests: one project for each kind, slowest last. `npm test -- FILTER` passes FILTER on.
 * Unit, contract and simulation tests share the machine, a file on each core; end-to-end tests have it to themselves, one
 * file after the other, for what is painted, touched and killed there is told by the clock.
 */
import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

const ci = process.env['CI'] === 'true'
/** Vitest itself leaves one core alone, which is half of a small machine; much of what is tested here waits. */
const maxWorkers = Math.max(2, availableParallelism())

export default defineConfig({
  test: {
    passWithNoTests: false,
    allowOnly: !ci,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.{ts,tsx}'],
          exclude: ['test/unit/checks/bad/**'],
          testTimeout: 15_000,
          maxWorkers,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'contract',
          include: ['test/contract/**/*.test.ts'],
          globalSetup: ['test/contract/once-a-run.ts'],
          testTimeout: 30_000,
          hookTimeout: 30_000,
          maxWorkers,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'sim',
          include: ['test/sim/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 60_000,
          maxWorkers,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
          // Real windows on a machine that others use too: once more, and the report says that it took two.
          retry: ci ? 1 : 0,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
})
