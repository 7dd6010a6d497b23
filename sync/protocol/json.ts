/**
 * JSON that a stranger sent [SY4]. Pure.
 * The nesting is counted before the text is parsed, so that a bomb of brackets costs one pass and no stack.
 */
import { err, ok, type Result } from '../../src/core/result.ts'
import { maxDepth } from './messages.ts'

export function readJson(text: string): Result<unknown, 'notJson' | 'tooDeep'> {
  if (opens(text, maxDepth) && deepest(text) > maxDepth) return err('tooDeep')
  try {
    return ok(JSON.parse(text))
  } catch {
    return err('notJson')
  }
}

/** Whether it has more brackets, wherever they stand, than may be nested: most rows have few, and are not read letter by letter. */
function opens(text: string, most: number): boolean {
  let count = 0
  for (const bracket of ['{', '['])
    for (let at = text.indexOf(bracket); at >= 0; at = text.indexOf(bracket, at + 1)) if (++count > most) return true
  return false
}

const [quote, backslash, openBracket, closeBracket, openBrace, closeBrace] = [0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d]

function deepest(text: string): number {
  let depth = 0
  let most = 0
  let quoted = false
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (quoted) {
      if (code === backslash) at++
      else if (code === quote) quoted = false
    } else if (code === quote) quoted = true
    else if (code === openBrace || code === openBracket) most = Math.max(most, ++depth)
    else if (code === closeBrace || code === closeBracket) depth--
  }
  return most
}
