/** The virtual fridge's words, by language. */
import { useSpeech, type Language } from '../language.tsx'
import { de } from './de.ts'
import { en, type VirtualWords } from './en.ts'
import { es } from './es.ts'

const virtualWords: Readonly<Record<Language, VirtualWords>> = { en, es, de }

export const useWords = (): VirtualWords => virtualWords[useSpeech().language]
