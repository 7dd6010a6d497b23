/**
 * Shop: what every kiosk screen may ask for: the view's frame (fridge, hold, stock), the products, and the two things a
 * shopper may tell the fridge. Given by app.tsx, once there is a live view and a catalogue.
 */
import { createContext, useContext } from 'react'
import type { Catalogue, KioskMessage, KioskView } from '../../src/contract/kiosk.ts'

export type Product = Catalogue['products'][number]
export type Line = Extract<KioskView['screen'], { at: 'shopping' }>['lines'][number]

export interface Shop {
  readonly view: KioskView
  readonly catalogue: Catalogue
  product(sku: string): Product | undefined
  pictureUrl(sku: string): string
  send(message: KioskMessage): void
  /** An operator signs for the food; answers by a closed code. */
  readonly operators: () => void
  /** An operator looks after the owner's relay. */
  readonly relay: () => void
}

export const ShopContext = createContext<Shop | null>(null)

/** Keeps a telephone number on one line; a mail or web address breaks where it must. */
export const unbroken = (contact: string): string =>
  /^[-+()/\d ]+$/.test(contact) ? contact.replaceAll(' ', '\u00A0') : contact

export function useShop(): Shop {
  const shop = useContext(ShopContext)
  if (!shop) throw new Error('a kiosk screen stands outside its shop')
  return shop
}
