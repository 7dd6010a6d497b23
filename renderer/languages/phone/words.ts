/** The phone page's words, by language. */
import { useSpeech, type Language } from '../language.tsx'
import { de } from './de.ts'
import { en, type PhoneWords } from './en.ts'
import { es } from './es.ts'

const phoneWords: Readonly<Record<Language, PhoneWords>> = { en, es, de }

export const useWords = (): PhoneWords => phoneWords[useSpeech().language]
