/**
 * Kiosk app: joins the live view, the catalogue and the shopper's settings, and picks the screen. Whatever the fridge
 * says is shown; nothing here decides about a visit.
 */
import { useCallback, useEffect, useMemo, useState, type ReactNode } from 'react'
import { kioskViewSchema, type KioskMessage, type KioskView } from '../../src/contract/kiosk.ts'
import type { Address } from '../address.ts'
import { Speaking } from '../languages/language.tsx'
import { useCatalogue, useLive } from '../live.ts'
import { readingOf } from '../reading.ts'
import { TunerContext, type Settings } from './controls.tsx'
import { clearSafety } from './operator-clear.ts'
import { relayDesk } from './relay-desk.ts'
import { Attract } from './screens/attract.tsx'
import { Closed } from './screens/closed.tsx'
import { BankSilent, Blind, Declined, Interrupted, NothingTaken, NotOpened, UnlockFailed } from './screens/endings.tsx'
import { Holding, Moment, Unlocked, Unlocking } from './screens/opening.tsx'
import { Operator } from './screens/operator.tsx'
import { OwnerRelay } from './screens/owner-relay.tsx'
import { Receipt } from './screens/receipt.tsx'
import { Settling } from './screens/settling.tsx'
import { Shopping } from './screens/shopping.tsx'
import { Unsure } from './screens/unsure.tsx'
import { Loading, Missing } from './screens/waiting.tsx'
import { ShopContext, type Shop } from './shop.tsx'
import { useAlone } from './alone.ts'

const readView = readingOf(kioskViewSchema)

export function KioskApp(props: { address: Address; usual: Settings; aloneAfterMs: number }): ReactNode {
  const { address, usual } = props
  const live = useLive(address.live('/api/kiosk'), readView)
  const { link } = live
  const send: (message: KioskMessage) => void = live.send
  const catalogue = useCatalogue(address, link.at === 'live')
  const [settings, setSettings] = useState(usual)
  const [operating, setOperating] = useState<'food' | 'relay' | null>(null)

  const view = link.at === 'live' ? link.view : null
  const at = view?.screen.at ?? (link.at === 'lost' ? 'missing' : 'loading')
  // Between visits, and with nobody touching it, the fridge dims and forgets what the last shopper set.
  const alone = useAlone(props.aloneAfterMs, at === 'attract' || at === 'closed')
  useEffect(() => {
    if (!alone) return
    setSettings(usual)
    setOperating(null)
  }, [alone, usual])
  // An operator's keys must not lie over a shopper's visit.
  const closed = at === 'closed'
  useEffect(() => {
    if (!closed && at !== 'attract') setOperating(null)
  }, [closed, at])

  useEffect(() => {
    const page = document.documentElement
    page.lang = settings.language
    page.dataset['theme'] = settings.contrast ? 'contrast' : alone ? 'dark' : 'light'
    page.dataset['lowered'] = String(settings.lowered)
    page.dataset['screen'] = view && !catalogue ? 'loading' : at
  }, [settings, alone, at, view, catalogue])

  const tuner = useMemo(
    () => ({
      settings,
      tune: (change: Partial<Settings>) => {
        setSettings((before) => ({ ...before, ...change }))
        if (change.language) send({ type: 'language', language: change.language })
      },
    }),
    [settings, send],
  )
  const desk = useMemo(() => relayDesk(address.headers), [address])
  const products = useMemo(() => new Map(catalogue?.products.map((product) => [product.sku, product])), [catalogue])
  const product = useCallback((sku: string) => products.get(sku), [products])
  const shop = useMemo<Shop | null>(
    () =>
      view && catalogue
        ? {
            view,
            catalogue,
            product,
            pictureUrl: (sku) =>
              address.picture(products.get(sku)?.pictureUrl ?? `/api/products/${encodeURIComponent(sku)}/picture`),
            send,
            operators: () => {
              setOperating('food')
            },
            relay: () => {
              setOperating('relay')
            },
          }
        : null,
    [view, catalogue, product, products, address, send],
  )

  return (
    <Speaking language={settings.language} currency={view?.currency ?? 'EUR'}>
      <TunerContext value={tuner}>
        {link.at === 'lost' ? (
          <Missing />
        ) : !shop ? (
          <Loading />
        ) : operating === 'relay' ? (
          <OwnerRelay
            desk={desk}
            onLeave={() => {
              setOperating(null)
            }}
          />
        ) : operating === 'food' ? (
          <Operator
            onClear={(clear) => clearSafety(clear, address.headers)}
            onLeave={() => {
              setOperating(null)
            }}
          />
        ) : (
          <ShopContext value={shop}>
            <Shown screen={shop.view.screen} />
          </ShopContext>
        )}
      </TunerContext>
    </Speaking>
  )
}

function Shown(props: { screen: KioskView['screen'] }): ReactNode {
  const { screen } = props
  switch (screen.at) {
    case 'attract':
      return <Attract />
    case 'closed':
      return <Closed reason={screen.reason} />
    case 'moment':
      return <Moment screen={screen} />
    case 'holding':
      return <Holding screen={screen} />
    case 'unlocking':
      return <Unlocking screen={screen} />
    case 'unlocked':
      return <Unlocked screen={screen} />
    case 'shopping':
      return <Shopping screen={screen} />
    case 'blind':
      return <Blind />
    case 'settling':
      return <Settling screen={screen} />
    case 'receipt':
      return <Receipt screen={screen} />
    case 'nothingTaken':
      return <NothingTaken screen={screen} />
    case 'notOpened':
      return <NotOpened screen={screen} />
    case 'unsure':
      return <Unsure screen={screen} />
    case 'declined':
      return <Declined screen={screen} />
    case 'bankSilent':
      return <BankSilent screen={screen} />
    case 'unlockFailed':
      return <UnlockFailed screen={screen} />
    case 'interrupted':
      return <Interrupted screen={screen} />
    default:
      return screen satisfies never
  }
}
