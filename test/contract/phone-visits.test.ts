/** What a shopper’s phone asks of a visit: the live basket, receipts, vouchers, cards, and nobody else’s; on each store. */
import { expect, test } from 'vitest'
import { phoneFridgeSchema, phoneMeSchema, phoneVisitSchema, phoneVisitsSchema } from '../../src/contract/phone.ts'
import type { LiveVisit } from '../../sync/protocol/mqtt.ts'
import { listReceipts } from '../../sync/relay/store/reads.ts'
import { makeVoucher } from '../../sync/relay/store/vouchers.ts'
import { onEachStore, until } from './in-time.ts'
import { phoneDesk } from './phone-desk.ts'

onEachStore((open) => {
  const { db, ask, signIn, fridgeAtWork, unlocked, visitNow, bank, mail, url } = phoneDesk(open)

  test('[RL25] [SY42] the live basket is at the phone that opened the door within a second, and goes on after a lost line', async () => {
    const fridge = await fridgeAtWork()
    const { token } = await signIn()
    const { id, visit } = await unlocked(fridge.id, token)
    const basket = (count: number): LiveVisit => ({ visit, at: 'shopping', leftMs: null, lines: [{ sku: 'cola', count, priceMinor: 250 }], totalMinor: 250 * count, leftOpen: false }) // prettier-ignore
    const stop = new AbortController()
    const listen = async (last?: string) => {
      const answer = await fetch(`${url()}/shop/visits/${id}/live`, {
        headers: { authorization: `Bearer ${token}`, ...(last === undefined ? {} : { 'last-event-id': last }) },
        signal: stop.signal,
      })
      expect(answer.headers.get('content-type')).toMatch('text/event-stream')
      const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader()
      let text = ''
      return async (holds: (told: ReturnType<typeof phoneVisitSchema.parse>) => boolean) => {
        for (;;) {
          for (const part of text.split('\n\n').slice(0, -1)) {
            const [, name = '', data = ''] = /id: (.*)\nevent: visit\ndata: (.*)/.exec(part) ?? []
            if (data !== '' && holds(phoneVisitSchema.parse(JSON.parse(data)))) return name
          }
          const { value, done } = (await reader?.read()) ?? { done: true }
          if (done) throw new Error('the stream ended')
          text += value
        }
      }
    }
    const heard = await listen()
    await heard(({ at }) => at === 'unlocked')
    const saidAt = performance.now()
    fridge.say({ at: 'shopping', doorOpen: true, visit: basket(2) })
    const last = await heard(({ live }) => live?.at === 'shopping' && live.lines?.[0]?.count === 2)
    expect(performance.now() - saidAt).toBeLessThan(1_000)
    const resumed = await listen(last)
    fridge.say({ visit: basket(1) })
    await resumed(({ live }) => {
      expect(live?.totalMinor).toBe(250) // what was told before is not told again
      return true
    })
    expect((await visitNow(id, token)).live).toMatchObject({ at: 'shopping', totalMinor: 250 })
    fridge.say({ at: 'idle', doorOpen: false, visit: undefined })
    await fridge.booked(visit, 1)
    await heard(({ end }) => end?.type === 'receipt' && end.receipt.payment === 'paid')
    stop.abort()
    expect(phoneFridgeSchema.parse((await ask('GET', `/shop/fridges/${fridge.id}`)).body).busy).toBe(false)
  })

  test('[RL23] [RL26] a receipt comes by mail where it is wanted, once, and as a PDF; history and money are exact', async () => {
    const fridge = await fridgeAtWork()
    const { email, token } = await signIn()
    expect((await ask('POST', '/shop/me', { mailReceipts: true, language: 'en' }, token)).status).toBe(200)
    const { id, visit } = await unlocked(fridge.id, token)
    expect(phoneMeSchema.parse((await ask('GET', '/shop/me', undefined, token)).body)).toMatchObject({ visit: id, card: { brand: expect.any(String) } }) // prettier-ignore
    expect(await ask('DELETE', '/shop/me', undefined, token)).toMatchObject({
      status: 409,
      body: { code: 'visitOpen' },
    })
    await fridge.booked(visit, 2, ['lime'])
    const told = await until(() => mail().mails.find(({ to, text }) => to === email && text.includes('Receipt 000007')))
    expect(told.text.replaceAll('=\r\n', '')).toContain(' or lime')
    expect((await visitNow(id, token)).end).toMatchObject({
      receipt: { lines: [{ sku: 'cola', or: [{ en: 'lime' }] }] },
    })
    expect(told.text).toContain('application/pdf')
    expect(told.text).toContain(`https://shop.example/phone/#visit/${id}`)
    expect((await ask('POST', `/shop/visits/${id}/mail`, { language: 'es' }, token)).status).toBe(202)
    expect((await ask('POST', `/shop/visits/${id}/mail`, { language: 'es' }, token)).status).toBe(202)
    await until(() => mail().mails.some(({ to, text }) => to === email && text.includes('Recibo 000007')))
    expect(mail().mails.filter(({ to, text }) => to === email && /Rec(?:eipt|ibo) 000007/.test(text)).length).toBe(2)
    const pdf = await ask('GET', `/shop/visits/${id}/receipt.pdf?language=de`, undefined, token)
    expect(pdf.raw.subarray(0, 5).toString()).toBe('%PDF-')
    expect(pdf.raw.toString('latin1')).toContain('(5,00 \x80)')
    expect(pdf.raw.toString('latin1')).toContain(' oder lime)')
    expect((await listReceipts(db(), { fridge: fridge.id, limit: 1 }))[0]?.lines).toMatchObject([{ or: ['lime'] }])
    const { visits, more } = phoneVisitsSchema.parse((await ask('GET', '/shop/visits', undefined, token)).body)
    expect([visits, more]).toMatchObject([[{ id, fridgeName: 'corner', chargedMinor: 500, refundedMinor: 0, review: false }], false]) // prettier-ignore
    expect((await ask('GET', `/shop/visits?before=${visits[0]?.atMs}`, undefined, token)).body).toEqual({ visits: [], more: false }) // prettier-ignore
  })

  test('[RL72] [RL26] a voucher is reserved before the unlock, and stands on the receipt; who guesses waits', async () => {
    const fridge = await fridgeAtWork()
    const { token } = await signIn()
    const wanted = { name: 'opening', currency: 'EUR', percent: 50, mostMinor: 900, uses: 1, codes: 1, fridges: [fridge.id], expiresAtMs: Date.now() + 60_000, reason: 'we open' } as const // prettier-ignore
    const { codes: [code = ''] } = await makeVoucher(db(), 'Ada', { ...wanted, fridges: [fridge.id] }) // prettier-ignore
    await ask('POST', '/save-payment', { paymentMethodId: 'pm_card_visa' }, token)
    const id = String((await ask('POST', '/transactions', { fridge: fridge.id }, token)).body['transaction_id'])
    const give = (typed: string, by = token) => ask('POST', `/shop/visits/${id}/voucher`, { code: typed }, by)
    expect(await give(code, (await signIn()).token)).toMatchObject({ status: 404 })
    expect(await give('AAAA-AAAA-AAAA')).toMatchObject({ status: 409, body: { code: 'noVoucher' } })
    expect(await give(code.toLowerCase())).toMatchObject({ status: 200, body: { percent: 50, mostMinor: 900 } })
    expect(await ask('POST', '/unlock', { id }, token)).toMatchObject({ status: 200 })
    expect(await give(code)).toMatchObject({ status: 409, body: { code: 'tooLate' } })
    const visit = String((await ask('GET', `/transactions/${id}`, undefined, token)).body['visit'])
    await fridge.booked(visit, 1)
    expect((await visitNow(id, token)).end).toMatchObject({ type: 'receipt', receipt: { chargedMinor: 250, voucherMinor: 125, refund: null } }) // prettier-ignore
    const pdf = await ask('GET', `/shop/visits/${id}/receipt.pdf?language=de`, undefined, token)
    expect(pdf.raw.toString('latin1')).toContain('(-1,25 \x80)')
    for (let tries = 0; tries < 10; tries++) await give('AAAA-AAAA-AAAA')
    expect(await give('AAAA-AAAA-AAAA')).toMatchObject({ status: 429, body: { code: 'wait' } })
  })

  test('[RL24] one shopper sees nothing of another’s', async () => {
    const fridge = await fridgeAtWork()
    const [a, b] = [await signIn(), await signIn()]
    const { id, visit } = await unlocked(fridge.id, a.token)
    await fridge.booked(visit, 1)
    const paths = [`/shop/visits/${id}`, `/shop/visits/${id}/live`, `/shop/visits/${id}/receipt.pdf`]
    for (const path of paths)
      expect(await ask('GET', path, undefined, b.token)).toMatchObject({ status: 404, body: { code: 'unknown' } })
    expect((await ask('POST', `/shop/visits/${id}/mail`, {}, b.token)).status).toBe(404)
    expect((await ask('GET', `/transactions/${id}`, undefined, b.token)).status).toBe(404)
    expect((await ask('GET', '/shop/visits', undefined, b.token)).body).toEqual({ visits: [], more: false })
    for (const path of paths) expect((await ask('GET', path)).status).toBe(401)
    expect((await visitNow(id, a.token)).end).toMatchObject({ type: 'receipt', receipt: { chargedMinor: 250 } })
  })

  test('[RL27] a card is removed at the provider first, and an account leaves the books without its shopper', async () => {
    const fridge = await fridgeAtWork()
    const { email, token } = await signIn()
    const { id, visit } = await unlocked(fridge.id, token)
    await fridge.booked(visit, 1)
    bank().inject({ fault: { type: 'networkDown' }, count: 3 })
    expect(await ask('DELETE', '/shop/card', undefined, token)).toMatchObject({
      status: 503,
      body: { code: 'bankSilent' },
    })
    bank().clearFaults()
    expect((await ask('DELETE', '/shop/card', undefined, token)).status).toBe(200)
    expect((await ask('GET', '/shop/me', undefined, token)).body).toMatchObject({ card: null })
    const offered = await ask('POST', '/transactions', { fridge: fridge.id }, token)
    expect(await ask('POST', '/unlock', { id: offered.body['transaction_id'] }, token)).toMatchObject({ status: 402, body: { code: 'noMethod' } }) // prettier-ignore
    expect((await ask('DELETE', '/shop/me', undefined, token)).status).toBe(200)
    expect((await ask('GET', '/shop/me', undefined, token)).status).toBe(401)
    const kept = await db().selectFrom('transactions').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
    expect(kept.shopper).toBe('deleted account')
    expect(await db().selectFrom('accounts').select('id').where('email', '=', email).execute()).toEqual([])
    const anew = await signIn(email)
    expect((await ask('GET', '/shop/visits', undefined, anew.token)).body).toEqual({ visits: [], more: false })
  })
})
