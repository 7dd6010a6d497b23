/**
 * RabbitMQ: a topic exchange that is durable, with confirmed, persistent messages.
 * Holds always: `publish` resolves only after the broker has confirmed each message, in order on one channel; whatever goes
 * wrong ends the connection, so that the next attempt begins anew and what was sent before is a beginning of what was to be.
 */
import { connect, type ChannelModel, type ConfirmChannel } from 'amqplib'
import { routingKey, type DomainEvent, type DomainType } from './domain.ts'

export interface Message {
  readonly fridge: string
  readonly type: DomainType
  readonly event: DomainEvent
}

export interface Exchange {
  publish(messages: readonly Message[]): Promise<void>
  isUp(): boolean
  close(): Promise<void>
}

const connectWithinMs = 10_000
/** A broker that is out of memory or disk lets its publishers wait; longer than this nobody does here. */
const confirmWithinMs = 20_000
const heartbeatSeconds = 10

interface Line {
  readonly model: ChannelModel
  readonly channel: ConfirmChannel
  /** Rejects when the connection or its channel ends. */
  readonly broken: Promise<never>
}

/** `url`: `amqp://` or `amqps://`, with user and password. Connects when there is something to say. */
export function createExchange({ url, exchange }: { readonly url: string; readonly exchange: string }): Exchange {
  let line: Line | null = null

  async function opened(): Promise<Line> {
    if (line !== null) return line
    const at = new URL(url)
    at.searchParams.set('heartbeat', String(heartbeatSeconds))
    const model = await connect(at.href, { timeout: connectWithinMs, servername: at.hostname })
    const broken = new Promise<never>((_resolve, reject) => {
      model.on('error', reject)
      model.on('close', () => {
        if (line?.model === model) line = null
        reject(new Error('the connection to RabbitMQ ended'))
      })
    })
    broken.catch(() => {})
    try {
      const channel = await Promise.race([model.createConfirmChannel(), broken])
      const lost = new Promise<never>((_resolve, reject) => {
        channel.on('error', reject)
        channel.on('close', () => reject(new Error('RabbitMQ closed the channel')))
      })
      lost.catch(() => {})
      await Promise.race([channel.assertExchange(exchange, 'topic', { durable: true }), broken, lost])
      line = { model, channel, broken: Promise.race([broken, lost]) }
      line.broken.catch(() => {})
      return line
    } catch (error) {
      model.close().catch(() => {})
      throw error
    }
  }

  return {
    async publish(messages) {
      const { model, channel, broken } = await opened()
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<never>((_resolve, reject) => {
        timer = setTimeout(() => reject(new Error('RabbitMQ does not confirm')), confirmWithinMs)
      })
      late.catch(() => {})
      let confirmed = (_error: unknown): void => {}
      // A message that the broker refuses is told to its own callback only.
      const all = new Promise<void>((resolve, reject) => {
        let left = messages.length
        confirmed = (error) =>
          error === null || error === undefined
            ? --left === 0 && resolve()
            : reject(new Error('RabbitMQ did not take a message', { cause: error }))
        if (left === 0) resolve()
      })
      all.catch(() => {})
      try {
        for (const { fridge, type, event } of messages) {
          const key = routingKey(fridge, type)
          const room = channel.publish(exchange, key, Buffer.from(JSON.stringify(event)), properties(event), confirmed)
          if (!room) await Promise.race([new Promise((resolve) => channel.once('drain', resolve)), broken, late])
        }
        await Promise.race([all, broken, late])
      } catch (error) {
        line = null
        model.close().catch(() => {})
        throw error
      } finally {
        clearTimeout(timer)
      }
    },
    isUp: () => line !== null,
    async close() {
      const open = line
      line = null
      await open?.model.close().catch(() => {})
    },
  }
}

const properties = (event: DomainEvent) => ({
  persistent: true,
  messageId: event.id,
  type: event.type,
  timestamp: Math.floor(Date.parse(event.time) / 1_000),
  contentType: 'application/cloudevents+json',
  appId: 'visionvend',
})
