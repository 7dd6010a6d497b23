/**
 * World: what the page may ask of the virtual fridge, and why it was refused, in words. The page shows the world as it is
 * pushed and decides nothing: a door that is locked is refused by the world, not by the page.
 */
import { createContext, useContext } from 'react'
import type { z } from 'zod'
import { worldAnswerSchema, type cameraIdSchema, type World } from '../../src/contract/virtual.ts'
import type { Catalogue } from '../../src/contract/kiosk.ts'
import type { Address } from '../address.ts'
import type { VirtualWords } from '../languages/virtual/en.ts'

export type CameraId = z.infer<typeof cameraIdSchema>
export type Product = Catalogue['products'][number]

/** A command by its path, with its body as src/contract/virtual.ts wants it. */
export type Command =
  | { readonly to: 'card'; readonly uid: string }
  | { readonly to: 'door'; readonly open: boolean }
  | { readonly to: 'take'; readonly sku: string; readonly shelf: number }
  | { readonly to: 'return'; readonly sku: string; readonly shelf?: number }
  | { readonly to: 'power' | 'network'; readonly on: boolean }
  | { readonly to: 'temperature'; readonly celsius: number | null; readonly sensor?: boolean }
  | { readonly to: 'force' }
  | { readonly to: 'bank'; readonly fault: World['bankFault'] }

export type Outcome = { readonly done: true } | { readonly done: false; readonly message: string }

/** Never throws: a server that is gone or answers nonsense is an outcome too. */
export async function command(
  asked: Command,
  address: Address,
  world: World,
  words: VirtualWords['errors'],
): Promise<Outcome> {
  const { to, ...body } = asked
  try {
    const answer = await fetch(`/virtual/${to}`, {
      method: 'POST',
      headers: { ...address.headers, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    const said = worldAnswerSchema.safeParse(await answer.json())
    if (!said.success) return { done: false, message: words.unreachable }
    if (said.data.ok) return { done: true }
    return { done: false, message: whyNot(asked, world, words) ?? said.data.error.message }
  } catch {
    return { done: false, message: words.unreachable }
  }
}

/** What the world's own state says about a refusal, in the page's language; null when it does not explain it. */
export function whyNot(asked: Command, world: World, words: VirtualWords['errors']): string | null {
  switch (asked.to) {
    case 'card':
      return world.power ? null : words.dark
    case 'door':
      if (!asked.open || world.door.open) return null
      return world.door.locked ? (world.power ? words.locked : words.dark) : null
    case 'take':
      if (!world.door.open) return words.closed
      return countOn(world, asked.shelf, asked.sku) === 0 ? words.none : null
    case 'return':
      if (!world.door.open) return words.closed
      return world.hand.some((held) => held.sku === asked.sku) ? null : words.hand
    case 'power':
    case 'network':
    case 'temperature':
    case 'force':
    case 'bank':
      return null
  }
}

export const countOn = (world: World, shelf: number, sku: string): number =>
  world.shelves.find((each) => each.shelf === shelf)?.items.find((item) => item.sku === sku)?.count ?? 0

/** What the parts of the page share. */
export interface Scene {
  readonly world: World
  readonly products: ReadonlyMap<string, Product>
  readonly pictureUrl: (sku: string) => string
  /** A camera's picture; `number` is another for each that is wanted. */
  readonly stillUrl: (camera: CameraId, number: number) => string
  readonly ask: (asked: Command) => void
}

export const SceneContext = createContext<Scene | null>(null)

export function useScene(): Scene {
  const scene = useContext(SceneContext)
  if (!scene) throw new Error('a part of the virtual fridge stands outside its scene')
  return scene
}
