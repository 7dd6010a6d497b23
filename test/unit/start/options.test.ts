import { expect, test } from 'vitest'
import { readOptions } from '../../../scripts/start/options.mjs'

const usual = { help: false, headless: false, kiosk: false, window: null, runtimeArgs: [] }

test('what belongs to the runtime is passed on, in either way of writing', () => {
  expect(readOptions(['--kiosk', '--port', '8080', '--data=d', '--window', 'chromium'])).toEqual({
    ...usual,
    kiosk: true,
    window: 'chromium',
    runtimeArgs: ['--port', '8080', '--data', 'd'],
  })
})

test('the virtual fridge`s own relay can be left out, or another one named', () => {
  expect(readOptions(['--no-relay', '--no-cameras']).runtimeArgs).toEqual(['--no-relay', '--no-cameras'])
  expect(readOptions(['--relay=https://relay.example']).runtimeArgs).toEqual(['--relay', 'https://relay.example'])
  expect(() => readOptions(['--no-relay=yes'])).toThrow('--no-relay takes no value')
})

test.each([
  [['--prot', '1'], 'npm start knows no --prot: did you mean --port?'],
  [['--head'], 'npm start knows no --head: did you mean --headless?'],
  [['--verbose'], 'npm start knows no --verbose: known are --help'],
  [['fridge'], 'npm start knows no fridge'],
  [['--data'], '--data wants a value'],
  [['--data', '--kiosk'], '--data wants a value'],
  [['--data='], '--data wants a value'],
  [['--kiosk=yes'], '--kiosk takes no value, but "yes" was given'],
  [['--window', 'firefox'], '--window is electron, chromium, none; "firefox" is none of them'],
  [['--headless', '--kiosk'], '--headless opens no window'],
])('%j is refused before anything is started', (args, why) => {
  expect(() => readOptions(args)).toThrow(why)
})
