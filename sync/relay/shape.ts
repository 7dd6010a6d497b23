/**
 * Shape: whether a value that JSON gave is, as it stands, what a schema would make of it. Pure.
 * Holds always (RL86): yes means that the schema takes it and gives it back unchanged; no means nothing, and who asks goes on to
 * the schema, which has the words for what is wrong. What is not understood of a schema is answered with no.
 * Called by judge.ts, once a row, where asking the schema itself costs five times as much.
 */
import type { z } from 'zod'

export type Fits = (value: unknown) => boolean

/** What is read of a schema: zod's own `def`, the part that is documented for tools. */
interface Def {
  readonly type: string
  readonly checks?: readonly { readonly _zod: { readonly def: Check } }[]
  readonly format?: string
  readonly values?: readonly unknown[]
  readonly entries?: Readonly<Record<string, string | number>>
  readonly element?: z.ZodType
  readonly innerType?: z.ZodType
  readonly in?: z.ZodType
  readonly shape?: Readonly<Record<string, z.ZodType>>
  readonly catchall?: unknown
  readonly options?: readonly z.ZodType[]
  readonly discriminator?: string
}
interface Check {
  readonly check: string
  readonly value?: unknown
  readonly inclusive?: boolean
}

const never: Fits = () => false
const defOf = (schema: z.ZodType): Def => schema.def

/** The question, put together once. */
export function fitting(schema: z.ZodType): Fits {
  const def = defOf(schema)
  if (def.type === 'number') return numberOf(def)
  if (def.checks !== undefined && def.checks.length > 0) return never
  const inner = def.innerType === undefined ? never : fitting(def.innerType)
  switch (def.type) {
    case 'string':
      return def.format === undefined ? (value) => typeof value === 'string' : never
    case 'boolean':
      return (value) => typeof value === 'boolean'
    case 'literal':
      return oneOf(def.values ?? [])
    case 'enum':
      return oneOf(Object.values(def.entries ?? {}))
    case 'nullable':
      return (value) => value === null || inner(value)
    case 'optional':
      return inner
    case 'array':
      return def.element === undefined ? never : arrayOf(fitting(def.element))
    case 'object':
      return def.catchall === undefined ? objectOf(def.shape ?? {}) : never
    case 'union':
      return unionOf(def)
    case 'pipe':
      return def.in !== undefined && givesBack(schema) ? fitting(def.in) : never
    default:
      return never
  }
}

/** A transformation that is there for the type only, as far as words and numbers of every sort can tell. */
const givesBack = (schema: z.ZodType): boolean =>
  ['', ' Some words,\tA\u0308\u00c4-1 \u0000', '0012', 0, 1, 250, -7.5].every((probe) => {
    const read = schema.safeParse(probe)
    return !read.success || read.data === probe
  })

function oneOf(values: readonly unknown[]): Fits {
  const known = new Set(values)
  return (value) => known.has(value)
}

function numberOf({ format, checks = [] }: Def): Fits {
  if (format !== undefined && format !== 'safeint') return never
  let least = -Infinity
  let isAbove = false
  for (const { _zod } of checks) {
    const { check, value, inclusive } = _zod.def
    if (check === 'number_format') continue
    if (check !== 'greater_than' || typeof value !== 'number' || least !== -Infinity) return never
    least = value
    isAbove = inclusive !== true
  }
  const isWhole = format === 'safeint'
  return (value) =>
    typeof value === 'number' &&
    (isWhole ? Number.isSafeInteger(value) : Number.isFinite(value)) &&
    (isAbove ? value > least : value >= least)
}

const arrayOf =
  (element: Fits): Fits =>
  (value) => {
    if (!Array.isArray(value)) return false
    for (const one of value as readonly unknown[]) if (!element(one)) return false
    return true
  }

/** All that must be there, and nothing that the schema would leave out. */
function objectOf(shape: Readonly<Record<string, z.ZodType>>): Fits {
  const fields = Object.entries(shape).map(([name, schema]) => {
    return { name, fits: fitting(schema), mayLack: defOf(schema).type === 'optional' }
  })
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
    const given = value as Readonly<Record<string, unknown>>
    let missing = 0
    for (const { name, fits, mayLack } of fields) {
      const one = given[name]
      if (one === undefined && mayLack) missing += 1
      else if (!fits(one)) return false
    }
    return Object.keys(given).length === fields.length - missing
  }
}

function unionOf({ options = [], discriminator }: Def): Fits {
  const all = options.map(fitting)
  if (discriminator === undefined) return (value) => all.some((fits) => fits(value))
  const byName = new Map<unknown, Fits>()
  for (const [index, option] of options.entries()) {
    const tag = defOf(option).shape?.[discriminator]
    for (const name of tag === undefined ? [] : (defOf(tag).values ?? [])) byName.set(name, all[index] ?? never)
  }
  return (value) =>
    typeof value === 'object' &&
    value !== null &&
    (byName.get((value as Readonly<Record<string, unknown>>)[discriminator]) ?? never)(value)
}
