/**
 * Service worker: keeps the page itself (its HTML, script, styles, font, icons), so that it opens at once and without a network.
 * Holds always: no answer of the relay about fridges, visits or money is ever kept or given from here; only what is below
 * `/phone/` and built with it. A message that is pushed is shown, and leads to its receipt.
 */
/// <reference lib="webworker" />
import { isOlder, isShell, pageOf, shellIn } from './shell.ts'

declare const self: ServiceWorkerGlobalScope

const shelf = 'visionvend-phone'
const page = '/phone/'
/** So long is waited for a newer page than the one that is kept. */
const newerWithinMs = 1_500

self.addEventListener('install', (event) => {
  event.waitUntil(refresh().then(() => self.skipWaiting()))
})
self.addEventListener('activate', (event) => {
  event.waitUntil(self.clients.claim())
})
self.addEventListener('fetch', (event) => {
  const { request } = event
  const { origin, pathname } = new URL(request.url)
  if (request.method !== 'GET' || origin !== self.location.origin) return
  if (request.mode === 'navigate' && pageOf(pathname)) event.respondWith(pageNow(event))
  else if (isShell(pathname)) event.respondWith(keptOrFetched(request))
})

/** The page of the network, if that is quick; else the one that is kept. */
async function pageNow(event: FetchEvent): Promise<Response> {
  const fresh = refresh()
  event.waitUntil(fresh.catch(() => null))
  const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), newerWithinMs))
  const quick = await Promise.race([fresh.catch(() => null), late])
  return quick ?? (await (await caches.open(shelf)).match(page)) ?? (await fresh.catch(() => Response.error()))
}

/** Fetches the page and all that it names, and then lets go of older ones. */
async function refresh(): Promise<Response> {
  const answer = await fetch(page, { cache: 'no-cache' })
  if (!answer.ok) throw new Error(`${page} answered ${answer.status}`)
  const cache = await caches.open(shelf)
  const wanted = shellIn(await answer.clone().text())
  const there = new Set((await cache.keys()).map(({ url }) => new URL(url).pathname))
  await cache.addAll(wanted.filter((path) => !there.has(path)))
  await cache.put(page, answer.clone())
  for (const path of there) if (isOlder(path, wanted)) await cache.delete(path)
  return answer
}

async function keptOrFetched(request: Request): Promise<Response> {
  const cache = await caches.open(shelf)
  const kept = await cache.match(request)
  if (kept !== undefined) return kept
  const answer = await fetch(request)
  if (answer.ok) await cache.put(request, answer.clone())
  return answer
}

interface Told {
  readonly title?: string
  readonly body?: string
  readonly url?: string
}

self.addEventListener('push', (event) => {
  const told = (event.data?.json() ?? {}) as Told
  const { title = 'VisionVend', body = '', url = page } = told
  event.waitUntil(
    self.registration.showNotification(title, { body, icon: '/phone/icon-192.png', tag: url, data: { url } }),
  )
})

self.addEventListener('notificationclick', (event) => {
  event.notification.close()
  const { url = page } = (event.notification.data ?? {}) as Told
  event.waitUntil(bring(new URL(url, self.location.origin)))
})

async function bring(address: URL): Promise<void> {
  const target = address.origin === self.location.origin ? address.href : page
  const [open] = await self.clients.matchAll({ type: 'window' })
  if (open === undefined) return void (await self.clients.openWindow(target))
  await open.navigate(target)
  await open.focus()
}
