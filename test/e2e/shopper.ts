/**
 * Shopper: buys at a virtual fridge over HTTP, again and again, whatever happens to the fridge meanwhile; and keeps, from
 * the world and the kiosk's screen alone, what they truly took and what they were told.
 */
import { WebSocket } from 'ws'
import { catalogueSchema, kioskViewSchema, type KioskView } from '../../src/contract/kiosk.ts'
import type { World } from '../../src/contract/virtual.ts'
import type { Fridge } from './fridge.ts'

/** A receipt that was on the screen: the fridge has given its word. */
export interface SeenReceipt {
  readonly visit: string
  readonly chargedMinor: number
  readonly paid: boolean
}

export interface Shopper {
  /** One visit as far as it gets: tap, open, take one or two, close. Returns early when the fridge does not answer. */
  visit(): Promise<void>
  /** Closes a door that was left open by what happened. */
  tidyUp(): Promise<void>
  screen(): KioskView['screen']['at'] | null
  readonly receipts: ReadonlyMap<string, SeenReceipt>
  /** The price of what left the fridge in each visit, by the bank's name for the visit. */
  readonly tookMinor: ReadonlyMap<string, number>
  leave(): void
}

const stepMs = 25

/** `chance` gives numbers from 0 up to 1. */
export async function enterShopper(fridge: Fridge, chance: () => number): Promise<Shopper> {
  const receipts = new Map<string, SeenReceipt>()
  const tookMinor = new Map<string, number>()
  const watch = watchKiosk(fridge, (view) => {
    const { screen } = view
    if (screen.at !== 'receipt') return
    const { visit, chargedMinor, payment } = screen
    const paid = payment === 'paid' || receipts.get(visit)?.paid === true
    receipts.set(visit, { visit, chargedMinor, paid })
  })
  const prices = await pricesOf(fridge)

  const until = async (seen: (world: World) => boolean, withinMs: number): Promise<boolean> => {
    for (const endMs = Date.now() + withinMs; Date.now() < endMs;) {
      if (seen(await fridge.world())) return true
      await new Promise((resolve) => setTimeout(resolve, stepMs))
    }
    return false
  }
  /** False where the world did not let itself be done to: the plug is out, the door is locked. */
  const attempt = async (what: string, how: object): Promise<boolean> =>
    fridge.act(what, how).then(
      () => true,
      () => false,
    )

  return {
    receipts,
    tookMinor,
    screen: () => watch.screen(),
    leave: () => watch.close(),
    async tidyUp() {
      if ((await fridge.world()).door.open) await attempt('door', { open: false })
    },
    async visit() {
      const { cards } = await fridge.world()
      const uid = cards.find(({ kind }) => kind === 'good')?.uid ?? ''
      if (!(await attempt('card', { uid }))) return
      if (!(await until(({ door }) => !door.locked, 1_500))) return
      if (!(await attempt('door', { open: true }))) return
      const visit = (await fridge.bank()).holds.at(-1)?.visit ?? ''
      for (let thing = 0; thing < 1 + Math.floor(chance() * 2); thing += 1) {
        const stands = (await fridge.world()).shelves.flatMap(({ shelf, items }) =>
          items.map(({ sku }) => ({ sku, shelf })),
        )
        const wish = stands[Math.floor(chance() * stands.length)]
        if (wish === undefined || !(await attempt('take', wish))) break
        tookMinor.set(visit, (tookMinor.get(visit) ?? 0) + (prices.get(wish.sku) ?? 0))
        await new Promise((resolve) => setTimeout(resolve, chance() * 300))
      }
      await attempt('door', { open: false })
      await until(() => ['receipt', 'attract', 'unsure', 'interrupted'].includes(watch.screen() ?? ''), 3_000)
      watch.dismiss()
    },
  }
}

async function pricesOf(fridge: Fridge): Promise<Map<string, number>> {
  const { origin, hash } = new URL(fridge.kiosk)
  const token = new URLSearchParams(hash.slice(1)).get('token') ?? ''
  const answer = await fetch(`${origin}/api/catalogue`, { headers: { authorization: `Bearer ${token}` } })
  const { products } = catalogueSchema.parse(await answer.json())
  return new Map(products.map(({ sku, priceMinor }) => [sku, priceMinor]))
}

/** The kiosk's own stream, taken up again whenever it breaks off. */
export function watchKiosk(
  fridge: Fridge,
  seen: (view: KioskView) => void,
): { screen(): KioskView['screen']['at'] | null; dismiss(): void; close(): void } {
  const { host, hash } = new URL(fridge.kiosk)
  const token = new URLSearchParams(hash.slice(1)).get('token') ?? ''
  let at: KioskView['screen']['at'] | null = null
  let closed = false
  let socket: WebSocket | null = null
  const connect = (): void => {
    const next = new WebSocket(`ws://${host}/api/kiosk?token=${token}`)
    socket = next
    next.on('message', (bytes: Buffer) => {
      const view = kioskViewSchema.parse(JSON.parse(bytes.toString()))
      at = view.screen.at
      seen(view)
    })
    next.on('error', () => next.terminate())
    next.on('close', () => {
      at = null
      if (!closed) setTimeout(connect, 100)
    })
  }
  connect()
  return {
    screen: () => at,
    dismiss() {
      if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ type: 'dismiss' }))
    },
    close() {
      closed = true
      socket?.terminate()
    },
  }
}
