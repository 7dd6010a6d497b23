/** The quick look at a row, beside the schema that it stands in for. */
import { expect, test } from 'vitest'
import { z } from 'zod'
import { eventSchema } from '../../../src/core/events.ts'
import { fitting } from '../../../sync/relay/shape.ts'
import { opening, visitEvents } from '../sync/books.ts'

const isEvent = fitting(eventSchema)
const samples = [...opening('fridge-1'), ...visitEvents(3, 1), ...visitEvents(3, 2, true)].map((event): unknown =>
  JSON.parse(JSON.stringify(event)),
)
const oddities = '[null,true,"","a",0,1,-1,0.5,-0.5,1e999,9007199254740993,[],{},[null],{"a":1},[[1]]]'
const odd = JSON.parse(oddities) as unknown[]

/** The value with one place of it changed, left out, or joined by a stranger: every place, every way. */
function* changed(value: unknown): Generator {
  yield* odd
  if (typeof value !== 'object' || value === null) return
  if (Array.isArray(value)) {
    yield [...(value as unknown[]), value[0]]
    for (const [index, one] of value.entries()) for (const other of changed(one)) yield value.with(index, other)
    return
  }
  yield { ...value, stranger: 1 }
  yield JSON.parse(JSON.stringify(value).replace('{', '{"__proto__":1,'))
  for (const [name, one] of Object.entries(value)) {
    yield Object.fromEntries(Object.entries(value).filter(([key]) => key !== name))
    for (const other of changed(one)) yield { ...value, [name]: other }
  }
}

test('[RL86] every event that a fridge writes of a visit is known by its shape', () => {
  for (const sample of samples) expect([sample, isEvent(sample)]).toEqual([sample, true])
})

test('[RL86] [Y3] what the shape takes the schema takes too, and would not have changed', () => {
  let taken = 0
  let refused = 0
  for (const sample of samples)
    for (const one of changed(sample)) {
      const read = eventSchema.safeParse(one)
      if (!isEvent(one)) {
        refused += read.success ? 0 : 1
        continue
      }
      taken += 1
      if (!read.success) throw new Error(`the schema refuses ${JSON.stringify(one)}`)
      expect(read.data).toStrictEqual(one)
    }
  expect(taken).toBeGreaterThan(500)
  expect(refused).toBeGreaterThan(3_000)
})

test('[RL86] what it does not understand of a schema it leaves to the schema', () => {
  const told: readonly (readonly [z.ZodType, unknown])[] = [
    [z.string().max(1), 'a'],
    [z.email(), 'ada@example.org'],
    [z.number().max(3), 2],
    [z.int32(), 2],
    [z.strictObject({}), {}],
    [z.array(z.string()).max(3), []],
    [z.string().transform((text) => text.trim()), 'a'],
    [z.string().transform((text) => `${text}!`), 'a'],
    [z.string().default('a'), 'a'],
    [z.record(z.string(), z.string()), {}],
    [z.object({ a: z.string() }).refine(() => true), { a: 'a' }],
  ]
  for (const [schema, value] of told) {
    expect(schema.safeParse(value).success).toBe(true)
    expect([schema.def.type, fitting(schema)(value)]).toEqual([schema.def.type, false])
  }
})
