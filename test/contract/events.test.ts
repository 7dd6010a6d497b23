/** Domain events at a real RabbitMQ: none lost, none out of order, each under one name; the same on every store. */
import { once } from 'node:events'
import { createConnection, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect, type Channel, type ChannelModel } from 'amqplib'
import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { err, ok } from '../../src/core/result.ts'
import type { Event } from '../../src/core/events.ts'
import { sku } from '../../src/core/ids.ts'
import { domainEvents, type DomainEvent, type DomainType } from '../../sync/relay/events/domain.ts'
import { createPublisher, type Publisher } from '../../sync/relay/events/publisher.ts'
import { createExchange, type Exchange } from '../../sync/relay/events/rabbitmq.ts'
import { judge } from '../../sync/relay/judge.ts'
import { createMetrics } from '../../sync/relay/metrics.ts'
import { createRelay } from '../../sync/relay/relay.ts'
import { sweepAlerts } from '../../sync/relay/store/alerts.ts'
import { allowRestart } from '../../sync/relay/store/books.ts'
import { ingest } from '../../sync/relay/store/ingest.ts'
import { retake } from '../../sync/relay/store/retake.ts'
import { opening, startMs, visitEvents } from '../unit/sync/books.ts'
import { openRabbitmq, rabbitmqProgram } from './brokers.ts'
import { newFridge, relayOn, type Fridge } from './relay-fridge.ts'
import { openMemory, openOwnPostgresql, postgresqlBin, type TestStore } from './relay-stores.ts'

const ci = process.env['CI'] === 'true'
const slow = 120_000
const quiet = { warn: () => {} }
const metrics = { sent: () => {}, waiting: () => {} }

let rabbitmq: Awaited<ReturnType<typeof openRabbitmq>>
const needed = rabbitmqProgram !== null || ci
beforeAll(async () => {
  if (needed) rabbitmq = await openRabbitmq()
}, slow)
afterAll(async () => {
  if (needed) await rabbitmq.close()
}, slow)

describe.skipIf(!needed)('on an embedded database', () => {
  contract('embedded', openMemory)
})
describe.skipIf(!needed || (postgresqlBin === null && !ci))('on PostgreSQL', () => {
  contract('postgresql', openOwnPostgresql)
})

const mark = 'v1.mark'

interface Heard {
  readonly key: string
  readonly event: DomainEvent
  readonly persistent: boolean
  readonly messageId: string
}

function contract(kind: string, open: () => Promise<TestStore>): void {
  const exchangeName = `events of ${kind}`
  let opened: TestStore
  let app: FastifyInstance
  let consumer: ChannelModel
  let exchange: Exchange
  let publisher: Publisher
  const heard: Heard[] = []
  let channel: Channel
  const marks: (() => void)[] = []
  const exchanges: Exchange[] = []
  const publisherAt = (url: string, history = false): Publisher => {
    const made = createExchange({ url, exchange: exchangeName })
    exchanges.push(made)
    return createPublisher({ exchange: made, metrics, log: quiet, history })
  }
  beforeAll(async () => {
    opened = await open()
    app = await relayOn(opened.store)
    consumer = await connect(rabbitmq.amqp)
    channel = await consumer.createChannel()
    await channel.assertExchange(exchangeName, 'topic', { durable: true })
    const { queue } = await channel.assertQueue('', { exclusive: true })
    await channel.bindQueue(queue, exchangeName, 'v1.#')
    await channel.consume(
      queue,
      (message) => {
        if (message === null) return
        if (message.fields.routingKey === mark) return marks.shift()?.()
        const { deliveryMode, messageId } = message.properties
        const event = JSON.parse(message.content.toString()) as DomainEvent
        heard.push({
          key: message.fields.routingKey,
          event,
          persistent: deliveryMode === 2,
          messageId: String(messageId),
        })
      },
      { noAck: true },
    )
    publisher = publisherAt(rabbitmq.amqp)
    exchange = exchanges[0] as Exchange
  }, slow)
  afterAll(async () => {
    for (const one of exchanges) await one.close()
    await consumer.close()
    await app.close()
    await opened.close()
  }, slow)

  const db = () => opened.store.db
  const all = async (by = publisher): Promise<void> => {
    while ((await by.turn(db())) === 'more');
    // What was confirmed stands in the queue: a mark behind it comes behind it.
    await new Promise<void>((resolve) => {
      marks.push(resolve)
      channel.publish(exchangeName, mark, Buffer.alloc(0))
    })
  }
  const toldOf = ({ id }: Fridge): Heard[] => heard.filter(({ event }) => event.subject === id)
  /** As a consumer does that keeps the ids it has seen. */
  const once = (list: readonly Heard[]): Heard[] => [...new Map(list.toReversed().map((one) => [one.messageId, one]))].map(([, one]) => one).toReversed() // prettier-ignore
  const typesOf = (list: readonly Heard[]): string[] => list.map(({ event }) => event.type)
  const isTold = (type: Event['type']): boolean => Object.values(domainEvents).some(({ of }) => of === type)
  const idsIn = ({ id, books }: Fridge, from = 0, to = Infinity): string[] =>
    books
      .all()
      .filter(({ seq, body }) => seq > from && seq <= to && isTold((JSON.parse(body) as Event).type))
      .map(({ hash }) => `${id}:${Buffer.from(hash).toString('hex')}`)
  const sell = (fridge: Fridge, from: number, to: number): void => {
    for (let number = from; number <= to; number++)
      fridge.books.write(startMs + number, ...visitEvents(7, number, number % 4 === 0))
  }
  const counted = (count: number): Event => ({
    type: 'StockCounted',
    sku: sku('can-1'),
    shelf: 1,
    count,
    by: 'Ada',
    reason: 'looked',
  })

  test('[RL52] without a broker`s address nothing is kept for it, and what was before the first start is not told', async () => {
    const old = await newFridge(app, db(), counted(1))
    await old.drain()
    const kept = async (): Promise<number> => {
      const { rows } = await sql<{ n: number }>`select (select count(*) from event_cursors)
        + (select count(*) from event_late_rows) + (select count(*) from event_notices) as n`.execute(db())
      return Number(rows[0]?.n)
    }
    await sweepAlerts(db())
    expect(await kept()).toBe(0)
    await all()
    expect(await kept()).toBe(1)
    old.books.write(startMs, counted(2))
    await old.drain()
    await all()
    expect(toldOf(old).map(({ event }) => event.data)).toEqual([{ ...counted(2), type: undefined, sku: 'can-1' }].map(({ type: _type, ...data }) => data)) // prettier-ignore
  })

  test('[RL50] [RL51] every row that is told is told once, in order, under its own id, as its schema says', async () => {
    const fridge = await newFridge(app, db())
    fridge.books.write(startMs, ...opening(fridge.id))
    sell(fridge, 1, 40)
    await fridge.drain()
    await all()
    const told = toldOf(fridge)
    expect(told.map(({ messageId }) => messageId)).toEqual(idsIn(fridge))
    expect(told.length).toBeGreaterThan(200)
    for (const { key, event, persistent, messageId } of told) {
      const type = event.type.replace(/^visionvend\.(.*)\.v1$/, '$1') as DomainType
      expect([key, persistent, messageId]).toEqual([`v1.${fridge.id}.${type}`, true, event.id])
      expect(domainEvents[type].schema.parse(event.data)).toEqual(event.data)
    }
    const sales = told.filter(({ key }) => key.endsWith('.receipt.issued'))
    expect(sales[0]?.event).toMatchObject({ specversion: '1.0', source: `/fridges/${fridge.id}`, data: { currency: 'EUR', number: 1 } }) // prettier-ignore
    expect(JSON.stringify(told)).not.toMatch(/fingerprint|paymentMethod|holdKey|reference/)
  })

  test('[RL51] the exchange is durable, and what can`t be confirmed is not told', async () => {
    const other = await connect(rabbitmq.amqp)
    const channel = await other.createChannel()
    channel.on('error', () => {})
    await expect(channel.assertExchange(exchangeName, 'topic', { durable: false })).rejects.toThrow(/durable/)
    await other.close()
    const fridge = await newFridge(app, db(), counted(1))
    await fridge.drain()
    const refusing: Exchange = {
      publish: () => Promise.reject(new Error('nack')),
      isUp: () => false,
      close: async () => {},
    }
    const unlucky = createPublisher({ exchange: refusing, metrics, log: quiet, history: false })
    await expect(unlucky.turn(db())).rejects.toThrow('nack')
    expect(toldOf(fridge)).toEqual([])
    await all()
    expect(toldOf(fridge).map(({ messageId }) => messageId)).toEqual(idsIn(fridge))
  })

  test('[RL51] [RL53] a broker that goes away in the middle costs nothing, and what is told again has the same id', async () => {
    const gate = await gateTo(rabbitmq.amqp)
    const behind = publisherAt(gate.url)
    const fridge = await newFridge(app, db())
    sell(fridge, 1, 150)
    await fridge.drain()
    gate.cutAfter(20_000)
    await expect(behind.turn(db())).rejects.toThrow(/ECONNRESET|ended|closed|did not take/i)
    gate.shut()
    await expect(behind.turn(db())).rejects.toThrow(/ECONNREFUSED/)
    const before = heard.length
    await gate.open()
    await all(behind)
    const told = toldOf(fridge)
    expect(heard.length).toBeGreaterThan(before)
    expect(told.length).toBeGreaterThan(idsIn(fridge).length)
    expect(once(told).map(({ messageId }) => messageId)).toEqual(idsIn(fridge))
    gate.shut()
  })

  test('[RL53] two copies share the fridges, and keep each fridge`s order', async () => {
    const second = await opened.another()
    const others = publisherAt(rabbitmq.amqp)
    const fridges: Fridge[] = []
    for (let number = 0; number < 6; number++) {
      const fridge = await newFridge(app, db())
      sell(fridge, 1, 20)
      await fridge.drain()
      fridges.push(fridge)
    }
    const drain = async (by: Publisher, on: TestStore['store']): Promise<void> => {
      for (let turn = 0; turn < 6; turn++) await by.turn(on.db)
    }
    await Promise.all([drain(publisher, opened.store), drain(others, second)])
    await all()
    for (const fridge of fridges) {
      expect(once(toldOf(fridge)).map(({ messageId }) => messageId)).toEqual(idsIn(fridge))
    }
    await second.close()
  })

  test('[RL53] what a copy took and did not finish is another`s after its minute', async () => {
    const fridge = await newFridge(app, db(), counted(1))
    await fridge.drain()
    await sql`insert into event_cursors (fridge, books, seq) values (${fridge.id}, 1, 0) on conflict do nothing`.execute(
      db(),
    )
    await sql`update event_cursors set taken_until = now() + interval '1 minute', taken_by = 'dead'
      where fridge = ${fridge.id}`.execute(db())
    await all()
    expect(toldOf(fridge)).toEqual([])
    await sql`update event_cursors set taken_until = now() where fridge = ${fridge.id}`.execute(db())
    await all()
    expect(toldOf(fridge).length).toBe(1)
  })

  test('[RL52] books that begin anew lose no event: former rows are told, and the new ones', async () => {
    const fridge = await newFridge(app, db())
    fridge.books.write(startMs, ...Array.from({ length: 10 }, (_, index) => counted(index)))
    await fridge.drain()
    await all()
    fridge.books.write(startMs, ...Array.from({ length: 10 }, (_, index) => counted(100 + index)))
    await fridge.drain() // rows 11 to 20, which nobody was told of yet
    const first = idsIn(fridge)
    fridge.books.putBack(5)
    fridge.books.write(startMs, ...Array.from({ length: 30 }, (_, index) => counted(200 + index)))
    await allowRestart(db(), fridge.id, 'Ada', 'its disk was put back')
    await fridge.drain()
    await all()
    const ids = once(toldOf(fridge)).map(({ messageId }) => messageId)
    expect(ids.toSorted()).toEqual([...new Set([...first, ...idsIn(fridge)])].toSorted())
    const anew = new Set(idsIn(fridge, 5))
    expect(ids.filter((id) => anew.has(id))).toEqual(idsIn(fridge, 5))
  })

  test('[RL52] a row that an older release set aside is told when a newer one takes it', async () => {
    const fridge = await newFridge(app, db())
    fridge.books.write(startMs, counted(1), { type: 'DoorForced' }, counted(2))
    const older: typeof judge = (batch) => {
      const judged = judge(batch)
      return judged.ok
        ? ok(judged.value.map((row) => (row.body?.includes('DoorForced') === true ? { ...row, verdict: { why: 'unknownEvent' as const, detail: '' } } : row))) // prettier-ignore
        : err(judged.error)
    }
    await ingest(db(), fridge.batch(), older)
    await all()
    expect(typesOf(toldOf(fridge))).toEqual(['visionvend.stock.counted.v1', 'visionvend.stock.counted.v1'])
    await sql`update quarantine set relay_version = 'older'`.execute(db())
    expect(await retake(db(), fridge.id)).toBe(1)
    await all()
    await all()
    expect(typesOf(toldOf(fridge)).slice(2)).toEqual(['visionvend.door.forced.v1'])
    expect(toldOf(fridge)[2]?.messageId).toBe(idsIn(fridge, 1, 2)[0])
  })

  test('[RL54] alerts are told as they are raised and cleared, once each', async () => {
    const fridge = await newFridge(app, db())
    fridge.books.write(Date.now(), { type: 'SalesStopped', reason: 'temperature' })
    await fridge.drain()
    await sweepAlerts(db())
    await all()
    await all()
    fridge.books.write(Date.now() + 1, { type: 'SalesCleared', by: 'Ada', reason: 'looked' })
    await fridge.drain()
    await sweepAlerts(db())
    await all()
    const alerts = toldOf(fridge).filter(({ key }) => key.includes('.alert.'))
    expect(alerts.map(({ key }) => key)).toEqual([`v1.${fridge.id}.alert.raised`, `v1.${fridge.id}.alert.cleared`])
    expect(alerts[0]?.event.data).toMatchObject({ kind: 'temperature', detail: 'sales are stopped: temperature' })
    expect(new Set(alerts.map(({ messageId }) => messageId)).size).toBe(2)
  })

  test('[RL51] a relay that runs tells what was pushed to it within seconds, and looks at no other fridge for it', async () => {
    const running = await createRelay({
      kind: opened.store.kind,
      store: () => opened.store,
      log: pino({ level: 'silent' }),
      integrations: { rabbitmq: { url: rabbitmq.amqp, exchange: exchangeName, history: false } },
    })
    await running.ready()
    const quietOne = await newFridge(app, db(), counted(1))
    const fridge = await newFridge(running, db(), counted(1))
    const until = async (holds: () => boolean, withinMs: number): Promise<boolean> => {
      for (let waited = 0; waited < withinMs && !holds(); waited += 50) await sleep(50)
      return holds()
    }
    await sleep(1_500) // its first look, at all of them
    await quietOne.drain()
    await fridge.drain()
    expect(await until(() => toldOf(fridge).length === 1, 8_000)).toBe(true)
    expect(toldOf(quietOne)).toEqual([])
    await running.close()
    await all()
    expect(toldOf(quietOne).length).toBe(1)
  })

  test('[RL53] what waits and what failed is counted', async () => {
    const counts = createMetrics()
    const dead = createExchange({ url: 'amqp://127.0.0.1:1', exchange: 'x' })
    const counting = createPublisher({ exchange: dead, metrics: counts, log: quiet, history: false })
    const fridge = await newFridge(app, db(), counted(1), counted(2))
    await fridge.drain()
    await expect(counting.turn(db())).rejects.toThrow(/ECONNREFUSED/)
    const text = await counts.text(null, new Map(), false)
    expect(text).toContain('visionvend_relay_sent_total{to="rabbitmq",outcome="failed"} 1')
    expect(text).toContain('visionvend_relay_waiting{to="rabbitmq"} 2')
    expect(exchange.isUp()).toBe(true)
    await all()
    expect(toldOf(fridge).length).toBe(2)
  })
}

/** A way to the broker that can be shut, and that loses the answers to what comes after so many bytes. */
async function gateTo(url: string) {
  const to = new URL(url)
  const at = { host: to.hostname, port: Number(to.port) }
  const ends = new Set<Socket>()
  let left = Infinity
  const cut = (): void => {
    for (const end of ends) end.resetAndDestroy()
  }
  const listen = async (port: number): Promise<Server> => {
    const server = createServer((near) => {
      const far = createConnection(at)
      for (const end of [near, far]) {
        ends.add(end)
        end.on('error', () => {})
        end.on('close', () => {
          ends.delete(end)
          near.destroy()
          far.destroy()
        })
      }
      near.on('data', (bytes: Buffer) => {
        far.write(bytes)
        left -= bytes.length
        if (left <= 0) setTimeout(cut, 300)
      })
      // The broker has it all, and its confirmations are lost.
      far.on('data', (bytes: Buffer) => void (left > 0 && near.write(bytes)))
    })
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    return server
  }
  let server = await listen(0)
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  to.port = String(port)
  return {
    url: to.href,
    cutAfter: (bytes: number) => void (left = bytes),
    shut() {
      server.close()
      cut()
    },
    async open() {
      left = Infinity
      server = await listen(port)
    },
  }
}
