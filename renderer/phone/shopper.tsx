/** Shopper: who is signed in on this phone, in which language, where, and what this relay can do: known to every screen. */
import { createContext, useContext } from 'react'
import type { PhoneSetup } from '../../src/contract/phone.ts'
import type { Language } from '../languages/language.tsx'
import type { Place } from './place.ts'
import type { Relay } from './relay.ts'

export interface ShopperHere {
  readonly language: Language
  readonly languages: readonly (readonly [Language, string])[]
  speak(language: string): void
  go(place: Place, how?: 'push' | 'replace'): void
  /** Null: nobody is signed in on this phone. */
  readonly relay: Relay | null
  /** Null until the relay has said. */
  readonly setup: PhoneSetup | null
  /** Why it has not said. */
  readonly trouble: string | null
  signedIn(token: string): void
  /** The relay knows this sign-in no more, or the shopper leaves. */
  signedOut(): void
}

export const ShopperContext = createContext<ShopperHere | null>(null)

export function useShopper(): ShopperHere {
  const here = useContext(ShopperContext)
  if (here === null) throw new Error('a screen stands outside <ShopperContext>')
  return here
}
