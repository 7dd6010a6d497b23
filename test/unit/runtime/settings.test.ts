import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { version } from '../../../src/core/version.ts'
import { readStart } from '../../../src/runtime/settings.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'settings-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))
const config = (text: string): void => writeFileSync(join(dir, 'config.json'), text)
const fault = (...args: string[]): string => {
  const start = readStart(['--data', dir, ...args])
  return start.ok ? 'no fault' : start.error
}

test('no file and no words: a fridge with sane settings', () => {
  const start = readStart(['--data', dir])
  expect(start).toMatchObject({ ok: true, value: { dir, settings: { holdMinor: 1500, warmCelsius: 5, port: 0 } } })
})

test('the command line wins over the file', () => {
  config('{"port": 4000, "holdMinor": 500}')
  expect(readStart(['--data', dir, '--port', '4001'])).toMatchObject({
    ok: true,
    value: { settings: { port: 4001, holdMinor: 500 } },
  })
})

test('every fault is named at once, with its place', () => {
  config('{"holdMinor": 1.5, "warmCelsius": 99, "fridge": {"id": "Not Good"}, "colour": "blue"}')
  const said = fault('--port', '70000')
  for (const part of ['5 fault', 'holdMinor', 'warmCelsius', 'fridge.id', 'port', 'colour'])
    expect(said).toContain(part)
})

test('a file that is not JSON, or not an object, is named', () => {
  config('{"holdMinor": ')
  expect(fault()).toContain('config.json is not JSON')
  config('[]')
  expect(fault()).toContain('config.json is not an object')
})

test('an unknown word on the command line is refused with the usage', () => {
  expect(fault('--prot', '1')).toMatch(/--prot[\s\S]*Usage/)
})

test('a bank elsewhere than on this machine can`t be named by address: the real one needs none', () => {
  expect(fault('--bank', 'http://bank.example:80')).toContain('bank.url')
})

test('the program says the version that its package has', () => {
  expect(version).toBe((JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }).version)
})

test('a relay is named by https, or is on this machine; the virtual fridge has its own unless told otherwise', () => {
  const read = (...args: string[]) => readStart(['--data', dir, ...args])
  expect(fault('--relay', 'http://relay.example')).toContain('relay.url: is https')
  expect(fault('--relay', 'relay')).toContain('relay.url')
  expect(read('--relay', 'https://Relay.example/')).toMatchObject({
    ok: true,
    value: { localRelay: false, settings: { relay: { url: 'https://relay.example' } } },
  })
  expect(read()).toMatchObject({ ok: true, value: { localRelay: true } })
  expect(read('--no-relay')).toMatchObject({ ok: true, value: { localRelay: false } })
})

test('[VIS40] cameras are read from the file or from one of their own, checked, and can be left out', () => {
  const cameras = [{ id: 'left', source: 'v4l2:/dev/video0', shelves: [{ shelf: 1, polygon: [[0, 0], [1, 0], [1, 1]] }] }] // prettier-ignore
  config(JSON.stringify({ cameras, evidence: { days: 2 } }))
  expect(readStart(['--data', dir])).toMatchObject({
    ok: true,
    value: { virtualCameras: true, settings: { cameras: [{ id: 'left', width: 1280 }], evidence: { days: 2 } } },
  })
  const none = readStart(['--data', dir, '--no-cameras'])
  expect(none).toMatchObject({ ok: true, value: { virtualCameras: false, settings: { cameras: [] } } })
  writeFileSync(join(dir, 'other.json'), JSON.stringify({ cameras: [{ id: 'Left', source: 'video0' }] }))
  const said = fault('--cameras', join(dir, 'other.json'))
  for (const part of ['2 fault', 'cameras.0.id', 'cameras.0.source', 'v4l2:']) expect(said).toContain(part)
  expect(fault('--cameras', join(dir, 'missing.json'))).toContain("can't be read")
})
