/**
 * Campaign: many seeds, on several threads, as one report. What one seed can't tell is judged here: that the fridge is
 * wrong about a basket no oftener than it claims.
 */
import { Worker } from 'node:worker_threads'
import { sweepDisks } from './disk.ts'
import { noFaults, type FaultCounts, type FaultKind } from './faults.ts'
import type { Tally } from './laws/tally.ts'
import type { Order, Outcome } from './worker.ts'

export interface CampaignSettings {
  readonly firstSeed: number
  readonly seeds: number
  readonly workers: number
  /** Ledger rows of each seed, at least. */
  readonly events: number
  /** Real pictures and models in every visit: half a minute of a core each. */
  readonly frames?: boolean
  readonly progress?: (done: number, violations: number) => void
}

export interface SeedViolation {
  readonly seed: number
  readonly law: string
  readonly what: string
  readonly story: readonly string[]
}

export interface CampaignReport {
  readonly seeds: number
  readonly firstSeed: number
  readonly visits: number
  readonly events: number
  /** The fewest ledger rows of any seed. */
  readonly fewestEvents: number
  readonly crashes: number
  readonly simulatedHours: number
  readonly wallMs: number
  readonly cpuMs: number
  readonly faults: FaultCounts
  readonly tally: Tally
  readonly judged: Readonly<Record<string, number>>
  readonly excused: Readonly<Record<string, number>>
  readonly violations: readonly SeedViolation[]
  /** Over the seeds' own hashes, in the order of the seeds. */
  readonly traceHash: string
}

export async function campaign(settings: CampaignSettings): Promise<CampaignReport> {
  const begunMs = performance.now()
  sweepDisks(Date.now())
  const outcomes = (await runAll(settings)).sort((a, b) => a.seed - b.seed)
  const judged: Record<string, number> = {}
  const excused: Record<string, number> = {}
  const faults = noFaults()
  let tally: Tally | null = null
  const violations: SeedViolation[] = []
  const sums = { visits: 0, events: 0, fewestEvents: Infinity, crashes: 0, simulatedMs: 0, cpuMs: 0 }
  const traces: string[] = []
  for (const outcome of outcomes) {
    const { seed } = outcome
    sums.cpuMs += outcome.cpuMs
    if ('error' in outcome) {
      violations.push({ seed, law: 'simulation', what: outcome.error, story: [] })
      continue
    }
    const { result } = outcome
    sums.visits += result.visits
    sums.events += result.events
    sums.fewestEvents = Math.min(sums.fewestEvents, result.events)
    sums.crashes += result.crashes
    sums.simulatedMs += result.simulatedMs
    for (const kind of Object.keys(faults) as FaultKind[]) faults[kind] += result.faults[kind]
    for (const violation of result.violations) violations.push({ seed, ...violation })
    addInto(judged, result.judged)
    addInto(excused, result.excused)
    tally = tally === null ? result.tally : added(tally, result.tally)
    traces.push(`${seed}:${result.traceHash}`)
  }
  if (tally === null) throw new Error(`no seed came to an end: ${violations[0]?.what ?? 'none was asked for'}`)
  const claim = overclaimed(tally)
  if (claim !== null) violations.push({ seed: settings.firstSeed, law: 'M5', what: claim, story: [] })
  return {
    seeds: outcomes.length,
    firstSeed: settings.firstSeed,
    visits: sums.visits,
    events: sums.events,
    fewestEvents: sums.fewestEvents,
    crashes: sums.crashes,
    simulatedHours: Math.round(sums.simulatedMs / 3_600_000),
    wallMs: Math.round(performance.now() - begunMs),
    cpuMs: Math.round(sums.cpuMs),
    faults,
    tally,
    judged,
    excused,
    violations,
    traceHash: hashOf(traces),
  }
}

/** One hash over the seeds' hashes (FNV-1a, 64 bits). */
export function hashOf(traces: readonly string[]): string {
  let hash = 0xcbf29ce484222325n
  for (const char of traces.join('\n'))
    hash = ((hash ^ BigInt(char.charCodeAt(0))) * 0x100000001b3n) & 0xffffffffffffffffn
  return hash.toString(16).padStart(16, '0')
}

/**
 * Sure baskets that were wrong, against what their own probabilities let one expect: five standard deviations above it,
 * and three for the few, is no chance any more.
 */
export function overclaimed(tally: Tally): string | null {
  const { sure, sureWrong, sureWrongExpected, amountWrong, amountWrongExpected } = tally
  if (sureWrong > mostWrong(sureWrongExpected))
    return `${sureWrong} of ${sure} sure baskets were wrong; the fridge claimed ${sureWrongExpected.toFixed(1)}`
  if (amountWrong > mostWrong(amountWrongExpected))
    return `${amountWrong} of ${sure} sure amounts were wrong; the fridge claimed ${amountWrongExpected.toFixed(1)}`
  return null
}

const mostWrong = (expected: number): number => expected + 5 * Math.sqrt(expected) + 3

function runAll({ firstSeed, seeds, workers, events, frames = false, progress }: CampaignSettings): Promise<Outcome[]> {
  return new Promise((resolve, reject) => {
    const outcomes: Outcome[] = []
    let next = firstSeed
    let violations = 0
    const threads = Array.from(
      { length: Math.min(workers, seeds) },
      () => new Worker(new URL('worker.ts', import.meta.url)),
    )
    const end = (): void => {
      for (const thread of threads) void thread.terminate()
    }
    for (const thread of threads) {
      const more = (): void => {
        if (next < firstSeed + seeds) thread.postMessage({ seed: next++, events, frames } satisfies Order)
      }
      thread.on('message', (outcome: Outcome) => {
        outcomes.push(outcome)
        violations += 'error' in outcome ? 1 : outcome.result.violations.length
        progress?.(outcomes.length, violations)
        if (outcomes.length < seeds) return more()
        end()
        resolve(outcomes)
      })
      thread.on('error', (error) => {
        end()
        reject(error instanceof Error ? error : new Error(String(error)))
      })
      more()
    }
  })
}

function addInto(sums: Record<string, number>, more: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(more)) sums[name] = (sums[name] ?? 0) + value
}

function added(a: Tally, b: Tally): Tally {
  const sums = { ...a } as Record<keyof Tally, number>
  for (const name of Object.keys(sums) as (keyof Tally)[]) sums[name] += b[name]
  return sums
}
