import { expect, test } from 'vitest'
import { silent, type Random } from '../../../src/core/ports.ts'
import { hourMs, minuteMs } from '../../../src/core/time.ts'
import { createPusher, type Progress, type Pusher } from '../../../sync/edge/pusher.ts'
import { maxBodyBytes, type Answer } from '../../../sync/protocol/messages.ts'
import { signingKey } from '../../../sync/protocol/signing.ts'
import { chance } from '../../sim/chance.ts'
import { simTime } from '../../sim/time.ts'
import { createBooks, opening, soldBooks, startMs, visitEvents, type Books } from './books.ts'
import { fair, foul, memoryRelay, network, type Weather } from './other-side.ts'

const fridge = 'fridge-1'
const key = signingKey(Buffer.alloc(32, 7))

/** A fridge's pusher, its relay and the network between, on one clock. */
function stage(books: Books, seed = 1) {
  const time = simTime(startMs)
  const random = chance(seed, 'network')
  const relay = memoryRelay(fridge, key.publicKey)
  const sky: { weather: Weather } = { weather: fair }
  const port: Random = { bytes: (count) => chance(seed, String(time.steps())).bytes(count), uuid: () => '' }
  let pusher: Pusher | null = null
  const started = (): Pusher =>
    (pusher = createPusher(
      {
        ledger: books,
        key,
        fetch: network(time, random, relay, () => sky.weather),
        clock: time,
        random: port,
        log: silent,
        failed(error) {
          throw error
        },
      },
      { fridge, relayUrl: 'https://relay.test' },
    ))
  return {
    time,
    relay,
    sky,
    random,
    start: started,
    restart() {
      pusher?.stop()
      return started()
    },
    run: (ms: number) => time.runUntil(time.sleep(ms)),
    /** Runs until the pusher says so, at most `withinMs`; gives how long it took. */
    async until(holds: (progress: Progress) => boolean, withinMs: number): Promise<number> {
      const fromMs = time.nowMs()
      while (!holds(pusher!.progress())) {
        if (time.nowMs() - fromMs > withinMs)
          throw new Error(`not within ${withinMs} ms: ${JSON.stringify(pusher!.progress())}`)
        await time.runUntil(time.sleep(250))
      }
      return time.nowMs() - fromMs
    },
  }
}
const drained = ({ at, pending }: Progress): boolean => at === 'idle' && pending === 0
const bodies = (books: Books) => books.all().map(({ seq, body }) => ({ seq, body }))

test('[SY5] [Y1] what the ledger holds reaches the relay, in order, and new rows follow when they are poked for', async () => {
  const books = soldBooks(fridge, 20)
  const { start, until, relay, time } = stage(books)
  const pusher = start()
  const seen: string[] = []
  pusher.onProgress(({ at }) => seen.push(at))
  await until(drained, minuteMs)
  expect(relay.taken).toEqual(bodies(books))
  expect(seen).toContain('sending')
  books.write(time.nowMs(), ...visitEvents(1, 21))
  pusher.poke()
  expect(pusher.progress()).toMatchObject({ acknowledgedSeq: 307, pending: 15, lastError: null })
  await until(drained, minuteMs)
  expect(relay.taken).toEqual(bodies(books))
})

test.each(Array.from({ length: 12 }, (_, seed) => seed + 1))(
  '[SY5] [SY10] [Y1] in order and once, through loss, repetition, reordering and restarts: seed %i',
  async (seed) => {
    const books = createBooks()
    books.write(startMs, ...opening(fridge))
    const { time, relay, sky, random, start, restart, until, run } = stage(books, seed)
    sky.weather = foul
    let pusher = start()
    for (let visit = 1; visit <= 60; visit++) {
      books.write(time.nowMs(), ...visitEvents(seed, visit))
      pusher.poke()
      await run(random.exponential(minuteMs))
      if (random.happens(0.2)) pusher = restart()
      if (random.happens(0.1)) sky.weather = { ...foul, lost: random.next() }
    }
    sky.weather = { ...foul, lost: 0.3 }
    await run(hourMs)
    sky.weather = fair
    pusher.retry()
    await until(drained, 20 * minuteMs)
    expect(relay.taken).toEqual(bodies(books))
    expect(relay.setAside).toEqual([])
    expect(pusher.progress().lastError).toBeNull()
  },
)

test('[Y2] [SY10] [SY11] 3,000 visits and 100 restarts after a month without a network, all of it arrives', async () => {
  const books = soldBooks(fridge, 3_000)
  expect(books.all().length).toBeGreaterThan(45_000)
  const { relay, sky, random, start, restart, until, run } = stage(books)
  sky.weather = { ...fair, lost: 1 }
  let pusher = start()
  await run(30 * 24 * hourMs)
  // One try in five to seven and a half minutes, each ended by its own time-out.
  expect(pusher.progress()).toMatchObject({ at: 'waiting', lastError: { code: 'noAnswer', detail: 'no network' } })
  for (let life = 0; life < 100; life++) {
    sky.weather = random.happens(0.5) ? fair : foul
    pusher = restart()
    await run(random.exponential(2_000))
  }
  sky.weather = fair
  restart()
  await until(drained, 10 * minuteMs)
  expect(relay.taken.map(({ seq }) => seq)).toEqual(books.all().map(({ seq }) => seq))
  // As one text: a difference in 45,000 rows is told by vitest for minutes.
  expect(
    relay.taken.map(({ body }) => body).join('\n') ===
      books
        .all()
        .map(({ body }) => body)
        .join('\n'),
  ).toBe(true)
}, 120_000)

test('[SY3] [SY11] batches are bounded, halve when the network fails and grow back', async () => {
  const books = soldBooks(fridge, 300)
  const { relay, sky, start, until, run } = stage(books)
  sky.weather = { ...fair, lost: 1 }
  const pusher = start()
  await run(20 * minuteMs)
  sky.weather = fair
  pusher.retry()
  await until(drained, minuteMs)
  const sizes = relay.sizes.filter((size) => size > 0)
  expect(sizes.slice(0, 4)).toEqual([2, 4, 8, 16])
  expect(Math.max(...sizes)).toBe(1_000)
})

test('[SY7] [SY12] [Y3] a row that makes the relay fail is set aside within a minute, and nothing behind it waits', async () => {
  const books = soldBooks(fridge, 40)
  const poison = '{"type":"DoorForced","note":"this one breaks a parser on the way"}'
  books.writeBody(startMs, poison)
  for (let visit = 41; visit <= 80; visit++) books.write(startMs, ...visitEvents(1, visit))
  const { relay, start, until } = stage(books)
  relay.instead = (rows) => (rows.includes(poison) ? { type: 'failed' } : null)
  const pusher = start()
  expect(await until(drained, 2 * minuteMs)).toBeLessThan(minuteMs)
  expect(relay.setAside).toEqual([{ seq: 608, why: 'poison', detail: '' }])
  expect(pusher.progress().setAside).toEqual(relay.setAside)
  expect(relay.taken.filter(({ body }) => body === null)).toEqual([{ seq: 608, body: null }])
  expect(relay.taken.length).toBe(books.last().seq)
})

test('[SY12] a relay that fails at everything blames no row: nothing is withheld, and all goes on when it is well', async () => {
  const books = soldBooks(fridge, 40)
  const { relay, start, until, run } = stage(books)
  start()
  relay.instead = () => ({ type: 'failed' })
  await run(hourMs)
  expect(relay.posts()).toBeLessThan(60)
  relay.instead = () => null
  await until(drained, 10 * minuteMs)
  expect(relay.setAside).toEqual([])
  expect(relay.taken).toEqual(bodies(books))
})

test('[SY3] [SY7] a row longer than the protocol takes is withheld by its own fridge', async () => {
  const books = soldBooks(fridge, 1)
  books.writeBody(startMs, JSON.stringify({ type: 'DoorForced', note: 'x'.repeat(maxBodyBytes) }))
  books.write(startMs, { type: 'DoorForced' })
  const { relay, start, until } = stage(books)
  start()
  await until(drained, minuteMs)
  expect(relay.setAside).toEqual([{ seq: 23, why: 'tooBig', detail: '' }])
  expect(relay.taken.length).toBe(24)
})

test('[SY10] a relay that was put back to a backup gets again what it lost, also from an idle fridge', async () => {
  const books = soldBooks(fridge, 30)
  const { relay, start, until, run } = stage(books)
  start()
  await until(drained, minuteMs)
  relay.restore(100)
  await run(16 * minuteMs)
  expect(relay.taken).toEqual(bodies(books))
})

test('[SY10] a relay that has more than the fridge is a fork: the fridge stops and says so', async () => {
  const full = soldBooks(fridge, 30)
  const { relay, start, until } = stage(full)
  const pusher = start()
  await until(drained, minuteMs)
  pusher.stop()
  const back = stage(soldBooks(fridge, 10))
  back.relay.post = relay.post
  const old = back.start()
  await back.until(({ at }) => at === 'refused', minuteMs)
  expect(old.progress().lastError).toMatchObject({ code: 'relayAhead' })
})

test('[SY19] a relay that asks for rows that were pruned is told so, once an hour', async () => {
  const books = soldBooks(fridge, 30)
  const { relay, start, until, run } = stage(books)
  const pusher = start()
  await until(drained, minuteMs)
  books.prune(200)
  await run(16 * minuteMs)
  expect(pusher.progress()).toMatchObject({ at: 'idle', lastError: null })
  relay.restore(200)
  await run(16 * minuteMs)
  expect(pusher.progress()).toMatchObject({ at: 'idle', lastError: null })
  expect(relay.taken).toEqual(bodies(books))
  relay.restore(100)
  await until(({ at }) => at === 'refused', 16 * minuteMs)
  expect(pusher.progress().lastError).toMatchObject({
    code: 'rowsPruned',
    detail: expect.stringContaining('from 201 on'),
  })
})

test('[SY18] where a put-back ledger and the relay part is found with few questions, and asked again each hour', async () => {
  const books = soldBooks(fridge, 200)
  const { relay, start, restart, until, run } = stage(books)
  start()
  await until(drained, minuteMs)
  const common = books.last().seq - 1_234
  books.putBack(common)
  for (let visit = 301; visit <= 500; visit++) books.write(startMs, ...visitEvents(1, visit))
  const before = relay.posts()
  const pusher = restart()
  await until(({ at }) => at === 'refused', minuteMs)
  expect(pusher.progress().lastError).toMatchObject({ code: 'fork' })
  expect(pusher.progress().lastError?.detail).toContain(`from ${common + 1} on`)
  expect(relay.posts() - before).toBeLessThan(18)
  relay.restore(common) // what an owner's word comes to
  await run(2 * hourMs)
  expect(pusher.progress()).toMatchObject({ at: 'idle', pending: 0, lastError: null })
  expect(relay.taken).toEqual(bodies(books))
})

const stops: Answer[] = [
  { type: 'unknownFridge' },
  { type: 'revoked' },
  { type: 'badSignature' },
  { type: 'foreignRows' },
  { type: 'fork', seq: 3 },
  { type: 'brokenChain', seq: 3 },
  { type: 'unsupportedVersion', supported: [2, 3] },
]
test.each(stops)('[SY13] [SY14] $type stops the pusher for an hour, or until a person says so', async (answer) => {
  const books = soldBooks(fridge, 2)
  const { relay, start, until, run } = stage(books)
  relay.instead = () => answer
  const pusher = start()
  await until(({ at }) => at === 'refused', minuteMs)
  expect(pusher.progress().lastError).toMatchObject({ code: answer.type })
  const asked = relay.posts()
  await run(59 * minuteMs)
  pusher.poke()
  expect(relay.posts()).toBe(asked)
  await run(61 * minuteMs)
  expect(relay.posts()).toBeGreaterThan(asked)
  relay.instead = () => null
  pusher.retry()
  await until(drained, minuteMs)
})

test('[SY11] a busy relay is waited for as long as it asks, and two batches are never under way', async () => {
  const books = soldBooks(fridge, 5)
  const { relay, sky, start, run, until } = stage(books)
  relay.instead = () => ({ type: 'busy', retryAfterMs: 60_000 })
  const pusher = start()
  await run(minuteMs)
  expect(relay.posts()).toBe(1)
  relay.instead = () => null
  sky.weather = { ...fair, delayMs: 29_000 }
  pusher.retry()
  for (let poke = 0; poke < 20; poke++) {
    pusher.poke()
    pusher.retry()
    await run(500)
  }
  expect(relay.posts()).toBeLessThanOrEqual(3)
  sky.weather = fair
  await until(drained, 3 * minuteMs)
})

test('[SY11] a person who asks again and again does not make it ask twice at once', async () => {
  const { relay, sky, start, run, until } = stage(soldBooks(fridge, 5))
  const pusher = start()
  await until(drained, minuteMs)
  relay.instead = () => ({ type: 'busy', retryAfterMs: 200_000 })
  await until(({ at }) => at === 'waiting', 20 * minuteMs)
  const asked = relay.posts()
  relay.instead = () => null
  sky.weather = { ...fair, delayMs: 20_000 }
  for (let impatient = 0; impatient < 10; impatient++) {
    pusher.retry()
    await run(100)
  }
  sky.weather = fair
  await run(minuteMs)
  expect(relay.posts()).toBe(asked + 1)
})

test.each(['asking', 'sending', 'idle'] as const)(
  '[SY90] one who stops it on hearing that it is %s finds no timer running and nothing sent',
  async (heard) => {
    const books = soldBooks(fridge, 2)
    const time = simTime(startMs)
    const relay = memoryRelay(fridge, key.publicKey)
    let running = 0
    let posts = 0
    const after = (delayMs: number, due: () => void) => {
      running += 1
      let over = false
      const end = (): void => {
        if (!over) running -= 1
        over = true
      }
      const cancel = time.after(delayMs, () => {
        end()
        due()
      })
      return () => {
        end()
        cancel()
      }
    }
    const pusher = createPusher(
      {
        ledger: books,
        key,
        fetch: network(time, chance(1, 'net'), relay, () => fair),
        clock: { nowMs: () => time.nowMs(), after },
        random: { bytes: (count) => new Uint8Array(count), uuid: () => '' },
        log: silent,
        failed(error) {
          throw error
        },
      },
      { fridge, relayUrl: 'https://relay.test' },
    )
    pusher.onProgress(({ at }) => {
      if (at !== heard) return
      posts = relay.posts()
      pusher.stop()
    })
    await time.runUntil(time.sleep(minuteMs))
    expect(pusher.progress().at).toBe('stopped')
    expect([running, relay.posts()]).toEqual([0, posts])
  },
)

test('[SY1] a ledger that was changed behind its back is not sent', async () => {
  const books = soldBooks(fridge, 2)
  const rows = books.all().map((row) => (row.seq === 9 ? { ...row, body: '{"type":"SensorLost"}' } : row))
  const { start, until, relay } = stage({ ...books, rows: (after, limit) => rows.slice(after, after + limit) })
  const pusher = start()
  await until(({ at }) => at === 'refused', minuteMs)
  expect(pusher.progress().lastError).toMatchObject({ code: 'ledgerDamaged', detail: 'row 9 does not fit the chain' })
  expect(relay.taken).toEqual([])
})

test('a visit of 15 rows is about 1 kB on the wire, and many together are less', async () => {
  const books = soldBooks(fridge, 1)
  const { relay, start, until, time } = stage(books)
  const pusher = start()
  await until(drained, minuteMs)
  const before = relay.bytes()
  books.write(time.nowMs(), ...visitEvents(1, 2))
  pusher.poke()
  await until(drained, minuteMs)
  const alone = relay.bytes() - before
  for (let visit = 3; visit < 103; visit++) books.write(time.nowMs(), ...visitEvents(1, visit))
  pusher.poke()
  await until(drained, minuteMs)
  const together = (relay.bytes() - before - alone) / 100
  process.stdout.write(`bytes of a visit's batch: alone ${alone}, in a hundred ${Math.round(together)}\n`)
  expect(alone).toBeLessThan(900)
  expect(together).toBeLessThan(alone)
})
