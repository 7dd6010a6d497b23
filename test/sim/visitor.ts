/**
 * Visitor: one shopper of any kind. They see the screen, the bolt and the shelves, and do what people do: take, put back,
 * put back wrongly, dawdle, forget the door, change their mind, or never open it.
 */
import type { Item } from './cabinet.ts'
import type { Stage } from './stage.ts'

const knownUids = ['04DEC11E', '04F00D00', '04E8912E', '043D5EC0'] as const
const hopeless = new Set(['declined', 'bankSilent', 'unlockFailed', 'interrupted', 'notOpened'])
const busy = new Set(['settling', 'shopping', 'blind', 'dark', 'holding', 'unlocking', 'unlocked'])

/** One person comes, and goes again. */
export async function visitor(stage: Stage): Promise<void> {
  const { time, shopper, cabinet, keeper } = stage
  await time.sleep(shopper.between(600, 5_000))
  await stage.until(() => stage.screen() === 'attract', shopper.happens(0.9) ? 20_000 : 500)
  if (stage.screen() === 'closed') await operator(stage)
  const hopelessCard = shopper.happens(0.06)
  if (hopelessCard) stage.struck('decline')
  const uid = hopelessCard ? shopper.pick(knownUids) : freshUid(stage)
  tap(stage, uid)
  const invited = await stage.until(() => cabinet.lockReleased() || hopeless.has(stage.screen()), 20_000)
  if (invited && cabinet.lockReleased()) await inside(stage)
  else await time.sleep(shopper.between(500, 2_000))
  await stage.until(() => !busy.has(stage.screen()), 25_000)
  if (shopper.happens(0.6)) keeper.life()?.runtime.dismiss()
  reviewer(stage)
}

export function freshUid(stage: Stage): string {
  const uid = Buffer.from(stage.shopper.bytes(7)).toString('hex').toUpperCase()
  stage.uids.add(uid)
  return uid
}

/** Holds a card to the reader; nothing happens where nobody reads it. */
export function tap(stage: Stage, uid: string): void {
  const { keeper, teller, trace } = stage
  const life = keeper.life()
  if (life === null) return
  const card = teller.presentCard(uid)
  trace.tell(`a card is tapped (${card.paymentMethod})`)
  life.present(card)
}

async function inside(stage: Stage): Promise<void> {
  const { time, shopper, cabinet, keeper } = stage
  if (shopper.happens(0.03)) return time.sleep(13_000) // changed their mind, and went
  if (shopper.happens(0.03)) {
    keeper.life()?.runtime.cancel()
    return time.sleep(2_000)
  }
  await time.sleep(shopper.happens(0.04) ? shopper.between(9_000, 11_000) : shopper.between(300, 2_500))
  if (!cabinet.pull()) return time.sleep(500)
  const hand: Item[] = []
  const wanted = shopper.happens(0.08) ? 0 : 1 + Math.min(5, Math.floor(shopper.exponential(0.8)))
  for (let taken = 0; taken < wanted; taken++) {
    await time.sleep(shopper.between(200, 1_800))
    take(stage, hand)
    if (shopper.happens(0.12)) {
      await time.sleep(shopper.between(200, 1_500))
      putBack(stage, hand)
    }
  }
  await time.sleep(shopper.between(200, 1_500))
  if (shopper.happens(0.025)) await time.sleep(shopper.happens(0.35) ? 125_000 : 65_000)
  if (shopper.happens(0.01)) {
    // Walks away and leaves it open for good; half an hour later somebody shuts it.
    stage.auditor.disturbed().end()
    time.leap(31 * 60_000)
    stage.auditor.disturbed().end()
    await time.sleep(5_000)
  }
  cabinet.close()
  if (shopper.happens(0.02)) cabinet.pull() // tears it open again before the bolt falls
  if (cabinet.doorOpen()) {
    await time.sleep(shopper.between(300, 3_000))
    take(stage, hand)
    await time.sleep(300)
    cabinet.close()
  }
}

function take(stage: Stage, hand: Item[]): void {
  const { shopper, cabinet, trace } = stage
  const here = cabinet.items.filter((item) => item.shelf !== null)
  if (here.length === 0) return
  // A shelf first, or the fullest product would be everybody's favourite.
  const item = shopper.pick(here)
  trace.tell(`${item.sku} is taken off shelf ${item.shelf ?? 0}`)
  cabinet.take(item)
  hand.push(item)
}

function putBack(stage: Stage, hand: Item[]): void {
  const { shopper, cabinet, trace } = stage
  const item = hand.splice(shopper.below(hand.length), 1)[0]
  if (item === undefined) return
  const shelf = shopper.happens(0.75) ? item.home : 1 + shopper.below(4)
  trace.tell(`${item.sku} is put on shelf ${shelf}`)
  cabinet.put(item, shelf)
}

/** Whoever is responsible comes, repairs what is broken, and signs for the food. */
export async function operator(stage: Stage): Promise<void> {
  const { time, shopper, cabinet, keeper, auditor, trace } = stage
  const reason = keeper.life()?.runtime.closed() ?? null
  if (shopper.happens(0.3)) tap(stage, freshUid(stage)) // somebody tries all the same
  await time.sleep(1_000)
  if (reason !== 'temperature' && reason !== 'sensor') return time.sleep(8_000)
  cabinet.air(4)
  cabinet.sensor(true)
  auditor.sensor(true)
  await time.sleep(7_000)
  trace.tell('an operator clears the food')
  keeper.life()?.runtime.post({ type: 'SafetyCleared', by: 'operator', reason: 'looked at every shelf' })
  await stage.until(() => stage.screen() === 'attract', 6_000)
}

/** Whoever looks at the pictures of what is in doubt: soon, later, or never; mostly right. */
export function reviewer(stage: Stage, always = false): void {
  const { auditor, shopper, keeper, prices, trace } = stage
  const life = keeper.life()
  if (life === null) return
  for (const visit of auditor.visits().values()) {
    if (visit.review === null || visit.decided !== null || visit.lapsed) continue
    if (!always && !shopper.happens(0.3)) continue
    const lies = shopper.happens(0.15)
    if (lies) auditor.misjudged(visit.visit)
    const lines = [...visit.taken]
      .filter(([, count]) => count > 0)
      .slice(lies ? 1 : 0)
      .map(([sku, count]) => ({ sku, count, priceMinor: prices.get(sku) ?? 0 }))
      .sort((a, b) => (a.sku < b.sku ? -1 : 1))
    const moves = [...visit.moves].map(([place, count]) => {
      const at = place.lastIndexOf('@')
      return { sku: place.slice(0, at), shelf: Number(place.slice(at + 1)), count }
    })
    trace.tell(`a reviewer decides visit ${visit.visit}`)
    const verdict = { type: 'ReviewDecided', visit: visit.visit, lines, moves, by: 'reviewer', reason: 'seen' }
    life.runtime.post(verdict as Parameters<typeof life.runtime.post>[0])
  }
}
