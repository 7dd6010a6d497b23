/**
 * Deeds: what shoppers, staff and mischief makers do alike: hold a card to the reader, let time pass, repair the cold.
 */
import type { Stage } from './stage.ts'

const minuteMs = 60_000

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

/** What was held warm or dead by a fault is let go. */
export function repairCold({ cabinet, auditor }: Stage): void {
  cabinet.world.holdAir(null)
  cabinet.world.setSensor(true)
  auditor.sensor(true)
}

/** Everything stands still for so long, machine and all, as far as it can tell; the world goes on. */
export function pass(stage: Stage, quietMs: number): void {
  const { auditor, cabinet, time } = stage
  auditor.disturbed().end()
  const stepMs = Math.max(minuteMs / 2, quietMs / 300)
  for (let leftMs = quietMs; leftMs > 0; leftMs -= stepMs) {
    time.leap(Math.min(stepMs, leftMs))
    cabinet.tellAir()
  }
  auditor.disturbed().end()
}
