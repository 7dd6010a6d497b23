/** The words of the review queue, by language. */
import { useSpeech, type Language } from '../language.tsx'
import { de } from './de.ts'
import { en, type ReviewWords } from './en.ts'
import { es } from './es.ts'

const reviewWords: Readonly<Record<Language, ReviewWords>> = { en, es, de }

export const useReviewWords = (): ReviewWords => reviewWords[useSpeech().language]
