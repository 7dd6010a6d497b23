/**
 * Virtual fridge page: the fridge's own screen at the left, the fridge itself, and a person's hands, cards and mischief at
 * the right. Shows the world as it is pushed over /virtual/live and sends what the person does to it.
 */
import { useCallback, useEffect, useMemo, useState, type ReactNode } from 'react'
import { worldSchema } from '../../src/contract/virtual.ts'
import type { Address } from '../address.ts'
import { allLanguages, languageNames, Speaking, useSpeech, type Language } from '../languages/language.tsx'
import { useWords } from '../languages/virtual/words.ts'
import { useCatalogue, useLive } from '../live.ts'
import { Icon } from '../parts/icon.tsx'
import { readingOf } from '../reading.ts'
import { Cabinet } from './cabinet.tsx'
import { Carry, type Carried, type Place } from './carry.tsx'
import { Faults } from './faults.tsx'
import { Hand } from './hand.tsx'
import { Steps, useStep } from './steps.tsx'
import { Wallet } from './wallet.tsx'
import { command, SceneContext, useScene, type Command, type Scene } from './world.ts'
import './page.css'

const readWorld = readingOf(worldSchema)
const toastMs = 5_000
const knowsHow = 'visionvend.knows-how'

export function VirtualApp(props: { address: Address; kioskUrl: string; language: Language }): ReactNode {
  const { address } = props
  const { link } = useLive(address.live('/virtual/live'), readWorld)
  const catalogue = useCatalogue(address, link.at === 'live')
  const [language, setLanguage] = useState(props.language)
  useEffect(() => {
    document.documentElement.lang = language
  }, [language])
  const products = useMemo(() => new Map(catalogue?.products.map((product) => [product.sku, product])), [catalogue])
  return (
    <Speaking language={language} currency={catalogue?.currency ?? 'EUR'}>
      {link.at === 'lost' && <Missing />}
      {link.at === 'live' ? (
        <Room
          world={link.view}
          products={products}
          address={address}
          kioskUrl={props.kioskUrl}
          onLanguage={setLanguage}
        />
      ) : (
        <div className="room room-waiting" />
      )}
    </Speaking>
  )
}

function Room(props: {
  world: Scene['world']
  products: Scene['products']
  address: Address
  kioskUrl: string
  onLanguage: (language: Language) => void
}): ReactNode {
  const { world, products, address } = props
  const words = useWords()
  const [toast, setToast] = useState<{ text: string; at: number } | null>(null)
  useEffect(() => {
    if (!toast) return
    const timer = setTimeout(() => {
      setToast(null)
    }, toastMs)
    return () => {
      clearTimeout(timer)
    }
  }, [toast])

  const ask = useCallback(
    (asked: Command) => {
      void command(asked, address, world, words.errors).then((outcome) => {
        setToast(outcome.done ? null : { text: outcome.message, at: Date.now() })
      })
    },
    [address, world, words],
  )
  const pictureUrl = useCallback(
    (sku: string) =>
      address.picture(products.get(sku)?.pictureUrl ?? `/api/products/${encodeURIComponent(sku)}/picture`),
    [address, products],
  )
  const stillUrl = useCallback<Scene['stillUrl']>(
    (camera, number) => address.picture(`/virtual/camera/${camera}?n=${number}`),
    [address],
  )
  const scene = useMemo<Scene>(
    () => ({ world, products, pictureUrl, stillUrl, ask }),
    [world, products, pictureUrl, stillUrl, ask],
  )
  const letGo = useCallback(
    (carried: Carried, there: Place) => {
      if (carried.from === null) {
        if (there.at === 'shelf') ask({ to: 'return', sku: carried.sku, shelf: there.shelf })
      } else if (there.at !== 'shelf') {
        ask({ to: 'take', sku: carried.sku, shelf: carried.from })
      } else if (there.shelf !== carried.from) {
        // Moving a thing to another shelf is taking it and putting it back, and the scales see both.
        const { sku, from } = carried
        void command({ to: 'take', sku, shelf: from }, address, world, words.errors).then((outcome) => {
          if (outcome.done) ask({ to: 'return', sku, shelf: there.shelf })
          else setToast({ text: outcome.message, at: Date.now() })
        })
      }
    },
    [ask, address, world, words],
  )
  return (
    <SceneContext value={scene}>
      <Carry pictureUrl={pictureUrl} onLetGo={letGo}>
        <div className="room">
          <Screen url={props.kioskUrl} power={world.power} />
          <div className="room-fridge">
            <Cabinet />
            <Hand />
          </div>
          <Panel onLanguage={props.onLanguage} />
        </div>
      </Carry>
      {toast && (
        <p className="toast" role="alert" key={toast.at}>
          <Icon name="info" />
          {toast.text}
        </p>
      )}
    </SceneContext>
  )
}

/** The kiosk itself, as another page: what it shows, it would show on a real fridge. */
function Screen(props: { url: string; power: boolean }): ReactNode {
  const words = useWords()
  return (
    <section className="screen" data-power={props.power}>
      {/* oxlint-disable-next-line react/iframe-missing-sandbox -- it is our own page, and needs its own origin for its socket */}
      <iframe title={words.screen} src={props.url} />
      {!props.power && (
        <p>
          <Icon name="plug" />
          {words.dark}
        </p>
      )}
    </section>
  )
}

function Panel(props: { onLanguage: (language: Language) => void }): ReactNode {
  const { world, ask } = useScene()
  const { language } = useSpeech()
  const words = useWords()
  const step = useStep(world)
  const [shown, setShown] = useState(() => localStorage.getItem(knowsHow) === null)
  const show = (on: boolean): void => {
    if (on) localStorage.removeItem(knowsHow)
    else localStorage.setItem(knowsHow, 'yes')
    setShown(on)
  }
  return (
    <aside className="panel" data-step={shown ? step : 'none'}>
      <header>
        <h1>{words.title}</h1>
        <div role="group" aria-label={words.language}>
          {allLanguages.map((each) => (
            <button
              type="button"
              key={each}
              lang={each}
              aria-label={languageNames[each]}
              aria-pressed={language === each}
              onClick={() => {
                props.onLanguage(each)
              }}
            >
              {each.toUpperCase()}
            </button>
          ))}
        </div>
      </header>
      {shown ? (
        <Steps
          step={step}
          onHide={() => {
            show(false)
          }}
        />
      ) : (
        <button
          type="button"
          className="panel-how"
          onClick={() => {
            show(true)
          }}
        >
          <Icon name="question" />
          {words.showSteps}
        </button>
      )}
      <Wallet />
      <button
        type="button"
        className="panel-door"
        data-inviting={shown && (step === 1 || step === 3)}
        onClick={() => {
          ask({ to: 'door', open: !world.door.open })
        }}
      >
        <Icon name="door" />
        {world.door.open ? words.door.close : words.door.open}
      </button>
      <Faults more={!shown} />
    </aside>
  )
}

function Missing(): ReactNode {
  const words = useWords()
  return (
    <div className="room-missing" role="alert">
      <Icon name="plug" />
      <p>{words.missing}</p>
    </div>
  )
}
