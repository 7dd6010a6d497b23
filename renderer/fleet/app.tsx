/**
 * Fleet app: sign-in, six tabs, and the page of one fridge. Where one is stands in the address (`#now`, `#reviews`,
 * `#fridges`, `#fridge/ID`, `#planogram/ID`, `#catalogue`, `#products`, `#vouchers`, `#sales`), so that it can be kept and sent.
 */
import { useEffect, useState, type ReactNode } from 'react'
import { allLanguages, languageNames, Speaking, type Language } from '../languages/language.tsx'
import { useWords } from '../languages/fleet/words.ts'
import { useAsked } from './asked.ts'
import { dropKey, keepKey, keptKey, relayAs, type Relay } from './relay.ts'
import { CataloguePage } from './screens/catalogue.tsx'
import { waitingOf } from './review/basket.ts'
import { FridgePage } from './screens/fridge.tsx'
import { FridgesPage } from './screens/fridges.tsx'
import { NowPage } from './screens/now.tsx'
import { PlanogramPage } from './screens/planogram.tsx'
import { ProductsPage } from './screens/products.tsx'
import { ReviewsPage } from './screens/reviews.tsx'
import { SalesPage } from './screens/sales.tsx'
import { SignIn } from './screens/sign-in.tsx'
import { VouchersPage } from './screens/vouchers.tsx'

const tabs = ['now', 'reviews', 'fridges', 'catalogue', 'vouchers', 'sales'] as const

function usePlace(): string {
  const [place, setPlace] = useState(window.location.hash.slice(1) || 'now')
  useEffect(() => {
    const follow = (): void => setPlace(window.location.hash.slice(1) || 'now')
    window.addEventListener('hashchange', follow)
    return () => window.removeEventListener('hashchange', follow)
  }, [])
  return place
}

export function FleetApp(props: { language: Language }): ReactNode {
  const [language, setLanguage] = useState(props.language)
  const [key, setKey] = useState(keptKey)
  useEffect(() => {
    document.documentElement.lang = language
  }, [language])
  const leave = (): void => {
    dropKey()
    setKey(null)
  }
  return (
    <Speaking language={language} currency="EUR">
      {key === null ? (
        <SignIn
          onKey={(typed) => {
            keepKey(typed)
            setKey(typed)
          }}
        >
          <Languages language={language} onChoose={setLanguage} />
        </SignIn>
      ) : (
        <SignedIn relay={relayAs(key)} onLeave={leave}>
          <Languages language={language} onChoose={setLanguage} />
        </SignedIn>
      )}
    </Speaking>
  )
}

function SignedIn({ relay, onLeave, children }: { relay: Relay; onLeave: () => void; children: ReactNode }): ReactNode {
  const words = useWords()
  const place = usePlace()
  const me = useAsked('me', relay.me, 60_000)
  const [page = 'now', fridge = ''] = place.split('/')
  const tab = page === 'fridge' || page === 'planogram' ? 'fridges' : page === 'products' ? 'catalogue' : page
  return (
    <>
      <header className="fleet-top">
        <p className="fleet-brand">VisionVend</p>
        <nav aria-label={words.title}>
          {tabs.map((one) => (
            <a key={one} href={`#${one}`} aria-current={tab === one ? 'page' : undefined}>
              {words.tabs[one]}
              {one === 'reviews' && <ReviewCount relay={relay} />}
            </a>
          ))}
        </nav>
        <div className="fleet-who">
          {me.answer && <span>{words.signedInAs(me.answer.name, me.answer.role)}</span>}
          {children}
          <button type="button" className="quiet" onClick={onLeave}>
            {words.signOut}
          </button>
        </div>
      </header>
      <main className="fleet-main">
        {me.trouble && (
          <p className="fleet-trouble" role="alert">
            {words.trouble[me.trouble]}
          </p>
        )}
        {page === 'fridge' ? (
          <FridgePage relay={relay} fridge={fridge} mayAct={me.answer !== null && me.answer.role !== 'viewer'} />
        ) : page === 'fridges' ? (
          <FridgesPage relay={relay} mayPair={me.answer !== null && me.answer.role !== 'viewer'} />
        ) : page === 'reviews' ? (
          <ReviewsPage relay={relay} mayAct={me.answer !== null && me.answer.role !== 'viewer'} />
        ) : page === 'catalogue' ? (
          <CataloguePage relay={relay} mayAct={me.answer !== null && me.answer.role !== 'viewer'} />
        ) : page === 'products' ? (
          <ProductsPage relay={relay} mayAct={me.answer !== null && me.answer.role !== 'viewer'} />
        ) : page === 'planogram' ? (
          <PlanogramPage
            key={fridge}
            relay={relay}
            fridge={fridge}
            mayAct={me.answer !== null && me.answer.role !== 'viewer'}
          />
        ) : page === 'vouchers' ? (
          <VouchersPage relay={relay} mayMake={me.answer?.role === 'owner'} />
        ) : page === 'sales' ? (
          <SalesPage relay={relay} />
        ) : (
          <NowPage relay={relay} mayAct={me.answer !== null && me.answer.role !== 'viewer'} />
        )}
      </main>
    </>
  )
}

/** How many visits wait to be decided; nothing where none does, or nobody knows. */
function ReviewCount({ relay }: { relay: Relay }): ReactNode {
  const waiting = waitingOf(useAsked('reviews', relay.reviews, 30_000).answer ?? [])
  return waiting.length === 0 ? null : <strong className="fleet-count">{waiting.length}</strong>
}

function Languages(props: { language: Language; onChoose: (language: Language) => void }): ReactNode {
  const words = useWords()
  return (
    <label className="fleet-language">
      <span className="unseen">{words.language}</span>
      <select value={props.language} onChange={(event) => props.onChoose(event.target.value as Language)}>
        {allLanguages.map((one) => (
          <option key={one} value={one}>
            {languageNames[one]}
          </option>
        ))}
      </select>
    </label>
  )
}
