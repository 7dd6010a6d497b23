/**
 * Visitor: one shopper, after a plan of the virtual fridge's own (src/virtual/world/shopper.ts). They see the screen and the
 * bolt, wait for them as people do, and are sometimes too late, change their mind, or tear the door open again.
 */
import { perform, planVisit, type Act } from '../../src/virtual/world/shopper.ts'
import { pass } from './mischief.ts'
import type { Stage } from './stage.ts'

const hopelessUids = ['04DEC11E', '04F00D00', '04E8912E', '043D5EC0'] as const
const hopeless = new Set(['declined', 'bankSilent', 'unlockFailed', 'interrupted', 'notOpened'])
const busy = new Set(['settling', 'shopping', 'blind', 'dark', 'holding', 'unlocking', 'unlocked'])
/** A plan may leave the door open for longer; that an alert is given is known after two minutes. */
const longestPauseMs = 125_000
const minuteMs = 60_000

/** One person comes, and goes again. */
export async function visitor(stage: Stage): Promise<void> {
  const { time, shopper, cabinet, keeper, shop, dice } = stage
  await time.sleep(shopper.between(600, 4_000))
  await stage.until(() => stage.screen() === 'attract', shopper.happens(0.9) ? 20_000 : 500)
  if (stage.screen() === 'closed') await operator(stage)
  const refused = shopper.happens(0.06)
  const uid = refused ? shopper.pick(hopelessUids) : freshUid(stage)
  if (refused) stage.struck('decline')
  const plan = planVisit(shop, cabinet.world, dice)
  for (const { afterMs, act } of plan.acts) {
    if (act.type === 'open' && !(await letIn(stage))) break
    if (act.type === 'close' && plan.kind !== 'forgetter') await time.sleep(shopper.between(0, 500))
    await time.sleep(Math.min(afterMs, longestPauseMs))
    if (act.type === 'tap') tap(stage, uid)
    else doAct(stage, act)
    if (act.type === 'open' && !cabinet.world.doorOpen()) break
  }
  if (plan.kind === 'runaway' && cabinet.world.doorOpen()) {
    // Half an hour later somebody shuts it.
    pass(stage, 31 * minuteMs)
    await time.sleep(5_000)
  }
  cabinet.world.closeDoor()
  if (shopper.happens(0.02) && cabinet.world.openDoor().ok && cabinet.world.doorOpen()) {
    await time.sleep(shopper.between(300, 3_000))
    cabinet.world.closeDoor()
  }
  cabinet.world.leave()
  await stage.until(() => !busy.has(stage.screen()), 25_000)
  if (shopper.happens(0.6)) keeper.life()?.runtime.dismiss()
  reviewer(stage)
}

function doAct(stage: Stage, act: Exclude<Act, { type: 'tap' }>): void {
  const { trace, cabinet, struck } = stage
  const done = perform(cabinet.world, act)
  if (act.type === 'force') struck('forcedDoor')
  if ('sku' in act) trace.tell(`${act.type} ${act.sku} at shelf ${act.shelf}${done.ok ? '' : `: ${done.error}`}`)
  else if (act.type === 'pushIn') trace.tell(`a thing of ${act.grams} g is pushed onto shelf ${act.shelf}`)
}

/** Waits for the bolt, and for the shopper to notice. False when they will not be let in, or do not want any more. */
async function letIn(stage: Stage): Promise<boolean> {
  const { time, shopper, cabinet, keeper } = stage
  const { world } = cabinet
  await stage.until(() => world.boltReleased() || hopeless.has(stage.screen()), 20_000)
  if (!world.boltReleased()) {
    await time.sleep(shopper.between(500, 2_000))
    return false
  }
  if (shopper.happens(0.02)) {
    keeper.life()?.runtime.cancel()
    await time.sleep(2_000)
    return false
  }
  if (shopper.happens(0.04)) await time.sleep(shopper.between(7_500, 10_500))
  return true
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

/** Whoever is responsible comes, repairs what is broken, and signs for the food. */
export async function operator(stage: Stage): Promise<void> {
  const { time, shopper, cabinet, keeper, trace } = stage
  const reason = keeper.life()?.runtime.closed() ?? null
  if (shopper.happens(0.3)) tap(stage, freshUid(stage)) // somebody tries all the same
  await time.sleep(1_000)
  if (reason !== 'temperature' && reason !== 'sensor') return time.sleep(8_000)
  repairCold(stage)
  if (cabinet.world.celsius() > 4.8) {
    // The air is let cool, as long as that takes.
    pass(stage, 25 * minuteMs)
  }
  await time.sleep(7_000)
  trace.tell('an operator clears the food')
  keeper.life()?.runtime.post({ type: 'SafetyCleared', by: 'operator', reason: 'looked at every shelf' })
  await stage.until(() => stage.screen() === 'attract', 6_000)
}

export function repairCold({ cabinet, auditor }: Stage): void {
  cabinet.world.holdAir(null)
  cabinet.world.setSensor(true)
  auditor.sensor(true)
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
      .filter(([sku, count]) => count > 0 && prices.has(sku))
      .slice(lies ? 1 : 0)
      .map(([sku, count]) => ({ sku, count, priceMinor: prices.get(sku) ?? 0 }))
      .sort((a, b) => (a.sku < b.sku ? -1 : 1))
    const moves = [...visit.moves]
      .map(([place, count]) => {
        const at = place.lastIndexOf('@')
        return { sku: place.slice(0, at), shelf: Number(place.slice(at + 1)), count }
      })
      .filter(({ sku }) => prices.has(sku))
    trace.tell(`a reviewer decides visit ${visit.visit}`)
    const verdict = { type: 'ReviewDecided', visit: visit.visit, lines, moves, by: 'reviewer', reason: 'seen' }
    life.runtime.post(verdict as Parameters<typeof life.runtime.post>[0])
  }
}
