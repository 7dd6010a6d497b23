/**
 * Params: typed reading of a request's form. Holds always: every name that a route did not ask for is refused as
 * unknown, as the provider does, so that a client's typing error is found here and not in production.
 */
import { invalid } from './refusal.ts'
import type { Form } from './form.ts'

export type Metadata = Readonly<Record<string, string>>

export class Params {
  readonly #form: Form
  readonly #prefix: string
  readonly #asked = new Set<string>()

  constructor(form: Form, prefix = '') {
    this.#form = form
    this.#prefix = prefix
  }

  #name(name: string): string {
    return this.#prefix === '' ? name : `${this.#prefix}[${name}]`
  }

  has(name: string): boolean {
    this.#asked.add(name)
    return this.#form.has(name)
  }

  /** Whether it was given as one value, not as an object. */
  isText(name: string): boolean {
    return typeof this.#form.get(name) === 'string'
  }

  /** The text, or null when absent or empty (an empty text unsets). */
  text(name: string): string | null {
    this.#asked.add(name)
    const value = this.#form.get(name)
    if (value === undefined || value === '') return null
    if (typeof value !== 'string') throw invalid(`Invalid string: ${this.#name(name)} is an object`, this.#name(name))
    return value
  }

  need(name: string): string {
    const value = this.text(name)
    if (value === null)
      throw invalid(`Missing required param: ${this.#name(name)}.`, this.#name(name), 'parameter_missing')
    return value
  }

  /** A whole number of 0 or more. */
  integer(name: string): number | null {
    const value = this.text(name)
    if (value === null) return null
    const number = Number(value)
    if (!/^-?\d{1,15}$/.test(value))
      throw invalid(`Invalid integer: ${value}`, this.#name(name), 'parameter_invalid_integer')
    if (number < 0) {
      throw invalid('This value must be greater than or equal to 0.', this.#name(name), 'parameter_invalid_integer')
    }
    return number
  }

  needInteger(name: string): number {
    this.need(name)
    return this.integer(name) ?? 0
  }

  flag(name: string): boolean {
    const value = this.text(name)
    if (value !== null && value !== 'true' && value !== 'false')
      throw invalid(`Invalid boolean: ${value}`, this.#name(name))
    return value === 'true'
  }

  oneOf<const T extends string>(name: string, allowed: readonly T[]): T | null {
    const value = this.text(name)
    if (value === null) return null
    const found = allowed.find((one) => one === value)
    if (found === undefined)
      throw invalid(`Invalid ${this.#name(name)}: must be one of ${allowed.join(', ')}`, this.#name(name))
    return found
  }

  list(name: string): string[] {
    this.#asked.add(name)
    const value = this.#form.get(name)
    if (value === undefined || value === '') return []
    if (typeof value === 'string') throw invalid(`Invalid array`, this.#name(name))
    return [...value].map(([index, item]) => {
      if (typeof item !== 'string') throw invalid(`Invalid string`, `${this.#name(name)}[${index}]`)
      return item
    })
  }

  /** A nested object; absent is empty. Its unknown names are refused by its own `finish`. */
  sub(name: string): Params {
    this.#asked.add(name)
    const value = this.#form.get(name)
    if (typeof value === 'string' && value !== '') throw invalid(`Invalid object`, this.#name(name))
    return new Params(typeof value === 'object' ? value : new Map(), this.#name(name))
  }

  /** `metadata[key]=value` laid over what was there; an empty value takes its key away. */
  metadata(before: Metadata = {}): Metadata {
    const sub = this.sub('metadata')
    const after: Record<string, string> = { ...before }
    for (const [key, value] of sub.#form) {
      if (typeof value !== 'string') throw invalid('Metadata values must be strings', `metadata[${key}]`)
      if (key.length > 40) throw invalid('Metadata keys can have up to 40 characters', `metadata[${key}]`)
      if (value.length > 500) throw invalid('Metadata values can have up to 500 characters', `metadata[${key}]`)
      if (value === '') delete after[key]
      else after[key] = value
    }
    if (Object.keys(after).length > 50) throw invalid('Metadata can have up to 50 keys', 'metadata')
    return after
  }

  /** Takes names that are lawful and change nothing here. */
  accept(...names: readonly string[]): void {
    for (const name of names) this.#asked.add(name)
  }

  /** Refuses what nobody asked for. Call after the last read and before the first effect. */
  finish(): void {
    for (const name of this.#form.keys()) {
      if (!this.#asked.has(name)) {
        throw invalid(`Received unknown parameter: ${this.#name(name)}`, this.#name(name), 'parameter_unknown')
      }
    }
  }
}
