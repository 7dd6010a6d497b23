/**
 * What the firmware's WebAssembly costs a host: `node scripts/firmware-bench.ts [--json]`. Printed, never asserted.
 * A tick takes four scale samples; "talking" has a Pi on the line with the door open, so ten weights a second are sealed.
 */
import { parseArgs } from 'node:util'
import { decodeFrame } from '../src/device/frame.ts'
import { decodeControllerMessage, encodePiMessage, linkConstants } from '../src/device/messages.gen.ts'
import { createSession, helloKey, sealFrame, sessionKey, type Session } from '../src/device/session.ts'
import { createWasmController, loadFirmware, nvsLength } from '../src/virtual/controller.ts'

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } })
const ticks = 400_000
const tickMs = 1_000 / linkConstants.scaleRateHz
const linkKey = Uint8Array.from({ length: 32 }, (_, i) => i + 1)
const noise = Int32Array.from({ length: 4_096 }, (_, i) => 200_000 + ((i * 7_919) % 151) - 75)
const file = new URL('../firmware/wasm/controller.wasm', import.meta.url).pathname

/** Runs the controller for `ticks` and gives microseconds a tick, the best of five. */
function measure(talking: boolean): number {
  let frames: Uint8Array[] = []
  let noiseAt = 0
  const controller = createWasmController(loadFirmware(file), {
    doorOpen: () => talking,
    readScales(codes) {
      for (let channel = 0; channel < 4; channel++) codes[channel] = noise[noiseAt++ & 4_095] ?? 0
      return 0b1111
    },
    temperatureSixteenths: () => 64,
    supplyMillivolts: () => 12_000,
    lockDrive: () => {},
    showSignal: () => {},
    transmit: (bytes) => void frames.push(bytes),
    random: (count) => new Uint8Array(count).fill(7),
    nvs: new Uint8Array(nvsLength),
    linkKey,
  })
  const session = talking ? greet() : null

  function greet(): Session {
    const piNonce = new Uint8Array(16).fill(1)
    controller.receive(sealFrame(helloKey(linkKey), 'pi', 0, encodePiMessage({ type: 'hello', piNonce })))
    const frame = decodeFrame((frames[0] ?? new Uint8Array()).subarray(0, -1))
    const ack = frame.ok ? decodeControllerMessage(frame.value.typeCode, frame.value.body) : null
    if (ack === null || !ack.ok || ack.value.type !== 'helloAck') throw new Error('the controller does not answer')
    return createSession({ key: sessionKey(linkKey, piNonce, ack.value.controllerNonce), own: 'pi' })
  }

  let nowMs = 0
  let best = Infinity
  for (let round = 0; round < 5; round++) {
    const started = process.cpuUsage() // not the clock: a machine with other work must not spoil the figure
    for (let i = 0; i < ticks / 5; i++) {
      nowMs += tickMs
      controller.tick(nowMs)
      if (session === null || i % 40 !== 0) continue
      controller.receive(
        session.seal(encodePiMessage({ type: 'heartbeat', stamp: 0, signal: 'idle' })) ?? new Uint8Array(),
      )
      frames = []
    }
    const { user, system } = process.cpuUsage(started)
    best = Math.min(best, (user + system) / (ticks / 5))
  }
  return Number(best.toFixed(3))
}

const figures = { silentTickUs: measure(false), talkingTickUs: measure(true) }
if (values.json) console.log(JSON.stringify(figures))
else
  console.log(
    `silent  ${figures.silentTickUs} µs a tick\ntalking ${figures.talkingTickUs} µs a tick, heartbeats, weights and events included`,
  )
