/** The broker's contract: what the relay and its fridges rely on, on every broker that is promised. */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Connection } from '../../sync/edge/commands.ts'
import type { Broker } from '../../sync/relay/broker/broker.ts'
import {
  mosquittoProgram,
  openEmbedded,
  openMosquitto,
  openRabbitmq,
  rabbitmqProgram,
  wireTo,
  type TestBroker,
} from './brokers.ts'

const ci = process.env['CI'] === 'true'
const slow = 90_000

describe('on the relay’s own broker', () => {
  contract(openEmbedded, 'one')
})
describe.skipIf(mosquittoProgram === null && !ci)('on mosquitto with mutual TLS', () => {
  contract(openMosquitto, 'shared')
})
describe.skipIf(rabbitmqProgram === null && !ci)('on RabbitMQ with its MQTT plug-in', () => {
  contract(openRabbitmq, 'each')
})

interface Heard {
  readonly topic: string
  readonly text: string
}

/** `copies`: what several copies of the relay hear of one message. */
function contract(open: () => Promise<TestBroker>, copies: 'one' | 'shared' | 'each'): void {
  let broker: TestBroker
  const heard: Heard[] = []
  const relays: (Broker & { sharing?: () => boolean })[] = []
  const join = async (): Promise<Heard[]> => {
    const mine: Heard[] = []
    const message = (topic: string, bytes: Uint8Array): void => {
      const one = { topic, text: Buffer.from(bytes).toString() }
      mine.push(one)
      heard.push(one)
    }
    relays.push(await broker.relay({ message, up: () => {} }))
    return mine
  }
  beforeAll(async () => {
    broker = await open()
    await join()
  }, slow)
  afterAll(async () => {
    for (const relay of relays) await relay.close()
    await broker.close()
  }, slow)

  const fridge = async (id: string, as = id, filters = [`fridge/${id}/down/+`], url = broker.url) => {
    const got: Heard[] = []
    const state = { closed: '' }
    const { connect, password } = broker.connectAs(as)
    const will = { topic: `fridge/${id}/up/online`, bytes: Buffer.from(`${id} is gone`) }
    let connection: Connection | null = null
    await new Promise<void>((resolve) => {
      connection = connect(
        { url, username: as, password, will },
        {
          connected: () => resolve(),
          message: (topic, bytes) => got.push({ topic, text: Buffer.from(bytes).toString() }),
          closed(why) {
            state.closed = why
            resolve()
          },
        },
      )
    })
    const made = connection as unknown as Connection
    for (const filter of filters) made.subscribe(filter)
    await sleep(200)
    return {
      got,
      state,
      end: () => made.end(),
      say: (topic: string, text: string, retain = false) =>
        made.publish(topic, Buffer.from(text), { sure: true, retain }),
    }
  }
  const until = async (holds: () => boolean): Promise<void> => {
    for (let tried = 0; tried < 100 && !holds(); tried++) await sleep(50)
    expect(holds()).toBe(true)
  }
  const texts = (list: readonly Heard[]): string[] => list.map(({ text }) => text)

  test('[SY31] what a fridge says reaches the relay, and a command its fridge', async () => {
    const one = await fridge('fridge-1')
    one.say('fridge/fridge-1/up/state', 'a state')
    one.say('fridge/fridge-1/up/outcome', 'an outcome')
    await until(() => texts(heard).includes('a state') && texts(heard).includes('an outcome'))
    expect(await relays[0]?.publish('fridge/fridge-1/down/now', Buffer.from('a command'))).toBe(true)
    expect(await relays[0]?.publish('fridge/fridge-1/down/kept', Buffer.from('another'))).toBe(true)
    await until(() => one.got.length === 2)
    expect(texts(one.got)).toEqual(['a command', 'another'])
    one.end()
    await sleep(100)
  })

  test('[SY39] [Y4] a fridge cannot speak for another, nor hear another, whatever it asks for', async () => {
    const victim = await fridge('fridge-2')
    const filters = ['#', 'fridge/+/down/+', 'fridge/fridge-2/#', 'fridge/fridge-2/down/now', 'fridge/+/up/state']
    const listener = await fridge('fridge-1', 'fridge-1', filters)
    await relays[0]?.publish('fridge/fridge-2/down/now', Buffer.from('for two'))
    await until(() => victim.got.length === 1)
    victim.say('fridge/fridge-2/up/state', 'of two')
    await until(() => texts(heard).includes('of two'))
    await sleep(300)
    expect(listener.got).toEqual([])
    listener.end()
    await sleep(200)
    for (const topic of ['fridge/fridge-2/up/state', 'fridge/fridge-2/down/now', 'fridge/fridge-2/up/online']) {
      const liar = await fridge('fridge-1')
      liar.say(topic, `forged for ${topic}`, topic.endsWith('online'))
      await sleep(200)
      liar.end()
    }
    await sleep(300)
    expect(texts(heard).filter((text) => text.startsWith('forged'))).toEqual([])
    expect(texts(victim.got)).toEqual(['for two'])
    victim.end()
    await sleep(100)
  })

  test('[SY32] the last will is said when a fridge is gone without a word, and is kept for relays to come', async () => {
    const wire = await wireTo(broker.url)
    const gone = await fridge('fridge-2', 'fridge-2', [], wire.url)
    gone.say('fridge/fridge-2/up/online', 'two is there', true)
    await until(() => texts(heard).includes('two is there'))
    wire.cut()
    await until(() => texts(heard).includes('fridge-2 is gone') && gone.state.closed !== '')
    wire.close()
    const next = await fridge('fridge-2')
    next.say('fridge/fridge-2/up/online', 'two is back', true)
    await until(() => texts(heard).includes('two is back'))
    // RabbitMQ gives what is kept to exact topics only; there the next state says that the fridge is there.
    if (copies === 'shared') {
      const later = await join()
      await until(() => texts(later).includes('two is back'))
    }
    next.end()
    await sleep(100)
  })

  // An embedded broker has one copy of the relay, and is it.
  test.each(copies === 'one' ? [] : [copies])(
    'of several copies of the relay each message is heard by: %s',
    async () => {
      const second = await join()
      const before = heard.length
      const one = await fridge('fridge-1')
      for (let at = 0; at < 30; at++) one.say('fridge/fridge-1/up/state', `state ${at}`)
      const wanted = copies === 'shared' ? 30 : 30 * relays.length
      await until(() => heard.length - before >= wanted)
      await sleep(200)
      const states = heard.slice(before).filter(({ text }) => text.startsWith('state '))
      expect(states.length).toBe(wanted)
      expect(new Set(texts(states)).size).toBe(30)
      expect(second.length).toBeGreaterThan(0)
      expect(relays.every((relay) => relay.sharing?.() === (copies === 'shared'))).toBe(true)
      one.end()
      await sleep(100)
    },
  )

  test('a stranger, and a fridge with the wrong password, are not let in', async () => {
    if (broker.url.startsWith('mqtts:')) return // its certificate is its name: there is no password to be wrong
    const { connect } = broker.connectAs('fridge-1')
    for (const [username, password] of [
      ['fridge-1', 'wrong'],
      ['fridge-1', ''],
      ['stranger', 'password of stranger'],
      ['relay', ''],
    ] as const) {
      // prettier-ignore
      const will = { topic: `fridge/${username}/up/online`, bytes: Buffer.from('forged will') }
      const outcome = await new Promise<string>((resolve) => {
        const made = connect({ url: broker.url, username, password, will }, {
          connected() {
            made.end()
            resolve('let in')
          },
          message: () => {},
          closed: () => resolve('refused'),
        })
      }) // prettier-ignore
      expect(outcome).toBe('refused')
    }
    expect(texts(heard)).not.toContain('forged will')
  })

  test('a broker that was away is found again', { timeout: slow }, async () => {
    if (broker.restart === undefined) return
    await broker.restart()
    await until(() => relays.every((relay) => relay.isUp()))
    const one = await fridge('fridge-1')
    one.say('fridge/fridge-1/up/state', 'after the restart')
    await until(() => texts(heard).includes('after the restart'))
    one.end()
    await sleep(100)
  })
}
