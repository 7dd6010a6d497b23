/** The words of vouchers, by language. */
import { useSpeech, type Language } from '../language.tsx'
import { de } from './de.ts'
import { en, type VoucherWords } from './en.ts'
import { es } from './es.ts'

const voucherWords: Readonly<Record<Language, VoucherWords>> = { en, es, de }

export const useVoucherWords = (): VoucherWords => voucherWords[useSpeech().language]
