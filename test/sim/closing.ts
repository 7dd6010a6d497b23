/**
 * Closing time: all faults end, everything is repaired, and enough time passes. Whatever is still pending after that would
 * be pending for ever, and is a broken law. The leaps are long enough for every review to lapse, and short enough for its
 * hold to stand still.
 */
import { pass, repairCold } from './deeds.ts'
import type { Stage } from './stage.ts'
import { operator, reviewer } from './staff.ts'

const hourMs = 3_600_000

export async function closingTime(stage: Stage): Promise<void> {
  const { time, shopper, wire, teller, cabinet, keeper, auditor, uids, trace } = stage
  trace.tell('closing time: all is repaired')
  stage.calm()
  wire.setTrouble(0)
  teller.setTrouble(0)
  await time.sleep(90_000) // the troubles of the last visit end by themselves
  wire.cut(false)
  teller.network(true)
  stage.air.calm()
  stage.radio?.calm()
  cabinet.supply(12_000)
  repairCold(stage)
  for (let shelf = 0; shelf < cabinet.world.shelves; shelf++) cabinet.world.cells.kill(shelf, false)
  cabinet.world.closeDoor()
  keeper.storageFull(false)
  keeper.wallError(0)
  keeper.powerOn()
  await stage.until(() => keeper.life() !== null, 60_000)
  await stage.until(() => stage.screen() === 'attract' || stage.screen() === 'closed', 60_000)
  if (stage.screen() === 'closed') await operator(stage)
  if (shopper.happens(0.5)) reviewer(stage, true)
  // What the bank did not answer is asked again within minutes; what nobody decided lapses within the hold.
  for (const hours of [0.2, 4, 156, 1]) {
    await time.sleep(8_000)
    pass(stage, hours * hourMs)
  }
  // What a phone's hold came to is known to the relay by the fridge's books; its sweep looks once in 45 s.
  if (stage.orders !== null) {
    keeper.life()?.pushNow()
    await time.sleep(80_000)
  }
  await time.sleep(20_000)
  teller.holds()
  auditor.finish(stage.keeper.dir(), [...uids])
}
