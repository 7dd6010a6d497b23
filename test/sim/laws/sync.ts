/**
 * The laws of sync, Y1, Y3, Y4, and M9 with the relay's books: judged from what the relay answered and kept, the ledger's file and
 * the bank's books. Y2, a month offline, is test/sim/month-offline.test.ts; Y5 is orders.ts.
 */
import Database from 'better-sqlite3'
import { join } from 'node:path'
import type { Answer } from '../../../sync/protocol/messages.ts'
import type { HoldSummary } from '../../../src/virtual/bank/summary.ts'
import type { Kept } from '../memory-books.ts'
import { count, type Judged, type Report } from './record.ts'

export interface SyncLaws {
  /** The fridge sent something. */
  posted(): void
  /** `choked`: the row at which the relay failed, if it did. */
  answered(answer: Answer, choked: number | null): void
  /** Something on the way, at the relay or at the fridge is not whole just now. */
  troubled(): void
  /** A stranger's message was answered so; `unmoved`: the fridge's books are as before. */
  forged(answer: Answer, unmoved: boolean): void
  /** All faults have ended, and the fridge had time to say what it had not yet said. */
  finish(dir: string, kept: Kept | undefined, holds: readonly HoldSummary[]): void
}

const minuteMs = 60_000
/** The fridge asks again within a second or two; where it did not, something held it. */
const heldMs = 10_000
const foul: readonly Answer['type'][] = ['fork', 'brokenChain', 'unknownFridge', 'revoked', 'badSignature', 'foreignRows', 'malformed', 'tooBig', 'unsupportedVersion'] // prettier-ignore

export function syncLaws(ports: Judged & { readonly report: Report; readonly nowMs: () => number }): SyncLaws {
  const { report, nowMs, judged, excused } = ports
  /** When the relay failed at a row first, and whether all has been whole since. */
  const choked = new Map<number, { readonly atMs: number; whole: boolean }>()
  let postedAtMs = -Infinity

  function spoil(): void {
    for (const one of choked.values()) one.whole = false
  }

  return {
    posted() {
      if (nowMs() - postedAtMs > heldMs) spoil()
      postedAtMs = nowMs()
    },
    answered(answer, row) {
      count(judged, 'Y1')
      // An answer that was under way while the clock leapt.
      if (nowMs() - postedAtMs > heldMs) spoil()
      if (foul.includes(answer.type)) report('Y1', `the relay answered its own fridge with ${JSON.stringify(answer)}`)
      if (answer.type === 'failed' && row !== null && !choked.has(row)) choked.set(row, { atMs: nowMs(), whole: true })
      if (answer.type !== 'accepted') return
      for (const [seq, { atMs, whole }] of choked) {
        if (seq > answer.upto) continue
        choked.delete(seq)
        count(whole ? judged : excused, 'Y3')
        if (whole && nowMs() - atMs > minuteMs)
          report(
            'Y3',
            `row ${seq} was set aside ${Math.round((nowMs() - atMs) / 1_000)} s after the relay had failed at it`,
          )
      }
    },
    troubled: spoil,
    forged(answer, unmoved) {
      count(judged, 'Y4')
      if (answer.type === 'accepted' || !unmoved) report('Y4', `a stranger was answered with ${JSON.stringify(answer)}`)
    },
    finish(dir, kept, holds) {
      const { rows, anchor } = rowsOf(dir)
      count(judged, 'Y1')
      const last = anchor.seq + rows.length
      if (kept === undefined || kept.upto !== last)
        return report('Y1', `the relay has ${kept?.upto} rows of ${last}, with nothing in the way`)
      // Of rows that are gone from the disk the chain tells: its hash at the last of them is that of them all.
      const there = kept.rows[anchor.seq - 1]
      if (anchor.seq > 0 && (there === undefined || !anchor.hash.equals(there.hash)))
        return report('Y1', `the relay has other rows up to ${anchor.seq} than those that were pruned`)
      for (const row of rows) {
        const mine = kept.rows[row.seq - 1]
        const body = mine?.body ?? kept.setAside.get(row.seq)?.body ?? null
        const poison = kept.setAside.get(row.seq)?.why === 'poison'
        if (mine?.seq !== row.seq || !row.hash.equals(mine.hash) || (body !== row.body && !poison))
          return report('Y1', `row ${row.seq} is ${row.body} in the ledger, and ${body} at the relay`)
        if (kept.setAside.has(row.seq) && !poison)
          report('Y3', `row ${row.seq} was set aside: ${kept.setAside.get(row.seq)?.why}`)
      }
      count(judged, 'M9')
      const bankMinor = holds.reduce((sum, hold) => sum + hold.capturedMinor, 0)
      const capturedMinor = sumOf(kept.captures.values(), ({ amountMinor }) => amountMinor)
      const receiptsMinor = sumOf(kept.receipts.values(), ({ chargedMinor }) => chargedMinor)
      if (bankMinor !== capturedMinor || bankMinor !== receiptsMinor)
        report(
          'M9',
          `the bank took ${bankMinor}, the relay knows captures of ${capturedMinor} and receipts of ${receiptsMinor}`,
        )
    },
  }
}

const sumOf = <Each>(all: Iterable<Each>, of: (each: Each) => number): number =>
  [...all].reduce((sum, each) => sum + of(each), 0)

interface Books {
  readonly rows: readonly { readonly seq: number; readonly body: string; readonly hash: Buffer }[]
  /** The last row that is no longer there. */
  readonly anchor: { readonly seq: number; readonly hash: Buffer }
}

function rowsOf(dir: string): Books {
  const db = new Database(join(dir, 'ledger.db'), { readonly: true })
  try {
    const rows = db.prepare('SELECT seq, body, hash FROM events ORDER BY seq').all() as Books['rows']
    const [anchor] = db.prepare('SELECT seq, hash FROM anchor').all() as Books['anchor'][]
    return { rows, anchor: anchor ?? { seq: 0, hash: Buffer.alloc(32) } }
  } finally {
    db.close()
  }
}
