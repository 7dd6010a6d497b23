/**
 * The fridge's side of pictures, against a relay in memory that was written from SPEC.md alone and a network that loses, repeats,
 * delays and reorders; on one clock.
 */
import { createHash, createPublicKey, verify } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { silent, type Random } from '../../../src/core/ports.ts'
import { dayMs, hourMs, minuteMs } from '../../../src/core/time.ts'
import { dayBudget } from '../../../src/runtime/review-pictures.ts'
import type { Fetch } from '../../../sync/edge/exchange.ts'
import { startPictures, type ReviewPicture } from '../../../sync/edge/pictures.ts'
import { type PictureAnswer } from '../../../sync/protocol/pictures.ts'
import { sha256Of } from '../../../sync/protocol/question.ts'
import { signingKey } from '../../../sync/protocol/signing.ts'
import { chance } from '../../sim/chance.ts'
import { simTime } from '../../sim/time.ts'
import { startMs } from './books.ts'
import { fair, foul, type Weather } from './other-side.ts'

const fridge = 'fridge-1'
const key = signingKey(Buffer.alloc(32, 7))
const publicKey = createPublicKey({
  key: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), Buffer.from(key.publicKey, 'base64')]),
  format: 'der',
  type: 'spki',
})
let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pictures-sent-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

/** Pictures of a visit, told apart by their bytes. */
const picturesOf = (visit: string, count: number, size = 20_000): ReviewPicture[] =>
  Array.from({ length: count }, (_, atMs) => {
    const picture = Buffer.concat([Buffer.from('ffd8ff', 'hex'), Buffer.from(`${visit} ${atMs} `), Buffer.alloc(size, 1)])
    const about = { sha256: sha256Of(picture), bytes: picture.length, camera: 'left', why: 'crossing' as const, atMs }
    return { about, read: async () => picture }
  }) // prettier-ignore

function stage(seed = 1, bytesADay = 100 * 1024 * 1024) {
  const time = simTime(startMs)
  const random = chance(seed, 'network')
  const sky: { weather: Weather } = { weather: fair }
  const port: Random = { bytes: (count) => chance(seed, String(time.steps())).bytes(count), uuid: () => '' }
  const world = {
    visits: new Map<string, ReviewPicture[] | null>(),
    free: true,
    kept: new Map<string, string[]>(),
    /** Lists and pictures that came, with the time. */
    heard: [] as { readonly atMs: number; readonly type: string; readonly visit: string; readonly free: boolean }[],
    bytes: 0,
    underWay: 0,
    mostUnderWay: 0,
    instead: (_type: string, _sha256: string): PictureAnswer | null => null,
  }
  const answered = (headers: Readonly<Record<string, string>>, body: Buffer): PictureAnswer => {
    const said = Buffer.concat([Buffer.from(`visionvend sync 1 pictures\n${fridge}\n`), body])
    if (!verify(null, said, publicKey, Buffer.from(headers['vv-signature'] ?? '', 'base64'))) return { type: 'badSignature' }
    const end = body.indexOf('\n')
    const head = JSON.parse(body.subarray(0, end).toString()) as { type: string; fridge: string; visit: string; sha256: string; pictures: { sha256: string }[] }
    const { type, visit } = head
    world.heard.push({ atMs: time.nowMs(), type, visit, free: world.free })
    const instead = world.instead(type, head.sha256)
    if (instead !== null) return instead
    const kept = world.kept.get(visit) ?? []
    if (type === 'list') return { type: 'wanted', sha256: head.pictures.map(({ sha256 }) => sha256).filter((one) => !kept.includes(one)) }
    if (createHash('sha256').update(body.subarray(end + 1)).digest('hex') !== head.sha256) return { type: 'malformed', what: 'hash' }
    if (!kept.includes(head.sha256)) world.kept.set(visit, [...kept, head.sha256])
    return { type: 'kept' }
  } // prettier-ignore
  const fetch: Fetch = (_url, { headers, body, signal }) =>
    new Promise((resolve, reject) => {
      world.bytes += body.length
      world.underWay += 1
      world.mostUnderWay = Math.max(world.mostUnderWay, world.underWay)
      let over = false
      const end = (): void => {
        if (!over) world.underWay -= 1
        over = true
      }
      signal.addEventListener('abort', () => {
        end()
        reject(new Error('aborted'))
      })
      const { lost, answerLost, repeated, badGateway, delayMs } = sky.weather
      const reply = (status: number, text: string): void =>
        void time.after(random.between(1, delayMs / 2), () => {
          end()
          resolve({ status, text: async () => text })
        })
      const question = Buffer.from(body)
      if (random.happens(lost)) return
      if (random.happens(badGateway)) return reply(502, '<h1>Bad Gateway</h1>')
      if (random.happens(repeated)) time.after(random.between(1, 3 * delayMs), () => void answered(headers, question))
      time.after(random.between(1, delayMs), () => {
        const answer = answered(headers, question)
        if (!random.happens(answerLost)) reply(200, JSON.stringify(answer))
      })
    })
  const start = () =>
    startPictures(
      {
        waiting: () => [...world.visits.keys()],
        pictures: async (visit) => world.visits.get(visit) ?? null,
        free: () => world.free,
        budget: dayBudget(join(dir, 'sent.json'), bytesADay, silent),
        key,
        fetch,
        clock: time,
        random: port,
        log: silent,
      },
      { fridge, relayUrl: 'https://relay.test' },
    )
  const run = (ms: number) => time.runUntil(time.sleep(ms))
  const until = async (holds: () => boolean, withinMs: number): Promise<void> => {
    for (const endMs = time.nowMs() + withinMs; !holds(); await run(1_000))
      if (time.nowMs() > endMs) throw new Error(`not within ${withinMs} ms: ${JSON.stringify([...world.kept])}`)
  }
  const has = (visit: string, count: number): boolean => world.kept.get(visit)?.length === count
  return { time, sky, world, start, run, until, has }
}

test('[SY52] [SY53] what a visit in doubt has reaches the relay, once, and of no other visit anything', async () => {
  const { world, start, run, until, has } = stage()
  start()
  await run(10 * minuteMs)
  expect(world.bytes).toBe(0)
  world.visits.set('visit-1', picturesOf('visit-1', 6))
  world.visits.set('visit-2', picturesOf('visit-2', 2))
  await until(() => has('visit-1', 6) && has('visit-2', 2), 2 * minuteMs)
  expect([...world.kept.keys()]).toEqual(['visit-1', 'visit-2']) // the oldest first
  expect(world.heard.map(({ type }) => type)).toEqual(['list', ...Array<string>(6).fill('picture'), 'list', 'picture', 'picture']) // prettier-ignore
  expect(world.mostUnderWay).toBe(1)
  // A list of 6 is some 1 kB.
  expect(world.bytes).toBeLessThan(8 * 20_400 + 2_000)
})

test.each(Array.from({ length: 12 }, (_, seed) => seed + 1))(
  '[SY52] [SY56] over a foul network, with restarts, all of it arrives, one at a time (seed %i)',
  async (seed) => {
    const { world, sky, start, run, until, has } = stage(seed)
    sky.weather = foul
    for (const visit of ['visit-1', 'visit-2', 'visit-3']) world.visits.set(visit, picturesOf(visit, 5, 2_000))
    let side = start()
    for (let restart = 0; restart < 3; restart += 1) {
      await run(3 * minuteMs)
      side.stop()
      side = start()
    }
    await until(() => has('visit-1', 5) && has('visit-2', 5) && has('visit-3', 5), 12 * hourMs)
    for (const [visit, kept] of world.kept) expect(kept.toSorted()).toEqual(picturesOf(visit, 5, 2_000).map(({ about }) => about.sha256).toSorted()) // prettier-ignore
    side.stop()
  },
)

test('[SY54] nothing of them goes while a row waits or somebody shops, also not in the middle of a visit`s pictures', async () => {
  const { world, start, run, until, has } = stage()
  world.free = false
  world.visits.set('visit-1', picturesOf('visit-1', 8))
  start()
  await run(hourMs)
  expect(world.heard).toEqual([])
  world.free = true
  await until(() => (world.kept.get('visit-1')?.length ?? 0) >= 3, minuteMs)
  await run(100)
  world.free = false
  await run(100)
  const before = world.heard.length
  await run(hourMs)
  expect(world.heard.length).toBe(before)
  world.free = true
  await until(() => has('visit-1', 8), minuteMs)
  expect(world.heard.every(({ free }) => free)).toBe(true)
})

test('[SY55] a day has its bytes, tries and restarts included; what has no room goes the next day', async () => {
  const budget = 100_000
  const { world, time, start, run, until, has } = stage(3, budget)
  const perDay = (): number[] => {
    const days = new Map<number, number>()
    for (const { atMs, type } of world.heard)
      if (type === 'picture') days.set(Math.floor(atMs / dayMs), (days.get(Math.floor(atMs / dayMs)) ?? 0) + 20_000)
    return [...days.values()]
  }
  world.visits.set('visit-1', picturesOf('visit-1', 12))
  let side = start()
  await run(30 * minuteMs)
  for (let restart = 0; restart < 3; restart += 1) {
    side.stop()
    side = start()
    await run(30 * minuteMs)
  }
  expect(perDay()).toEqual([80_000])
  expect(JSON.parse(readFileSync(join(dir, 'sent.json'), 'utf8'))).toMatchObject({ day: Math.floor(startMs / dayMs) })
  expect(statSync(join(dir, 'sent.json')).mode & 0o777).toBe(0o600)
  await until(() => has('visit-1', 12), 4 * dayMs)
  expect(Math.max(...perDay())).toBeLessThanOrEqual(budget)
  expect(time.nowMs() - startMs).toBeGreaterThan(dayMs)
})

test('[SY55] a day of no bytes sends nothing, and bytes that can`t be counted let nothing go', () => {
  expect(dayBudget(join(dir, 'sent.json'), 0, silent).take(startMs, 1)).toBe(false)
  expect(dayBudget(join(dir, 'no', 'such', 'folder'), 1_000, silent).take(startMs, 1)).toBe(false)
  const budget = dayBudget(join(dir, 'sent.json'), 1_000, silent)
  expect([budget.take(startMs, 600), budget.take(startMs, 600), budget.take(startMs, 400)]).toEqual([true, false, true])
})

test('[SY56] a picture that the relay can`t take, a visit that it does not want: the others go on', async () => {
  const { world, start, until, run } = stage()
  const [bad, failing, big] = picturesOf('visit-1', 3).map(({ about }) => about.sha256)
  world.visits.set('visit-1', picturesOf('visit-1', 6))
  world.visits.set('visit-2', picturesOf('visit-2', 2))
  world.visits.set('visit-3', picturesOf('visit-3', 2))
  let unwanted = 0
  world.instead = (type, sha256) => {
    if (sha256 === bad) return { type: 'malformed', what: 'no picture' }
    if (sha256 === failing) return { type: 'failed' }
    if (sha256 === big) return { type: 'tooBig', what: 'too big' }
    if (type === 'list' && world.heard.at(-1)?.visit === 'visit-2') {
      unwanted += 1
      return { type: 'unwanted', why: 'noRoom' }
    }
    return null
  }
  start()
  await until(() => world.kept.get('visit-1')?.length === 3 && world.kept.get('visit-3')?.length === 2, 10 * minuteMs)
  await run(hourMs)
  expect(world.kept.has('visit-2')).toBe(false)
  expect(unwanted).toBe(1)
  expect(world.heard.filter(({ type, visit }) => type === 'picture' && visit === 'visit-1')).toHaveLength(3 + 1 + 3 + 1)
})

test('[SY56] a relay that says stop is left alone for an hour', async () => {
  const { world, start, run } = stage()
  world.visits.set('visit-1', picturesOf('visit-1', 2))
  world.instead = () => ({ type: 'revoked' })
  start()
  await run(50 * minuteMs)
  expect(world.heard).toHaveLength(1)
  await run(2 * hourMs)
  expect(world.heard.length).toBeGreaterThan(1)
})

test('[SY56] pictures that are not written yet are waited for, and ones deleted meanwhile are passed over', async () => {
  const { world, start, run, until } = stage()
  world.visits.set('visit-1', null)
  start()
  await run(5 * minuteMs)
  expect(world.heard).toEqual([])
  const [gone, ...others] = picturesOf('visit-1', 4)
  world.visits.set('visit-1', [{ ...gone!, read: async () => Promise.reject(new Error('ENOENT')) }, ...others])
  await until(() => world.kept.get('visit-1')?.length === 3, 2 * minuteMs)
})

test('[SY57] a relay that was put back to a backup gets again what it lost, until the review is decided', async () => {
  const { world, start, run, until, has } = stage()
  world.visits.set('visit-1', picturesOf('visit-1', 3))
  start()
  await until(() => has('visit-1', 3), minuteMs)
  world.kept.clear()
  await until(() => has('visit-1', 3), 10 * hourMs)
  const before = world.heard.length
  await run(10 * hourMs)
  // One that has all is asked in one line.
  expect(world.heard.slice(before).map(({ type }) => type)).toEqual(['list'])
  world.visits.clear()
  world.kept.clear()
  await run(3 * dayMs)
  expect(world.kept.size).toBe(0)
})
