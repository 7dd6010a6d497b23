/** Kiosk page: mounts the app with the address and wishes of its URL (`#token=...&language=de&alone=seconds`). */
import '../quiet-zod.ts'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { addressOf } from '../address.ts'
import { isLanguage, languageOf } from '../languages/language.tsx'
import '../theme/base.css'
import { KioskApp } from './app.tsx'

const aloneAfterMs = 90_000

const address = addressOf(window.location)
const wished = address.wish('language') ?? ''
const aloneSeconds = Number(address.wish('alone') ?? Number.NaN)
const root = document.querySelector('#root')
if (!root) throw new Error('kiosk/index.html has no #root')
createRoot(root).render(
  <StrictMode>
    <KioskApp
      address={address}
      usual={{
        language: isLanguage(wished) ? wished : languageOf(navigator.languages),
        contrast: address.wish('contrast') === 'high',
        lowered: address.wish('lowered') === 'yes',
      }}
      aloneAfterMs={Number.isFinite(aloneSeconds) ? aloneSeconds * 1_000 : aloneAfterMs}
    />
  </StrictMode>,
)
