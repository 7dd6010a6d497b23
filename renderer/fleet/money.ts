/** Money and times of the fleet: its fridges may sell in several currencies, so an amount brings its own. */
import { figuresOf, useSpeech, type Currency } from '../languages/language.tsx'

export function useMoney(): (amountMinor: number, currency: Currency) => string {
  const { language } = useSpeech()
  return (amountMinor, currency) => figuresOf(language, currency).money(amountMinor)
}

/** "3 min", "2 h", "5 d" in the reader's language. */
export function useAge(): (ageMs: number) => string {
  const { language } = useSpeech()
  return (ageMs) => {
    const seconds = Math.max(0, ageMs) / 1_000
    const [value, unit] =
      seconds < 90
        ? [seconds, 'second']
        : seconds < 5_400
          ? [seconds / 60, 'minute']
          : seconds < 129_600
            ? [seconds / 3_600, 'hour']
            : [seconds / 86_400, 'day']
    return new Intl.NumberFormat(language, {
      style: 'unit',
      unit: unit,
      unitDisplay: 'short',
      maximumFractionDigits: 0,
    }).format(value)
  }
}
