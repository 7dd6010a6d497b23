/** From a phone to the receipt: relay, broker, fridge's own step, and the virtual bank that both speak to. */
import { randomBytes } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { defaultLimits } from '../../src/cabinet/cabinet.ts'
import type { Effect } from '../../src/core/effects.ts'
import { sku, visitId } from '../../src/core/ids.ts'
import { minor } from '../../src/core/money.ts'
import { silent } from '../../src/core/ports.ts'
import { createStripeClient } from '../../src/payments/client.ts'
import { createStripeProvider } from '../../src/payments/stripe.ts'
import {
  evolve,
  newFridge as emptyFridge,
  step,
  type FridgeInput,
  type Live as World,
} from '../../src/runtime/fridge.ts'
import { known } from '../../src/runtime/remote.ts'
import { unlockKey } from '../../src/session/keys.ts'
import { createBank, type Bank } from '../../src/virtual/bank/bank.ts'
import { bankHttpClient } from '../../src/virtual/bank/http-client.ts'
import { createCommandLink, type CommandLink } from '../../sync/edge/commands.ts'
import { overMqtt } from '../../sync/edge/mqtt-client.ts'
import type { Command } from '../../sync/protocol/mqtt.ts'
import type { Live } from '../../sync/relay/live.ts'
import { createRelay, type RelayPorts } from '../../sync/relay/relay.ts'
import { createShop, type Shop } from '../../sync/relay/shop.ts'
import { liveOf } from '../../sync/relay/store/channels.ts'
import { makeKey } from '../../sync/relay/store/keys.ts'
import { createTokens } from '../../sync/relay/tokens.ts'
import { sweep } from '../../sync/relay/unlocks.ts'
import { onEachStore, quick, random, real, secret, slow, until } from './in-time.ts'
import { newFridge } from './relay-fridge.ts'
import type { TestStore } from './relay-stores.ts'

onEachStore(contract)

function contract(open: () => Promise<TestStore>): void {
  let opened: TestStore
  let app: FastifyInstance
  let live: Live
  let bank: Bank
  let shop: Shop
  let url: string
  const links: CommandLink[] = []
  beforeAll(async () => {
    opened = await open()
    bank = createBank({ clock: real, random })
    const stripe = createStripeClient({ apiKey: bank.secretKey, httpClient: bankHttpClient(bank) })
    shop = createShop({ tokens: await createTokens({ secret }), stripe, clock: real, log: silent })
    app = await relay({ onLive: (one) => (live = one) })
    url = await app.listen({ host: '127.0.0.1', port: 0 })
  }, slow)
  afterEach(() => {
    bank.clearFaults()
    for (const link of links.splice(0)) link.stop()
  })
  afterAll(async () => {
    await app.close()
    await opened.close()
  }, slow)
  const db = () => opened.store.db
  const relay = (more: Partial<RelayPorts>) =>
    createRelay({ kind: opened.store.kind, store: () => opened.store, log: pino({ level: 'silent' }), shop, ...more })
  const ports = () => ({ live, providerFor: shop.providerFor, nowMs: shop.nowMs })

  /** A fridge by its own step and books; its door and its shelves are this test's. */
  async function fridgeAtWork(relayUrl = url) {
    const paired = await newFridge(app, db())
    const { id, key, books } = paired
    const stripe = createStripeClient({ apiKey: bank.secretKey, httpClient: bankHttpClient(bank) })
    const provider = createStripeProvider({ stripe, clock: real, log: silent })
    const world = { doorOpen: false, storageFull: false, weights: [1000] } as { -readonly [Name in keyof World]: World[Name] } // prettier-ignore
    const effects: Effect[] = []
    const how = { deaf: false }
    let fridge = emptyFridge
    const tell = (input: FridgeInput): void => {
      const atMs = Date.now()
      const decision = step(fridge, input, atMs, world, defaultLimits)
      for (const event of decision.events) fridge = evolve(fridge, event, atMs)
      books.write(atMs, ...decision.events)
      effects.push(...decision.effects)
    }
    const products = [{ sku: sku('cola'), priceMinor: minor(250), weightGrams: 350, weightSpreadGrams: 3, shelf: 1 }]
    tell({ type: 'Restarted', fridge: id as never, version: '1', offMs: 0 })
    tell({ type: 'CatalogueOffered', hash: 'a', events: [{ type: 'CatalogueAdopted', hash: 'a', currency: 'EUR', products }] }) // prettier-ignore
    tell({ type: 'ControllerFound', bootId: 1, uptimeMs: 1, doorOpen: false, lockOpen: false })
    tell({ type: 'TemperatureRead', celsius: 4 })
    const link = createCommandLink(
      {
        connect: overMqtt(),
        fetch: (to, { method, headers, body, signal }) => fetch(to, { method, headers, body: Buffer.from(body), signal }), // prettier-ignore
        key,
        clock: quick,
        random,
        log: silent,
        facts: () => ({ atMs: Date.now(), version: '1', name: 'corner', holdMinor: 1500, currency: 'EUR', acted: { now: fridge.remote.lanes.now.highest, kept: fridge.remote.lanes.kept.highest } }), // prettier-ignore
        state: () => ({ atMs: Date.now(), doorOpen: false, celsius: 4, at: fridge.visits.session.at, closed: null, pending: 0 }), // prettier-ignore
        known: (command) => known(fridge.remote, command),
        async act(command: Command) {
          if (how.deaf) return new Promise(() => {}) // it dies before it writes anything
          tell({ type: 'CommandReceived', command })
          const found = known(fridge.remote, command)
          return found === null || found === 'unknown' ? { outcome: 'stale', why: 'late' } : found
        },
        failed(error) {
          throw error
        },
      },
      { fridge: id, relayUrl },
    )
    links.push(link)
    await until(async () => (await liveOf(db(), id))[0]?.online === true)
    return {
      ...paired,
      link,
      how,
      world,
      tell,
      effects,
      at: () => fridge.visits.session.at,
      /** The shopper opens, takes `cans` and closes; the fridge asks the bank for what its books say. */
      async shop(visit: string, cans: number) {
        const of = visitId(visit)
        tell({ type: 'UnlockAnswered', visit: of, key: unlockKey(of), answer: 'unlocked' })
        tell({ type: 'DoorOpened' })
        tell({ type: 'DoorClosed' })
        const weigh = effects.at(-1)
        if (weigh?.type !== 'ResolveBasket') throw new Error('nothing is weighed')
        const lines = cans === 0 ? [] : [{ sku: sku('cola'), count: cans, priceMinor: minor(250) }]
        const moves = cans === 0 ? [] : [{ sku: sku('cola'), shelf: 1, count: -cans }]
        tell({ type: 'BasketWeighed', visit: of, key: weigh.key, resolution: { lines, moves, probability: 0.999, sureLines: lines, runnerUp: [], after: [] } }) // prettier-ignore
        const money = effects.at(-1)
        if (money?.type === 'CaptureHold') {
          const answer = await untilAnswered(() => provider.capture(money))
          tell({ type: 'CaptureAnswered', visit: of, key: money.key, answer })
        }
        if (money?.type === 'ReleaseHold') {
          const answer = await untilAnswered(() => provider.release(money))
          tell({ type: 'ReleaseAnswered', visit: of, key: money.key, answer })
        }
        await paired.drain()
      },
    }
  }

  /** As the outbox asks: by the same key, until the bank has answered. */
  async function untilAnswered<Answer extends { ok: boolean }>(ask: () => Promise<Answer>): Promise<Answer> {
    for (let tried = 0; ; tried++) {
      const answer = await ask()
      if (answer.ok) return answer
      if (tried > 20) throw new Error(JSON.stringify(answer))
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  interface Said {
    status: string
    code?: string
    transaction_id?: string
    visit?: string
    at?: string
    reason?: string
    receipt?: unknown
    [more: string]: unknown
  }
  const shopperOf = async (name = `shopper-${randomBytes(4).toString('hex')}`, at = app) => {
    const token = (await shop.tokens.issue?.(name, 5)) ?? ''
    const ask = async (method: 'GET' | 'POST', path: string, payload?: object, headers: Record<string, string> = {}) => {
      const authorization = `Bearer ${token}`
      const answer = await at.inject({ method, url: path, headers: { authorization, ...headers }, ...(payload === undefined ? {} : { payload }) }) // prettier-ignore
      return { status: answer.statusCode, body: answer.json<Said>() }
    } // prettier-ignore
    return { name, ask }
  }
  const paying = async (card = 'pm_card_visa', at = app) => {
    const shopper = await shopperOf(undefined, at)
    const saved = await shopper.ask('POST', '/save-payment', { paymentMethodId: card })
    expect(saved).toMatchObject({ status: 200, body: { status: 'success' } })
    return shopper
  }
  const holdOf = (visit: string | undefined) => bank.summary().holds.filter((one) => one.visit === visit)

  test('[RL1] [RL4] [M8] a shopper sees the hold, opens the door, and is charged by the fridge for what was taken', async () => {
    const fridge = await fridgeAtWork()
    const { ask } = await paying()
    const offered = await ask('POST', '/transactions', { fridge: fridge.id })
    expect(offered).toMatchObject({
      status: 201,
      body: { name: 'corner', hold: { amountMinor: 1500, currency: 'EUR' }, closed: null },
    })
    const id = offered.body.transaction_id
    const opened = await ask('POST', '/unlock', { id })
    expect(opened).toMatchObject({ status: 200, body: { status: 'success', transaction_id: id } })
    expect(fridge.at()).toBe('unlocking')
    const { visit = '' } = opened.body
    expect(holdOf(visit)).toMatchObject([{ status: 'held', amountMinor: 1500 }])
    await fridge.shop(visit, 2)
    expect(holdOf(visit)).toMatchObject([{ status: 'captured', capturedMinor: 500 }])
    expect((await ask('GET', `/transactions/${id}`)).body).toMatchObject({
      at: 'unlocked',
      receipt: { number: 1, chargedMinor: 500, currency: 'EUR' },
    })
    expect(await ask('POST', '/unlock', { id })).toMatchObject({ status: 200, body: { visit } }) // again: nothing more
    expect(holdOf(visit).length).toBe(1)
    expect(fridge.effects.filter(({ type }) => type === 'UnlockDoor').length).toBe(1)
  })

  test('[PAY17] a refund gives back what was captured and no more, once a key, also where its answer is lost', async () => {
    const fridge = await fridgeAtWork()
    const { ask } = await paying()
    const opened = await ask('POST', '/unlock', { id: fridge.id })
    expect(opened.status).toBe(200)
    const { visit = '' } = opened.body
    const reference = holdOf(visit)[0]?.reference ?? ''
    await fridge.shop(visit, 2)
    expect(holdOf(visit)).toMatchObject([{ status: 'captured', capturedMinor: 500 }])
    const refund = (key: string, amountMinor: number) => shop.wallet.refund({ key, reference, amountMinor })
    bank.inject({ fault: { type: 'garbledAfterEffect' }, count: 1, only: ['refund'] })
    expect(await refund('a', 200)).toEqual({ ok: false, error: { code: 'unreachable' } })
    for (let again = 0; again < 3; again++) expect(await refund('a', 200)).toEqual({ ok: true, value: { amountMinor: 200 } }) // prettier-ignore
    expect(await refund('b', 400)).toMatchObject({ ok: false, error: { code: 'refused' } })
    expect(await refund('c', 300)).toMatchObject({ ok: true })
    expect(holdOf(visit)).toMatchObject([{ capturedMinor: 500, refundedMinor: 500 }])
  })

  test('[RL1] [M3] many times at once and by a fridge’s id, one transaction opens once', async () => {
    const fridge = await fridgeAtWork()
    const { ask } = await paying()
    const { transaction_id: id } = (await ask('POST', '/transactions', { fridge: fridge.id })).body
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask('POST', '/unlock', { id })))
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(0)
    expect(answers.every(({ status }) => status === 200 || status === 202)).toBe(true)
    const visit = answers[0]?.body.visit ?? ''
    expect(holdOf(visit).length).toBe(1)
    expect(fridge.effects.filter(({ type }) => type === 'UnlockDoor').length).toBe(1)
    const second = await ask('POST', '/unlock', { id: fridge.id })
    expect(second).toMatchObject({ status: 409, body: { code: 'refused', reason: 'busy' } })
    expect(holdOf(second.body.visit)).toMatchObject([{ status: 'released' }])
    await fridge.shop(visit, 0)
    expect(holdOf(visit)).toMatchObject([{ status: 'released', capturedMinor: 0 }])
  })

  test('[RL2] [RL5] declined, refused and offline: no door opens, and no hold is left', async () => {
    const fridge = await fridgeAtWork()
    const poor = await paying('pm_card_visa')
    fridge.world.storageFull = true
    const refused = await poor.ask('POST', '/unlock', { id: fridge.id })
    expect(refused).toMatchObject({ status: 409, body: { code: 'refused', reason: 'storage' } })
    expect(holdOf(refused.body.visit)).toMatchObject([{ status: 'released' }])
    fridge.world.storageFull = false
    bank.inject({ fault: { type: 'decline', declineCode: 'insufficient_funds' }, count: 1, only: ['create'] })
    const declined = await poor.ask('POST', '/unlock', { id: fridge.id })
    expect(declined).toMatchObject({ status: 402, body: { code: 'declined', reason: 'insufficientFunds' } })
    // The hold is made and its answer is lost: it is found by its key, and let go.
    bank.inject({ fault: { type: 'error500AfterEffect' }, count: 1, only: ['create'] })
    const lost = await poor.ask('POST', '/unlock', { id: fridge.id })
    if (lost.status !== 200) expect(lost).toMatchObject({ status: 503, body: { code: 'bankSilent' } })
    await sweep(ports(), db(), 0)
    for (const hold of holdOf(lost.body.visit)) expect(hold.status).toBe(lost.status === 200 ? 'held' : 'released')
    if (lost.status === 200) await fridge.shop(lost.body.visit ?? '', 0)
    const { transaction_id: id } = (await poor.ask('POST', '/transactions', { fridge: fridge.id })).body
    fridge.link.stop()
    await until(async () => (await liveOf(db(), fridge.id))[0]?.online === false)
    const offline = await poor.ask('POST', '/unlock', { id })
    expect(offline).toMatchObject({ status: 503, body: { code: 'offline' } })
    expect(holdOf(offline.body.visit)).toMatchObject([{ status: 'released' }])
    expect(await poor.ask('POST', '/unlock', { id: fridge.id })).toMatchObject({
      status: 503,
      body: { code: 'offline' },
    })
    expect(fridge.effects.filter(({ type }) => type === 'UnlockDoor').length).toBe(lost.status === 200 ? 1 : 0)
  })

  test('[RL5] [M6] silence is no answer: the hold stands until the fridge’s books have gone on without it', { timeout: slow }, async () => {
    const impatient = await relay({ patience: { unlockMs: 300, wordMs: 100 } })
    const fridge = await fridgeAtWork(await impatient.listen({ host: '127.0.0.1', port: 0 }))
    const { ask } = await paying('pm_card_visa', impatient)
    fridge.how.deaf = true
    const pending = await ask('POST', '/unlock', { id: fridge.id })
    expect(pending).toMatchObject({ status: 202, body: { status: 'pending' } })
    const { visit } = pending.body
    await sweep(ports(), db(), 0)
    expect(holdOf(visit)).toMatchObject([{ status: 'held' }])
    fridge.books.write(Date.now() + 60_000, { type: 'SensorLost' })
    await fridge.drain()
    await sweep(ports(), db(), 0)
    expect(holdOf(visit)).toMatchObject([{ status: 'released' }])
    expect((await ask('GET', `/transactions/${pending.body.transaction_id}`)).body).toMatchObject({ at: 'released', why: 'neverTaken' }) // prettier-ignore
    await impatient.close()
  }) // prettier-ignore

  test('[RL3] [RL5] a worker that dies between hold and command: another gives the hold back, and no command is sent', async () => {
    const fridge = await fridgeAtWork()
    const { name, ask } = await paying()
    const { transaction_id: id = '' } = (await ask('POST', '/transactions', { fridge: fridge.id })).body
    const { transactionOf, shopperOf: known } = await import('../../sync/relay/store/transactions.ts')
    const { unlock } = await import('../../sync/relay/unlocks.ts')
    const transaction = await transactionOf(db(), id)
    const { method, customer } = await known(db(), name)
    if (transaction === null || method === null || customer === null) throw new Error('nothing to unlock')
    const slowLive: Pick<Live, 'now'> = {
      async now(command, goodForMs, made) {
        await sweep(ports(), db(), 0) // another copy thinks that this one is gone
        return live.now(command, goodForMs, made)
      },
    }
    expect(await unlock({ ...ports(), live: slowLive }, db(), transaction, method, customer)).toEqual({ type: 'bankSilent' }) // prettier-ignore
    expect(holdOf(transaction.visit)).toMatchObject([{ status: 'released' }])
    expect(fridge.effects).toEqual([])
    expect((await transactionOf(db(), id))?.at).toBe('released')
  })

  test('[RL6] [PAY16] who may: strangers, other shoppers, viewers and forged tokens may not; a method is needed', async () => {
    const fridge = await fridgeAtWork()
    const owner = await paying()
    const { transaction_id: id = '' } = (await owner.ask('POST', '/transactions', { fridge: fridge.id })).body
    const other = await shopperOf()
    expect(await other.ask('POST', '/unlock', { id })).toMatchObject({ status: 404 })
    expect(await other.ask('GET', `/transactions/${id}`)).toMatchObject({ status: 404 })
    expect(await other.ask('POST', '/unlock', { id: fridge.id })).toMatchObject({ status: 402, body: { code: 'noMethod' } }) // prettier-ignore
    const forged = await createTokens({ secret: Buffer.alloc(32, 4) })
    const expired = (await shop.tokens.issue?.(owner.name, -1)) ?? ''
    const viewer = await makeKey(db(), 'a viewer', 'viewer')
    for (const bad of ['', 'nonsense', (await forged.issue?.(owner.name, 5)) ?? '', expired, viewer]) {
      const answer = await app.inject({ method: 'POST', url: '/unlock', headers: { authorization: `Bearer ${bad}` }, payload: { id }, remoteAddress: '10.0.0.1' }) // prettier-ignore
      expect(answer.statusCode).toBe(401)
    }
    const key = await makeKey(db(), 'a program', 'operator')
    const byKey = await app.inject({ method: 'POST', url: '/unlock', headers: { authorization: `Bearer ${key}` }, payload: { id } }) // prettier-ignore
    expect(byKey.json()).toMatchObject({ status: 'success', transaction_id: id })
    const methodByKey = await app.inject({ method: 'POST', url: '/save-payment', headers: { authorization: `Bearer ${key}` }, payload: {} }) // prettier-ignore
    expect(methodByKey.statusCode).toBe(401)
    let last = 0
    for (let tried = 0; tried < 32; tried++)
      last = (await app.inject({ method: 'POST', url: '/unlock', payload: { id }, remoteAddress: '10.0.0.2' })).statusCode // prettier-ignore
    expect(last).toBe(429)
    expect((await owner.ask('GET', `/transactions/${id}`)).status).toBe(200)
  })

  test('[RL6] [PAY16] saving a method: the issuer’s no, its wish for a sign-in, and the page’s own way', async () => {
    const { ask } = await shopperOf()
    expect(await ask('POST', '/save-payment', {})).toMatchObject({ status: 200, body: { status: 'begun', client_secret: expect.stringContaining('secret') as string } }) // prettier-ignore
    expect(await ask('POST', '/save-payment', { paymentMethodId: 'pm_card_chargeDeclinedInsufficientFunds' })).toMatchObject({ status: 402, body: { code: 'declined', reason: 'insufficientFunds' } }) // prettier-ignore
    expect(await ask('POST', '/save-payment', { paymentMethodId: 'pm_card_authenticationRequired' })).toMatchObject({ status: 202, body: { status: 'authentication_needed' } }) // prettier-ignore
    expect(await ask('POST', '/save-payment', { paymentMethodId: 'pm_nothing' })).toMatchObject({ status: 400, body: { code: 'unknownMethod' } }) // prettier-ignore
    expect(await ask('POST', '/save-payment', { paymentMethodId: '../x' })).toMatchObject({ status: 400 })
    const first = await ask('POST', '/save-payment', { paymentMethodId: 'pm_card_visa' }, { 'idempotency-key': 'k1' })
    expect(first).toMatchObject({ status: 200, body: { status: 'success', card: { brand: 'visa' } } })
    expect(await ask('POST', '/save-payment', { paymentMethodId: 'pm_card_visa' }, { 'idempotency-key': 'k1' })).toEqual(first) // prettier-ignore
    expect(await ask('POST', '/save-payment', {}, { 'idempotency-key': 'k1' })).toMatchObject({ status: 422 })
  })
}
