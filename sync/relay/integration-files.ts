/** Integration files: what the settings say of places outside, with their secrets read from files (law P1). */
import type { IntegrationSettings } from './integrations.ts'
import type { Settings } from './settings.ts'

/** Throws where a file is missing, is not what it should be, or may be read by others. */
export function integrationsOf(settings: Settings): IntegrationSettings {
  const { AMQP_URL: url, AMQP_EXCHANGE: exchange, AMQP_HISTORY: history } = settings
  return { rabbitmq: url === undefined ? undefined : { url, exchange, history: history === 'true' } }
}
