import { expect, test } from 'vitest'
import { readCheckCounts, readTestCounts } from '../../../scripts/setup/counts.mjs'

test('each check counts as one; no outcome is one failure', () => {
  expect(readCheckCounts('[{"name":"a","ok":true},{"name":"b","ok":false}]')).toEqual({
    passed: 1,
    failed: 1,
    skipped: 0,
  })
  expect(readCheckCounts(null)).toEqual({ passed: 0, failed: 1, skipped: 0 })
})

test('each test counts as one; a file that could not be loaded counts as one failure', () => {
  const file = (status: string, ...assertions: string[]) => ({
    status,
    assertionResults: assertions.map((one) => ({ status: one })),
  })
  const report = {
    testResults: [
      file('passed', 'passed', 'skipped'),
      file('failed', 'passed', 'failed'),
      file('failed'),
      file('passed', 'todo'),
    ],
  }
  expect(readTestCounts(JSON.stringify(report))).toEqual({ passed: 2, failed: 2, skipped: 2 })
  expect(readTestCounts(null)).toEqual({ passed: 0, failed: 1, skipped: 0 })
})
