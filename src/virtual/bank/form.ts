/**
 * Form: the provider's request encoding, `a[b][c]=v&list[0]=x&more[]=y`, read into a tree of maps and leaves.
 * Holds always: a malformed text is refused whole, naming the place; nothing is guessed. Arrays are maps with the keys
 * '0', '1', ... in order. Called by bank.ts for bodies and queries alike.
 */
import { invalid } from './refusal.ts'

export type FormValue = string | Form
export type Form = Map<string, FormValue>

const maximumPairs = 1_000
const maximumDepth = 8

/** Reads `text`; throws a Refusal (400) that names the first pair it can't read. */
export function parseForm(text: string): Form {
  const form: Form = new Map()
  if (text === '') return form
  const pairs = text.split('&')
  if (pairs.length > maximumPairs) throw invalid(`Too many parameters: ${pairs.length}, at most ${maximumPairs}`)
  for (const pair of pairs) {
    if (pair === '') continue
    const at = pair.indexOf('=')
    const name = decode(at < 0 ? pair : pair.slice(0, at), pair)
    put(form, keysOf(name), at < 0 ? '' : decode(pair.slice(at + 1), pair), name)
  }
  return form
}

function decode(text: string, pair: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw invalid(`Invalid percent-encoding in parameter "${pair.slice(0, 80)}"`)
  }
}

/** `a[b][]` is ['a', 'b', '']. */
function keysOf(name: string): string[] {
  const head = /^[^[\]]+/.exec(name)?.[0]
  const tail = head === undefined ? '' : name.slice(head.length)
  if (head === undefined || !/^(\[[^[\]]*\])*$/.test(tail))
    throw invalid(`Invalid parameter name: ${name.slice(0, 80)}`)
  const keys = [head, ...[...tail.matchAll(/\[([^[\]]*)\]/g)].map((match) => match[1] ?? '')]
  if (keys.length > maximumDepth) throw invalid(`Parameter nested too deeply: ${name.slice(0, 80)}`)
  return keys
}

function put(form: Form, keys: readonly string[], value: string, name: string): void {
  let here = form
  for (const [depth, key] of keys.entries()) {
    const own = key === '' ? String(here.size) : key
    const last = depth === keys.length - 1
    const there = here.get(own)
    if (last) {
      if (there !== undefined) throw invalid(`Parameter given twice: ${name}`, name)
      here.set(own, value)
      return
    }
    if (typeof there === 'string') throw invalid(`Parameter is both a value and an object: ${name}`, name)
    const next: Form = there ?? new Map<string, FormValue>()
    here.set(own, next)
    here = next
  }
}

/** One text for equal forms, whatever the order of their pairs: what an idempotency key is compared by. */
export function canonical(form: Form): string {
  const pairs = [...form].sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${pairs.map(([key, value]) => `${JSON.stringify(key)}:${typeof value === 'string' ? JSON.stringify(value) : canonical(value)}`).join(',')}}`
}
