/**
 * Letters: what is mailed and pushed to shoppers, in words. Pure. A mail is plain text and the same as simple HTML, in which
 * whatever comes from outside is escaped.
 */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { PhoneReceipt, PhoneVisit } from '../../../src/contract/phone.ts'
import type { Language } from '../../../src/core/product.ts'
import type { Letter } from '../store/letters.ts'
import { lineName, momentIn, moneyIn, wordsIn } from '../phone/words.ts'
import { receiptPdf } from './receipt-pdf.ts'

/** A mail's body as it waits. */
export const mailSchema = z.object({
  subject: z.string(),
  text: z.string(),
  html: z.string(),
  attachment: z.object({ name: z.string(), type: z.string(), base64: z.string() }).optional(),
})
export type Mail = z.infer<typeof mailSchema>

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs

export function codeLetter(asked: {
  readonly email: string
  readonly code: string
  readonly language: Language
}): Letter {
  const { email, code, language } = asked
  const words = wordsIn(language).code
  const mail: Mail = {
    subject: words.subject(code),
    text: `${words.is}\n\n    ${code}\n\n${words.good}\n\n${words.unasked}\n`,
    html: page(
      language,
      `<p>${escaped(words.is)}</p><p style="font-size:32px;letter-spacing:6px"><b>${code}</b></p>` +
        `<p>${escaped(words.good)}</p><p style="color:#555">${escaped(words.unasked)}</p>`,
    ),
  }
  const id = `code/${createHash('sha256').update(`${email}\n${code}\n${crypto.randomUUID()}`).digest('hex').slice(0, 32)}`
  return { id, shopper: '', kind: 'mail', target: email, body: JSON.stringify(mail), goodForMs: 10 * minuteMs }
}

export interface ReceiptAsked {
  readonly visit: PhoneVisit
  readonly receipt: PhoneReceipt
  readonly language: Language
  readonly zone: string
  /** The page that shows it; null: nobody told the relay under which address phones see it. */
  readonly link: string | null
}

/** `again`: a shopper asked for it by hand; null: it comes by itself, once. */
export function receiptLetter(
  to: { readonly shopper: string; readonly email: string },
  asked: ReceiptAsked,
  again: string | null,
): Letter {
  const { visit, receipt, language, zone, link } = asked
  const words = wordsIn(language).receipt
  const money = (amountMinor: number): string => moneyIn(language, amountMinor, visit.currency)
  const rows = receipt.lines.map((line) => ({
    name: lineName(language, line),
    how: words.each(line.count, money(line.priceMinor)),
    amount: money(line.count * line.priceMinor),
  }))
  const sums: [string, string][] = [
    [words.total, money(receipt.totalMinor)],
    [words.charged, money(receipt.chargedMinor)],
  ]
  if (receipt.voucherMinor !== undefined) sums.push([words.voucher, money(-receipt.voucherMinor)])
  if (receipt.refund?.state === 'done') sums.push([words.refunded, money(receipt.refund.amountMinor)])
  const head = [visit.fridgeName, words.number(receipt.number), momentIn(language, receipt.atMs, zone)]
  const notes = [
    receipt.payment === 'paid' ? words.paid : words.paying,
    ...(receipt.totalMinor > receipt.chargedMinor ? [words.beyond] : []),
    ...(receipt.lines.some(({ or }) => or !== undefined) ? [words.either] : []),
    ...(visit.contact === '' ? [] : [words.contact(visit.contact)]),
  ]
  const mail: Mail = {
    subject: words.subject(receipt.number, visit.fridgeName),
    text: [
      ...head,
      '',
      ...rows.map(({ name, how, amount }) => `${name}  ${how}  ${amount}`),
      '',
      ...sums.map(([what, amount]) => `${what}: ${amount}`),
      '',
      ...notes,
      ...(link === null ? [] : ['', `${words.see} ${link}`]),
      '',
    ].join('\n'),
    html: page(
      language,
      `<h1 style="font-size:20px">${escaped(head[0] ?? '')}</h1><p>${head.slice(1).map(escaped).join('<br>')}</p>` +
        `<table style="border-collapse:collapse;width:100%">${rows
          .map(({ name, how, amount }) => row(`${escaped(name)}<br><small>${escaped(how)}</small>`, escaped(amount)))
          .join(
            '',
          )}${sums.map(([what, amount]) => row(`<b>${escaped(what)}</b>`, `<b>${escaped(amount)}</b>`)).join('')}</table>` +
        notes.map((note) => `<p style="color:#555">${escaped(note)}</p>`).join('') +
        (link === null ? '' : `<p><a href="${escaped(link)}">${escaped(words.see.replace(/:$/, ''))}</a></p>`),
    ),
    attachment: {
      name: `${words.title.toLowerCase()}-${receipt.number}.pdf`,
      type: 'application/pdf',
      base64: receiptPdf(asked).toString('base64'),
    },
  }
  const id = `receipt/${visit.id}/mail${again === null ? '' : `/${again}`}`
  return { id, shopper: to.shopper, kind: 'mail', target: to.email, body: JSON.stringify(mail), goodForMs: 3 * dayMs }
}

/** As the page's service worker shows it. */
export const pushSchema = z.object({
  p256dh: z.string(),
  auth: z.string(),
  told: z.object({ title: z.string(), body: z.string(), url: z.string() }),
})

export type News = { readonly type: 'unlocked' } | { readonly type: 'receipt'; readonly chargedMinor: number }

export function pushLetter(
  to: { readonly shopper: string; readonly endpoint: string; readonly p256dh: string; readonly auth: string },
  { visit, news, language }: { readonly visit: Pick<PhoneVisit, 'id' | 'fridgeName' | 'currency'>; readonly news: News; readonly language: Language },
): Letter {
  const { shopper, endpoint, p256dh, auth } = to
  const words = wordsIn(language).push
  const said = {
    unlocked: () => [words.unlocked, words.unlockedWhat(visit.fridgeName)],
    receipt: () => [
      words.receipt(moneyIn(language, news.type === 'receipt' ? news.chargedMinor : 0, visit.currency)),
      words.receiptWhat(visit.fridgeName),
    ],
  }[news.type]()
  const told = { title: said[0] ?? '', body: said[1] ?? '', url: `/phone/#visit/${visit.id}` }
  const phone = createHash('sha256').update(endpoint).digest('hex').slice(0, 16)
  return {
    id: `${news.type}/${visit.id}/push/${phone}`,
    shopper,
    kind: 'push',
    target: endpoint,
    body: JSON.stringify({ p256dh, auth, told } satisfies z.infer<typeof pushSchema>),
    goodForMs: news.type === 'unlocked' ? minuteMs : dayMs,
  }
} // prettier-ignore

const row = (left: string, right: string): string =>
  `<tr><td style="padding:6px 0;border-bottom:1px solid #ddd">${left}</td>` +
  `<td style="padding:6px 0;border-bottom:1px solid #ddd;text-align:right;white-space:nowrap">${right}</td></tr>`

export const page = (language: Language, body: string): string =>
  `<!doctype html><html lang="${language}"><meta charset="utf-8"><body style="font-family:sans-serif;max-width:480px;margin:0 auto;padding:16px">${body}</body></html>`

export const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
