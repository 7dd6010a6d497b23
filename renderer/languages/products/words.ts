/** The words of the products page, by language. */
import { useSpeech, type Language } from '../language.tsx'
import { de } from './de.ts'
import { en, type ProductWords } from './en.ts'
import { es } from './es.ts'

const productWords: Readonly<Record<Language, ProductWords>> = { en, es, de }

export const useProductWords = (): ProductWords => productWords[useSpeech().language]
