/** Where hand-written JSON goes wrong, and that it agrees with JSON.parse about everything else. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { jsonFault } from '../../../src/virtual/json-fault.ts'

test.each([
  ['{"a": 1,}', 1, 8, 'a comma is too much before }'],
  ['[\n  1\n  2\n]', 3, 3, 'a comma or ] should be here, not "2"'],
  ['{"a": 1\n "b": 2}', 2, 2, 'a comma or } is missing'],
  ["{'a': 1}", 1, 2, 'texts stand in straight double quotes ("), not in \''],
  ['{a: 1}', 1, 2, 'a name in double quotes should be here, not "a:"'],
  ['{"a" 1}', 1, 6, 'a colon after "a" should be here, not "1}"'],
  ['{"a": 1, // one\n}', 1, 10, 'comments are not allowed'],
  ['{"a": "x\ny"}', 1, 7, 'a text has no end, or a line break or a lone \\ in it'],
  ['{"a": 1, "\\u0061": 2}', 1, 10, '"a" is there twice'],
  ['{"a": [1', 1, 9, 'it ends where a comma or ] should be'],
  ['', 1, 1, 'it ends where a value should be'],
  ['{} {}', 1, 4, 'there is more after the end'],
  ['['.repeat(200), 1, 102, 'is nested more than 100 deep'],
])('%j', (json, line, column, message) => {
  expect(jsonFault(json)).toEqual({ line, column, message })
})

test('what JSON.parse takes has no fault', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 4 }), fc.constantFrom(0, 2), (json, indent) => {
      const written = JSON.stringify(JSON.parse(json), null, indent)
      expect(jsonFault(written)).toBeNull()
    }),
  )
})

test('a letter more or less is a fault exactly when JSON.parse says so', () => {
  const letters = fc.constantFrom('', '"', ',', ':', '{', '}', '[', ']', '\\', '0', '-', '.', 'e', ' ', '\n', 't')
  fc.assert(
    fc.property(fc.json({ maxDepth: 3 }), fc.nat(), letters, (json, where, letter) => {
      const at = where % (json.length + 1)
      const bent = json.slice(0, at) + letter + json.slice(at + (letter === '' ? 1 : 0))
      let parses = true
      try {
        JSON.parse(bent)
      } catch {
        parses = false
      }
      const fault = jsonFault(bent)
      const twice = fault?.message.endsWith('is there twice') === true
      expect(fault === null, bent).toBe(parses && !twice)
    }),
    { numRuns: 500 },
  )
})
