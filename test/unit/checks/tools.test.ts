/**
 * The tools under the project's own settings, each on a sample that it must refuse: a rule switched off by a slip in a
 * settings file would otherwise be noticed by nobody.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'

const root = join(import.meta.dirname, '..', '..', '..')
let sample: string
// The tools start cold, and other tests may have the machine.
vi.setConfig({ testTimeout: 60_000 })

beforeAll(() => {
  sample = mkdtempSync(join(tmpdir(), 'visionvend-sample-'))
  for (const file of [
    '.oxlintrc.json',
    '.prettierrc.json',
    'tsconfig.base.json',
    'tsconfig.json',
    'knip.json',
    'package.json',
  ]) {
    cpSync(join(root, file), join(sample, file))
  }
  symlinkSync(join(root, 'node_modules'), join(sample, 'node_modules'))
})
afterAll(() => rmSync(sample, { recursive: true, force: true }))

/** The tool's whole output and status with `code` as the sample's only source at `path`. */
function judge(
  tool: string,
  args: readonly string[],
  path: string,
  code: string,
): { status: number | null; output: string } {
  const file = join(sample, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, code)
  try {
    const bin = join(root, 'node_modules', '.bin')
    const ran = spawnSync(join(bin, tool), args, {
      cwd: sample,
      encoding: 'utf8',
      env: { ...process.env, PATH: `${bin}:${process.env['PATH']}`, NO_COLOR: '1' },
    })
    return { status: ran.status, output: ran.stdout + ran.stderr }
  } finally {
    rmSync(file)
  }
}

const lint = (path: string, code: string): { status: number | null; output: string } =>
  judge('oxlint', ['--type-aware', '--deny-warnings', '--format=unix', '.'], path, code)

test.each([
  ['no-floating-promises', 'src/runtime/x.ts', 'const later = async (): Promise<number> => 1\nlater()\n'],
  [
    'no-misused-promises',
    'src/runtime/x.ts',
    'export const f = (g: () => Promise<boolean>): number => (g() ? 1 : 2)\n',
  ],
  ['no-explicit-any', 'src/runtime/x.ts', 'export const f = (x: any): string => String(x)\n'],
  [
    'no-unsafe-assignment',
    'src/runtime/x.ts',
    'export const read = (text: string): void => {\n  const x = JSON.parse(text)\n  void x\n}\n',
  ],
  [
    'switch-exhaustiveness-check',
    'src/session/x.ts',
    "export function f(x: 'a' | 'b'): number {\n  switch (x) {\n    case 'a':\n      return 1\n  }\n  return 2\n}\n",
  ],
  ['no-restricted-globals', 'src/session/x.ts', 'export const now = (): number => Date.now()\n'],
  ['no-restricted-properties', 'src/fusion/x.ts', 'export const luck = (): number => Math.random()\n'],
  ['ban-ts-comment', 'src/runtime/x.ts', '// @ts-ignore\nexport const x: number = 1\n'],
])('lint refuses what %s names', (rule, path, code) => {
  const { status, output } = lint(path, code)
  expect(output).toContain(rule)
  expect(status).not.toBe(0)
})

test('lint passes good code, clock and chance in the runtime included', () => {
  expect(
    lint('src/runtime/x.ts', '/** Now. */\nexport const now = (): number => Date.now() + Math.random()\n'),
  ).toMatchObject({ status: 0 })
})

test.each([
  ['an index that may miss', 'export const first = (xs: string[]): string => xs[0]\n', 'TS2322'],
  ['undefined for an optional', 'export const x: { a?: number } = { a: undefined }\n', 'TS2375'],
  ['syntax that Node cannot erase', 'export enum E { A }\n', 'TS1294'],
  ['a type imported as a value', "import { ListenOptions } from 'node:net'\nexport type S = ListenOptions\n", 'TS1484'],
])('types refuse %s', (_, code, error) => {
  const { status, output } = judge('tsc', ['-p', 'tsconfig.json', '--pretty', 'false'], 'src/runtime/x.ts', code)
  expect(output).toContain(error)
  expect(status).not.toBe(0)
})

test('the formatter refuses semicolons', () => {
  expect(judge('prettier', ['--check', 'src'], 'src/core/x.ts', 'export const x = 1;\n').status).not.toBe(0)
})

test('knip refuses a file that nobody uses', () => {
  const { status, output } = judge(
    'knip',
    ['--no-progress', '--include', 'files'],
    'src/core/forgotten.ts',
    'export const x = 1\n',
  )
  expect(output).toContain('src/core/forgotten.ts')
  expect(status).not.toBe(0)
})
