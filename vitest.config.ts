/**
 * Tests: one project for each kind, slowest last. `npm test -- FILTER` passes FILTER on.
 * Unit and contract tests share the machine, three files side by side, for they mostly wait; then simulations, a file on each
 * core; then end-to-end tests, two files side by side, but for those that need the machine to themselves.
 */
import { availableParallelism } from 'node:os'
import { basename } from 'node:path'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

const ci = process.env['CI'] === 'true'
/** Vitest itself leaves one core alone, which is half of a small machine. */
const maxWorkers = Math.max(2, availableParallelism())
/** What speaks with relays, brokers and controllers waits for them half of the time. */
const waitingWorkers = maxWorkers + 1

/** One by one: what takes the whole machine by itself, and what must see a visit in the time that it takes. */
const alone = {
  contract: ['test/contract/cameras/worker.test.ts'],
  endToEnd: ['test/e2e/killed.test.ts', 'test/e2e/review.test.ts'],
}

const endToEnd = {
  globalSetup: ['test/e2e/once-a-run.ts'],
  testTimeout: 180_000,
  hookTimeout: 180_000,
  // A second is little for a browser that shares its processor.
  expect: { poll: { timeout: 15_000 } },
  // Real windows on a machine that others use too: once more, and the report says that it took two.
  retry: ci ? 1 : 0,
}

/** Longest first, as far as known: what waits for the last file waits less. Else the largest first, as vitest has it. */
const longest = ['frames', 'screens', 'electron-purchase', 'chromium-purchase', 'relay-copies', 'phone-purchase']
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const at = longest.indexOf(basename(moduleId, '.test.ts'))
      return at === -1 ? longest.length : at
    }
    return (await super.sort(files)).toSorted((one, other) => place(one) - place(other))
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    passWithNoTests: false,
    allowOnly: !ci,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.{ts,tsx}'],
          exclude: ['test/unit/checks/bad/**'],
          testTimeout: 30_000,
          hookTimeout: 30_000,
          maxWorkers: waitingWorkers,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'contract',
          include: ['test/contract/**/*.test.ts'],
          exclude: alone.contract,
          globalSetup: ['test/contract/once-a-run.ts'],
          testTimeout: 30_000,
          hookTimeout: 30_000,
          maxWorkers: waitingWorkers,
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
          ...endToEnd,
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          exclude: alone.endToEnd,
          maxWorkers: 2,
          sequence: { groupOrder: 3 },
        },
      },
      {
        test: {
          ...endToEnd,
          name: 'e2e-alone',
          include: alone.endToEnd,
          fileParallelism: false,
          sequence: { groupOrder: 4 },
        },
      },
      {
        test: {
          name: 'contract-alone',
          include: alone.contract,
          testTimeout: 30_000,
          hookTimeout: 30_000,
          fileParallelism: false,
          sequence: { groupOrder: 5 },
        },
      },
    ],
  },
})
