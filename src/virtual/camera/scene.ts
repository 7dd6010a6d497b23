/**
 * Scene: all that a lens could see at one moment. What stands on the shelves is apart from what moves before them, because
 * the first seldom changes and is drawn only then.
 */
import type { Cabinet } from './cabinet.ts'
import type { Finish, Footprint } from './furniture.ts'
import type { Piece } from './hand.ts'
import type { Light } from './light.ts'
import type { Mesh } from './mesh.ts'

export interface Thing {
  /** Of its own in the scene, 1 to 65,535, for as long as it is in the fridge; 0 for what is nothing to look for. */
  readonly id: number
  readonly kind: 'product' | 'hand' | 'other'
  readonly sku: string | null
  readonly pieces: readonly Piece[]
}

export interface StandingThing extends Thing {
  readonly shelf: number
  readonly footprint: Footprint
}

export interface Room {
  readonly cabinet: Cabinet
  readonly finish: Finish
  readonly light: Light
  /** Instead of the fridge's walls and shelves. */
  readonly backdrop?: Mesh
}

export interface Scene {
  readonly room: Room
  /** The same array for as long as nothing on the shelves changes; things that stay are the same objects. */
  readonly standing: readonly StandingThing[]
  readonly moving: readonly Thing[]
}
