/** The kiosk's words, by language. */
import { useSpeech, type Language } from '../language.tsx'
import { de } from './de.ts'
import { en, type KioskWords } from './en.ts'
import { es } from './es.ts'

export const kioskWords: Readonly<Record<Language, KioskWords>> = { en, es, de }

export const useWords = (): KioskWords => kioskWords[useSpeech().language]
