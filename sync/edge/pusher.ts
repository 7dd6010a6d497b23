/**
 * Pusher: the ledger's rows, to the relay, in order, until it has them all.
 *
 * Holds always (SPEC SY10-SY13): one batch is under way at a time; the relay's word is the only cursor; a row that the relay
 * can't take is set aside and blocks nothing; a refusal stops it politely. It has no clock, chance or network of its own.
 * Started by the runtime, which pokes it after each commit; whatever it throws (a ledger that fails) goes to `failed`.
 */
import type { Cancel, Clock, Log, Random } from '../../src/core/ports.ts'
import { ok, type Result } from '../../src/core/result.ts'
import { hourMs, minuteMs, secondMs } from '../../src/core/time.ts'
import { encodeBatch } from '../protocol/codec.ts'
import {
  answerSchema,
  headerNames,
  maxRows,
  paths,
  protocolVersion,
  type Answer,
  type Batch,
  type Refused,
  type WithheldReason,
} from '../protocol/messages.ts'
import { signedRows, type SigningKey } from '../protocol/signing.ts'
import { backOffMs, spread } from './back-off.ts'
import { cursorAt, nextBatch, question, start, type Cursor, type RowSource } from './batches.ts'
import { diverged, narrowed, rowToProbe, type Divergence } from './divergence.ts'
import { ask, type Fetch, type Reply } from './exchange.ts'

export interface PusherPorts {
  readonly ledger: RowSource
  readonly key: Pick<SigningKey, 'sign'>
  readonly fetch: Fetch
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** Takes what must stop the process: the ledger could not be read. */
  readonly failed: (error: unknown) => void
}

export interface PusherSettings {
  readonly fridge: string
  readonly relayUrl: string
  readonly timeoutMs?: number
  /** How long a row may wait for others to travel with it: a visit is one batch, not five [SY15]. */
  readonly gatherMs?: number
  /** How often the relay is asked where it stands while there is nothing to send; tells it that the fridge is there. */
  readonly askEveryMs?: number
}

/** `idle`: the relay has all. `gathering`: new rows wait for others. `waiting`: for the network. `refused`: stopped by the relay's word, or by a damaged ledger. */
export type Standing = 'asking' | 'gathering' | 'sending' | 'waiting' | 'idle' | 'refused' | 'stopped'

export type PushFault =
  | Exclude<Reply<Answer>['type'], 'accepted' | 'gap'>
  /** The relay has rows that this ledger has not: one of the two was put back to an earlier day. */
  | 'relayAhead'
  /** The relay asks for rows that were pruned: it was put back to a day before them. */
  | 'rowsPruned'
  | 'ledgerDamaged'

export interface Progress {
  readonly at: Standing
  /** The highest row that the relay has kept, as far as is known. */
  readonly acknowledgedSeq: number
  /** Rows behind it. */
  readonly pending: number
  /** What went wrong last, until something goes well. */
  readonly lastError: { readonly code: PushFault; readonly detail: string; readonly atMs: number } | null
  /** The rows that were set aside since the start, the last hundred of them. */
  readonly setAside: readonly Refused[]
}

export interface Pusher {
  /** There are new rows. `soon`: among them is one that should not wait for others to travel with it. */
  poke(soon?: boolean): void
  /** A person says: try now, whatever stopped you. */
  retry(): void
  progress(): Progress
  onProgress(listener: (progress: Progress) => void): Cancel
  stop(): void
}

/** What should not wait goes after a breath: its neighbours are written in the same second. */
const soonMs = 2 * secondMs
const blamesToWithhold = 3
const rememberedRefusals = 100

export function createPusher(ports: PusherPorts, settings: PusherSettings): Pusher {
  const { ledger, clock, random, log } = ports
  const { fridge, relayUrl, timeoutMs = 30 * secondMs, gatherMs = 30 * secondMs, askEveryMs = 10 * minuteMs } = settings
  const wire = { fetch: ports.fetch, clock, relayUrl, timeoutMs }
  const listeners = new Set<(progress: Progress) => void>()
  const withheld = new Map<number, WithheldReason>()

  let at: Standing = 'asking'
  let cursor: Cursor | null = null
  let acknowledgedSeq = 0
  let lastError: Progress['lastError'] = null
  let setAside: readonly Refused[] = []
  let limit = maxRows
  let underWay = false
  let failures = 0
  /** The row that was alone in a batch which the relay could not take, and how often. */
  let suspect: { readonly seq: number; readonly blames: number } | null = null
  /** While the last row is looked for that both sides have. */
  let divergence: Divergence | null = null
  let cancelTurn: Cancel = () => {}
  let cancelAsk: Cancel = () => {}

  const progress = (): Progress => ({
    at,
    acknowledgedSeq,
    pending: Math.max(0, ledger.last().seq - acknowledgedSeq),
    lastError,
    setAside,
  })

  const isStopped = (): boolean => at === 'stopped'

  function stand(next: Standing): void {
    at = next
    if (listeners.size === 0) return
    const now = progress()
    for (const listener of listeners) listener(now)
  }

  function turnIn(delayMs: number): void {
    cancelTurn()
    // Whoever hears of its progress may stop it in the middle of a turn: no timer outlives that.
    if (isStopped()) return
    cancelTurn = clock.after(delayMs, () => void turn().catch(ports.failed))
  }

  async function turn(): Promise<void> {
    if (isStopped() || underWay) return
    const probed = divergence === null ? null : rowToProbe(divergence)
    const batch = batchFor(probed)
    if (!batch.ok) return unfit(batch.error.seq)
    const sent = batch.value.rows.length
    if (cursor === null) stand('asking')
    else if (sent > 0) stand('sending')
    if (isStopped()) return
    underWay = true
    const reply = await send(batch.value)
    underWay = false
    if (isStopped()) return
    if (divergence !== null && searched(reply, divergence, probed)) return
    answered(reply, sent)
  }

  const prunedSeq = (): number => ledger.anchor()?.seq ?? 0

  /** Row `seq` is not what the chain needs: it was pruned, or the file was changed. */
  function unfit(seq: number): void {
    const pruned = prunedSeq()
    if (seq > pruned) return refuse('ledgerDamaged', `row ${seq} does not fit the chain`)
    refuse('rowsPruned', `the relay asks for row ${seq}, and this fridge has them from ${pruned + 1} on`)
  }

  function batchFor(probed: number | null): Result<Batch, { readonly seq: number }> {
    if (divergence !== null) {
      const row = cursorAt(ledger, probed ?? divergence.common)
      if (row === null) return { ok: false, error: { seq: probed ?? divergence.common } }
      if (probed !== null) return ok(question(fridge, row))
      const batch = nextBatch(ledger, fridge, row, limit, withheld)
      return batch.ok ? ok({ ...batch.value, restart: true }) : batch
    }
    return cursor === null ? ok(question(fridge, start)) : nextBatch(ledger, fridge, cursor, limit, withheld)
  }

  /** True where the answer was one about the search and there is nothing more to say to it. */
  function searched(reply: Reply<Answer>, search: Divergence, probed: number | null): boolean {
    if (probed !== null) {
      const next = narrowed(search, probed, reply)
      if (next === null) return false
      divergence = next
      turnIn(0)
      return true
    }
    const still = reply.type === 'accepted' && cursorAt(ledger, reply.upto) === null
    if (reply.type === 'fork' || still) {
      refuse(search.why, `the relay has other rows from ${search.common + 1} on; its owner decides there`)
      return true
    }
    // The owner has agreed: on from the row that both have.
    if (reply.type === 'accepted') {
      divergence = null
      cursor = cursorAt(ledger, search.common)
    }
    return false
  }

  function lookForCommonRow(why: Divergence['why'], knownToDiffer?: number): void {
    divergence = diverged(why, ledger.last().seq, knownToDiffer)
    stand('asking')
    turnIn(0)
  }

  async function send(batch: Batch): Promise<Reply<Answer>> {
    const body = encodeBatch(batch)
    const headers = {
      'content-type': 'application/zstd',
      [headerNames.protocol]: String(protocolVersion),
      [headerNames.fridge]: fridge,
      [headerNames.signature]: Buffer.from(ports.key.sign(signedRows(fridge, body))).toString('base64'),
    }
    const asked = ask(wire, { path: paths.rows, headers, body }, answerSchema)
    cancelAsk = asked.cancel
    return asked.reply
  }

  /** `sent`: how many rows the batch had. */
  function answered(reply: Reply<Answer>, sent: number): void {
    switch (reply.type) {
      case 'accepted':
        if (sent > 0 && cursor !== null && reply.upto <= cursor.seq) return wait('noAnswer', 'took nothing', 0)
        return accepted(reply.upto, reply.refused)
      case 'gap':
        // Asked for the very row that was sent: that is no way forward.
        if (reply.expectedSeq - 1 === cursor?.seq) return wait('noAnswer', 'a gap that is none', 0)
        return moveTo(reply.expectedSeq - 1)
      case 'noAnswer':
        if (reply.status === 413) return blame('tooBig', 'something before the relay finds the batch too big', sent)
        return wait(reply.type, reply.status === null ? 'no network' : `status ${reply.status}`, 0)
      case 'busy':
        return wait(reply.type, 'the relay is busy', reply.retryAfterMs)
      case 'malformed':
      case 'tooBig':
        return blame(reply.type, reply.what, sent)
      case 'failed':
        return blame(reply.type, 'the relay failed', sent)
      case 'fork':
        return lookForCommonRow('fork', reply.seq)
      case 'brokenChain':
        return refuse(reply.type, `row ${reply.seq}`)
      case 'unsupportedVersion':
        return refuse(reply.type, `the relay speaks ${reply.supported.join(', ')}, this fridge ${protocolVersion}`)
      case 'unknownFridge':
      case 'revoked':
      case 'badSignature':
      case 'foreignRows':
        return refuse(reply.type, '')
    }
  }

  function accepted(upto: number, refused: readonly Refused[]): void {
    // The relay takes batches, and not this row: it is the row.
    if (cursor === null && suspect?.seq === upto + 1 && suspect.blames >= blamesToWithhold) {
      withheld.set(suspect.seq, 'poison')
      log.warn('a row that the relay cannot take is withheld', { seq: suspect.seq })
    }
    for (const row of refused) log.warn('the relay set a row aside', { ...row })
    setAside = [...setAside, ...refused].slice(-rememberedRefusals)
    failures = 0
    limit = Math.min(maxRows, limit * 2)
    lastError = null
    moveTo(upto)
  }

  function moveTo(seq: number): void {
    const next = cursorAt(ledger, seq)
    if (seq < prunedSeq()) return unfit(seq + 1)
    if (next === null) return lookForCommonRow('relayAhead')
    cursor = next
    acknowledgedSeq = seq
    const all = seq >= ledger.last().seq
    stand(all ? 'idle' : 'sending')
    turnIn(all ? spread(random, askEveryMs) : 0)
  }

  /** The network's fault, or the relay's for now. */
  function wait(code: PushFault, detail: string, atLeastMs: number): void {
    failures += 1
    limit = Math.max(1, Math.floor(limit / 2))
    lastError = { code, detail, atMs: clock.nowMs() }
    stand('waiting')
    turnIn(backOffMs(random, failures, atLeastMs))
  }

  /** The relay got the batch and could not take it. Half of it goes next; a row alone is asked about, and then withheld. */
  function blame(code: 'malformed' | 'tooBig' | 'failed', detail: string, sent: number): void {
    if (cursor === null || sent === 0) {
      cursor = null
      return code === 'failed' ? wait(code, detail, 0) : refuse(code, detail)
    }
    lastError = { code, detail, atMs: clock.nowMs() }
    limit = Math.max(1, Math.floor(sent / 2))
    if (sent === 1) {
      const seq = cursor.seq + 1
      suspect = { seq, blames: suspect?.seq === seq ? suspect.blames + 1 : 1 }
      if (suspect.blames >= blamesToWithhold) cursor = null
    }
    stand('waiting')
    turnIn(spread(random, secondMs))
  }

  function refuse(code: PushFault, detail: string): void {
    cursor = null
    divergence = null
    lastError = { code, detail, atMs: clock.nowMs() }
    log.warn('the relay is not asked for a while', { code, detail })
    stand('refused')
    turnIn(spread(random, hourMs))
  }

  // A fleet whose power came back does not ask in the same moment.
  turnIn(spread(random, 2 * secondMs))

  return {
    poke(soon = false) {
      // While anything is under way its answer will look for more rows.
      if (underWay || ledger.last().seq <= acknowledgedSeq) return
      if (at === 'idle') {
        stand('gathering')
        turnIn(soon ? soonMs : gatherMs)
      } else if (at === 'gathering' && soon) turnIn(soonMs)
    },
    retry() {
      if (at !== 'refused' && at !== 'waiting' && at !== 'gathering') return
      failures = 0
      turnIn(0)
    },
    progress,
    onProgress(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    stop() {
      cancelTurn()
      stand('stopped')
      cancelAsk()
    },
  }
}
