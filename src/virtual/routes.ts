/**
 * Routes: the virtual fridge's HTTP, for its page and for scripts (contract: src/contract/virtual.ts; README lists them).
 *
 * Holds always: what comes in is validated here; what is refused changes nothing and is named; every answer to a command
 * carries the world as it then is. Called by runtime/virtual, which asks for the token.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { viewEveryMs } from '../contract/kiosk.ts'
import {
  bankFaultSchema, cameraConditionsSchema, cameraIdSchema, cardSchema, doorSchema, fillSchema, networkSchema, powerSchema,
  returnSchema, reviewSchema, takeSchema, temperatureSchema, type World as WorldView,
} from '../contract/virtual.ts' // prettier-ignore
import { refusals, type Done, type World } from './world/world.ts'

/** What is not physics: the things around the fridge. Each answers what was refused and why, or null. */
export interface VirtualControls {
  presentCard(uid: string): Refused | null
  setPower(on: boolean): Promise<void>
  setNetwork(on: boolean): Promise<void>
  setBankFault(order: z.infer<typeof bankFaultSchema>): void
  review(verdict: z.infer<typeof reviewSchema>): Promise<Refused | null>
  bankBooks(): unknown
  /** A JPEG of what the camera sees now; null when it gives none. */
  cameraStill(camera: z.infer<typeof cameraIdSchema>): Promise<Uint8Array | null>
  setCameras(order: z.infer<typeof cameraConditionsSchema>): Refused | null
  view(): WorldView
  onView(listener: () => void): () => void
}
export interface Refused {
  readonly code: string
  readonly message: string
}

export async function virtualRoutes(app: FastifyInstance, world: World, controls: VirtualControls): Promise<void> {
  const answer = (reply: FastifyReply, refused: Refused | null): FastifyReply =>
    refused === null
      ? reply.send({ ok: true, world: controls.view() })
      : reply.code(409).send({ ok: false, error: refused })
  const done = (reply: FastifyReply, result: Done): FastifyReply =>
    answer(reply, result.ok ? null : { code: result.error, message: refusals[result.error] })

  /** A command whose body is of this shape; any other is told what is wrong with it. */
  function command<T>(
    path: string,
    schema: z.ZodType<T>,
    act: (wish: T, reply: FastifyReply) => FastifyReply | Promise<FastifyReply>,
  ): void {
    app.post(path, async (request: FastifyRequest, reply: FastifyReply) => {
      const parsed = schema.safeParse(request.body ?? {})
      if (parsed.success) return act(parsed.data, reply)
      const message = parsed.error.issues
        .map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`)
        .join('; ')
      return reply.code(400).send({ ok: false, error: { code: 'request', message } })
    })
  }

  app.get('/virtual/world', async () => controls.view())
  app.get('/virtual/bank', async () => controls.bankBooks())
  app.get('/virtual/camera/:id', async (request, reply) => {
    const id = cameraIdSchema.safeParse((request.params as { id: string }).id)
    if (!id.success) {
      const message = `there is no such camera: ${cameraIdSchema.options.join(' or ')}`
      return reply.code(404).send({ ok: false, error: { code: 'notFound', message } })
    }
    const jpeg = await controls.cameraStill(id.data)
    if (jpeg !== null) return reply.header('cache-control', 'no-store').type('image/jpeg').send(Buffer.from(jpeg))
    const message = 'the camera gives no picture now'
    return reply.code(503).send({ ok: false, error: { code: 'noPicture', message } })
  })
  command('/virtual/camera', cameraConditionsSchema, (order, reply) => answer(reply, controls.setCameras(order)))

  command('/virtual/card', cardSchema, ({ uid }, reply) => answer(reply, controls.presentCard(uid)))
  command('/virtual/door', doorSchema, ({ open }, reply) => done(reply, open ? world.openDoor() : world.closeDoor()))
  command('/virtual/take', takeSchema, ({ sku, count, shelf }, reply) => done(reply, world.take(sku, count, shelf)))
  command('/virtual/return', returnSchema, ({ sku, shelf }, reply) => done(reply, world.putBack(sku, shelf)))
  command('/virtual/fill', fillSchema, ({ sku, shelf, count, weightGrams, weightSpreadGrams }, reply) => {
    const isSaid = weightGrams !== undefined && weightSpreadGrams !== undefined
    return done(reply, world.fill(sku, shelf, count, isSaid ? { weightGrams, weightSpreadGrams } : undefined))
  })
  command('/virtual/force', z.strictObject({}), (_nothing, reply) => {
    world.forceDoor()
    return answer(reply, null)
  })
  command('/virtual/temperature', temperatureSchema, ({ celsius, sensor }, reply) => {
    world.holdAir(celsius)
    world.setSensor(sensor)
    return answer(reply, null)
  })
  command('/virtual/power', powerSchema, async ({ on }, reply) => {
    await controls.setPower(on)
    return answer(reply, null)
  })
  command('/virtual/network', networkSchema, async ({ on }, reply) => {
    await controls.setNetwork(on)
    return answer(reply, null)
  })
  command('/virtual/bank', bankFaultSchema, (order, reply) => {
    controls.setBankFault(order)
    return answer(reply, null)
  })
  command('/virtual/review', reviewSchema, async (verdict, reply) => answer(reply, await controls.review(verdict)))

  app.get('/virtual/live', { websocket: true }, (socket) => {
    let queued = false
    const push = (): void => {
      if (queued) return
      queued = true
      setImmediate(() => {
        queued = false
        if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(controls.view()))
      })
    }
    const cancel = controls.onView(push)
    const beat = setInterval(push, viewEveryMs)
    push()
    socket.on('close', () => {
      cancel()
      clearInterval(beat)
    })
    socket.on('error', () => socket.close())
  })
}
