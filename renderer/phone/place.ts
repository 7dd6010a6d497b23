/**
 * Place: where on the page one is, in the address's fragment, so that a reload, the back button and a kept link come out where
 * they should. A fridge's own code leads to `/f/FRIDGE`, which is the same page; it is written as a fragment at once, below
 * `/phone/`, where the service worker can bring it back without a network.
 */
import { useEffect, useState } from 'react'

export type Place =
  | { readonly at: 'scan' }
  | { readonly at: 'fridge'; readonly fridge: string }
  /** `for`: the fridge to go on to. */
  | { readonly at: 'signIn'; readonly fridge: string | null }
  | { readonly at: 'pay'; readonly fridge: string | null }
  | { readonly at: 'visit'; readonly visit: string }
  | { readonly at: 'account' }

/** As the relay's own rule for a fridge's id. */
const fridgeCode = /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/

/** The fridge that a scanned or typed text names: its address (`.../f/FRIDGE`) or its code; null for anything else. */
export function fridgeIn(text: string): string | null {
  const typed = text.trim()
  const [, inAddress] = /^https?:\/\/[^/]+\/f\/([^/?#]+)/i.exec(typed) ?? []
  const code = (inAddress ?? typed).toLowerCase()
  return fridgeCode.test(code) ? code : null
}

export function placeOf(fragment: string): Place {
  const [at = '', name = ''] = fragment.replace(/^#\/?/, '').split('/')
  const fridge = fridgeIn(name)
  switch (at) {
    case 'f':
      return fridge === null ? { at: 'scan' } : { at: 'fridge', fridge }
    case 'sign-in':
      return { at: 'signIn', fridge }
    case 'pay':
      return { at: 'pay', fridge }
    case 'visit':
      return /^[\w-]{1,120}$/.test(name) ? { at: 'visit', visit: name } : { at: 'scan' }
    case 'you':
      return { at: 'account' }
    default:
      return { at: 'scan' }
  }
}

export function addressOf(place: Place): string {
  switch (place.at) {
    case 'scan':
      return '#'
    case 'fridge':
      return `#f/${place.fridge}`
    case 'signIn':
      return `#sign-in/${place.fridge ?? ''}`
    case 'pay':
      return `#pay/${place.fridge ?? ''}`
    case 'visit':
      return `#visit/${place.visit}`
    case 'account':
      return '#you'
  }
}

/** `replace`: the step is done and not to be gone back to. */
export function goTo(place: Place, how: 'push' | 'replace' = 'push'): void {
  const address = `/phone/${addressOf(place)}`
  if (how === 'replace') history.replaceState(null, '', address)
  else history.pushState(null, '', address)
  window.dispatchEvent(new PopStateEvent('popstate'))
}

/** Called once, before the first screen. `underWay`: a visit to go back to, where the address names nothing else. */
export function settleAddress(underWay: string | null): void {
  if (location.pathname.startsWith('/f/')) {
    const fridge = fridgeIn(location.href)
    history.replaceState(null, '', `/phone/${fridge === null ? '' : addressOf({ at: 'fridge', fridge })}`)
  } else if (underWay !== null && location.hash.length < 2)
    history.replaceState(null, '', `/phone/${addressOf({ at: 'visit', visit: underWay })}`)
}

export function usePlace(): Place {
  const [fragment, setFragment] = useState(location.hash)
  useEffect(() => {
    const follow = (): void => setFragment(location.hash)
    window.addEventListener('popstate', follow)
    window.addEventListener('hashchange', follow)
    return () => {
      window.removeEventListener('popstate', follow)
      window.removeEventListener('hashchange', follow)
    }
  }, [])
  return placeOf(fragment)
}
