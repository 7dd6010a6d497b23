import { describe, expect, test } from 'vitest'
import { canonical, parseForm, type Form } from '../../../../src/virtual/bank/form.ts'
import { Params } from '../../../../src/virtual/bank/params.ts'
import { Refusal } from '../../../../src/virtual/bank/refusal.ts'

/** The tree as plain objects, to compare at a glance. */
const plain = (form: Form): object =>
  Object.fromEntries([...form].map(([key, value]) => [key, typeof value === 'string' ? value : plain(value)]))

const refusalOf = (act: () => unknown): Refusal => {
  try {
    act()
  } catch (refusal) {
    if (refusal instanceof Refusal) return refusal
    throw refusal
  }
  throw new Error('nothing was refused')
}

describe('a form', () => {
  // As the SDK and curl write them.
  test.each([
    ['', {}],
    ['amount=1500&currency=eur', { amount: '1500', currency: 'eur' }],
    ['metadata[visit]=v-1&metadata[holdKey]=k', { metadata: { visit: 'v-1', holdKey: 'k' } }],
    ['created[gte]=1&created[lte]=2', { created: { gte: '1', lte: '2' } }],
    ['expand[0]=a.b&expand[1]=c', { expand: { 0: 'a.b', 1: 'c' } }],
    ['expand[]=a&expand[]=b', { expand: { 0: 'a', 1: 'b' } }],
    ['a%5Bb%5D%5Bc%5D=1', { a: { b: { c: '1' } } }],
    ['name=J%C3%BCrgen+M%26M%20%2B', { name: 'Jürgen M&M +' }],
    ['description=&flag', { description: '', flag: '' }],
    ['a=b=c', { a: 'b=c' }],
  ])('%s', (text, tree) => {
    expect(plain(parseForm(text))).toEqual(tree)
  })

  test.each([
    ['a=%E0%A4%A', 'percent-encoding in parameter "a=%E0%A4%A"'],
    ['a[b=1', 'parameter name: a[b'],
    ['[a]=1', 'parameter name: [a]'],
    ['a]b=1', 'parameter name: a]b'],
    ['a=1&a=2', 'twice: a'],
    ['a=1&a[b]=2', 'both a value and an object: a[b]'],
    ['a[b][c][d][e][f][g][h][i]=1', 'nested too deeply'],
    ['a&'.repeat(1_001), 'Too many parameters'],
  ])('refuses %s, naming the place', (text, naming) => {
    expect(refusalOf(() => parseForm(text))).toMatchObject({ status: 400, message: expect.stringContaining(naming) })
  })

  test('has one canonical text, whatever its order, and another for other values', () => {
    const text = canonical(parseForm('a=1&b[x]=2&b[y]=3'))
    expect(canonical(parseForm('b[y]=3&a=1&b[x]=2'))).toBe(text)
    for (const other of ['a=1&b[x]=2', 'a=1&b[x]=3&b[y]=2', 'a=1&b[x]=2&b[y]=3&c=', 'a=%22&b[x]=2&b[y]=3']) {
      expect(canonical(parseForm(other))).not.toBe(text)
    }
  })
})

describe('parameters', () => {
  test.each([
    ['amount=abc', 'Invalid integer: abc', 'amount'],
    ['amount=1.5', 'Invalid integer: 1.5', 'amount'],
    ['amount=-1', 'greater than or equal to 0', 'amount'],
    ['amount[x]=1', 'is an object', 'amount'],
    ['', 'Missing required param: amount.', 'amount'],
  ])('%s is no amount', (text, message, param) => {
    const refusal = refusalOf(() => new Params(parseForm(text)).needInteger('amount'))
    expect(refusal.detail).toMatchObject({ message: expect.stringContaining(message), param })
  })

  test('refuse what nobody asked for, by its whole name', () => {
    const params = new Params(parseForm('amount=1&created[gte]=1&created[since]=2'))
    params.integer('amount')
    const created = params.sub('created')
    created.integer('gte')
    params.finish()
    expect(refusalOf(() => created.finish()).detail).toMatchObject({
      code: 'parameter_unknown',
      param: 'created[since]',
    })
  })

  test('lay metadata over what was there, and an empty value takes its key away', () => {
    const params = new Params(parseForm('metadata[b]=2&metadata[c]='))
    expect(params.metadata({ a: '1', c: '3' })).toEqual({ a: '1', b: '2' })
    expect(refusalOf(() => new Params(parseForm(`metadata[${'k'.repeat(41)}]=1`)).metadata()).detail.message).toContain(
      '40',
    )
    expect(
      refusalOf(() => new Params(parseForm(`metadata[k]=${'v'.repeat(501)}`)).metadata()).detail.message,
    ).toContain('500')
  })

  test.each(['flag=yes', 'flag=1'])('%s is no flag', (text) => {
    expect(refusalOf(() => new Params(parseForm(text)).flag('flag')).detail.param).toBe('flag')
  })
})
