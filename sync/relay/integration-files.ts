/** Integration files: what the settings say of places outside, with their secrets read from files (law P1). */
import type { IntegrationSettings } from './integrations.ts'
import type { Settings } from './settings.ts'
import { zoneNamed } from './exports/zone.ts'
import { credentialsSchema } from './sheets/google.ts'
import { secretIn } from './shop-files.ts'

/** Throws where a file is missing, is not what it should be, or may be read by others. */
export function integrationsOf(settings: Settings): IntegrationSettings {
  const { AMQP_URL: url, AMQP_EXCHANGE: exchange, AMQP_HISTORY: history } = settings
  return {
    rabbitmq: url === undefined ? undefined : { url, exchange, history: history === 'true' },
    webhook: webhookOf(settings),
    sheets: sheetsOf(settings),
    alertMail: alertMailOf(settings),
  }
}

function webhookOf({ ALERT_WEBHOOK_URL: url, ALERT_WEBHOOK_SECRET_FILE: file }: Settings) {
  if (url === undefined) return undefined
  if (file === undefined) throw new Error('ALERT_WEBHOOK_URL: goes with ALERT_WEBHOOK_SECRET_FILE')
  const [, base64] = /^whsec_([A-Za-z0-9+/]{32,88}={0,2})$/.exec(secretIn(file)) ?? []
  const secret = Buffer.from(base64 ?? '', 'base64')
  if (secret.length < 24 || secret.length > 64) throw new Error(`${file} is not whsec_ and 24 to 64 bytes in base64`)
  return { url, secret }
}

function alertMailOf({ ALERT_MAIL_TO: to, ALERT_MAIL_LANGUAGE: language, SMTP_URL, DATABASE_URL }: Settings) {
  if (to === undefined) return undefined
  // An embedded relay without a mail server puts mails into a folder.
  if (SMTP_URL === undefined && DATABASE_URL !== undefined) throw new Error('ALERT_MAIL_TO: goes with SMTP_URL')
  return { to, language }
}

function sheetsOf(settings: Settings): IntegrationSettings['sheets'] {
  const { GOOGLE_SHEETS_ID: id, GOOGLE_CREDENTIALS_FILE: file, GOOGLE_SHEETS_ZONE, GOOGLE_SHEETS_HISTORY } = settings
  if (id === undefined) return undefined
  if (file === undefined) throw new Error('GOOGLE_SHEETS_ID: goes with GOOGLE_CREDENTIALS_FILE')
  const zone = zoneNamed(GOOGLE_SHEETS_ZONE)
  if (zone === null) throw new Error(`GOOGLE_SHEETS_ZONE: there is no time zone ${GOOGLE_SHEETS_ZONE}`)
  const credentials = credentialsSchema.safeParse(jsonIn(file))
  // Its words would show the key.
  if (!credentials.success) throw new Error(`${file} is no key file of a Google service account`)
  const history = GOOGLE_SHEETS_HISTORY === 'true'
  return { id, credentials: credentials.data, base: settings.GOOGLE_BASE_URL?.replace(/\/$/, ''), zone, history }
}

function jsonIn(file: string): unknown {
  const text = secretIn(file)
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
