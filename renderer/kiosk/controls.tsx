/**
 * Controls: language, a lower layout for a hand that does not reach up, and high contrast. They lie at the bottom of
 * every screen, where every hand reaches them, and change nothing about the visit.
 */
import { createContext, useContext, type ReactNode } from 'react'
import { allLanguages, languageNames, useSpeech, type Language } from '../languages/language.tsx'
import { useWords } from '../languages/kiosk/words.ts'
import { Icon } from '../parts/icon.tsx'
import './controls.css'

export interface Settings {
  readonly language: Language
  readonly contrast: boolean
  readonly lowered: boolean
}

interface Tuner {
  readonly settings: Settings
  readonly tune: (change: Partial<Settings>) => void
}

export const TunerContext = createContext<Tuner | null>(null)

export function Controls(): ReactNode {
  const tuner = useContext(TunerContext)
  const words = useWords().controls
  const { language } = useSpeech()
  if (!tuner) return null
  const { settings, tune } = tuner
  return (
    <footer className="controls">
      <div className="controls-languages" role="group" aria-label={words.language}>
        {allLanguages.map((each) => (
          <button
            type="button"
            key={each}
            lang={each}
            aria-label={languageNames[each]}
            aria-pressed={each === language}
            onClick={() => {
              tune({ language: each })
            }}
          >
            {each.toUpperCase()}
          </button>
        ))}
      </div>
      <button
        type="button"
        className="controls-reach"
        aria-pressed={settings.lowered}
        onClick={() => {
          tune({ lowered: !settings.lowered })
        }}
      >
        <Icon name={settings.lowered ? 'raise' : 'lower'} />
        <span>{settings.lowered ? words.raise : words.lower}</span>
      </button>
      <button
        type="button"
        className="controls-reach"
        aria-pressed={settings.contrast}
        onClick={() => {
          tune({ contrast: !settings.contrast })
        }}
      >
        <Icon name="contrast" />
        <span>{settings.contrast ? words.plain : words.contrast}</span>
      </button>
    </footer>
  )
}
