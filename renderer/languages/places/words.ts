/** The words of maps, places and charts, by language. */
import { useSpeech, type Language } from '../language.tsx'
import { de } from './de.ts'
import { en, type PlaceWords } from './en.ts'
import { es } from './es.ts'

const placeWords: Readonly<Record<Language, PlaceWords>> = { en, es, de }

export const usePlaceWords = (): PlaceWords => placeWords[useSpeech().language]
