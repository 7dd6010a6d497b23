/**
 * Mischief: what goes wrong around one visit, as the seed's weather says. Short troubles strike at any moment of it and
 * end by themselves; long ones (a night without power, half an hour of warm air) come after it.
 */
import { freshUid, pass, repairCold, tap } from './deeds.ts'
import type { CommitFate } from './disk.ts'
import type { FaultKind } from './faults.ts'
import type { Doom } from './life.ts'
import type { Stage } from './stage.ts'

const visitMs = 25_000
/** What a fault likes best: right after one of these. */
const moments = [
  'VisitStarted', 'HoldPlaced', 'UnlockRequested', 'DoorUnlocked', 'DoorOpened', 'DoorClosed', 'VisitInterrupted',
  'BasketResolved', 'CaptureRequested', 'ReleaseRequested', 'ReviewOpened', 'DoorForced',
] as const // prettier-ignore
const minuteMs = 60_000
const hourMs = 60 * minuteMs

/** Sets the scene for the next visit; what it gives back is to be awaited after it. */
export function mischief(stage: Stage): () => Promise<void> {
  const { time, mischief: c, weather, wire, teller, cabinet, keeper, auditor, struck } = stage
  wire.setTrouble(weather.frame)
  teller.setTrouble(weather.bank)
  const sometime = (run: () => void): void => {
    if (c.happens(0.5)) time.after(c.between(0, visitMs), run)
    else stage.afterNext(c.pick(moments), c.happens(0.3) ? 0 : c.exponential(250), run)
  }
  /** Something is broken for a while, and the auditor knows it. */
  const lasting = (
    kind: FaultKind,
    of: 'disturbed' | 'troubled',
    lastMs: number,
    begin: () => void,
    end: () => void,
  ): void =>
    sometime(() => {
      struck(kind)
      const one = auditor[of]()
      begin()
      time.after(lastMs, () => {
        end()
        one.end()
      })
    })

  if (c.happens(weather.link))
    lasting(
      'linkSilent',
      'disturbed',
      c.between(200, 7_000),
      () => wire.cut(true),
      () => wire.cut(false),
    )
  if (c.happens(weather.controller))
    if (c.happens(0.5))
      sometime(() => {
        struck('controllerReset')
        auditor.disturbed().end()
        cabinet.reset()
      })
    else
      lasting(
        'brownOut',
        'disturbed',
        c.between(100, 3_000),
        () => cabinet.supply(9_000),
        () => cabinet.supply(12_000),
      )
  if (c.happens(weather.network))
    lasting('networkCut', 'troubled', c.happens(0.5) ? c.between(1_000, 20_000) : c.between(minuteMs, 3 * hourMs),
      () => teller.network(false), () => teller.network(true)) // prettier-ignore
  if (c.happens(weather.crash)) crash(stage, sometime)
  if (c.happens(weather.disk)) diskTrouble(stage, lasting)
  if (c.happens(weather.cell)) {
    const shelf = 1 + c.below(4)
    struck('loadCellDead')
    cabinet.world.cells.kill(shelf - 1, true)
    time.after(c.between(10_000, 90_000), () => cabinet.world.cells.kill(shelf - 1, false))
  }
  if (c.happens(weather.power / 2))
    sometime(() => {
      struck('powerCut')
      keeper.powerOff()
      time.after(c.between(2_000, 60_000), () => keeper.powerOn())
    })
  if (c.happens(weather.hostile)) hostility(stage, sometime)
  return () => afterwards(stage)
}

function crash(stage: Stage, sometime: (run: () => void) => void): void {
  const { mischief: c, weather, keeper, auditor, struck, time } = stage
  const fates: readonly Exclude<CommitFate, 'done'>[] = ['killedBefore', 'killedAfter', 'torn']
  const dooms = (): Doom => {
    if (c.happens(0.4)) {
      const type = c.pick(moments)
      if (type === 'DoorForced') sometime(() => force(stage))
      return { at: 'event', type, fate: c.pick(fates) }
    }
    return c.happens(0.6)
      ? { at: 'commit', nth: 1 + c.below(10), fate: c.pick(fates) }
      : { at: 'effect', nth: 1 + c.below(4), when: c.happens(0.5) ? 'before' : 'after' }
  }
  switch (c.below(4)) {
    case 0:
      sometime(() => {
        struck('killedAnytime')
        keeper.kill()
      })
      break
    case 1: {
      const stallMs = c.between(300, 12_000)
      sometime(() => {
        struck('heldStill')
        const one = auditor.disturbed()
        keeper.life()?.stall(stallMs)
        time.after(stallMs, one.end)
      })
      break
    }
    default:
      keeper.doom(dooms())
  }
  if (c.happens(0.25)) keeper.doomNext({ at: 'commit', nth: 1 + c.below(3), fate: c.pick(fates) })
  keeper.wallError(0)
  if (c.happens(weather.clock)) {
    const errorMs = c.pick([minuteMs, hourMs, 26 * hourMs, 5 * 24 * hourMs]) * c.between(0.5, 1.5)
    const forward = c.happens(0.5)
    struck(forward ? 'clockForward' : 'clockBack')
    keeper.wallError(forward ? errorMs : -errorMs)
  }
}

type Lasting = (
  kind: FaultKind,
  of: 'disturbed' | 'troubled',
  lastMs: number,
  begin: () => void,
  end: () => void,
) => void

function diskTrouble(stage: Stage, lasting: Lasting): void {
  const { mischief: c, keeper } = stage
  if (c.happens(0.4))
    lasting(
      'diskFull',
      'troubled',
      c.between(4_000, 40_000),
      () => keeper.storageFull(true),
      () => keeper.storageFull(false),
    )
  else keeper.doom({ at: 'commit', nth: 1 + c.below(12), fate: c.pick(['ioBefore', 'ioAfter', 'full'] as const) })
}

/** Somebody who means harm, or knows no better. */
function hostility(stage: Stage, sometime: (run: () => void) => void): void {
  const { mischief: c, wire, keeper, struck } = stage
  for (let n = 1 + c.below(4); n > 0; n--)
    switch (c.below(4)) {
      case 0:
        sometime(() => {
          if (wire.replay()) struck('frameReplayed')
        })
        break
      case 1:
        sometime(() => {
          struck('hostileTap')
          tap(stage, freshUid(stage))
        })
        break
      case 2:
        sometime(() => {
          struck('hostileTap')
          const runtime = keeper.life()?.runtime
          if (c.happens(0.5)) runtime?.cancel()
          else runtime?.dismiss()
        })
        break
      default:
        sometime(() => force(stage))
    }
}

/** With a crowbar, for goods or for nothing. */
function force({ time, mischief: c, cabinet, struck, trace }: Stage): void {
  const { world } = cabinet
  if (world.doorOpen() || world.boltReleased()) return
  struck('forcedDoor')
  world.forceDoor()
  const item = c.pick(world.items())
  if (c.happens(0.5) && item.shelf !== null) {
    trace.tell(`${item.sku} is stolen off shelf ${item.shelf}`)
    world.take(item.sku, 1, item.shelf)
  }
  time.after(c.between(500, 6_000), () => world.closeDoor())
}

/** Between two visits time may pass: minutes, a night, days; with power or without, cold or warm. */
async function afterwards(stage: Stage): Promise<void> {
  const { time, mischief: c, weather, cabinet, keeper, auditor, struck, trace } = stage
  if (c.happens(weather.power / 3)) {
    await idle(stage)
    struck('powerCut')
    keeper.powerOff()
    const offMs = c.pick([10 * minuteMs, 45 * minuteMs, 3 * hourMs, 9 * hourMs, 60 * hourMs]) * c.between(0.7, 1.3)
    pass(stage, offMs)
    keeper.powerOn()
    await time.sleep(30_000)
  }
  if (c.happens(weather.cold)) {
    await idle(stage)
    const dead = c.happens(0.4)
    struck(dead ? 'sensorDead' : 'warmAir')
    if (dead) {
      cabinet.world.setSensor(false)
      auditor.sensor(false)
    } else cabinet.world.holdAir(c.between(5.8, 14))
    for (let parts = 1 + c.below(3); parts > 0; parts--) {
      await time.sleep(6_000)
      pass(stage, c.between(5, 20) * minuteMs)
      await time.sleep(4_000)
    }
    if (c.happens(0.3)) {
      repairCold(stage)
      await time.sleep(6_000)
    }
  }
  if (c.happens(0.04)) {
    await idle(stage)
    const quietMs = c.happens(0.8) ? c.between(5 * minuteMs, 5 * hourMs) : c.between(1, 4) * 24 * hourMs
    trace.tell(`${Math.round(quietMs / minuteMs)} quiet minutes pass`)
    pass(stage, quietMs)
    await time.sleep(4_000)
  }
}

/** Nobody is at the door. */
async function idle(stage: Stage): Promise<void> {
  await stage.until(() => stage.screen() === 'attract' || stage.screen() === 'closed', 15_000)
  await stage.time.sleep(500) // the controller believes a door only after a moment; it is to see it before it stands still
}
