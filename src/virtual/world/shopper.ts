/**
 * Shoppers: what people do at the fridge, as plans of timed actions drawn from a seed; whoever runs the clock performs
 * them. The kinds and their shares are our own picture of a fridge in an office, stated here because figures hang on it.
 * Holds always: a plan is drawn from what stands there when it is made, and each action may still be refused.
 */
import type { Shop } from '../shop.ts'
import type { Dice } from './dice.ts'
import { counted, foreignSku, type Done, type World } from './world.ts'

/** Of a hundred visits. */
export const shopperKinds = {
  /** Takes one to four things and goes. */
  taker: 58,
  /** Takes something, and puts one of it back where it was. */
  returner: 10,
  /** Takes one, thinks better of it, and changes it for another. */
  swapper: 8,
  /** Puts one back on a wrong shelf. */
  misplacer: 5,
  /** Looks, touches, and takes nothing. */
  browser: 7,
  /** Is unlocked for, and never opens. */
  changer: 3,
  /** Forgets the door for 70, 130 or 400 s. */
  forgetter: 4,
  /** Taps the card twice. */
  doubleTapper: 2,
  /** Pushes something of their own in, and takes goods or not. */
  pusher: 1,
  /** Leaves the door open, and goes. */
  runaway: 1,
  /** Opens by force, without a card. */
  burglar: 1,
} as const
export type ShopperKind = keyof typeof shopperKinds

export type Act =
  | { readonly type: 'tap' }
  | { readonly type: 'open' }
  | { readonly type: 'force' }
  | { readonly type: 'take'; readonly sku: string; readonly shelf: number }
  | { readonly type: 'putBack'; readonly sku: string; readonly shelf: number }
  | { readonly type: 'pushIn'; readonly grams: number; readonly shelf: number }
  | { readonly type: 'close' }
  | { readonly type: 'leave' }

export interface PlannedAct {
  /** After the one before. */
  readonly afterMs: number
  readonly act: Act
}

export interface Plan {
  readonly kind: ShopperKind
  readonly acts: readonly PlannedAct[]
}

interface Held {
  readonly sku: string
  readonly from: number
}

export function drawKind(dice: Dice): ShopperKind {
  const kinds = Object.entries(shopperKinds) as [ShopperKind, number][]
  let left = dice.uniform() * kinds.reduce((sum, [, share]) => sum + share, 0)
  for (const [kind, share] of kinds) {
    left -= share
    if (left < 0) return kind
  }
  return 'taker'
}

/** One visit. The card is tapped first, but by burglars. */
export function planVisit(shop: Shop, world: World, dice: Dice, kind: ShopperKind = drawKind(dice)): Plan {
  const acts: PlannedAct[] = []
  const places = Array.from({ length: shop.shelves }, (_, index) => index + 1).flatMap((shelf) =>
    counted(world.items().filter((item) => item.shelf === shelf)).map((there) => ({ ...there, shelf })),
  )
  const hand: Held[] = []
  const add = (act: Act, slowestMs: number): unknown =>
    acts.push({ afterMs: Math.round(dice.between(300, slowestMs)), act })

  /** Any place as likely as any other; a second of the same one time in five. */
  function take(units: number): void {
    for (let unit = 0; unit < units; unit++) {
      const again = unit > 0 && dice.happens(0.2) ? places.find(({ sku }) => sku === hand.at(-1)?.sku) : undefined
      const left = places.filter(({ count, sku }) => count > 0 && sku !== foreignSku)
      const place = again !== undefined && again.count > 0 ? again : left[dice.below(left.length)]
      if (place === undefined) return
      place.count--
      hand.push({ sku: place.sku, from: place.shelf })
      add({ type: 'take', sku: place.sku, shelf: place.shelf }, 2_500)
    }
  }
  function putBack(shelf: (held: Held) => number): void {
    const held = hand.splice(dice.below(hand.length), 1)[0]
    if (held !== undefined) add({ type: 'putBack', sku: held.sku, shelf: shelf(held) }, 2_000)
  }
  const home = ({ from }: Held): number => from
  const elsewhere = ({ from }: Held): number => 1 + ((from + dice.below(shop.shelves - 1)) % shop.shelves)
  /** One thing mostly, two often, seldom more. */
  const units = (): number => (dice.happens(0.55) ? 1 : dice.happens(0.6) ? 2 : 3 + dice.below(2))

  function inside(): void {
    switch (kind) {
      case 'returner':
        take(1 + units())
        return putBack(home)
      case 'swapper':
        take(units())
        putBack(home)
        return take(1)
      case 'misplacer':
        take(units())
        return putBack(elsewhere)
      case 'browser':
        take(1)
        return putBack(home)
      case 'pusher':
        add({ type: 'pushIn', grams: Math.round(dice.between(30, 1_200)), shelf: 1 + dice.below(shop.shelves) }, 2_000)
        return dice.happens(0.5) ? take(1) : undefined
      default:
        return take(units())
    }
  }

  if (kind === 'burglar') add({ type: 'force' }, 2_000)
  else {
    add({ type: 'tap' }, 500)
    if (kind === 'doubleTapper') add({ type: 'tap' }, 1_200)
    if (kind === 'changer') return { kind, acts: [...acts, { afterMs: 12_000, act: { type: 'leave' } }] }
    add({ type: 'open' }, 3_000)
  }
  inside()
  if (kind === 'forgetter')
    acts.push({ afterMs: [70_000, 130_000, 400_000][dice.below(3)] ?? 70_000, act: { type: 'close' } })
  else if (kind !== 'runaway') add({ type: 'close' }, 2_500)
  add({ type: 'leave' }, 1_000)
  return { kind, acts }
}

/** Does what an act does to the world; a tap is the reader's affair, and is not done here. */
export function perform(world: World, act: Exclude<Act, { type: 'tap' }>): Done {
  switch (act.type) {
    case 'open':
      return world.openDoor()
    case 'force':
      world.forceDoor()
      break
    case 'take':
      return world.take(act.sku, 1, act.shelf)
    case 'putBack':
      return world.putBack(act.sku, act.shelf)
    case 'pushIn':
      return world.pushIn(act.grams, act.shelf)
    case 'close':
      return world.closeDoor()
    case 'leave':
      world.leave()
      break
  }
  return { ok: true, value: null }
}
