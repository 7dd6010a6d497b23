/**
 * Routes: which endpoint a request is for. The table is the whole of what this bank answers; anything else is a 404.
 */
import type { Route } from './route.ts'
import { cardRoutes } from './routes-cards.ts'
import { chargeRoutes } from './routes-charges.ts'
import { intentRoutes } from './routes-intents.ts'
import { setupRoutes } from './routes-setup.ts'

export interface FoundRoute {
  readonly route: Route
  /** The id in the path; empty where it has none. */
  readonly id: string
  readonly path: string
  readonly query: string
}

const table = [...intentRoutes, ...chargeRoutes, ...cardRoutes, ...setupRoutes].map((route) => ({
  route,
  parts: route.path.split('/'),
}))

export function findRoute(method: string, target: string): FoundRoute | null {
  const at = target.indexOf('?')
  const path = at < 0 ? target : target.slice(0, at)
  const segments = path.split('/')
  for (const { route, parts } of table) {
    if (route.method !== method || parts.length !== segments.length) continue
    if (!parts.every((part, index) => part === segments[index] || (part === ':id' && segments[index] !== ''))) continue
    const raw = segments[parts.indexOf(':id')] ?? ''
    return { route, id: decodedOr(raw), path, query: at < 0 ? '' : target.slice(at + 1) }
  }
  return null
}

/** An id that can't be decoded is an id that nobody has. */
function decodedOr(raw: string): string {
  try {
    return decodeURIComponent(raw)
  } catch {
    return raw
  }
}
