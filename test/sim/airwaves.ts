/**
 * Airwaves: the way from the fridge to its owner's relay, and the relay at its end: its own intake, on books in memory. Messages
 * get lost, come late, twice, or hours later once more; the network is cut, the relay is away, is put back to a backup, can't take
 * a row; a stranger writes under the fridge's name. All of it is told to the laws of sync.
 */
import type { Fetch } from '../../sync/edge/exchange.ts'
import { headerNames, type Answer } from '../../sync/protocol/messages.ts'
import { signedRows, signingKey, type SigningKey } from '../../sync/protocol/signing.ts'
import { answerRows, type Books } from '../../sync/relay/intake.ts'
import type { Chance } from './chance.ts'
import type { FaultKind, Weather } from './faults.ts'
import type { SyncLaws } from './laws/sync.ts'
import { memoryBooks, type Kept, type MemoryBooks } from './memory-books.ts'
import type { SimTime } from './time.ts'

export const simFridge = 'fridge-sim'

export interface Airwaves {
  readonly key: SigningKey
  readonly fetch: Fetch
  readonly books: MemoryBooks
  network(up: boolean): void
  /** Up to here the relay has all, whatever backup it is put back to: what an owner promises who lets a fridge prune. */
  backedUpSeq(): number
  /** All troubles end. */
  calm(): void
}

interface Sent {
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

const minuteMs = 60_000
/** What the owner's money hangs on is not what these relays choke at; any other row may be. */
const neverPoison = ['ReceiptIssued', 'HoldCaptured', 'VisitStarted', 'CatalogueAdopted']

export function createAirwaves(ports: {
  readonly time: SimTime
  readonly chance: Chance
  readonly weather: Weather
  readonly struck: (kind: FaultKind) => void
  readonly laws: SyncLaws
  /** For the tests of the laws: a relay that breaks one. */
  readonly tampered?: ((books: Books) => Books) | undefined
}): Airwaves {
  const { time, chance, struck, laws } = ports
  const trouble = { each: ports.weather.relay }
  const key = signingKey(chance.bytes(32))
  const stranger = signingKey(chance.bytes(32))
  const books = memoryBooks()
  books.pair(simFridge, Buffer.from(key.publicKey, 'base64'))
  const choking = chokingAt(
    ports.tampered?.(books) ?? books,
    trouble.each > 0 && chance.happens(0.4) ? 40 + chance.below(150) : null,
  )
  const sky = { up: true, cut: false, away: false }
  let sent: Sent[] = []
  let backup: Kept = books.backup(simFridge)

  const strike = (kind: FaultKind): void => {
    struck(kind)
    laws.troubled()
  }
  const isUp = (): boolean => sky.up && !sky.cut

  async function arrive({ headers, body }: Sent): Promise<Answer> {
    if (sky.away) return { type: 'busy', retryAfterMs: 2_000 }
    let answer: Answer
    try {
      answer = await answerRows(choking.books, headers, body)
    } catch {
      answer = { type: 'failed' }
      struck('relayPoison')
    }
    laws.answered(answer, choking.choked())
    return answer
  }

  /** A message on its way, or what became of it: silence. */
  function carry(request: Sent, answered: (answer: Answer) => void): void {
    if (!isUp()) return laws.troubled()
    if (chance.happens(trouble.each / 2)) return strike('relayMessageLost')
    if (chance.happens(trouble.each / 2)) {
      struck('relayRepeated')
      time.after(chance.exponential(chance.happens(0.5) ? 2_000 : 30 * minuteMs), () => void arrive(request))
    }
    const late = trouble.each > 0 && chance.happens(0.1)
    if (late) laws.troubled()
    time.after(late ? chance.between(20_000, 50_000) : chance.between(20, 400), () => {
      if (!isUp()) return laws.troubled()
      void arrive(request).then((answer) => {
        if (chance.happens(trouble.each / 2) || !isUp()) return strike('relayAnswerLost')
        time.after(chance.between(20, 400), () => answered(answer))
      })
    })
  }

  const fetch: Fetch = (_url, { headers, body, signal }) => {
    laws.posted()
    sent = [...sent.slice(-15), { headers, body }]
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('given up')))
      carry({ headers, body }, (answer) => resolve({ status: 200, text: async () => JSON.stringify(answer) }))
    })
  }

  /** Once in a while, until all is calm. */
  function mischief(): void {
    time.quietly(chance.exponential(4 * minuteMs), () => {
      if (trouble.each === 0) return
      if (chance.happens(Math.min(0.8, 3 * trouble.each))) deed()
      time.woke()
      mischief()
    })
  }

  function deed(): void {
    const lastingMs = chance.exponential(chance.happens(0.7) ? minuteMs : 60 * minuteMs)
    switch (chance.below(5)) {
      case 0:
        strike('relayCut')
        sky.cut = true
        return void time.after(lastingMs, () => (sky.cut = false))
      case 1:
        strike('relayAway')
        sky.away = true
        return void time.after(lastingMs, () => (sky.away = false))
      case 2:
        if (chance.happens(0.5)) return void (backup = books.backup(simFridge))
        strike('relayRestored')
        return books.restore(simFridge, backup)
      default:
        return void (sent.length > 0 && forge(chance.pick(sent)))
    }
  }

  /** A stranger with a key of their own, or an old message under another name. Nothing may come of it (law Y4). */
  async function forge(old: Sent): Promise<void> {
    struck('relayForged')
    const before = books.kept(simFridge)
    const stood = { upto: before?.upto, rows: before?.rows.length }
    const own = chance.happens(0.5)
    const fridge = own ? simFridge : 'fridge-other'
    const signature = Buffer.from(stranger.sign(signedRows(fridge, old.body))).toString('base64')
    if (!own) books.pair(fridge, Buffer.from(stranger.publicKey, 'base64'))
    const headers = { ...old.headers, [headerNames.fridge]: fridge, [headerNames.signature]: signature }
    const answer = await answerRows(books, headers, old.body)
    const after = books.kept(simFridge)
    laws.forged(answer, stood.upto === after?.upto && stood.rows === after?.rows.length)
  }

  if (trouble.each > 0) mischief()
  return {
    key,
    fetch,
    books,
    network(up) {
      sky.up = up
      if (!up) laws.troubled()
    },
    backedUpSeq: () => (trouble.each === 0 ? Infinity : backup.upto),
    calm() {
      trouble.each = 0
      sky.cut = false
      sky.away = false
      sky.up = true
    },
  }
}

/** A relay that fails at some rows of its own choice, whatever travels with them. `first`: the first of them. */
function chokingAt(books: Books, first: number | null): { readonly books: Books; choked(): number | null } {
  let choked: number | null = null
  if (first === null) return { books, choked: () => null }
  const isPoison = (seq: number): boolean => seq >= first && (seq - first) % 97 === 0
  return {
    choked: () => choked,
    books: {
      ...books,
      page: (fridge, work) =>
        books.page(fridge, (page) =>
          work({
            ...page,
            async write(rows) {
              const row = rows.find(
                ({ seq, body, verdict }) =>
                  body !== null && isPoison(seq) && 'event' in verdict && !neverPoison.includes(verdict.event.type),
              )
              choked = row?.seq ?? null
              if (row !== undefined) throw new Error(`row ${row.seq} ends this relay`)
              return page.write(rows)
            },
          }),
        ),
    },
  }
}
