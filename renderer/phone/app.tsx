/**
 * Phone app: which screen, for whom, in which language. A visit that is under way is gone back to by itself (main.tsx),
 * whatever happened to the page meanwhile.
 */
import { useEffect, useMemo, useState, type ReactNode } from 'react'
import type { PhoneSetup } from '../../src/contract/phone.ts'
import { allLanguages, isLanguage, languageNames, languageOf, Speaking, type Language } from '../languages/language.tsx'
import { Top } from './frame.tsx'
import { givenSetup } from './given.ts'
import { forgetShopper, kept } from './kept.ts'
import { goTo, usePlace } from './place.ts'
import { openRelay, relayAs } from './relay.ts'
import { Account } from './screens/account.tsx'
import { FridgeScreen } from './screens/fridge.tsx'
import { Pay } from './screens/pay.tsx'
import { Scan } from './screens/scan.tsx'
import { SignIn } from './screens/sign-in.tsx'
import { Visit } from './screens/visit.tsx'
import { ShopperContext, type ShopperHere } from './shopper.tsx'
import { useWatched } from './watched.ts'

const chosenLanguage = (): Language => {
  const chosen = kept.language.read() ?? ''
  return isLanguage(chosen) ? chosen : languageOf(navigator.languages)
}

export function PhoneApp(): ReactNode {
  const [language, setLanguage] = useState(chosenLanguage)
  const [token, setToken] = useState(kept.token.read)
  const setup = useWatched<PhoneSetup>('setup', openRelay.setup, (last) => (last === null ? 2_000 : null), givenSetup()) // prettier-ignore
  useEffect(() => {
    document.documentElement.lang = language
  }, [language])
  const relay = useMemo(() => (token === null ? null : relayAs(token)), [token])
  const here = useMemo<ShopperHere>(
    () => ({
      language,
      languages: allLanguages.map((one) => [one, languageNames[one]] as const),
      speak(wanted) {
        if (!isLanguage(wanted)) return
        kept.language.keep(wanted)
        setLanguage(wanted)
      },
      go: goTo,
      relay,
      setup: setup.value,
      trouble: setup.trouble?.code ?? null,
      signedIn(fresh) {
        kept.token.keep(fresh)
        kept.email.drop()
        setToken(fresh)
      },
      signedOut() {
        forgetShopper()
        setToken(null)
      },
    }),
    [language, relay, setup.value, setup.trouble?.code],
  )
  return (
    <ShopperContext value={here}>
      <Speaking language={language} currency="EUR">
        <Placed />
      </Speaking>
    </ShopperContext>
  )
}

function Placed(): ReactNode {
  const place = usePlace()
  return (
    <>
      <Top back={place.at !== 'scan' && place.at !== 'fridge' && place.at !== 'visit'} />
      {place.at === 'scan' && <Scan />}
      {place.at === 'fridge' && <FridgeScreen key={place.fridge} fridge={place.fridge} />}
      {place.at === 'signIn' && <SignIn fridge={place.fridge} />}
      {place.at === 'pay' && <Pay fridge={place.fridge} />}
      {place.at === 'visit' && <Visit key={place.visit} visit={place.visit} />}
      {place.at === 'account' && <Account />}
    </>
  )
}
