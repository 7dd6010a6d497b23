/** What is committed is what the sources make: the generated messages, the WebAssembly, and the C under its vectors. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { generateAll } from '../../../scripts/firmware-protocol.ts'
import { parseProtocol } from '../../../scripts/firmware-protocol-definition.ts'
import { readVectors } from '../device/vectors.ts'
import { build, lacks } from './toolchain.ts'

const folder = mkdtempSync(join(tmpdir(), 'firmware-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('[F5] the generated files are what the generator makes of messages.json', async () => {
  for (const [path, text] of await generateAll())
    expect(readFileSync(path, 'utf8') === text, `${path} is stale: run npm run firmware`).toBe(true)
})

test('[F5] a definition with faults is refused with all of them', () => {
  const message = { name: 'Hello', type: 70, from: 'pi', doc: '', fields: [{ name: 'x', type: 'u9' }, { name: 'x', type: 'bytes99' }, { name: 'y', type: 'bytes50' }] }
  const text = JSON.stringify({ protocolVersion: 1, maxBody: 128, constants: {}, enums: { Empty: { doc: '', values: [] } }, flags: {}, messages: [message, message] })
  expect(() => parseProtocol(text)).toThrow(
    /enum Empty: 0 values[^]*Hello: a name is camelCase[^]*type 70 is not one of the pi's[^]*u9 is no type[^]*field x: defined twice[^]*149 bytes[^]*Hello: defined twice/,
  )
})

test('[F5] the committed WebAssembly has the committed sum, is small, and imports nothing but its hal', () => {
  const wasm = readFileSync('firmware/wasm/controller.wasm')
  const [sum] = readFileSync('firmware/wasm/controller.wasm.sha256', 'utf8').split(' ')
  expect(createHash('sha256').update(wasm).digest('hex')).toBe(sum)
  expect(wasm.length).toBeLessThan(64 * 1024)
})

test.skipIf(lacks('clang-14', 'wasm-ld-14'))('[F5] clang makes the committed WebAssembly, byte for byte', () => {
  const out = join(folder, 'controller.wasm')
  build('wasm', out)
  expect(readFileSync(out).equals(readFileSync('firmware/wasm/controller.wasm'))).toBe(true)
}, 120_000)

test.skipIf(lacks('gcc', 'clang-14'))('the core compiles without a warning under gcc and clang', () => {
  build('check')
}, 120_000)

describe.skipIf(lacks('cc'))('[F5] the vectors in C', () => {
  test('[F1] [F4] [F6] [F7] every line of every file passes, and the fields are those of messages.json', () => {
    // Under the sanitizers: a read past a body's end is a failure too, not only a wrong answer.
    build('host', folder, 'vectors', { CFLAGS: '-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all' })
    const { stdout, status } = spawnSync(join(folder, 'vectors'), ['test/vectors/link'], { encoding: 'utf8' })
    const lines = stdout.split('\n')
    expect(lines.filter((line) => line.startsWith('fail'))).toEqual([])
    expect(status).toBe(0)
    const files = ['crc32', 'cobs', 'bad-cobs', 'sha256', 'hmac', 'frames', 'bad-frames', 'sessions', 'messages', 'bad-messages']
    const counts = files.map((name) => lines.filter((line) => line.startsWith(`pass ${name}.txt `)).length)
    const twice = new Set(['cobs', 'frames']) // encoded and decoded
    expect(counts).toEqual(files.map((name) => readVectors(name).length * (twice.has(name) ? 2 : 1)))

    const printed: unknown[] = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as unknown)
    const expected = JSON.parse(readFileSync('test/vectors/link/messages.json', 'utf8')) as Record<string, unknown>
    expect(printed).toEqual(Object.values(expected))
  }, 120_000)
})
