/**
 * External: a broker by URL (mosquitto, EMQX, RabbitMQ with its MQTT plug-in), spoken to as one client among many.
 * Holds always: it is asked for MQTT 5 first and for 3.1.1 where it refuses that; where it knows shared subscriptions, the
 * copies of the relay share the fridges' messages, and where it does not, each copy hears all, which the tables stand.
 * A broker that goes away is sought again for ever.
 */
import { connect, type IClientOptions, type IConnackPacket, type MqttClient } from 'mqtt'
import { randomBytes } from 'node:crypto'
import { allUp } from '../../protocol/mqtt.ts'
import type { Broker, BrokerListener } from './broker.ts'

export interface ExternalSettings {
  /** mqtt://, mqtts://, ws:// or wss://, with a user and a password where the broker wants them. */
  readonly url: string
  readonly tls?: { readonly ca?: Buffer; readonly cert?: Buffer; readonly key?: Buffer }
  /** Copies of one relay share under one name. */
  readonly group?: string
}

const retryMs = 2_000

export interface ExternalBroker extends Broker {
  /** Whether the copies share: as the broker said when it was last connected to. */
  sharing(): boolean
}

export function createExternalBroker(settings: ExternalSettings, listener: BrokerListener): ExternalBroker {
  const group = settings.group ?? 'relay'
  let version: 4 | 5 = 5
  let up = false
  let sharing = false
  let closed = false
  let client = join()

  function join(): MqttClient {
    const options: IClientOptions = {
      ...settings.tls,
      clientId: `relay-${randomBytes(6).toString('hex')}`,
      protocolVersion: version,
      clean: true,
      keepalive: 30,
      reconnectPeriod: 0,
      connectTimeout: 10_000,
      queueQoSZero: false,
    }
    const made = connect(settings.url, options)
    let over = false
    let letIn = false
    made.on('connect', (packet) => {
      letIn = true
      subscribe(made, packet)
    })
    made.on('message', (topic, payload) => listener.message(topic, payload))
    made.on('error', () => again())
    made.on('close', () => again())
    const again = (): void => {
      if (over) return
      over = true
      // An older broker says so in as many ways as there are, or only hangs up.
      if (!letIn) version = version === 5 ? 4 : 5
      up = false
      made.end(true)
      if (closed) return
      setTimeout(() => {
        if (!closed) client = join()
      }, retryMs).unref()
    }
    return made
  }

  function subscribe(made: MqttClient, packet: IConnackPacket): void {
    sharing = version === 5 && packet.properties?.sharedSubscriptionAvailable !== false
    const shared = (topic: string): string => (sharing ? `$share/${group}/${topic}` : topic)
    // What is retained comes to plain subscriptions only, and each copy may hear it.
    const topics = [allUp('online'), shared(allUp('state')), shared(allUp('outcome'))]
    made.subscribe(topics, { qos: 1 }, (error) => {
      if (error != null) return void made.end(true)
      up = true
      listener.up()
    })
  }

  return {
    kind: 'external',
    sharing: () => sharing,
    publish: (topic, bytes) =>
      new Promise((resolve) => {
        if (!up) return resolve(false)
        const timer = setTimeout(() => resolve(false), 5_000)
        client.publish(topic, Buffer.from(bytes), { qos: 1 }, (error) => {
          clearTimeout(timer)
          resolve(error == null)
        })
      }),
    isUp: () => up,
    async close() {
      closed = true
      up = false
      await client.endAsync(true)
    },
  }
}
