/**
 * Citations: every rule in a SPEC.md is cited by the name of a test, and every citation names a rule that exists.
 * A rule stands as `**[S4]**`; a test cites it as `[S4]` in its name. The laws of LAWS.md (`**M3**`) may be cited too;
 * which of them no test cites yet is told, not failed, because a law may rest on rules that are cited.
 */
import { parseSync, Visitor, type CallExpression } from 'oxc-parser'
import { lineAt, type Fault, type Tree } from './tree.ts'

interface Place {
  readonly path: string
  readonly line: number
}

export interface Citations {
  readonly faults: readonly Fault[]
  readonly rules: number
  readonly uncitedLaws: readonly string[]
}

export function checkCitations(tree: Tree): Citations {
  const faults: Fault[] = []
  const rules = new Map<string, Place>()
  for (const path of tree.files.filter((file) => /(^|\/)SPEC\.md$/.test(file))) {
    for (const [rule, line] of matches(tree.read(path), /\*\*\[([A-Z]{1,3}\d+)\]\*\*/g)) {
      const first = rules.get(rule)
      if (first !== undefined) {
        faults.push({ path, line, what: `[${rule}] is already a rule at ${first.path}:${first.line}` })
      } else rules.set(rule, { path, line })
    }
  }
  const laws = tree.files.includes('LAWS.md') ? matches(tree.read('LAWS.md'), /\*\*([A-Z]\d+)\*\*/g) : []
  const lawNames = new Set(laws.map(([law]) => law))

  const cited = new Set<string>()
  for (const path of tree.files.filter((file) => /^test\/.*\.tsx?$/.test(file))) {
    for (const { rule, line } of testCitations(path, tree.read(path))) {
      cited.add(rule)
      if (!rules.has(rule) && !lawNames.has(rule)) {
        faults.push({ path, line, what: `cites [${rule}], which stands in no SPEC.md` })
      }
    }
  }
  for (const [rule, { path, line }] of rules) {
    if (!cited.has(rule)) faults.push({ path, line, what: `[${rule}] is cited by no test under test/` })
  }
  return { faults, rules: rules.size, uncitedLaws: [...lawNames].filter((law) => !cited.has(law)) }
}

/** Citations in the names of tests and suites: a comment or a string elsewhere proves nothing. */
function testCitations(path: string, text: string): { rule: string; line: number }[] {
  const found: { rule: string; line: number }[] = []
  new Visitor({
    CallExpression(call) {
      if (!isTest(call.callee)) return
      const title = call.arguments[0]
      if (title === undefined || (title.type !== 'Literal' && title.type !== 'TemplateLiteral')) return
      for (const [rule] of matches(text.slice(title.start, title.end), /\[([A-Z]{1,3}\d+)\]/g)) {
        found.push({ rule, line: lineAt(text, title.start) })
      }
    },
  }).visit(parseSync(path, text).program)
  return found
}

/** `test(...)`, `test.each(...)(...)`, `describe(...)`, and the like. */
function isTest(callee: CallExpression['callee']): boolean {
  switch (callee.type) {
    case 'Identifier':
      return ['test', 'it', 'describe'].includes(callee.name)
    case 'MemberExpression':
      return isTest(callee.object)
    case 'CallExpression':
      return isTest(callee.callee)
    default:
      return false
  }
}

function matches(text: string, pattern: RegExp): [string, number][] {
  return [...text.matchAll(pattern)].map((match) => [match[1] ?? '', lineAt(text, match.index)])
}
