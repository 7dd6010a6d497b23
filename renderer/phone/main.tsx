/** The phone page: mounts the app, in the phone's language and its light or dark, and lets the service worker keep the page. */
import { createRoot } from 'react-dom/client'
import '../theme/reset.css'
import '../theme/tokens.css'
import { PhoneApp } from './app.tsx'
import { kept } from './kept.ts'
import { settleAddress } from './place.ts'
import './base.css'
import './frame.css'
import './screens.css'

const dark = window.matchMedia('(prefers-color-scheme: dark)')
const paint = (): void => void (document.documentElement.dataset['theme'] = dark.matches ? 'dark' : 'light')
dark.addEventListener('change', paint)
paint()
settleAddress(kept.token.read() === null ? null : kept.visit.read())
const root = document.querySelector('#root')
if (!root) throw new Error('phone/index.html has no #root')
createRoot(root).render(<PhoneApp />)

// After the first screen: it must not wait for being kept.
if ('serviceWorker' in navigator)
  window.addEventListener('load', () => setTimeout(() => void navigator.serviceWorker.register('/phone/sw.js').catch(() => null), 2_000)) // prettier-ignore
