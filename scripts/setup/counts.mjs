/**
 * Counts: passed, failed and skipped, from what the check and vitest write. No outcome at all counts as one failure.
 */

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/**
 * @param {string | null} json what scripts/check.ts wrote
 * @returns {Counts}
 */
export function readCheckCounts(json) {
  if (json === null) return { passed: 0, failed: 1, skipped: 0 }
  const results = /** @type {{ ok: boolean }[]} */ (JSON.parse(json))
  const passed = results.filter(({ ok }) => ok).length
  return { passed, failed: results.length - passed, skipped: 0 }
}

/**
 * A file that could not even be loaded has no tests to count: it counts as one failure.
 * @param {string | null} json what vitest's JSON reporter wrote
 * @returns {Counts}
 */
export function readTestCounts(json) {
  if (json === null) return { passed: 0, failed: 1, skipped: 0 }
  const report = /** @type {{ testResults: { status: string, assertionResults: { status: string }[] }[] }} */ (
    JSON.parse(json)
  )
  const counts = { passed: 0, failed: 0, skipped: 0 }
  for (const { status, assertionResults } of report.testResults) {
    const failedBefore = counts.failed
    for (const one of assertionResults) {
      if (one.status === 'passed') counts.passed += 1
      else if (one.status === 'failed') counts.failed += 1
      else counts.skipped += 1
    }
    if (status === 'failed' && counts.failed === failedBefore) counts.failed += 1
  }
  return counts
}
