/** The fleet pages' words, by language. */
import { useSpeech, type Language } from '../language.tsx'
import { de } from './de.ts'
import { en, type FleetWords } from './en.ts'
import { es } from './es.ts'

export const fleetWords: Readonly<Record<Language, FleetWords>> = { en, es, de }

export const useWords = (): FleetWords => fleetWords[useSpeech().language]
