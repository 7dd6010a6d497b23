/** What a shopper’s phone asks before and beside a visit: sign-in by mail, the fridge before it, mails and pushes; on each store. */
import { createHash, createECDH, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { phoneFridgeSchema, phoneMeSchema, phoneSetupSchema } from '../../src/contract/phone.ts'
import { encodeWindow, encodeWindowPicture, signedWindow } from '../../sync/protocol/window.ts'
import { createTokens } from '../../sync/relay/tokens.ts'
import { onEachStore, until } from './in-time.ts'
import { phoneDesk } from './phone-desk.ts'
import { newFridge } from './relay-fridge.ts'

onEachStore((open) => {
  const {
    db,
    ask,
    address,
    codeTo,
    signIn,
    fridgeAtWork,
    unlocked,
    app,
    bank,
    mail,
    sender,
    pushed,
    pushUrl,
    answerPushes,
  } = phoneDesk(open)

  test('[RL20] a code from a mail signs in once, and opens the older routes too; after signing out it is nobody’s', async () => {
    const { email, token } = await signIn()
    const me = await ask('GET', '/shop/me', undefined, token)
    expect(phoneMeSchema.parse(me.body)).toEqual({ email, mailReceipts: false, card: null, visit: null })
    expect(me.headers['cache-control']).toBe('no-store')
    expect((await ask('POST', '/save-payment', {}, token)).body).toMatchObject({ status: 'begun' })
    expect(mail().mails.findLast(({ to }) => to === email)?.text).toMatch(/Ihr Code zum Anmelden/)
    const again = await ask('POST', '/shop/sign-in/code', { email, code: await codeTo(email) })
    expect(again).toMatchObject({ status: 401, body: { code: 'wrongCode' } })
    expect((await ask('POST', '/shop/sign-out', {}, token)).status).toBe(200)
    for (const [method, path] of [['GET', '/shop/me'], ['POST', '/save-payment'], ['GET', '/shop/visits']] as const)
      expect((await ask(method, path, method === 'POST' ? {} : undefined, token)).status).toBe(401)
  }) // prettier-ignore

  test('[RL20] [RL21] a code is good for five tries, the newest only, and stands nowhere in the database', async () => {
    const email = address()
    await ask('POST', '/shop/sign-in', { email })
    const first = await codeTo(email)
    const stored = await db().selectFrom('sign_in_codes').selectAll().execute()
    const written = await db().selectFrom('letters').selectAll().execute()
    expect(JSON.stringify([stored, written])).not.toContain(email)
    expect(written.filter(({ over_at }) => over_at !== null).every(({ body, target }) => body === null && target === null)).toBe(true) // prettier-ignore
    const wrong = first === '000000' ? '000001' : '000000'
    for (let tried = 0; tried < 5; tried++)
      expect(await ask('POST', '/shop/sign-in/code', { email, code: wrong })).toMatchObject({ status: 401 })
    expect(await ask('POST', '/shop/sign-in/code', { email, code: first })).toMatchObject({ status: 401 })
    await ask('POST', '/shop/sign-in', { email })
    const second = await until(async () => {
      const code = await codeTo(email)
      return code !== first && code
    })
    expect((await ask('POST', '/shop/sign-in/code', { email, code: second })).status).toBe(200)
  })

  test('[RL21] who asks too often waits, alike for an address with an account and one without', async () => {
    const known = (await signIn()).email
    const stranger = address()
    const answers: unknown[] = []
    for (const [at, email] of [known, stranger].entries())
      for (let times = 0; times < 5; times++) {
        const { status, body, headers } = await ask(
          'POST',
          '/shop/sign-in',
          { email },
          undefined,
          `10.9.${sender()}.${at}`,
        )
        if (status === 429) expect(Number(headers['retry-after'])).toBeGreaterThan(0)
        answers.push([email === known ? times + 1 : times, status, body['code'] ?? body['status']])
      }
    expect(answers.filter((one) => JSON.stringify(one).includes('429')).length).toBe(3)
    const flood = await Promise.all(Array.from({ length: 20 }, () => ask('POST', '/shop/sign-in', { email: address() }, undefined, `10.8.0.${sender()}`))) // prettier-ignore
    expect(flood.filter(({ status }) => status === 202).length).toBe(12)
  })

  test('[RL22] bad input is refused by what is wrong with it', async () => {
    for (const email of ['', 'a', 'a@b', 'a@b.c\r\nBcc: d@e.fg', 'a@b.cd, e@f.gh', `${'a'.repeat(250)}@b.cd`, 5, null])
      expect(await ask('POST', '/shop/sign-in', { email })).toMatchObject({ status: 400, body: { code: 'malformed' } })
    for (const code of ['12345', '1234567', 'abcdef', 123456])
      expect(await ask('POST', '/shop/sign-in/code', { email: 'a@b.cd', code })).toMatchObject({ status: 400 })
    const { token } = await signIn()
    expect(await ask('POST', '/shop/me', { mailReceipts: 'yes' }, token)).toMatchObject({ status: 400 })
    expect(await ask('GET', '/shop/visits?before=x', undefined, token)).toMatchObject({ status: 400 })
    for (const endpoint of ['http://127.0.0.1:1/x', 'https://example.org/x', 'https://fcm.googleapis.com:81/x', 'no'])
      expect(await ask('POST', '/shop/push', { subscription: { endpoint, keys: { p256dh: 'aa', auth: 'aa' } } }, token)).toMatchObject({ status: 400 }) // prettier-ignore
    for (const forged of [
      `${token}x`,
      'vv_1_2',
      await createTokens({ secret: Buffer.alloc(32, 4) }).then((one) => one.issue?.('a', 5) ?? ''),
    ])
      // prettier-ignore
      expect((await ask('GET', '/shop/me', undefined, forged)).status).toBe(401)
  })

  test('[RL24] [SY60] [SY61] a phone sees what a fridge sells, by the fridge’s own signed word', async () => {
    const fridge = await fridgeAtWork()
    expect(phoneSetupSchema.parse((await ask('GET', '/shop/setup')).body)).toMatchObject({ mail: true, payments: { publishableKey: bank().publishableKey } }) // prettier-ignore
    const picture = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')
    const sha256 = createHash('sha256').update(picture).digest('hex')
    const name = { en: 'Cola', es: 'Cola', de: 'Brause' }
    const tell = async (body: Uint8Array, as = fridge) => {
      const signature = Buffer.from(as.key.sign(signedWindow(fridge.id, body))).toString('base64')
      const headers = { 'content-type': 'application/octet-stream', 'vv-protocol': '1', 'vv-fridge': fridge.id, 'vv-signature': signature } // prettier-ignore
      return (await app().inject({ method: 'POST', url: '/sync/v1/window', headers, payload: Buffer.from(body) })).json<object>() // prettier-ignore
    }
    const window = { fridge: fridge.id, contact: '+49 1', products: [{ sku: 'cola', name, picture: sha256 }] }
    expect(await tell(encodeWindow(window))).toEqual({ type: 'wanted', sha256: [sha256], phone: `https://shop.example/f/${fridge.id}` }) // prettier-ignore
    const sent = { fridge: fridge.id, sha256, mediaType: 'image/svg+xml' as const, picture }
    expect(await tell(encodeWindowPicture({ ...sent, mediaType: 'image/png' }))).toMatchObject({ type: 'malformed' })
    expect(await tell(encodeWindowPicture(sent))).toEqual({ type: 'kept' })
    expect(await tell(encodeWindow(window))).toMatchObject({ sha256: [] })
    const other = await newFridge(app(), db())
    expect(await tell(encodeWindow(window), { ...fridge, key: other.key })).toEqual({ type: 'badSignature' })
    expect(await tell(encodeWindow({ ...window, fridge: other.id }))).toEqual({ type: 'foreignRows' })
    const seen = phoneFridgeSchema.parse((await ask('GET', `/shop/fridges/${fridge.id}`)).body)
    expect(seen).toMatchObject({ name: 'corner', contact: '+49 1', holdMinor: 1500, online: true, busy: false, closed: null, celsius: 4 }) // prettier-ignore
    expect(seen.products).toEqual([{ sku: 'cola', name, priceMinor: 250, left: 6, pictureUrl: `/shop/pictures/${sha256}` }]) // prettier-ignore
    const shown = await ask('GET', `/shop/pictures/${sha256}`)
    expect(shown.headers).toMatchObject({ 'content-type': 'image/svg+xml', 'x-content-type-options': 'nosniff' })
    expect(shown.headers['content-security-policy']).toContain('sandbox')
    expect(await ask('GET', '/shop/fridges/nowhere')).toMatchObject({ status: 404, body: { code: 'unknownFridge' } })
    const page = await app().inject({ method: 'GET', url: `/f/${fridge.id}` })
    // Without a built page it leads on; with it [RL80] it says what the routes say.
    if (page.statusCode === 200)
      expect(JSON.parse(/id="given">([^<]+)</.exec(page.body)?.[1] ?? '')).toEqual({ setup: (await ask('GET', '/shop/setup')).body, fridge: seen }) // prettier-ignore
    else expect(page.headers['location']).toBe('/phone/')
    expect((await ask('GET', '/f/..%2f..%2fevil')).headers['location'] ?? '/phone/').toBe('/phone/')
  })

  test('[RL23] a mail server that is away or full is tried again; one that refuses is not', async () => {
    const letters = async () => db().selectFrom('letters').select(['id', 'tries', 'outcome', 'over_at']).where('id', 'like', 'code/%').orderBy('made_at', 'desc').limit(1).executeTakeFirstOrThrow() // prettier-ignore
    mail().refuse('451 later', 1)
    const email = address()
    await ask('POST', '/shop/sign-in', { email })
    const late = await until(async () => ((await letters()).tries > 0 ? letters() : null))
    expect(late.over_at).toBeNull()
    await db().updateTable('letters').set({ due_at: new Date(0) }).where('id', '=', late.id).execute()
    await codeTo(email)
    mail().refuse('550 nobody', 1)
    await ask('POST', '/shop/sign-in', { email: address() })
    expect(await until(async () => ((await letters()).over_at === null ? null : letters()))).toMatchObject({ outcome: 'refused', tries: 1 }) // prettier-ignore
  }) // prettier-ignore

  test('[RL28] phones are told of the open door and the receipt; one that is gone is told nothing more', async () => {
    const fridge = await fridgeAtWork()
    const { token } = await signIn()
    const browser = createECDH('prime256v1')
    const keys = { p256dh: browser.generateKeys().toString('base64url'), auth: randomBytes(16).toString('base64url') }
    const endpoint = pushUrl(`/push/${sender()}`)
    expect((await ask('POST', '/shop/push', { subscription: { endpoint, keys }, language: 'en' }, token)).status).toBe(
      200,
    )
    const mine = () => pushed(`/push/${sender()}`)
    const { visit } = await unlocked(fridge.id, token)
    await until(() => mine().length === 1)
    expect(mine()[0]?.headers).toMatchObject({ 'content-encoding': 'aes128gcm', authorization: expect.stringMatching(/^vapid t=.+, k=.+/) }) // prettier-ignore
    answerPushes(410)
    await fridge.booked(visit, 1)
    await until(() => mine().length === 2)
    await until(async () => (await db().selectFrom('push_subscriptions').selectAll().where('endpoint', '=', endpoint).execute()).length === 0) // prettier-ignore
  })
})
