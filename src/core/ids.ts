/**
 * Ids: branded strings, so that a visit can't be passed where a product is meant. Made from the Random port.
 */
declare const brand: unique symbol
type Id<Name extends string> = string & { readonly [brand]: Name }

/** One visit of one shopper or operator: a UUID (its 16 bytes travel in the unlock command). */
export type VisitId = Id<'visit'>
/** One forced opening of the door, by the row of its DoorForced. */
export type TamperId = Id<'tamper'>
/** The product's stock keeping unit, as its owner wrote it. */
export type Sku = Id<'sku'>
/** Names one effect for ever: what is sent to the bank as the idempotency key. */
export type EffectKey = Id<'effect'>
export type FridgeId = Id<'fridge'>

export const visitId = (text: string): VisitId => text as VisitId
export const tamperId = (seq: number): TamperId => `tamper-${seq}` as TamperId
export const sku = (text: string): Sku => text as Sku
export const effectKey = (text: string): EffectKey => text as EffectKey
export const fridgeId = (text: string): FridgeId => text as FridgeId
