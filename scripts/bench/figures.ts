/** Figures: what a benchmark measured, with a name, a unit and, where there is one, the reference of the same run. */
export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** Measured in the same run on the same machine, by the plainest means. */
  readonly reference?: { readonly name: string; readonly value: number }
  readonly aim?: string
}

/** The p-th percentile of what was measured, nearest rank. */
export function percentile(sorted: readonly number[], p: number): number {
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil((p / 100) * sorted.length) - 1))] ?? Number.NaN
}

export const ascending = (numbers: readonly number[]): number[] => [...numbers].sort((a, b) => a - b)
export const rounded = (value: number, digits = 2): number => Number(value.toFixed(digits))
