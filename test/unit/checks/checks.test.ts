/**
 * The checks, judged by what they must catch: each is given a small tree that is good but for one thing.
 */
import { describe, expect, test } from 'vitest'
import { checkCitations } from '../../../scripts/check/citations.ts'
import { checkHouse, checkLengths } from '../../../scripts/check/house.ts'
import { readModule } from '../../../scripts/check/imports.ts'
import { checkRooms } from '../../../scripts/check/rooms.ts'
import { memoryTree } from '../../../scripts/check/tree.ts'

const found = (faults: readonly { path: string; line: number; what: string }[]): string[] =>
  faults.map(({ path, line, what }) => `${path}:${line} ${what}`)

describe('rooms', () => {
  const faultsOf = (files: Record<string, string>): string[] => found(checkRooms(memoryTree(files)))

  test('what the table allows passes', () => {
    expect(
      faultsOf({
        'src/session/step.ts': "import type { Sku } from '../core/ids.ts'\nexport const x = 1",
        'src/ledger/store.ts':
          "import { open } from 'node:fs'\nimport Database from 'better-sqlite3'\nexport const x = 1",
        'renderer/kiosk/app.tsx': "import { minor } from '../../src/core/money.ts'\nexport const x = <p>{minor(1)}</p>",
        'test/unit/x.test.ts': "import { step } from '../../src/session/step.ts'\nstep()",
      }),
    ).toEqual([])
  })

  test('a pure room that asks the ledger is a fault, however it asks', () => {
    const asked = "'../ledger/store.ts'"
    for (const code of [
      `import { append } from ${asked}`,
      `import type { Row } from ${asked}`,
      `export { append } from ${asked}\nexport const x = 1`,
      `const store = await import(${asked})`,
      `export type Row = import(${asked}).Row`,
      "const worker = new URL('../ledger/store.ts', import.meta.url)",
    ]) {
      expect(faultsOf({ 'src/session/step.ts': `const y = 0\n${code}` }), code).toEqual([
        'src/session/step.ts:2 src/session may not import src/ledger/store.ts (it may import src/core)',
      ])
    }
  })

  test('a pure room has neither a package nor Node', () => {
    expect(
      faultsOf({ 'src/fusion/solve.ts': "import { readFileSync } from 'node:fs'\nimport _ from 'lodash/fp'\nf()" }),
    ).toEqual([
      'src/fusion/solve.ts:1 src/fusion may not use node:fs (it may use nothing)',
      'src/fusion/solve.ts:2 src/fusion may not use lodash/fp (it may use nothing)',
    ])
  })

  test('a screen sees the contract and money, never a visit', () => {
    expect(
      faultsOf({ 'renderer/kiosk/app.tsx': "import { step } from '../../src/session/step.ts'\nstep()" }),
    ).toHaveLength(1)
  })

  test('an import that is only spoken of in a comment is none', () => {
    expect(
      readModule('a.ts', "// import('../ledger/store.ts')\n/* new URL('./a.ts', x) */ export const x = 1").imports,
    ).toEqual([])
  })

  test('barrels and homeless files are faults', () => {
    expect(faultsOf({ 'src/core/all.ts': "export * from './money.ts'\nexport { x } from './ids.ts'" })).toEqual([
      'src/core/all.ts:1 is a barrel: import from the file that has the code',
    ])
    expect(faultsOf({ 'src/core/index.ts': 'export const x = 1' })).toHaveLength(1)
    expect(faultsOf({ 'src/attic/box.ts': 'export const x = 1' })[0]).toContain('no room')
  })
})

describe('citations', () => {
  const spec = '# Visit\n\n> **[S1]** One hold.\n> **[S2]** One capture.\n'

  test('a rule that no test names is a fault, at its own line', () => {
    const tree = memoryTree({ 'src/session/SPEC.md': spec, 'test/unit/a.test.ts': "test('[S1] one hold', () => {})" })
    expect(found(checkCitations(tree).faults)).toEqual(['src/session/SPEC.md:4 [S2] is cited by no test under test/'])
  })

  test('only the name of a test cites: a comment or another string does not', () => {
    const code = "// [S2]\nconst text = '[S2]'\ntest.each([1])('[S1] one hold', () => { log('[S2]') })"
    const tree = memoryTree({ 'src/session/SPEC.md': spec, 'test/unit/a.test.ts': code })
    expect(checkCitations(tree).faults.map(({ what }) => what)).toEqual(['[S2] is cited by no test under test/'])
  })

  test('a citation of no rule, and one rule in two places, are faults', () => {
    const tree = memoryTree({
      'src/session/SPEC.md': spec,
      'src/cabinet/SPEC.md': '**[S1]** again',
      'test/contract/a.ts': 'describe(`[S1] [S2] [S9] ${store}`, () => {})',
    })
    expect(found(checkCitations(tree).faults)).toEqual([
      'src/session/SPEC.md:3 [S1] is already a rule at src/cabinet/SPEC.md:1',
      'test/contract/a.ts:1 cites [S9], which stands in no SPEC.md',
    ])
  })

  test('a law may be cited, and the laws that no test names are told', () => {
    const tree = memoryTree({
      'LAWS.md': '- **M1** first\n- **M2** second',
      'test/sim/a.test.ts': "it('[M1] holds', f)",
    })
    expect(checkCitations(tree)).toEqual({ faults: [], rules: 0, uncitedLaws: ['M2'] })
  })
})

describe('house', () => {
  const headed = (code: string): string => `/** What it is for. */\n${code}`
  const faultsOf = (path: string, text: string): string[] => found(checkHouse(memoryTree({ [path]: text })))

  test.each([
    ['a path of one machine', headed("const at = '/wo" + "rk/main/x'"), 'machine'],
    ['a registry host', headed("fetch('https://regis" + "try.npmjs.org/x')"), 'registry'],
    ['work left open', headed('// TO' + 'DO: the rest'), 'left open'],
  ])('%s is a fault', (_, text, word) => {
    expect(faultsOf('src/core/x.ts', text)).toEqual([expect.stringMatching(new RegExp(`^src/core/x.ts:2 .*${word}`))])
  })

  test('a screen that fetches from outside is a fault; svg names its namespace', () => {
    expect(faultsOf('renderer/theme/font.css', '@import "https://fonts.example/inter.css";')).toHaveLength(1)
    expect(faultsOf('renderer/parts/icon.tsx', headed('const ns = "http://www.w3.org/2000/svg"'))).toEqual([])
  })

  test('a file says at its top what it is for, in at most 12 lines', () => {
    expect(faultsOf('src/core/x.ts', 'export const x = 1')).toHaveLength(1)
    expect(faultsOf('src/core/x.ts', `/**\n${' * words\n'.repeat(13)} */\n`)).toEqual([
      'src/core/x.ts:1 has a top comment of 13 lines, at most 12',
    ])
  })

  test('a name that says nothing is a fault', () => {
    expect(faultsOf('src/core/utils.ts', headed(''))).toEqual([
      'src/core/utils.ts:0 "utils.ts" is no name: say what it holds',
    ])
  })

  test('600 lines are too many, 400 are told', () => {
    const tree = memoryTree({
      'src/core/long.ts': 'x\n'.repeat(601),
      'src/core/tall.ts': 'x\n'.repeat(401),
      'src/core/short.ts': 'x\n'.repeat(400),
      'src/device/messages.generated.ts': 'x\n'.repeat(5000),
    })
    const { faults, smells } = checkLengths(tree)
    expect(found(faults)).toEqual(['src/core/long.ts:0 has 601 lines, at most 600: make it two rooms'])
    expect(smells).toEqual(['tall.ts 401 lines'])
  })
})
