/**
 * Virtual fridge page: mounts the app with its URL's wishes: `#token=...&kiosk=<the kiosk's address>&language=de`. The
 * kiosk is another server, because its plug can be pulled; without a wish it is this one's.
 */
import '../quiet-zod.ts'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { addressOf } from '../address.ts'
import { isLanguage, languageOf } from '../languages/language.tsx'
import '../theme/base.css'
import { VirtualApp } from './app.tsx'

const address = addressOf(window.location)
const wished = address.wish('language') ?? ''
const language = isLanguage(wished) ? wished : languageOf(navigator.languages)
const root = document.querySelector('#root')
if (!root) throw new Error('virtual/index.html has no #root')
createRoot(root).render(
  <StrictMode>
    <VirtualApp
      address={address}
      kioskUrl={address.wish('kiosk') ?? `/kiosk/#token=${address.token}&language=${language}`}
      language={language}
    />
  </StrictMode>,
)
