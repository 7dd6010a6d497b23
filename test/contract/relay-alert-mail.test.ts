/** Alerts by mail, against a mail server: one mail a minute, again until it is taken, the same on every store; and letters given once. */
import { sql } from 'kysely'
import { pino } from 'pino'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createAlertMail } from '../../sync/relay/alert-mail.ts'
import { alertLetter } from '../../sync/relay/mail/alert-letter.ts'
import { smtpCarrier, type Carrier } from '../../sync/relay/mail/carrier.ts'
import { codeLetter, mailSchema } from '../../sync/relay/mail/letters.ts'
import { sendDue } from '../../sync/relay/mail/post.ts'
import { createMetrics, type Metrics } from '../../sync/relay/metrics.ts'
import { createSeals } from '../../sync/relay/phone/seals.ts'
import { addLetter, takeLetters } from '../../sync/relay/store/letters.ts'
import type { Notice } from '../../sync/relay/store/notices.ts'
import type { Db } from '../../sync/relay/store/open.ts'
import { openMemory, openOwnPostgresql, postgresqlBin, type TestStore } from './relay-stores.ts'
import { startMailServer, type MailServer } from './smtp.ts'

const slow = 120_000

describe('on an embedded database', () => {
  contract(openMemory)
})
describe.skipIf(postgresqlBin === null && process.env['CI'] !== 'true')('on PostgreSQL', () => {
  contract(openOwnPostgresql)
})

function contract(open: () => Promise<TestStore>): void {
  let opened: TestStore
  let server: MailServer
  let carrier: Carrier
  let metrics: Metrics
  let times = 0
  beforeAll(async () => {
    opened = await open()
    server = await startMailServer()
    carrier = smtpCarrier(server.url, 'Shop <shop@example.org>', () => {})
    metrics = createMetrics()
  }, slow)
  beforeEach(() => void (server.mails.length = 0))
  afterAll(async () => {
    carrier.close()
    await server.close()
    await opened.close()
  }, slow)

  const db = (): Db => opened.store.db
  /** Readers whom nobody mailed yet. */
  const readers = (...to: string[]) => to.map((name) => `${name}-${++times}@example.org`)
  const mailerTo = (to: readonly string[], language: 'en' | 'es' | 'de' = 'en', by = carrier) =>
    createAlertMail(
      { to, language },
      { carrier: by, link: 'https://shop.example/fleet/', zone: 'Europe/Berlin', metrics, log: { warn: () => {} } },
    )
  const raise = async (fridge: string, kind: string, subject = '', detail = ''): Promise<void> =>
    void (await sql`insert into alerts (fridge, kind, subject, detail) values (${fridge}, ${kind}, ${subject}, ${detail})`.execute(db())) // prettier-ignore
  const clear = async (fridge: string): Promise<void> =>
    void (await sql`update alerts set cleared_at = now() where fridge = ${fridge} and cleared_at is null`.execute(db()))
  const minuteLater = async (): Promise<void> => {
    await sql`update event_sinks set digest_at = digest_at - interval '1 minute'`.execute(db())
    await sql`update event_notices set due_at = now() where done_at is null`.execute(db())
  }
  const header = (text: string, name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(text)?.[1] ?? ''
  const outcomesOf = async (fridge: string): Promise<string[]> => {
    const { rows } = await sql<{ outcome: string }>`select outcome from event_notices
      where fridge = ${fridge} and sink like 'mail/%' order by outcome`.execute(db())
    return rows.map(({ outcome }) => outcome)
  }

  test('[RL70] a hundred fridges that fall silent are one mail to each address, and what comes after waits a minute', async () => {
    const to = readers('ada', 'grace')
    const mailer = mailerTo(to)
    await raise('of-before', 'offline')
    await mailer.turn(db())
    expect(server.mails).toEqual([])
    await sql`insert into alerts (fridge, kind, subject, detail)
      select 'silent-' || n, 'offline', '', 'not heard of for 300 s' from generate_series(1, 100) n`.execute(db())
    await mailer.turn(db())
    await raise('warm', 'temperature', '', 'sales are stopped: temperature')
    await mailer.turn(db())
    expect(server.mails.map((mail) => mail.to).toSorted()).toEqual(to.toSorted())
    const [first] = server.mails
    expect(header(first?.text ?? '', 'Subject')).toBe('100 new alerts')
    expect(new Set(first?.text.match(/silent-\d+: Not heard of/g)).size).toBe(100)
    expect(first?.text).toContain('https://shop.example/fleet/')
    await minuteLater()
    await sql`update alerts set cleared_at = now() where fridge like 'silent-%'`.execute(db())
    await mailer.turn(db())
    await mailer.turn(db())
    expect(server.mails.map(({ text }) => header(text, 'Subject')).slice(2)).toEqual([
      '1 new alert, 100 over',
      '1 new alert, 100 over',
    ])
    expect(await metrics.text(null, new Map(), false)).toContain('visionvend_relay_waiting{to="mail"} 0')
  })

  test('[RL70] each alert is mailed when it is raised, escalated and over, and once where all of that is in one mail', async () => {
    const mailer = mailerTo(readers('ada'), 'es')
    await mailer.turn(db())
    await raise('fridge-1', 'payments', '', '3 payments failed within 15 minutes')
    await mailer.turn(db())
    await sql`update alerts set escalated_at = now() where fridge = 'fridge-1'`.execute(db())
    await sql`update alerts set acknowledged_at = now(), acknowledged_by = 'Ada' where fridge = 'fridge-1'`.execute(
      db(),
    )
    await minuteLater()
    await mailer.turn(db())
    await clear('fridge-1')
    await raise('fridge-2', 'door')
    await clear('fridge-2')
    await minuteLater()
    await mailer.turn(db())
    await minuteLater()
    await mailer.turn(db())
    const subjects = server.mails.map(({ text }) => header(text, 'Subject'))
    expect(subjects).toEqual([
      'fridge-1: Fallan los pagos',
      'Sigue abierta: fridge-1: Fallan los pagos',
      '2 terminadas',
    ])
  })

  test('[RL70] [RL23] a copy that dies after the server took the mail: another sends the same again, under the same Message-ID', async () => {
    const to = readers('ada')
    const mailer = mailerTo(to)
    await mailer.turn(db())
    await raise('fridge-3', 'door')
    const killed = mailerTo(to, 'en', {
      ...carrier,
      carry: async (...mail) => {
        await carrier.carry(...mail)
        return new Promise(() => {}) // and nothing after it
      },
    })
    void killed.turn(db())
    await expect.poll(() => server.mails.length).toBe(1)
    const second = await opened.another()
    await mailer.turn(second.db)
    expect(server.mails.length).toBe(1) // the dead one has it for a minute
    await raise('fridge-4', 'door')
    await minuteLater()
    await mailer.turn(second.db)
    await mailer.turn(second.db)
    await second.close()
    const [first, again] = server.mails.map(({ text }) =>
      text.replace(/^Date: .*$/m, '').replaceAll(/--_NmP-[\w-]+/g, ''),
    )
    expect(header(first ?? '', 'Message-ID')).toMatch(/^<[0-9a-f]{32}@example\.org>$/)
    expect(header(again ?? '', 'Message-ID')).toBe(header(first ?? '', 'Message-ID'))
    expect(again?.replaceAll(/boundary=.*/g, '')).toBe(first?.replaceAll(/boundary=.*/g, ''))
    await minuteLater()
    await mailer.turn(db())
    expect(server.mails.map(({ text }) => /fridge-[34]/.exec(text)?.[0])).toEqual(['fridge-3', 'fridge-3', 'fridge-4'])
  })

  test('[RL70] two copies mail an alert once; an address that is refused holds up no other', async () => {
    const to = readers('ada', 'grace')
    const [one, other] = [mailerTo(to), mailerTo(to)]
    await one.turn(db())
    await raise('fridge-5', 'door')
    server.refuse('550 nobody', 1)
    const second = await opened.another()
    await Promise.all([one.turn(db()), other.turn(second.db), one.turn(db()), other.turn(second.db)])
    await second.close()
    expect(server.mails.length).toBe(1)
    expect(await outcomesOf('fridge-5')).toEqual(expect.arrayContaining(['the mail server refused it', 'told']))
  })

  test('[RL70] a server that is away is tried again, ever later, for a day', async () => {
    const mailer = mailerTo(readers('ada'))
    await mailer.turn(db())
    await raise('fridge-6', 'door')
    server.refuse('451 later', 2)
    await mailer.turn(db())
    await mailer.turn(db())
    expect(server.mails.length).toBe(0)
    await minuteLater()
    await sql`update event_notices set at = now() - interval '25 hours' where fridge = 'fridge-6'`.execute(db())
    await mailer.turn(db())
    await minuteLater()
    await mailer.turn(db())
    expect(server.mails.length).toBe(0)
    expect(await outcomesOf('fridge-6')).toContain('nobody took it for a day')
  })

  test('[RL23] a letter is given once, by two copies too; one that was sent by a copy that died goes again as the same mail', async () => {
    const seals = createSeals(Buffer.alloc(32, 7))
    const log = pino({ level: 'silent' })
    const post = { carrier, pusher: null }
    const letter = codeLetter({ email: 'ada@example.org', code: '123456', language: 'en' })
    expect([await addLetter(db(), seals, letter), await addLetter(db(), seals, letter)]).toEqual([true, false])
    const second = await opened.another()
    await Promise.all([
      sendDue(db(), seals, post, log),
      sendDue(second.db, seals, post, log),
      sendDue(db(), seals, post, log),
    ])
    await sendDue(second.db, seals, post, log)
    expect(server.mails.length).toBe(1)
    const next = codeLetter({ email: 'ada@example.org', code: '654321', language: 'en' })
    await addLetter(db(), seals, next)
    const [due] = await takeLetters(db(), seals, 20)
    if (due === undefined) throw new Error('nothing was due')
    await carrier.carry(due.target, due.id, mailSchema.parse(JSON.parse(due.body)))
    expect(await sendDue(second.db, seals, post, log)).toBe(0) // the dead one has it for a minute
    await sql`update letters set due_at = now() where over_at is null`.execute(db())
    expect([await sendDue(second.db, seals, post, log), await sendDue(db(), seals, post, log)]).toEqual([1, 0])
    await second.close()
    expect(server.mails.length).toBe(3)
    const [, sent, again] = server.mails.map(({ text }) => header(text, 'Message-ID'))
    expect(again).toBe(sent)
    expect(sent).not.toBe(header(server.mails[0]?.text ?? '', 'Message-ID'))
  })
}

test('[RL70] a mail says it in its language, and what a fridge is called can not write in it', () => {
  const body = JSON.stringify({ alert: 1, kind: 'stock', subject: 'cola', detail: '2 of 10 left' })
  const notice: Notice = { fridge: 'f', id: '1', type: 'alert.raised', atMs: 0, tries: 1, body }
  const asked = { zone: 'UTC', link: null, nameOf: () => '<img src=x>' }
  const said = (['en', 'es', 'de'] as const).map((language) => alertLetter([notice], { ...asked, language }))
  expect(said.map(({ subject }) => subject)).toEqual([
    '<img src=x>: Running out: cola, 2 of 10 left',
    '<img src=x>: Se está acabando: cola, quedan 2 de 10',
    '<img src=x>: Geht zur Neige: cola, noch 2 von 10',
  ])
  for (const { html } of said) expect(html).not.toContain('<img')
})
