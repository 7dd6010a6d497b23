/**
 * MQTT client: commands.ts's way to a broker, by mqtt.js over TCP, TLS or WebSocket.
 * Holds always: it keeps nothing for later (the ledger and the relay's table are the queues) and never connects again by
 * itself: commands.ts decides when. Its time-outs are the library's own.
 */
import { connect, type IClientOptions } from 'mqtt'
import type { Connect } from './commands.ts'

export interface ClientTls {
  readonly ca?: string | Buffer
  readonly cert?: string | Buffer
  readonly key?: string | Buffer
}

const keepaliveS = 60

export const overMqtt =
  (tls: ClientTls = {}, more: IClientOptions = {}): Connect =>
  ({ url, username, password, will }, on) => {
    let ended = false
    let why = 'lost'
    const client = connect(url, {
      ...tls,
      clientId: username,
      username,
      password,
      protocolVersion: 4,
      clean: true,
      keepalive: keepaliveS,
      connectTimeout: 15_000,
      reconnectPeriod: 0,
      queueQoSZero: false,
      will: { topic: will.topic, payload: Buffer.from(will.bytes), qos: 1, retain: true },
      ...more,
    })
    const over = (): void => {
      if (ended) return
      ended = true
      client.end(true)
      on.closed(why)
    }
    client.on('connect', () => on.connected())
    client.on('message', (topic, payload) => on.message(topic, payload))
    client.on('error', (error) => {
      why = error.message
      over()
    })
    client.on('close', over)
    return {
      subscribe(topic) {
        if (!ended) client.subscribe(topic, { qos: 1 }, () => {})
      },
      publish(topic, bytes, { sure, retain }) {
        if (!ended) client.publish(topic, Buffer.from(bytes), { qos: sure ? 1 : 0, retain }, () => {})
      },
      end() {
        ended = true
        // What was said last is sent before the end; a far side that does not answer is not waited for.
        client.end(false)
        setTimeout(() => client.end(true), 1_000).unref()
      },
    }
  }
