import { expect, test } from 'vitest'
import { decodeFrame, encodeFrame } from '../../../src/device/frame.ts'
import { encodePiMessage, type HelloAck } from '../../../src/device/messages.gen.ts'
import { createSession, helloKey, sealFrame, sessionKey } from '../../../src/device/session.ts'
import { createBench, readyBench } from './bench.ts'
import { benchKey, visitA } from './table.ts'

const heartbeat = encodePiMessage({ type: 'heartbeat', stamp: 1, signal: 'idle' })

test('[F6] a controller without a key believes nobody and stays locked', () => {
  const bench = createBench({ linkKey: new Uint8Array(32) })
  expect(() => bench.hello()).toThrow('no HelloAck')
  bench.give(sealFrame(new Uint8Array(32), 'pi', 1, heartbeat))
  bench.run(500)
  expect(bench.sent).toEqual([])
  expect(bench.drives).toEqual([{ atMs: 1_000, released: false }])
})

test('[F7] a frame is not taken when its tag, its sender or a byte of it is another', () => {
  const bench = readyBench()
  const key = sessionKey(benchKey, new Uint8Array(16).fill(1), bench.ack?.controllerNonce ?? new Uint8Array(16))
  bench.give(sealFrame(key, 'controller', 1_000, heartbeat)) // its own direction, turned back on it
  bench.give(sealFrame(benchKey, 'pi', 1_001, heartbeat))
  expect(bench.dropped()).toMatchObject({ tag: 2 })
  bench.give(sealFrame(key, 'pi', 1_002, heartbeat)) // and the true one is taken
  bench.session = createSession({ key, own: 'pi', sent: 1_002 })
  expect(bench.dropped()).toMatchObject({ tag: 2 })
})

test('[F7] [D1] every bit of the tag counts', () => {
  const bench = readyBench()
  const { uptimeMs } = bench.status()
  const unlock = { type: 'unlock', visit: visitA, notAfterMs: uptimeMs + 3_000, openTimeoutMs: 10_000 } as const
  for (let bit = 0; bit < 64; bit++) {
    const bytes = bench.session?.seal(encodePiMessage({ ...unlock, commandId: bit })) ?? new Uint8Array()
    const frame = decodeFrame(bytes.subarray(0, -1))
    if (!frame.ok) throw new Error(frame.error)
    const tag = frame.value.tag.slice()
    tag[bit >> 3] = (tag[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    bench.give(encodeFrame(frame.value.covered, tag))
  }
  expect(bench.released).toBe(false)
  expect(bench.dropped()).toMatchObject({ tag: 64, crc: 0 })
})

test('[F8] a Hello by anybody without the link key is not answered', () => {
  const bench = createBench()
  const hello = encodePiMessage({ type: 'hello', piNonce: new Uint8Array(16).fill(9) })
  bench.give(sealFrame(helloKey(new Uint8Array(32).fill(3)), 'pi', 0, hello))
  bench.give(sealFrame(helloKey(benchKey), 'controller', 0, hello))
  bench.give(sealFrame(helloKey(benchKey), 'pi', 1, hello))
  expect(bench.sent).toEqual([])
  bench.connect()
  expect(bench.dropped()).toMatchObject({ tag: 2, counter: 1 })
})

test('[F9] a repeated Hello gets the same nonce until a frame confirms it, then a new one', () => {
  const bench = createBench()
  const nonces: string[] = []
  const greet = (): void => {
    bench.session = bench.hello(new Uint8Array(16).fill(4))
    nonces.push(Buffer.from((bench.ack as unknown as HelloAck).controllerNonce).toString('hex'))
  }
  greet()
  greet()
  bench.say({ type: 'heartbeat', stamp: 0, signal: 'idle' })
  greet()
  expect(nonces[1]).toBe(nonces[0])
  expect(nonces[2]).not.toBe(nonces[0])
})

test('[F10] a Hello does not end the live session; the first frame in the new one does', () => {
  const bench = readyBench()
  const old = bench.session
  const next = bench.hello()
  bench.unlock() // still in the old one
  expect(bench.released).toBe(true)
  bench.session = next
  bench.say({ type: 'heartbeat', stamp: 0, signal: 'idle' })
  const before = bench.dropped().tag
  bench.session = old
  bench.say({ type: 'heartbeat', stamp: 0, signal: 'idle' })
  bench.session = next
  expect(bench.dropped().tag).toBe(before + 1)
})

test('[F11] [D1] a frame that comes twice, or after a later one, is dropped', () => {
  const bench = readyBench()
  const first = bench.say({ type: 'showSignal', signal: 'welcome' })
  const second = bench.say({ type: 'showSignal', signal: 'thanks' })
  bench.give(first)
  bench.give(second)
  expect(bench.signal).toBe('thanks')
  expect(bench.dropped()).toMatchObject({ counter: 2 })
})

test('[F11] the counters of a session that are used up are used up', () => {
  const bench = createBench()
  bench.session = bench.hello()
  const key = sessionKey(benchKey, new Uint8Array(16).fill(1), (bench.ack as unknown as HelloAck).controllerNonce)
  const session = createSession({ key, own: 'pi', sent: 2 ** 32 - 2 })
  expect(session.seal(heartbeat)).not.toBeNull()
  expect(session.seal(heartbeat)).toBeNull()
})

test('[F12] [D1] an old Hello and its old Unlock, played again, open nothing', () => {
  const bench = createBench()
  const recorded: Uint8Array[] = []
  bench.connect()
  bench.run(1_000)
  recorded.push(bench.unlock(visitA))
  bench.run(11_000)
  bench.drives.length = 0

  // After a reset everything that was ever said is said again by somebody who listened.
  bench.reset('powerOn')
  bench.hello(new Uint8Array(16).fill(1)) // the very Hello of the first session
  for (const bytes of recorded) bench.give(bytes)
  bench.run(100)
  // And once more beside a live session.
  bench.connect()
  bench.hello(new Uint8Array(16).fill(1))
  for (const bytes of recorded) bench.give(bytes)
  bench.run(1_000)
  expect(bench.drives.filter((drive) => drive.released)).toEqual([])
  expect(bench.dropped().tag).toBe(2)
})

test('[F15] a silent link is sent nothing', () => {
  const bench = readyBench()
  bench.alive = false
  bench.run(2_100)
  const before = bench.sent.length
  bench.world.doorOpen = true
  bench.run(5_000)
  expect(bench.sent.length).toBe(before)
})

test('[F14] a heartbeat is answered at once with what is true', () => {
  const bench = readyBench()
  bench.world.sixteenths = 91
  bench.run(1_100)
  bench.say({ type: 'heartbeat', stamp: 4_711, signal: 'welcome' })
  expect(bench.heard.at(-1)).toMatchObject({
    type: 'status',
    stamp: 4_711,
    doorOpen: false,
    lock: 'locked',
    signal: 'welcome',
    temperatureOk: true,
    temperatureCentiCelsius: 568,
    supplyMillivolts: 12_000,
    faults: [],
    eventsWaiting: 0,
    eventsLost: 0,
  })
})

test('[F2] each way to fail has its own counter, and changes nothing', () => {
  const bench = readyBench()
  const authentic = bench.session
  const type = (typeCode: number, body: Uint8Array) => authentic?.seal({ typeCode, body }) ?? new Uint8Array()
  const before = bench.dropped()
  bench.give(Uint8Array.of(1, 2, 3, 0)) // length
  bench.give(new Uint8Array(400).fill(5)) // too long
  bench.give(Uint8Array.of(0))
  bench.give(Uint8Array.of(...new Uint8Array(30).fill(0xff), 0)) // no COBS
  const spoilt = type(2, new Uint8Array(5).fill(1))
  spoilt[8] = 0x41 // a byte of the body, not one of COBS's own
  bench.give(spoilt) // crc
  bench.give(type(63, new Uint8Array(3))) // unknown type
  bench.give(type(2, new Uint8Array(4))) // a heartbeat too short
  bench.give(type(2, Uint8Array.of(0, 0, 0, 0, 99))) // no such signal
  const after = bench.dropped()
  expect(after).toEqual({ ...before, length: 2, encoding: 1, crc: 1, unknownType: 1, malformed: 2 })
  expect(bench.released).toBe(false)
})

test('[F2] a session’s frame before there is a session has its own counter', () => {
  const bench = createBench()
  bench.give(sealFrame(helloKey(benchKey), 'pi', 1, heartbeat))
  bench.connect()
  expect(bench.dropped()).toMatchObject({ noSession: 1, tag: 0 })
})

test('[F3] after any garbage the next whole frame is taken', () => {
  const bench = readyBench()
  bench.give(Uint8Array.from({ length: 1_000 }, (_, i) => (i * 37) % 256))
  bench.give(Uint8Array.of(0, 0, 0))
  const { framesGood } = bench.status()
  bench.say({ type: 'showSignal', signal: 'thanks' })
  expect(bench.signal).toBe('thanks')
  expect(bench.status().framesGood).toBe(framesGood + 2)
})
