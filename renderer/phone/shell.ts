/** Shell: which addresses are the page itself, for the service worker. Pure. */

/** Names of what Vite builds hold a hash of its content, so that what is kept under one never gets old. */
export const isShell = (pathname: string): boolean =>
  /^\/phone\/(?:assets\/[\w.-]+|icon-[\w-]+\.png|manifest\.webmanifest)$/.test(pathname)

export const pageOf = (pathname: string): boolean => pathname === '/phone/' || pathname === '/phone/index.html'

/** What the page's HTML names of its own. */
export const shellIn = (html: string): string[] => [
  ...new Set([...html.matchAll(/(?:src|href)="(\/phone\/[^"]+)"/g)].flatMap(([, path]) => path ?? []).filter(isShell)),
]

/** A script or a style sheet of an earlier build. Fonts keep: the style sheet names them, not the page. */
export const isOlder = (pathname: string, wanted: readonly string[]): boolean =>
  /\/assets\/.+\.(?:js|css)$/.test(pathname) && !wanted.includes(pathname)
