/**
 * Health: whether the relay's database can be used now. Asked by balancers often, so the answer is kept for a second.
 */
import type { OpenStore } from './store/open.ts'

export interface Health {
  readonly state: 'opening' | 'ready' | 'down'
  readonly kind: OpenStore['kind']
}

const keptMs = 1_000
const patienceMs = 2_000

/** `store`: null while it is being opened. Never throws, and answers within two seconds. */
export function createHealth(kind: OpenStore['kind'], store: () => OpenStore | null): () => Promise<Health> {
  let kept: { readonly untilMs: number; readonly health: Promise<Health> } | null = null

  async function look(): Promise<Health> {
    const open = store()
    if (open === null) return { state: 'opening', kind }
    return { state: (await answers(open)) ? 'ready' : 'down', kind }
  }

  return () => {
    // An opening store may be ready in the next moment, and costs nothing to look at.
    if (store() === null) return look()
    const nowMs = performance.now()
    if (kept === null || kept.untilMs <= nowMs) kept = { untilMs: nowMs + keptMs, health: look() }
    return kept.health
  }
}

function answers(store: OpenStore): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), patienceMs)
    store.ping().then(
      () => resolve(true),
      () => resolve(false),
    )
    void timer.unref()
  })
}
