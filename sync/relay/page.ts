/**
 * Page: what a person sees at the relay's address: whether it works, what it keeps its books in, and where to go on.
 * Plain HTML, no script, nothing of the owner's: it is shown to anybody who can reach the relay.
 */
import { createHash } from 'node:crypto'
import { version } from '../../src/core/version.ts'
import type { Health } from './health.ts'

const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 42rem; margin: 3rem auto; padding: 0 1rem }
h1 { font-size: 1.5rem } dt { font-weight: 600; margin-top: 1rem } dd { margin: 0 } code { font-size: 0.95em }
`

/** The page's one style, by its hash; everything else is forbidden. */
export const pagePolicy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`

export function statusPage({ state, kind }: Health): string {
  const books =
    kind === 'embedded'
      ? 'An embedded database (PGlite). It does not wait for the disk: good for a first look, not for money. Set <code>DATABASE_URL</code> to a PostgreSQL for that.'
      : 'PostgreSQL.'
  const states: Record<Health['state'], string> = {
    opening: 'Opening the database; fridges are asked to wait.',
    ready: 'Ready: fridges can push, and owners can read.',
    down: 'The database does not answer; fridges are asked to wait, and lose nothing.',
  }
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>VisionVend relay</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>VisionVend relay</h1>
<p>Fridges push their books here; their owner reads them here.</p>
<dl>
<dt>State</dt><dd>${states[state]}</dd>
<dt>Books</dt><dd>${books}</dd>
<dt>Version</dt><dd>${version}, sync protocol 1</dd>
<dt>For the owner</dt><dd>The API under <code>/api/v1</code> wants a key; <a href="/openapi.json">its description</a> (OpenAPI). <a href="/fleet/">Pages for the fleet</a> ask for the same key.</dd>
<dt>For machines</dt><dd><a href="/health">Health</a>, <a href="/metrics">metrics</a> (Prometheus)</dd>
</dl>
</main>
</body>
</html>
`
}
