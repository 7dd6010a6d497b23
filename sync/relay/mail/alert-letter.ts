/**
 * Alert letter: a digest of alerts as one mail. Pure. Each alert stands in it once, as it stood last: new, escalated or over; what
 * comes from outside (names of fridges, SKUs) is escaped in its HTML. Called by alert-mail.ts.
 */
import { alertKinds, type FleetAlert } from '../../../src/contract/fleet.ts'
import type { Language } from '../../../src/core/product.ts'
import { momentIn } from '../phone/words.ts'
import type { Notice } from '../store/notices.ts'
import { alertWordsIn, type AlertWords } from './alert-words.ts'
import { escaped, page, type Mail } from './letters.ts'

export interface AlertLetterAsked {
  readonly language: Language
  readonly zone: string
  /** Of the owner's pages; null: nobody told the relay under which address they are seen. */
  readonly link: string | null
  /** A fridge's name, as people know it. */
  readonly nameOf: (fridge: string) => string
}

type Standing = 'raised' | 'escalated' | 'over'

interface Told {
  readonly fridge: string
  readonly kind: FleetAlert['kind']
  readonly what: string
  readonly standing: Standing
  readonly atMs: number
  /** Where the mail tells both. */
  readonly raisedMs: number | null
}

const standings: readonly Standing[] = ['escalated', 'raised', 'over']
const course = ['alert.raised', 'alert.escalated', 'alert.cleared']
/** The gravest first. */
const order: readonly FleetAlert['kind'][] = ['temperature', 'suspicious', 'door', 'payments', 'offline', 'stock']

export function alertLetter(notices: readonly Notice[], asked: AlertLetterAsked): Mail {
  const { language, zone, link } = asked
  const words = alertWordsIn(language)
  const when = (atMs: number): string => momentIn(language, atMs, zone)
  const told = storiesOf(notices, words, asked)
  const parts = standings
    .map((standing) => ({ standing, alerts: told.filter((one) => one.standing === standing) }))
    .filter(({ alerts }) => alerts.length > 0)
  const line = ({ fridge, what, standing, atMs, raisedMs }: Told) => ({
    what: `${fridge}: ${what}`,
    when: standing !== 'over' ? words.since(when(atMs)) : raisedMs === null ? when(atMs) : words.until(when(raisedMs), when(atMs)),
  }) // prettier-ignore
  /** What to do is said once for each kind that stands open. */
  const todo = order
    .filter((kind) => told.some((one) => one.kind === kind && one.standing !== 'over'))
    .map((kind) => `${words.kind[kind]}: ${words.todo[kind]}`)
  const rows = parts.map(({ standing, alerts }) => ({ title: words[standing], lines: alerts.map(line) }))
  return {
    subject: subjectOf(told, words),
    text: [
      ...rows.flatMap(({ title, lines }) => [title, ...lines.map((one) => `- ${one.what} (${one.when})`), '']),
      ...todo,
      ...(link === null ? [] : ['', `${words.see} ${link}`]),
      '',
      words.why,
      '',
    ].join('\n'),
    html: page(
      language,
      rows
        .map(
          ({ title, lines }) =>
            `<h1 style="font-size:18px">${escaped(title)}</h1><ul style="padding-left:20px">${lines
              .map((one) => `<li>${escaped(one.what)}<br><small style="color:#555">${escaped(one.when)}</small></li>`)
              .join('')}</ul>`,
        )
        .join('') +
        todo.map((one) => `<p>${escaped(one)}</p>`).join('') +
        (link === null ? '' : `<p><a href="${escaped(link)}">${escaped(words.see.replace(/:$/, ''))}</a></p>`) +
        `<p style="color:#555">${escaped(words.why)}</p>`,
    ),
  }
}

/** One for each alert, as the last notice of it has it. */
function storiesOf(notices: readonly Notice[], words: AlertWords, { nameOf }: AlertLetterAsked): Told[] {
  const stories = new Map<number, Told>()
  // Raised and over may bear the same instant.
  const inOrder = notices.toSorted((a, b) => a.atMs - b.atMs || course.indexOf(a.type) - course.indexOf(b.type))
  for (const { fridge, type, atMs, body } of inOrder) {
    const alert = JSON.parse(body) as { alert: number; kind: string; subject: string; detail: string }
    const kind = alertKinds.find((one) => one === alert.kind)
    if (kind === undefined) continue // of a newer release of the relay, which tells it itself
    const [, left, most] = /^(\d+) of (\d+) left$/.exec(alert.detail) ?? []
    const detail = left === undefined || most === undefined ? '' : `, ${words.left(left, most)}`
    const product = alert.subject === '' ? '' : `: ${alert.subject}`
    const before = stories.get(alert.alert)
    stories.set(alert.alert, {
      fridge: nameOf(fridge),
      kind,
      what: `${words.kind[kind]}${product}${detail}`,
      standing: type === 'alert.cleared' ? 'over' : type === 'alert.escalated' ? 'escalated' : 'raised',
      atMs,
      raisedMs: type === 'alert.raised' ? atMs : (before?.raisedMs ?? null),
    })
  }
  return [...stories.values()].toSorted((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind))
}

function subjectOf(told: readonly Told[], words: AlertWords): string {
  const [only] = told
  if (only !== undefined && told.length === 1) {
    const alert = `${only.fridge}: ${only.what}`
    const subject = { raised: (what: string) => what, escalated: words.escalatedSubject, over: words.overSubject }
    return subject[only.standing](alert)
  }
  const count = (standing: Standing): number => told.filter((one) => one.standing === standing).length
  return words.subject(count('raised'), count('escalated'), count('over'))
}
