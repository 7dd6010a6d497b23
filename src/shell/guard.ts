/**
 * Guard: what a page in the shell may reach, as plain functions of addresses.
 * Holds always: a page may go to, and ask for, its own origin on loopback and the shell's own waiting page; else nothing.
 */

/** True when a page may show `url`: a page of the runtime's origin, or the waiting page. Origin null: none runs yet. */
export function mayShow(url: string, origin: string | null, waitingPage: string): boolean {
  return url === waitingPage || (origin !== null && originOf(url) === origin)
}

/** True when a page may ask for `url`: as above, and the WebSocket of the same host and port. */
export function mayAsk(url: string, origin: string | null, waitingPage: string): boolean {
  return mayShow(url.replace(/^ws:/, 'http:'), origin, waitingPage)
}

function originOf(url: string): string | null {
  try {
    return new URL(url).origin
  } catch {
    return null
  }
}
