/**
 * Tests: one project for each kind, slowest last. `npm test -- FILTER` passes FILTER on.
 * Unit and contract tests are quick and share the machine; simulation and end-to-end tests have it to themselves.
 */
import { defineConfig } from 'vitest/config'

const ci = process.env['CI'] === 'true'

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
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'contract',
          include: ['test/contract/**/*.test.ts'],
          testTimeout: 30_000,
          hookTimeout: 30_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'sim',
          include: ['test/sim/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 60_000,
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
