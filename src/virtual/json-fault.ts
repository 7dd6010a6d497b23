/**
 * JSON fault: where a text written by hand stops being JSON, and what was probably meant.
 *
 * JSON.parse names no place for most faults, and takes a key that comes twice without a word. Holds always: null exactly
 * when JSON.parse takes the text and no object has a key twice. Pure; called by shop.ts.
 */
export interface JsonFault {
  readonly line: number
  readonly column: number
  readonly message: string
}

const space = /[ \t\r\n]*/y
/** Every letter from the space on, but for the quote and the backslash, which need one before them. */
const text = /"(?:[ !#-[\]-\u{10FFFF}]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const literal = /(?:true|false|null)/y
const deepest = 100

class Stop extends Error {
  readonly at: number
  constructor(at: number, message: string) {
    super(message)
    this.at = at
  }
}

export function jsonFault(json: string): JsonFault | null {
  try {
    const end = skip(json, value(json, skip(json, 0), 0))
    if (end < json.length) throw new Stop(end, 'there is more after the end')
    return null
  } catch (cause) {
    if (!(cause instanceof Stop)) throw cause
    const lines = json.slice(0, cause.at).split('\n')
    return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1, message: cause.message }
  }
}

/** Where `pattern` ends when it begins at `at`, or -1. */
function past(pattern: RegExp, json: string, at: number): number {
  pattern.lastIndex = at
  return pattern.test(json) ? pattern.lastIndex : -1
}

const skip = (json: string, at: number): number => past(space, json, at)

function value(json: string, at: number, depth: number): number {
  if (depth > deepest) throw new Stop(at, `is nested more than ${deepest} deep`)
  const first = json[at]
  if (first === '{') return members(json, at, depth, '}')
  if (first === '[') return members(json, at, depth, ']')
  for (const pattern of [text, number, literal]) {
    const end = past(pattern, json, at)
    if (end !== -1) return end
  }
  throw new Stop(at, complaint(json, at, 'a value'))
}

/** An object or a list, from its bracket to the one that closes it. */
function members(json: string, from: number, depth: number, closing: '}' | ']'): number {
  const keys = new Set<string>()
  let at = skip(json, from + 1)
  if (json[at] === closing) return at + 1
  for (;;) {
    if (closing === '}') at = skip(json, key(json, at, keys))
    at = skip(json, value(json, at, depth + 1))
    if (json[at] === closing) return at + 1
    if (json[at] !== ',') throw new Stop(at, complaint(json, at, `a comma or ${closing}`))
    const comma = at
    at = skip(json, at + 1)
    if (json[at] === closing) throw new Stop(comma, `a comma is too much before ${closing}`)
  }
}

/** A key and its colon; where the value begins. */
function key(json: string, from: number, keys: Set<string>): number {
  const end = past(text, json, from)
  if (end === -1) throw new Stop(from, complaint(json, from, 'a name in double quotes'))
  const name = JSON.parse(json.slice(from, end)) as string
  if (keys.has(name)) throw new Stop(from, `"${name}" is there twice`)
  keys.add(name)
  const colon = skip(json, end)
  if (json[colon] !== ':') throw new Stop(colon, complaint(json, colon, `a colon after "${name}"`))
  return colon + 1
}

function complaint(json: string, at: number, wanted: string): string {
  const first = json[at]
  if (first === undefined) return `it ends where ${wanted} should be`
  if (first === '"' && /^a (?:comma|colon)/.test(wanted)) return `${wanted} is missing`
  if (first === '"') return 'a text has no end, or a line break or a lone \\ in it'
  if (first === "'" || first === '“') return `texts stand in straight double quotes ("), not in ${first}`
  if (first === '/' || first === '#') return 'comments are not allowed'
  return `${wanted} should be here, not ${JSON.stringify(/^\S{1,12}/u.exec(json.slice(at))?.[0] ?? first)}`
}
