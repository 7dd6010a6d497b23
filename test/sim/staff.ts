/**
 * Staff: the operator who comes when sales are stopped, and the reviewer who decides what is in doubt.
 */
import { freshUid, pass, repairCold, tap } from './deeds.ts'
import type { Stage } from './stage.ts'

const minuteMs = 60_000

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

/** Whoever looks at the pictures of what is in doubt: soon, later, or never; mostly right. */
export function reviewer(stage: Stage, always = false): void {
  const { auditor, shopper, keeper, trace } = stage
  const life = keeper.life()
  if (life === null) return
  for (const visit of auditor.visits().values()) {
    const { prices } = visit // what its shopper saw, as an owner's verdict has it
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
