/**
 * Settings: what an owner may say of one fridge, on the command line and in `config.json` of its data folder, checked whole
 * at the start with all faults listed at once. The command line wins.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { err, ok, type Result } from '../core/result.ts'
import { brokerFaults, brokerSchema } from './broker-settings.ts'
import { cameraSettings } from './camera-settings.ts'

const port = z.coerce.number().int().min(0).max(65_535)

/** A relay's address: what is signed is no secret, but the books of a shop are. */
export const relayUrl = z
  .url({ protocol: /^https?$/, error: 'is an address such as https://relay.example' })
  .transform((text) => new URL(text))
  .refine(
    ({ protocol, hostname }) => protocol === 'https:' || ['127.0.0.1', '[::1]', 'localhost'].includes(hostname),
    'is https, unless the relay is on this machine',
  )
  .transform(({ origin }) => origin)

export const settingsSchema = z.strictObject({
  fridge: z
    .strictObject({
      id: z
        .string()
        .regex(/^[a-z0-9-]{1,40}$/, 'lower-case letters, digits and dashes, at most 40')
        .default('fridge-1'),
      name: z.string().min(1).max(60).default('VisionVend'),
      /** Whom to call when it is out of service: a number or an address, for it is not translated. Empty: nobody is named. */
      contact: z.string().max(120).default(''),
    })
    .prefault({}),
  /** What a card is asked to reserve, in minor units. */
  holdMinor: z.int().min(100).max(20_000).default(1_500),
  /** Air above this for half an hour stops sales (law D5). */
  warmCelsius: z.number().min(-30).max(12).default(5),
  /** The controller's serial device, or `unix:PATH` of a socket. None: the virtual fridge. */
  controller: z.string().min(1).optional(),
  /** `unix:PATH` of a card reader that speaks lines. */
  reader: z.string().startsWith('unix:').optional(),
  bank: z
    .strictObject({
      /** Of a provider on this machine that speaks Stripe's wire API; none: Stripe itself. */
      url: z.url({ protocol: /^http$/, hostname: /^127\.0\.0\.1$/ }).optional(),
    })
    .prefault({}),
  relay: z
    .strictObject({
      /** Of the owner's relay, without a path; an operator then types a code only. Plain HTTP on this machine alone. */
      url: relayUrl.optional(),
      /** How the fridge shows itself to a broker of the owner's. */
      broker: brokerSchema.prefault({}),
    })
    .prefault({}),
  ledger: z
    .strictObject({
      /** Rows that the relay has stay at the fridge for so long; the relay's backups have to reach further back. */
      days: z.int().min(30).max(3_650).default(90),
    })
    .prefault({}),
  /** Folder of the assortment: catalogue.json and its pictures. */
  products: z.string().min(1).optional(),
  ...cameraSettings,
  /** 0: any free one. */
  port: port.default(0),
})
export type Settings = z.infer<typeof settingsSchema>

export interface Start {
  readonly dir: string
  readonly settings: Settings
  /** The virtual fridge starts a relay of its own beside it, unless another is named. */
  readonly localRelay: boolean
  /** The virtual fridge has cameras. */
  readonly virtualCameras: boolean
  /** Ends when its parent's end of stdin does. */
  readonly attached: boolean
}

/** Alone on the command line: this process is the vision worker of another. */
export const visionWorkerFlag = '--vision-worker'

export const usage = `Usage: npm start -- [options]

  --headless          no window; one line of JSON when ready
  --port PORT         of the virtual fridge (or, with --controller, of the kiosk); default: any free one
  --data DIR          the fridge's data folder; default: data
  --products DIR      an assortment of your own: catalogue.json and one picture a product
  --controller DEV    a real controller on this serial device; without it, the virtual fridge
  --reader unix:PATH  a card reader that speaks lines of JSON on this socket
  --bank URL          a payment provider on this machine that speaks Stripe's wire API
  --relay URL         the owner's relay; without it, the virtual fridge starts one of its own
  --no-relay          no relay beside the virtual fridge
  --cameras FILE      JSON with cameras, gallery and evidence as in config.json, in place of those there
  --no-cameras        nobody looks: the scales alone decide
`

/** Reads the command line and the data folder's config.json. The error lists every fault, a line each. */
export function readStart(args: readonly string[]): Result<Start, string> {
  let given: Record<string, string | boolean | undefined>
  try {
    given = parseArgs({
      args: [...args],
      options: {
        headless: { type: 'boolean' },
        attached: { type: 'boolean' },
        help: { type: 'boolean' },
        port: { type: 'string' },
        data: { type: 'string' },
        products: { type: 'string' },
        controller: { type: 'string' },
        reader: { type: 'string' },
        bank: { type: 'string' },
        relay: { type: 'string' },
        'no-relay': { type: 'boolean' },
        cameras: { type: 'string' },
        'no-cameras': { type: 'boolean' },
      },
    }).values
  } catch (error) {
    return err(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`)
  }
  if (given['help'] === true) return err(usage)
  const dir = resolve(typeof given['data'] === 'string' ? given['data'] : 'data')
  const file = join(dir, 'config.json')
  const written = existsSync(file) ? readObject(file) : ok({})
  if (!written.ok) return written
  const noCameras = given['no-cameras'] === true
  const looking = typeof given['cameras'] === 'string' ? readObject(resolve(given['cameras'])) : ok({})
  if (!looking.ok) return looking
  const said = Object.fromEntries(
    (['port', 'products', 'controller', 'reader'] as const).flatMap((name) =>
      given[name] === undefined ? [] : [[name, given[name]]],
    ),
  )
  const urls = (['bank', 'relay'] as const).flatMap((name) =>
    given[name] === undefined ? [] : [[name, { ...objectOf(written.value, name), url: given[name] }] as const],
  )
  const eyes = { ...looking.value, ...(noCameras ? { cameras: [] } : {}) }
  const merged = { ...written.value, ...eyes, ...said, ...Object.fromEntries(urls) }
  const parsed = settingsSchema.safeParse(merged)
  const faults = [
    ...(parsed.error?.issues ?? []).map((issue) => `${issue.path.join('.') || '(top)'}: ${issue.message}`),
    ...brokerFilesOf(dir, merged),
  ].map((fault) => `  ${fault}`)
  if (!parsed.success || faults.length > 0)
    return err(`The settings have ${faults.length} fault(s) (command line and ${file}):\n${faults.join('\n')}`)
  const localRelay = parsed.data.relay.url === undefined && given['no-relay'] !== true
  const attached = given['attached'] === true
  return ok({ dir, settings: parsed.data, localRelay, virtualCameras: !noCameras, attached })
}

function readObject(file: string): Result<object, string> {
  let value: unknown
  try {
    value = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return err(error instanceof SyntaxError ? `${file} is not JSON: ${why}` : `${file} can't be read: ${why}`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return err(`${file} is not an object`)
  return ok(value)
}

/** Looked at even where other settings are at fault: all is told at once. */
function brokerFilesOf(dir: string, settings: object): string[] {
  const broker = brokerSchema.safeParse(objectOf(objectOf(settings, 'relay'), 'broker'))
  const id = settingsSchema.shape.fridge.safeParse(objectOf(settings, 'fridge'))
  return broker.success && id.success ? brokerFaults(dir, id.data.id, broker.data, Date.now()) : []
}

function objectOf(settings: object, name: string): object {
  const found: unknown = Object.entries(settings).find(([key]) => key === name)?.[1]
  return typeof found === 'object' && found !== null ? found : {}
}
