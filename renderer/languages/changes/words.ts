/** The words of the catalogue and the planogram editor, by language. */
import { useSpeech, type Language } from '../language.tsx'
import { de } from './de.ts'
import { en, type ChangeWords } from './en.ts'
import { es } from './es.ts'

const changeWords: Readonly<Record<Language, ChangeWords>> = { en, es, de }

export const useChangeWords = (): ChangeWords => changeWords[useSpeech().language]
