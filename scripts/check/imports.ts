/**
 * Imports: what one source file asks of others, read by a real parser (oxc), so that a comment is no import.
 */
import { parseSync } from 'oxc-parser'
import { lineAt } from './tree.ts'

export interface Import {
  /** As written: `./money.ts`, `node:fs`, `zod`. */
  readonly from: string
  readonly line: number
}

export interface SourceModule {
  readonly imports: readonly Import[]
  /** It has no code of its own: every export comes from another file. */
  readonly onlyReexports: boolean
}

/** Imports of every sort: static, re-export, `import()`, `import('x').Type`, and a worker's `new URL('./x.ts', ...)`. */
export function readModule(path: string, text: string): SourceModule {
  const parsed = parseSync(path, text)
  const imports: Import[] = []
  const add = (from: string, start: number): void => void imports.push({ from, line: lineAt(text, start) })
  for (const one of parsed.module.staticImports) add(one.moduleRequest.value, one.start)
  let reexports = 0
  for (const one of parsed.module.staticExports) {
    for (const entry of one.entries) {
      if (entry.moduleRequest === null) continue
      reexports += 1
      add(entry.moduleRequest.value, one.start)
    }
  }
  const code = blankComments(text, parsed.comments)
  for (const match of code.matchAll(/\bimport\(\s*['"]([^'"]+)['"]|\bnew URL\(\s*['"](\.[^'"]+\.tsx?)['"]/g)) {
    add(match[1] ?? match[2] ?? '', match.index)
  }
  const ownWork = parsed.program.body.some(
    (statement) =>
      statement.type !== 'ImportDeclaration' &&
      statement.type !== 'ExportAllDeclaration' &&
      !(statement.type === 'ExportNamedDeclaration' && statement.source !== null),
  )
  return { imports, onlyReexports: reexports > 0 && !ownWork }
}

/** Comments as spaces, so that offsets and lines stay. */
function blankComments(text: string, comments: readonly { readonly start: number; readonly end: number }[]): string {
  let code = text
  for (const { start, end } of comments) {
    code = code.slice(0, start) + code.slice(start, end).replaceAll(/[^\n]/g, ' ') + code.slice(end)
  }
  return code
}
