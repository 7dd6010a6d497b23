/**
 * Settings: what the one who runs a relay may say, by environment variables and on the command line; all faults at once.
 */
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { languages } from '../../src/core/product.ts'
import { err, ok, type Result } from '../../src/core/result.ts'
import { roles, type Role } from './store/keys.ts'

export const usage = `Usage: npm run relay                          starts the relay
       npm run relay -- key NAME --role ROLE   makes an API key (viewer, operator, owner) and shows it once
       npm run relay -- token SHOPPER          makes a token for a shopper, good for an hour

  DATABASE_URL   postgres://... ; without it, an embedded database in the data folder: a first look, not for money
  RELAY_DATA     the data folder, default data/relay
  RELAY_HOST     the address to listen at, default 127.0.0.1 (put a TLS proxy in front of any other)
  RELAY_PORT     default 8470; 0: any free one
  RELAY_PROXY    true: take the client's address from X-Forwarded-For
  RELAY_LOG      fatal, error, warn (default), info, debug

  RELAY_BROKER_URL          mqtts://... of a broker of your own: needed for more than one copy of the relay (see
                            sync/relay/broker/rights); without it the relay is its own broker, at its own address
  RELAY_BROKER_CA, RELAY_BROKER_CERT, RELAY_BROKER_KEY   files, where that broker wants TLS on both sides
  RELAY_BROKER_FOR_FRIDGES  its address for fridges, if it is another

  RELAY_STRIPE_KEY_FILE     the payment provider's secret key, in a file of mode 0600: shoppers may pay by phone
  RELAY_BANK_URL            http://127.0.0.1:... of a provider on this machine that speaks Stripe's wire API
  RELAY_JWT_SECRET_FILE     32 random bytes or more, in hex: signs and checks shoppers' tokens; default: made in the data folder
  RELAY_JWT_PUBLIC_KEY_FILE PEM of another issuer's key, whose tokens are taken instead; RELAY_JWT_ALGORITHM says of which
                            kind (EdDSA, ES256, RS256), RELAY_JWT_ISSUER and RELAY_JWT_AUDIENCE what they must name
  RELAY_MQTT_PORT           plain MQTT of the relay's own broker, on this machine only; default: none

  AMQP_URL                  amqp://user:password@... or amqps://... of a RabbitMQ that is told of what happens (sync/relay/events)
  AMQP_EXCHANGE             the topic exchange there, default visionvend.events
  AMQP_HISTORY              true: at the very first start with AMQP_URL, tell what happened before it too
  ALERT_WEBHOOK_URL         an address that is told of alerts (Standard Webhooks), with
  ALERT_WEBHOOK_SECRET_FILE the secret that signs it, whsec_ and 24 to 64 bytes in base64, in a file of mode 0600
  GOOGLE_SHEETS_ID          a spreadsheet of Google's, as its address names it: products in, sales and stock out
                            (sync/relay/sheets), with
  GOOGLE_CREDENTIALS_FILE   the key file (JSON, mode 0600) of a service account that it is shared with as an editor
  GOOGLE_SHEETS_ZONE        the time zone of its times, such as Europe/Berlin, default UTC
  GOOGLE_SHEETS_HISTORY     true: at the very first start with it, tell what was sold before too
  GOOGLE_BASE_URL           http://127.0.0.1:... of a stand-in on this machine that speaks Google's wire API, for tests

  RELAY_PICTURES_DAYS       how long pictures of visits in doubt are kept, default 30
  RELAY_PICTURES_DAYS_DECIDED  and how long once somebody has decided, default 7
  RELAY_PICTURES_MEGABYTES  of one fridge's, at most so much, default 64

  PUBLIC_URL                https://... at which phones reach this relay: stands in codes on fridges' screens and in mails
  RELAY_STRIPE_PUBLISHABLE_KEY  the payment provider's publishable key (pk_...): phones may save a card on the page
  SMTP_URL                  smtps://user:password@host:465 or smtp://...:587 of a mail server: shoppers sign in by it; without
                            it an embedded relay puts mails into mail/ of its data folder, and any other sends none
  MAIL_FROM                 with it: whom mails are from, such as: Shop <shop@example.org>
  PUSH_KEY_FILE             32 random bytes in hex, in a file of mode 0600: phones may be told of receipts; default: made in
                            the data folder of an embedded relay
  SHOP_TIME_ZONE            the time zone of receipts in mails and PDFs, such as Europe/Berlin; default: this machine's

  ALERT_MAIL_TO             addresses that are mailed of alerts, with commas between them, ten at most; goes with SMTP_URL
  ALERT_MAIL_LANGUAGE       en (default), es or de
`

function isZone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

const brokerUrl = z.string().regex(/^(mqtt|ws)s?:\/\//, 'begins with mqtt://, mqtts://, ws:// or wss://')

const schema = z.object({
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'begins with postgres://')
    .optional(),
  RELAY_DATA: z.string().min(1).default('data/relay'),
  RELAY_HOST: z.string().min(1).default('127.0.0.1'),
  RELAY_PORT: z.coerce.number().int().min(0).max(65_535).default(8470),
  RELAY_PROXY: z.enum(['true', 'false']).default('false'),
  RELAY_LOG: z.enum(['fatal', 'error', 'warn', 'info', 'debug']).default('warn'),
  RELAY_BROKER_URL: brokerUrl.optional(),
  RELAY_BROKER_CA: z.string().min(1).optional(),
  RELAY_BROKER_CERT: z.string().min(1).optional(),
  RELAY_BROKER_KEY: z.string().min(1).optional(),
  RELAY_BROKER_FOR_FRIDGES: brokerUrl.optional(),
  RELAY_STRIPE_KEY_FILE: z.string().min(1).optional(),
  RELAY_BANK_URL: z.url({ protocol: /^http$/, hostname: /^127\.0\.0\.1$/ }).optional(),
  RELAY_JWT_SECRET_FILE: z.string().min(1).optional(),
  RELAY_JWT_PUBLIC_KEY_FILE: z.string().min(1).optional(),
  RELAY_JWT_ALGORITHM: z.enum(['EdDSA', 'ES256', 'RS256']).default('EdDSA'),
  RELAY_JWT_ISSUER: z.string().min(1).optional(),
  RELAY_JWT_AUDIENCE: z.string().min(1).optional(),
  RELAY_MQTT_PORT: z.coerce.number().int().min(1).max(65_535).optional(),
  AMQP_URL: z.url({ protocol: /^amqps?$/, error: 'begins with amqp:// or amqps://' }).optional(),
  AMQP_EXCHANGE: z
    .string()
    .regex(/^[a-zA-Z0-9._-]{1,127}$/)
    .default('visionvend.events'),
  AMQP_HISTORY: z.enum(['true', 'false']).default('false'),
  ALERT_WEBHOOK_URL: z.url({ protocol: /^https?$/, error: 'begins with https:// or http://' }).optional(),
  ALERT_WEBHOOK_SECRET_FILE: z.string().min(1).optional(),
  GOOGLE_SHEETS_ID: z
    .string()
    .regex(/^[\w-]{10,100}$/, 'is the part of its address between /d/ and the next /')
    .optional(),
  GOOGLE_CREDENTIALS_FILE: z.string().min(1).optional(),
  GOOGLE_SHEETS_ZONE: z.string().min(1).default('UTC'),
  GOOGLE_SHEETS_HISTORY: z.enum(['true', 'false']).default('false'),
  GOOGLE_BASE_URL: z.url({ protocol: /^http$/, hostname: /^127\.0\.0\.1$/ }).optional(),
  RELAY_PICTURES_DAYS: z.coerce.number().min(0).max(365).default(30),
  RELAY_PICTURES_DAYS_DECIDED: z.coerce.number().min(0).max(365).default(7),
  RELAY_PICTURES_MEGABYTES: z.coerce.number().min(1).max(100_000).default(64),
  PUBLIC_URL: z
    .url({ protocol: /^https?$/, error: 'begins with https://' })
    .transform((text) => new URL(text).origin)
    .optional(),
  RELAY_STRIPE_PUBLISHABLE_KEY: z
    .string()
    .regex(/^pk_[A-Za-z0-9_]{8,200}$/, 'begins with pk_')
    .optional(),
  SMTP_URL: z.url({ protocol: /^smtps?$/, error: 'begins with smtps:// or smtp://' }).optional(),
  MAIL_FROM: z
    .string()
    .regex(
      /^(?:[^<>\r\n]+<[^<>@\s]+@[^<>@\s]+>|[^<>@\s]+@[^<>@\s]+)$/,
      'is an address, such as: Shop <shop@example.org>',
    )
    .optional(),
  PUSH_KEY_FILE: z.string().min(1).optional(),
  SHOP_TIME_ZONE: z.string().refine(isZone, 'is a time zone, such as Europe/Berlin').optional(),
  ALERT_MAIL_TO: z
    .string()
    .transform((text) => [
      ...new Set(
        text
          .split(',')
          .map((address) => address.trim())
          .filter((one) => one !== ''),
      ),
    ])
    .pipe(
      z
        .array(z.string().regex(/^[^<>@\s,;:"()\\]+@[\w.-]+$/, 'is addresses, such as ada@example.org'))
        .min(1)
        .max(10),
    )
    .optional(),
  ALERT_MAIL_LANGUAGE: z.enum(languages).default('en'),
})
/** Every variable, by its name. */
export const settingNames: readonly string[] = Object.keys(schema.shape)

/** What goes together. */
const checked = schema.refine(({ SMTP_URL, MAIL_FROM }) => SMTP_URL === undefined || MAIL_FROM !== undefined, {
  path: ['MAIL_FROM'],
  message: 'is needed with SMTP_URL',
})
export type Settings = z.infer<typeof schema>

export type Command =
  /** `attached`: ends when its parent's end of stdin does. */
  | { readonly do: 'start'; readonly settings: Settings; readonly attached: boolean }
  | { readonly do: 'key'; readonly settings: Settings; readonly name: string; readonly role: Role }
  | { readonly do: 'token'; readonly settings: Settings; readonly shopper: string }

export function readCommand(args: readonly string[], env: NodeJS.ProcessEnv): Result<Command, string> {
  // An empty variable is none: compositions can't leave one out.
  const read = checked.safeParse(Object.fromEntries(Object.entries(env).filter(([, value]) => value !== '')))
  if (!read.success)
    return err(read.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('\n') + '\n')
  const settings = read.data
  let given: { positionals: string[]; values: { role?: string; help?: boolean; attached?: boolean } }
  try {
    given = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { role: { type: 'string' }, help: { type: 'boolean' }, attached: { type: 'boolean' } },
    })
  } catch (error) {
    return err(`${error instanceof Error ? error.message : String(error)}\n${usage}`)
  }
  const [verb, name, ...rest] = given.positionals
  if (given.values.help === true || rest.length > 0) return err(usage)
  const { attached = false } = given.values
  if (verb === undefined) return given.values.role === undefined ? ok({ do: 'start', settings, attached }) : err(usage)
  if (verb === 'token' && name !== undefined && given.values.role === undefined)
    return ok({ do: 'token', settings, shopper: name })
  const role = roles.find((one) => one === given.values.role)
  if (verb !== 'key' || name === undefined || role === undefined) return err(usage)
  return ok({ do: 'key', settings, name, role })
}
