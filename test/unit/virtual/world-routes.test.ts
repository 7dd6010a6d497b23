import fastifyWebsocket from '@fastify/websocket'
import Fastify from 'fastify'
import { describe, expect, test } from 'vitest'
import { worldSchema, type World as WorldView } from '../../../src/contract/virtual.ts'
import { virtualRoutes, type VirtualControls } from '../../../src/virtual/routes.ts'
import { counted } from '../../../src/virtual/world/world.ts'
import { createBench } from './world-bench.ts'

/** The routes on a real world; the things around it only note what they were asked. */
async function served() {
  const { world } = createBench()
  const asked: unknown[] = []
  let heard = (): void => {}
  const view = (): WorldView => ({
    type: 'world',
    power: world.powered(),
    network: true,
    door: { open: world.doorOpen(), locked: !world.boltReleased() },
    temperatureCelsius: world.sensorAlive() ? world.celsius() : null,
    signal: 'idle',
    shelves: [],
    hand: counted(world.items().filter(({ shelf }) => shelf === null)),
    bankFault: 'none',
    cards: [],
    operator: null,
  })
  const controls: VirtualControls = {
    presentCard: (uid) => (
      asked.push({ uid }),
      uid === 'DEADBEEF' ? { code: 'noPower', message: 'the reader is dark' } : null
    ),
    setPower: async (on) => void asked.push({ power: on }),
    setNetwork: async (on) => void asked.push({ network: on }),
    setBankFault: (order) => void asked.push(order),
    review: async (verdict) => (asked.push(verdict), null),
    cameraStill: async (camera) => (camera === 'left' ? Uint8Array.of(0xff, 0xd8, 0xff, 0xd9) : null),
    setCameras: (order) => (asked.push(order), null),
    bankBooks: () => ({ captured: 0 }),
    view,
    onView(listener) {
      heard = listener
      return () => {}
    },
  }
  world.onChange(() => heard())
  const app = Fastify()
  await app.register(fastifyWebsocket)
  await app.register(async (inside) => virtualRoutes(inside, world, controls))
  await app.ready()
  const post = async (
    path: string,
    body: object,
  ): Promise<{ status: number; answer: { ok: boolean; [name: string]: unknown } }> => {
    const response = await app.inject({ method: 'POST', url: `/virtual/${path}`, payload: body })
    return { status: response.statusCode, answer: response.json() }
  }
  return { app, world, asked, post }
}

describe('the virtual fridge’s HTTP', () => {
  test('a malformed order is refused by the field’s name, and changes nothing', async () => {
    const { world, asked, post } = await served()
    world.driveBolt(true)
    const orders: [string, object, string][] = [
      ['card', { uid: 'xyz' }, 'uid'],
      ['card', {}, 'uid'],
      ['door', { open: 'yes' }, 'open'],
      ['take', { sku: '', count: 1 }, 'sku'],
      ['take', { sku: 'ombra-cola', count: 0 }, 'count'],
      ['take', { sku: 'ombra-cola', count: 1.5 }, 'count'],
      ['take', { sku: 'ombra-cola', shelf: 0 }, 'shelf'],
      ['return', { sku: 'ombra-cola', shelf: 'top' }, 'shelf'],
      ['fill', { sku: '(foreign)', shelf: 1, count: 1 }, 'sku'],
      ['fill', { sku: 'ombra-cola', shelf: 1, count: 0 }, 'count'],
      ['fill', { sku: 'ombra-cola', count: 1 }, 'shelf'],
      ['fill', { sku: 'tamarind', shelf: 1, count: 1, weightGrams: 90 }, 'weightGrams'],
      ['power', { on: 1 }, 'on'],
      ['network', {}, 'on'],
      ['bank', { fault: 'earthquake' }, 'fault'],
      ['temperature', { celsius: 900 }, 'celsius'],
      ['camera', { fog: 2 }, 'fog'],
      ['camera', { camera: 'rear' }, 'camera'],
      ['review', { visit: 'this one', lines: [] }, 'visit'],
      ['review', { visit: '11111111-2222-4333-8444-555555555555', lines: [{ sku: 'a', count: -1 }] }, 'lines.0.count'],
    ]
    for (const [path, body, field] of orders) {
      const { status, answer } = await post(path, body)
      expect(status, `${path} ${JSON.stringify(body)}`).toBe(400)
      expect(answer).toMatchObject({ ok: false, error: { code: 'request', message: expect.stringContaining(field) } })
    }
    expect(asked).toEqual([])
    expect(world.doorOpen()).toBe(false)
  })

  test('what the world refuses comes back with its code and words', async () => {
    const { post } = await served()
    expect(await post('door', { open: true })).toMatchObject({
      status: 409,
      answer: { ok: false, error: { code: 'locked', message: 'the door is locked' } },
    })
    expect(await post('take', { sku: 'ombra-cola' })).toMatchObject({
      status: 409,
      answer: { error: { code: 'doorClosed' } },
    })
    expect(await post('fill', { sku: 'ombra-cola', shelf: 1, count: 1 })).toMatchObject({
      status: 409,
      answer: { error: { code: 'doorClosed' } },
    })
    expect(await post('card', { uid: 'DEADBEEF' })).toMatchObject({
      status: 409,
      answer: { error: { code: 'noPower' } },
    })
  })

  test('a person opens, takes two, returns one, and closes: each answer shows the world as it then is', async () => {
    const { world, post } = await served()
    world.driveBolt(true)
    expect((await post('door', { open: true })).answer).toMatchObject({ ok: true, world: { door: { open: true } } })
    expect((await post('take', { sku: 'ombra-cola', count: 2 })).answer).toMatchObject({
      world: { hand: [{ sku: 'ombra-cola', count: 2 }] },
    })
    const { answer } = await post('return', { sku: 'ombra-cola', shelf: 3 })
    expect(answer).toMatchObject({ world: { hand: [{ sku: 'ombra-cola', count: 1 }] } })
    expect(worldSchema.safeParse(answer['world']).success).toBe(true)
    expect((await post('door', { open: false })).answer).toMatchObject({ world: { door: { open: false } } })
    expect(world.items().filter(({ sku, shelf }) => sku === 'ombra-cola' && shelf === 3)).toHaveLength(1)
  })

  test('orders to the things around reach them, once each', async () => {
    const { app, asked, post } = await served()
    await post('card', { uid: '04DEC11E' })
    await post('power', { on: false })
    await post('network', { on: false })
    await post('bank', { fault: 'timeoutAfterEffect', count: 2 })
    expect(asked).toEqual([
      { uid: '04DEC11E' },
      { power: false },
      { network: false },
      { fault: 'timeoutAfterEffect', count: 2 },
    ])
    expect((await app.inject('/virtual/bank')).json()).toEqual({ captured: 0 })
  })

  test('the thermometer may be held, and die', async () => {
    const { world, post } = await served()
    await post('temperature', { celsius: 9 })
    expect(world.celsius()).toBe(9)
    expect((await post('temperature', { celsius: null, sensor: false })).answer).toMatchObject({
      world: { temperatureCelsius: null },
    })
  })

  test('a camera gives a still, or says that it gives none', async () => {
    const { app, asked, post } = await served()
    const left = await app.inject('/virtual/camera/left')
    expect(left).toMatchObject({ statusCode: 200, headers: { 'content-type': 'image/jpeg' } })
    expect([...left.rawPayload]).toEqual([0xff, 0xd8, 0xff, 0xd9])
    expect(await app.inject('/virtual/camera/right')).toMatchObject({ statusCode: 503 })
    expect(await app.inject('/virtual/camera/rear')).toMatchObject({ statusCode: 404 })
    await post('camera', { camera: 'left', fault: 'frozen', fog: 0.5 })
    expect(asked).toEqual([{ camera: 'left', fault: 'frozen', brightness: 1, fog: 0.5, body: false }])
  })

  test('a crowbar needs no card', async () => {
    const { world, post } = await served()
    expect((await post('force', {})).answer).toMatchObject({ ok: true, world: { door: { open: true, locked: true } } })
    expect(world.doorOpen()).toBe(true)
  })

  test('the live socket shows the world at once, and again when it changes', async () => {
    const { app, world } = await served()
    const socket = await app.injectWS('/virtual/live')
    const next = (): Promise<WorldView> =>
      new Promise((resolve) =>
        socket.once('message', (text: Buffer) => resolve(JSON.parse(text.toString()) as WorldView)),
      )
    expect(worldSchema.safeParse(await next()).success).toBe(true)
    const changed = next()
    world.forceDoor()
    expect((await changed).door.open).toBe(true)
    socket.terminate()
    await app.close()
  })
})
