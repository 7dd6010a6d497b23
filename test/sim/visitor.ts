/**
 * Visitor: one shopper, after a plan of the virtual fridge's own (src/virtual/world/shopper.ts). They see the screen and the
 * bolt, wait for them as people do, and are sometimes too late, change their mind, or tear the door open again.
 */
import { perform, planVisit, type Act } from '../../src/virtual/world/shopper.ts'
import { freshUid, pass, tap } from './deeds.ts'
import { phones } from './owner.ts'
import { operator, reviewer } from './staff.ts'
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
    if (act.type !== 'tap') doAct(stage, act)
    else if (!phones(stage, uid)) tap(stage, uid)
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
  const { time, shopper, cabinet, keeper, orders } = stage
  const { world } = cabinet
  await stage.until(() => world.boltReleased() || hopeless.has(stage.screen()) || orders?.phone === 'no', 20_000)
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
