/** Where on the phone page one is, and which fridge a code names. */
import { describe, expect, test } from 'vitest'
import { addressOf, fridgeIn, placeOf, type Place } from '../../../../renderer/phone/place.ts'
import { isOlder, isShell, pageOf, shellIn } from '../../../../renderer/phone/shell.ts'

describe('a code', () => {
  test.each([
    ['https://shop.example/f/fridge-1', 'fridge-1'],
    ['http://127.0.0.1:8470/f/kitchen?x=1', 'kitchen'],
    ['  Fridge-1 ', 'fridge-1'],
  ])('%s is the fridge %s', (text, fridge) => expect(fridgeIn(text)).toBe(fridge))

  test.each(['', 'https://evil.example/g/fridge-1', 'javascript:alert(1)', '../etc', 'a b', '-x', 'x'.repeat(41)])(
    '%j is none',
    (text) => expect(fridgeIn(text)).toBeNull(),
  )
})

test('every place is found again by its address', () => {
  const places: Place[] = [
    { at: 'scan' },
    { at: 'fridge', fridge: 'fridge-1' },
    { at: 'signIn', fridge: 'fridge-1' },
    { at: 'signIn', fridge: null },
    { at: 'pay', fridge: null },
    { at: 'visit', visit: 'txn_fridge-1_0a1b' },
    { at: 'account' },
  ]
  for (const place of places) expect(placeOf(addressOf(place))).toEqual(place)
  expect(placeOf('#visit/../../etc')).toEqual({ at: 'scan' })
  expect(placeOf('#f/<script>')).toEqual({ at: 'scan' })
})

describe('what the service worker keeps', () => {
  test('the page and what is built with it', () => {
    expect(pageOf('/phone/')).toBe(true)
    for (const path of ['/phone/assets/phone-a1.js', '/phone/icon-192.png', '/phone/manifest.webmanifest'])
      expect(isShell(path)).toBe(true)
  })

  test('[M8] nothing that says what something costs, holds or charged', () => {
    for (const path of [
      '/shop/me',
      '/shop/fridges/fridge-1',
      '/shop/visits/txn_fridge-1_0a/receipt.pdf',
      '/transactions/txn_fridge-1_0a',
      '/unlock',
      '/phone/../shop/me',
      '/phone/assets/../../shop/me',
    ]) {
      expect(isShell(path), path).toBe(false)
      expect(pageOf(path), path).toBe(false)
    }
  })

  test('what a page names of its own, and which scripts are of an older one', () => {
    const html = '<link href="/phone/assets/a.css"><script src="/phone/assets/a.js"></script><a href="/phone/#you"></a>'
    expect(shellIn(html)).toEqual(['/phone/assets/a.css', '/phone/assets/a.js'])
    expect(isOlder('/phone/assets/b.js', shellIn(html))).toBe(true)
    expect(isOlder('/phone/assets/a.js', shellIn(html))).toBe(false)
    expect(isOlder('/phone/assets/inter.woff2', shellIn(html))).toBe(false)
  })
})
