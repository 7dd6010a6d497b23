/** AsyncAPI: what RabbitMQ is told, described for those who listen. Made from domain.ts, served at `/asyncapi.json`. */
import { z } from 'zod'
import { domainEvents, domainTypes, domainVersion } from './domain.ts'

export function asyncApi(exchange = 'visionvend.events'): unknown {
  const messages = Object.fromEntries(
    domainTypes.map((type) => [
      type,
      {
        name: `visionvend.${type}.v${domainVersion}`,
        summary: domainEvents[type].what,
        contentType: 'application/cloudevents+json',
        payload: { allOf: [{ $ref: '#/components/schemas/event' }, { properties: own(type) }] },
      },
    ]),
  )
  const channels = Object.fromEntries(
    domainTypes.map((type) => [
      type,
      {
        address: `v${domainVersion}.{fridge}.${type}`,
        parameters: { fridge: { description: 'the fridge’s id: small letters, digits and hyphens' } },
        messages: { [type]: { $ref: `#/components/messages/${type}` } },
        bindings: {
          amqp: {
            is: 'routingKey',
            exchange: { name: exchange, type: 'topic', durable: true, autoDelete: false },
          },
        },
      },
    ]),
  )
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'VisionVend domain events',
      version: `${domainVersion}.0.0`,
      description:
        'CloudEvents of a fleet, in the order of each fridge’s ledger, at least once: keep the ids that were seen.',
    },
    channels,
    components: { messages, schemas: { event: envelope } },
  }
}

/** What is its own of a type: its name, and its data. */
function own(type: (typeof domainTypes)[number]): unknown {
  const { $schema: _draft, ...data } = z.toJSONSchema(domainEvents[type].schema, {
    target: 'draft-7',
    override({ jsonSchema }) {
      // Every number here is far below it.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
      delete jsonSchema.additionalProperties
    },
  })
  return { type: { const: `visionvend.${type}.v${domainVersion}` }, data }
}

const envelope = {
  type: 'object',
  required: ['specversion', 'id', 'source', 'type', 'subject', 'time', 'datacontenttype', 'data'],
  properties: {
    specversion: { const: '1.0' },
    id: { type: 'string', description: 'the same each time that this event is told; also the message’s message_id' },
    source: { type: 'string', description: '/fridges/FRIDGE' },
    type: { type: 'string' },
    subject: { type: 'string', description: 'the fridge' },
    time: { type: 'string', format: 'date-time', description: 'by the fridge’s own clock' },
    datacontenttype: { const: 'application/json' },
    data: { type: 'object' },
  },
}
