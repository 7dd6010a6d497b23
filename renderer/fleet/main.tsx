/** Fleet pages: mounts the app in the browser's language and its light or dark. */
import '../quiet-zod.ts'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { languageOf } from '../languages/language.tsx'
import '../theme/base.css'
import { FleetApp } from './app.tsx'
import './fleet.css'
import './changes/changes.css'
import './places/places.css'
import './vouchers/vouchers.css'

if (window.matchMedia('(prefers-color-scheme: dark)').matches) document.documentElement.dataset['theme'] = 'dark'
const root = document.querySelector('#root')
if (!root) throw new Error('fleet/index.html has no #root')
createRoot(root).render(
  <StrictMode>
    <FleetApp language={languageOf(navigator.languages)} />
  </StrictMode>,
)
