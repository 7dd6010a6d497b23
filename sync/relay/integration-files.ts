/** Integration files: what the settings say of places outside, with their secrets read from files (law P1). */
import type { IntegrationSettings } from './integrations.ts'
import type { Settings } from './settings.ts'
import { secretIn } from './shop-files.ts'

/** Throws where a file is missing, is not what it should be, or may be read by others. */
export function integrationsOf(settings: Settings): IntegrationSettings {
  const { AMQP_URL: url, AMQP_EXCHANGE: exchange, AMQP_HISTORY: history } = settings
  return {
    rabbitmq: url === undefined ? undefined : { url, exchange, history: history === 'true' },
    webhook: webhookOf(settings),
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
