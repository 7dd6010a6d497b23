/**
 * JSON that a stranger sent [SY4]. Pure.
 * The nesting is counted before the text is parsed, so that a bomb of brackets costs one pass and no stack.
 */
import { err, ok, type Result } from '../../src/core/result.ts'
import { maxDepth } from './messages.ts'

/** Text, or its bytes in UTF-8 where they are at hand: those are read faster than letters. */
export function readJson(json: string | Buffer): Result<unknown, 'notJson' | 'tooDeep'> {
  const mayBeDeep = typeof json !== 'string' || opens(json, maxDepth)
  if (mayBeDeep && deepest(typeof json === 'string' ? Buffer.from(json) : json) > maxDepth) return err('tooDeep')
  try {
    return ok(JSON.parse(json.toString()))
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

function deepest(bytes: Uint8Array): number {
  let depth = 0
  let most = 0
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === quote) at = endOfText(bytes, at + 1)
    else if (byte === openBrace || byte === openBracket) most = Math.max(most, ++depth)
    else if (byte === closeBrace || byte === closeBracket) depth--
  }
  return most
}

/** Where the quote stands that ends the text which begins at `at`. */
function endOfText(bytes: Uint8Array, at: number): number {
  for (; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === backslash) at++
    else if (byte === quote) return at
  }
  return at
}
