/**
 * Owner: who orders from afar, and the phones of shoppers: prices, places, products, denied cards, verdicts and open doors, given at any
 * moment of a visit, in the seeds whose fridge listens to its relay.
 */
import { visitId } from '../../src/core/ids.ts'
import { minor } from '../../src/core/money.ts'
import type { PresentedCard } from '../../src/core/ports.ts'
import { pear } from '../unit/catalog/pear.ts'
import type { Chance } from './chance.ts'
import type { Desk } from './desk.ts'
import type { Stage } from './stage.ts'

export interface Orders {
  readonly desk: Desk
  readonly chance: Chance
  /** How the last phone's wish stands: `no` when nobody needs to wait at the door any more. */
  phone: 'none' | 'asked' | 'no'
}

const visitMs = 20_000

/** A shopper's phone instead of a card. False: there is none in this seed, or this shopper has a card. */
export function phones(stage: Stage, uid: string): boolean {
  const { orders, trace } = stage
  if (orders === null || !orders.chance.happens(0.4)) return false
  const card: PresentedCard = stage.teller.presentCard(uid)
  trace.tell(`a phone asks (${card.paymentMethod})`)
  orders.phone = 'asked'
  void orders.desk.unlock(card).then(({ type }) => {
    trace.tell(`the phone is told: ${type}`)
    orders.phone = type === 'done' ? 'none' : 'no'
    stage.changed()
  })
  return true
}

/** What the owner does around the next visit. */
export function owner(stage: Stage): void {
  const { orders, time, weather, struck, trace } = stage
  if (orders === null) return
  const { desk, chance: c } = orders
  orders.phone = 'none'
  for (let times = c.below(3); times > 0; times--) time.after(c.between(0, visitMs), () => command(stage, orders))
  if (c.happens(weather.relay))
    time.after(c.between(0, visitMs), () => {
      struck('deskCrashed')
      trace.tell('the relay`s worker dies')
      desk.crash()
    })
  if (c.happens(weather.relay / 2)) desk.backup()
  else if (c.happens(weather.relay / 3)) {
    struck('deskRestored')
    trace.tell('the relay`s orders are put back to a backup')
    desk.restore()
  }
}

function command(stage: Stage, { desk, chance: c }: Orders): void {
  const { shop, trace, auditor, keeper } = stage
  if (keeper.life() === null && c.happens(0.5)) return
  const product = c.pick(shop.products)
  const kind = c.pick(['prices', 'prices', 'planogram', 'denied', 'review', 'product', 'offers'] as const)
  trace.tell(`the owner orders: ${kind}`)
  switch (kind) {
    case 'prices':
      return void desk.order({ type: 'prices', prices: [{ sku: product.sku, priceMinor: minor(100 + c.below(400)) }] })
    case 'planogram':
      return void desk.order({ type: 'planogram', places: [{ sku: product.sku, shelf: product.shelf }] })
    case 'product':
      return void desk.order({ type: 'product', product: { ...pear, weightGrams: 250 + c.below(20) } })
    case 'offers': {
      // The pear may be unknown still: then it is refused.
      const offers = [{ sku: c.happens(0.5) ? pear.sku : product.sku, offered: c.happens(0.6) }]
      return void desk.order({ type: 'offers', offers })
    }
    case 'denied':
      return void desk.order({ type: 'denied', fingerprints: c.happens(0.5) ? [] : ['of-nobody'] })
    case 'review':
      for (const visit of auditor.visits().values()) {
        if (visit.review === null || visit.decided !== null || visit.lapsed) continue
        const taken = [...visit.taken].filter(([sku, count]) => count > 0 && stage.prices.has(sku))
        return void desk.order({ type: 'review', visit: visit.visit, taken: taken.map(([sku, count]) => ({ sku, count })) }) // prettier-ignore
      }
  }
}

/** Between two visits somebody of the owner's has the door opened, looks, and shuts it. */
export async function service(stage: Stage): Promise<void> {
  const { orders, time, cabinet, trace } = stage
  if (orders === null || !orders.chance.happens(0.08)) return
  const { desk, chance: c } = orders
  const visit = visitId(Buffer.from(c.bytes(16)).toString('hex').replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-4$3-a$4-$5')) // prettier-ignore
  trace.tell('the owner has the door opened')
  if (desk.order({ type: 'openDoor', visit }) === 'offline') return
  const { world } = cabinet
  await stage.until(() => world.boltReleased(), 9_000)
  if (!world.boltReleased() || !c.happens(0.8)) return time.sleep(12_000)
  await time.sleep(c.between(300, 2_000))
  if (world.boltReleased()) world.openDoor()
  await time.sleep(c.between(800, 6_000))
  world.closeDoor()
  await time.sleep(2_000)
}
