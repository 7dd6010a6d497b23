/**
 * Prune: which old rows may go, decided and written first, then done.
 *
 * Holds always (ledger SPEC LED9; laws L2, Y2): a row goes when the relay has it and its retention is past, and not before; a
 * death between the two steps loses nothing. Called by runtime/edge once in a while, and by nobody during a visit.
 */
import type { EventOf } from '../core/events.ts'
import type { Cancel, Clock } from '../core/ports.ts'
import { hourMs, secondMs } from '../core/time.ts'
import { LedgerFailed, stateHash, type Ledger } from '../ledger/ledger.ts'
import { frozen, thawed } from './checkpoint.ts'
import { evolve, newFridge, type Fridge } from './fridge.ts'
import type { Runtime } from './runtime.ts'

/** Rows of one step: some 50 ms of a Pi, between visits. */
const mostRows = 2_000

export interface Pruning {
  readonly event: EventOf<'LedgerPruned'>
  readonly state: string
}

/** The state that the rows up to the ledger's anchor came to. Throws LedgerFailed when the anchor can't be read. */
export function stateAtAnchor(ledger: Pick<Ledger, 'anchor'>): Fridge {
  const anchor = ledger.anchor()
  if (anchor === null) return newFridge
  const state = thawed(anchor.state)
  if (!state.ok) throw new LedgerFailed('damaged', `the state at event ${anchor.seq}: ${state.error}`)
  return state.value
}

/** What may go now, at most `mostRows` of it, or null. `acknowledgedSeq`: the relay has all up to there. */
export function pruningDue(ledger: Ledger, acknowledgedSeq: number, beforeMs: number): Pruning | null {
  let fridge = stateAtAnchor(ledger)
  let last: { readonly seq: number; readonly hash: Uint8Array } | null = null
  const begin = (ledger.anchor()?.seq ?? 0) + 1
  const hashes = new Map(ledger.rows(begin - 1, mostRows).map(({ seq, hash }) => [seq, hash]))
  for (const { seq, atMs, event } of ledger.replay()) {
    const hash = hashes.get(seq)
    if (seq > acknowledgedSeq || atMs >= beforeMs || hash === undefined) break
    fridge = evolve(fridge, event, atMs)
    last = { seq, hash }
  }
  if (last === null) return null
  const state = frozen(fridge)
  const hash = Buffer.from(last.hash).toString('hex')
  return { event: { type: 'LedgerPruned', uptoSeq: last.seq, hash, stateHash: stateHash(state) }, state }
}

/** Prunes once an hour, step by step while more is due; nobody's visit waits for more than one step. */
export function startPruning(
  ports: { readonly clock: Clock; readonly prune: Runtime['prune']; readonly acknowledgedSeq: () => number },
  keepMs: number,
): Cancel {
  const { clock, prune, acknowledgedSeq } = ports
  let cancel: Cancel = () => {}
  function turn(): void {
    const gone = prune(acknowledgedSeq(), clock.nowMs() - keepMs)
    cancel = clock.after(gone > 0 ? stepEveryMs : hourMs, turn)
  }
  cancel = clock.after(stepEveryMs, turn)
  return () => cancel()
}

const stepEveryMs = 10 * secondMs
