/**
 * Options of `npm start`. What belongs to the runtime is passed on as it stands; anything unknown is named and refused
 * before something is started.
 */
import { Plain } from '../setup/say.mjs'

/** @typedef {'electron' | 'chromium' | 'none'} WindowKind */

/**
 * @typedef {object} StartOptions
 * @property {boolean} help
 * @property {boolean} headless no window; stdout carries one line of JSON
 * @property {boolean} kiosk the kiosk full screen, as on a fridge, in place of the virtual fridge's page
 * @property {WindowKind | null} window null: whatever is there
 * @property {string[]} runtimeArgs
 */

const flags = /** @type {const} */ (['--help', '--headless', '--kiosk'])
const runtimeFlags = ['--no-relay', '--no-cameras']
const runtimeValues = ['--port', '--data', '--products', '--controller', '--reader', '--bank', '--relay', '--cameras']
const values = ['--window', ...runtimeValues]
const windows = /** @type {const} */ (['electron', 'chromium', 'none'])

export const usage = `npm start -- [OPTIONS]

Opens the virtual fridge, with the kiosk on it, in a window. Installs and builds first what is missing.

  --kiosk            the kiosk alone, full screen, as on a fridge
  --window KIND      electron, chromium or none; without it the first of them that works
  --headless         no window; prints one line of JSON with the addresses when ready
  --port PORT        where the screens are served, on 127.0.0.1 only (default: any free port)
  --data DIR         where the ledger and the settings are kept (default: data)
  --products DIR     a shop of your own: catalogue.json and a picture for each product
  --controller DEV   a real controller on this serial port, in place of the virtual fridge
  --reader unix:PATH a card reader that speaks lines of JSON on this socket
  --bank URL         a payment provider on this machine that speaks Stripe's wire API
  --relay URL        the owner's relay; without it the virtual fridge starts one of its own beside it
  --no-relay         no relay beside the virtual fridge
  --cameras FILE     JSON with cameras, gallery and evidence as in config.json, in place of those there
  --no-cameras       nobody looks: the scales alone decide
  --help             this
`

/**
 * @param {readonly string[]} args
 * @returns {StartOptions}
 */
export function readOptions(args) {
  /** @type {StartOptions} */
  const options = { help: false, headless: false, kiosk: false, window: null, runtimeArgs: [] }
  for (let index = 0; index < args.length; index += 1) {
    const [name = '', inline] = splitOnce(args[index] ?? '')
    if ([...flags, ...runtimeFlags].some((flag) => flag === name)) {
      if (inline !== undefined) throw new Plain(`${name} takes no value, but "${inline}" was given`)
      if (runtimeFlags.includes(name)) options.runtimeArgs.push(name)
      if (name === '--help') options.help = true
      if (name === '--headless') options.headless = true
      if (name === '--kiosk') options.kiosk = true
      continue
    }
    if (!values.includes(name)) throw unknown(name)
    const value = inline ?? args[(index += 1)]
    if (value === undefined || value === '' || (inline === undefined && value.startsWith('--'))) {
      throw new Plain(`${name} wants a value; see npm start -- --help`)
    }
    if (name === '--window') options.window = windowKind(value)
    else options.runtimeArgs.push(name, value)
  }
  if (options.headless && (options.kiosk || options.window !== null)) {
    throw new Plain('--headless opens no window: leave out --kiosk and --window')
  }
  return options
}

/**
 * `--port=1` is `--port 1`.
 * @param {string} arg
 */
function splitOnce(arg) {
  const at = arg.indexOf('=')
  return at === -1 ? [arg] : [arg.slice(0, at), arg.slice(at + 1)]
}

/** @param {string} value */
function windowKind(value) {
  const kind = windows.find((known) => known === value)
  if (kind === undefined) throw new Plain(`--window is ${windows.join(', ')}; "${value}" is none of them`)
  return kind
}

/** @param {string} name */
function unknown(name) {
  const known = [...flags, ...runtimeFlags, ...values]
  const near =
    name.length < 4
      ? undefined
      : (known.find((other) => other.startsWith(name)) ?? known.find((other) => distance(other, name) <= 2))
  const hint = near === undefined ? `known are ${known.join(' ')}` : `did you mean ${near}?`
  return new Plain(`npm start knows no ${name}: ${hint}`)
}

/**
 * Levenshtein's distance.
 * @param {string} a
 * @param {string} b
 */
function distance(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [i, letter] of Array.from(a).entries()) {
    const next = [i + 1]
    for (const [j, other] of Array.from(b).entries()) {
      next.push(Math.min((row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1, (row[j] ?? 0) + (letter === other ? 0 : 1)))
    }
    row = next
  }
  return row[b.length] ?? 0
}
