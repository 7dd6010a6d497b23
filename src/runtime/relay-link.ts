/**
 * Relay link: the fridge's end of its owner's relay. It pushes the ledger's rows while the fridge is paired, and pairs it.
 *
 * Holds always: nothing in here keeps the fridge from selling; without a pairing nothing is sent; a pairing that `npm run
 * pair` writes beside the running fridge is found within seconds. Called by runtime/edge.
 */
import type { RelayView } from '../contract/kiosk.ts'
import type { Event } from '../core/events.ts'
import type { Cancel, Clock, Log, Random } from '../core/ports.ts'
import { err, ok, type Result } from '../core/result.ts'
import { secondMs } from '../core/time.ts'
import type { RowSource } from '../../sync/edge/batches.ts'
import type { Fetch } from '../../sync/edge/exchange.ts'
import { presses } from '../../sync/edge/pressing.ts'
import { startPictures, type PicturePorts } from '../../sync/edge/pictures.ts'
import { startProductPictures, type PictureShelf } from '../../sync/edge/product-pictures.ts'
import { createPusher, type Pusher } from '../../sync/edge/pusher.ts'
import { startWindow, type ShopWindow } from '../../sync/edge/window.ts'
import type { SigningKey } from '../../sync/protocol/signing.ts'
import { keptPairing, pairingStamp, pairWith, relayKey, type PairRefusal } from './relay-files.ts'
import { relayUrl } from './settings.ts'

export interface RelayLink {
  /** After each commit: there are new rows. */
  wrote(events: readonly Event[]): void
  view(): RelayView
  /** Where phones find this fridge; null: they don't. */
  phone(): string | null
  /** `relay`: its address, where the settings name none. */
  pair(asked: { readonly code: string; readonly relay: string | undefined }): Promise<Result<string, PairRefusal>>
  /** A person says: try now. */
  retry(): void
  stop(): void
}

export interface RelayLinkPorts {
  readonly dir: string
  readonly ledger: RowSource
  readonly fetch: Fetch
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly failed: (error: unknown) => void
  /** Of visits in doubt; absent: there are no cameras, or their owner keeps pictures at the fridge. */
  readonly pictures?: LinkPictures | undefined
  /** Of the products that the relay defined, and whether nobody is at the fridge. */
  readonly products?: { readonly shelf: PictureShelf; readonly free: () => boolean } | undefined
  /** What the fridge sells, for phones. */
  readonly window?: (() => ShopWindow | null) | undefined
}

/** What the runtime knows of pictures; when nothing else waits for the relay is known here. */
export type LinkPictures = Pick<PicturePorts, 'waiting' | 'pictures' | 'budget' | 'free'>

/** `relayUrl`: as the settings name it; it wins over the address that the fridge was paired at. */
export interface RelayLinkSettings {
  readonly fridge: string
  readonly relayUrl: string | undefined
}

const lookEveryMs = 5 * secondMs

export function createRelayLink(ports: RelayLinkPorts, settings: RelayLinkSettings): RelayLink {
  const { dir, ledger, clock, log } = ports
  const { fridge } = settings
  let pusher: { readonly to: string; readonly pusher: Pusher } | null = null
  let pictures: { stop(): void } | null = null
  let window: { stop(): void } | null = null
  let products: { stop(): void } | null = null
  let phone: string | null = null
  let stamp = -1
  let stopped = false
  let cancelLook: Cancel = () => {}

  function look(): void {
    const now = pairingStamp(dir)
    if (now !== stamp) {
      stamp = now
      take()
    }
    cancelLook = clock.after(lookEveryMs, look)
  }

  /** Goes by what the pairing file says now. */
  function take(): void {
    const pairing = pairingOrNull()
    const to = pairing === null ? null : (settings.relayUrl ?? pairing.relay)
    if (pusher !== null && pusher.to === to) return pusher.pusher.retry()
    pusher?.pusher.stop()
    pictures?.stop()
    window?.stop()
    products?.stop()
    pusher = null
    pictures = null
    window = null
    products = null
    phone = null
    if (to === null) return
    const { random, fetch, failed } = ports
    const key = relayKey(dir)
    pusher = { to, pusher: createPusher({ ledger, key, fetch, clock, random, log, failed }, { fridge, relayUrl: to }) }
    if (ports.pictures !== undefined) pictures = picturesTo(to, key, pusher.pusher, ports.pictures)
    if (ports.products !== undefined) products = productsTo(to, key, pusher.pusher, ports.products)
    if (ports.window !== undefined) window = windowTo(to, key, pusher.pusher, ports.window)
    log.info('the fridge pushes to its relay', { relay: to })
  }

  /** Behind everything else [SY54]. */
  function picturesTo(to: string, key: SigningKey, rows: Pusher, link: LinkPictures): { stop(): void } {
    const { random, fetch } = ports
    const free = (): boolean => {
      const { at, pending } = rows.progress()
      return at === 'idle' && pending === 0 && link.free()
    }
    return startPictures({ ...link, free, key, fetch, clock, random, log }, { fridge, relayUrl: to })
  }

  /** Behind the rows, and while nobody shops [SY82]. */
  function productsTo(
    to: string,
    key: SigningKey,
    rows: Pusher,
    { shelf, free }: NonNullable<RelayLinkPorts['products']>,
  ): { stop(): void } {
    const { random, fetch } = ports
    const isFree = (): boolean => rows.progress().pending === 0 && free()
    return startProductPictures({ shelf, free: isFree, key, fetch, clock, random, log }, { fridge, relayUrl: to })
  }

  /** Behind the rows [SY62]. */
  function windowTo(to: string, key: SigningKey, rows: Pusher, shown: () => ShopWindow | null): { stop(): void } {
    const { random, fetch } = ports
    const free = (): boolean => rows.progress().pending === 0
    const onPhone = (address: string | null): void => {
      phone = address === null ? null : new URL(address, to).href
    }
    return startWindow({ window: shown, free, onPhone, key, fetch, clock, random, log }, { fridge, relayUrl: to })
  }

  /** Of this fridge: one that was given another id is another fridge to the relay, and must be paired anew. */
  function pairingOrNull(): ReturnType<typeof keptPairing> {
    try {
      const pairing = keptPairing(dir)
      return pairing?.fridge === fridge ? pairing : null
    } catch (error) {
      log.warn('the pairing can not be read', { error: error instanceof Error ? error.message : String(error) })
      return null
    }
  }

  look()
  return {
    wrote(events) {
      pusher?.pusher.poke(presses(events))
    },
    view() {
      const at = { fridge, relay: pusher?.to ?? settings.relayUrl ?? null, paired: pusher !== null }
      if (pusher === null)
        return { ...at, at: 'off', acknowledgedSeq: 0, pending: ledger.last().seq, lastError: null, setAside: [] }
      const { setAside, ...progress } = pusher.pusher.progress()
      return { ...at, ...progress, setAside: [...setAside] }
    },
    async pair({ code, relay: typed }) {
      const relay = settings.relayUrl ?? (typed === undefined ? pusher?.to : addressOf(typed))
      if (relay === undefined) return err('noRelay')
      const answer = await pairWith(ports, { relay, fridge, code })
      if (stopped || !answer.ok) return answer.ok ? ok(relay) : answer
      stamp = pairingStamp(dir)
      take()
      return ok(relay)
    },
    retry: () => pusher?.pusher.retry(),
    phone: () => phone,
    stop() {
      stopped = true
      cancelLook()
      pusher?.pusher.stop()
      pictures?.stop()
      window?.stop()
      products?.stop()
    },
  }
}

/** As a person types it: `relay.example` is https. */
function addressOf(typed: string): string | undefined {
  const read = relayUrl.safeParse(/^https?:\/\//.test(typed) ? typed : `https://${typed}`)
  return read.success ? read.data : undefined
}
