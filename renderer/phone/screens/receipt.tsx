/**
 * Receipt: what was bought; what was reserved, what is charged of it and what is free again; what was paid back since. As a PDF,
 * by mail, and told to this phone when the next one is there. Review: the same while a person still looks at it.
 */
import { useState, type ReactNode } from 'react'
import type { PhoneLine, PhoneReceipt, PhoneVisit } from '../../../src/contract/phone.ts'
import { useSpeech } from '../../languages/language.tsx'
import { useVoucherWords } from '../../languages/phone/voucher.ts'
import { useWords } from '../../languages/phone/words.ts'
import { FridgeDrawing } from '../../parts/fridge-drawing.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Contact, Money, Notice, Screen } from '../frame.tsx'
import { Lines } from '../lines.tsx'
import { PushButton } from '../push.tsx'
import type { Relay } from '../relay.ts'
import { useShopper } from '../shopper.tsx'

export function Receipt(props: { relay: Relay; visit: PhoneVisit; receipt: PhoneReceipt }): ReactNode {
  const { visit, receipt } = props
  const words = useWords()
  const voucherWords = useVoucherWords()
  const { money, moment } = useSpeech()
  const { go } = useShopper()
  const paid = receipt.payment === 'paid'
  const restMinor = Math.max(0, visit.holdMinor - receipt.chargedMinor)
  const { refund } = receipt
  return (
    <Screen
      scene="receipt"
      title={words.receipt.title}
      dock={
        <>
          <Money
            title={paid ? words.receipt.taken : words.receipt.paying}
            amount={money(receipt.chargedMinor)}
            note={paid ? words.receipt.paid : words.receipt.underWay}
            tone={paid ? 'good' : 'plain'}
          />
          <button
            className="button button-primary"
            type="button"
            onClick={() => go({ at: 'fridge', fridge: visit.fridge }, 'replace')}
          >
            {words.receipt.done}
          </button>
        </>
      }
    >
      {refund !== null && (
        <Notice tone="good" icon="coins" title={words.receipt.refunded} live="status">
          <p>
            {refund.state === 'done'
              ? words.receipt.refundedWhat(money(refund.amountMinor))
              : words.receipt.refundAsked(money(refund.amountMinor))}
          </p>
        </Notice>
      )}
      <article className="paper">
        <header>
          <strong>{visit.fridgeName}</strong>
          <span>{words.receipt.number(receipt.number)}</span>
          <time dateTime={new Date(receipt.atMs).toISOString()}>{moment(receipt.atMs)}</time>
        </header>
        <Lines lines={receipt.lines} />
        <p className="paper-total">
          <span>{words.receipt.total}</span>
          <strong>{money(receipt.totalMinor)}</strong>
        </p>
        <dl>
          <dt>{words.receipt.held}</dt>
          <dd>{money(visit.holdMinor)}</dd>
          <dt>{words.receipt.charged}</dt>
          <dd>{money(receipt.chargedMinor)}</dd>
          {receipt.voucherMinor !== undefined && (
            <>
              <dt>{voucherWords.line}</dt>
              <dd>{money(-receipt.voucherMinor)}</dd>
            </>
          )}
          <dt>{words.receipt.freed}</dt>
          <dd>{money(restMinor)}</dd>
        </dl>
        {receipt.totalMinor > receipt.chargedMinor && (
          <p className="soft">{words.receipt.beyond(money(receipt.chargedMinor))}</p>
        )}
        {receipt.lines.some(({ or }) => or !== undefined) && <p className="soft">{words.receipt.either}</p>}
        {paid && (
          <p className="soft">{restMinor === 0 ? words.receipt.allUsed : words.receipt.freedNow(money(restMinor))}</p>
        )}
      </article>
      <Copies relay={props.relay} visit={visit.id} />
      <Contact contact={visit.contact} say={words.receipt.help} />
    </Screen>
  )
}

/** To keep: a PDF, a mail, and a message from now on. */
function Copies(props: { relay: Relay; visit: string }): ReactNode {
  const { relay, visit } = props
  const words = useWords().receipt
  const { language } = useShopper()
  const [said, setSaid] = useState<{ good: boolean; text: string } | null>(null)
  const fetchPdf = async (): Promise<void> => {
    const file = await relay.pdf(visit, language)
    if (file === null) return setSaid({ good: false, text: words.pdfFailed })
    const address = URL.createObjectURL(file)
    const link = document.createElement('a')
    link.href = address
    link.download = `${visit}.pdf`
    link.click()
    setSaid(null)
    setTimeout(() => URL.revokeObjectURL(address), 60_000)
  }
  const mail = async (): Promise<void> => {
    const [sent, me] = await Promise.all([relay.mailReceipt(visit, language), relay.me()])
    setSaid(
      sent.ok
        ? { good: true, text: words.mailed(me.ok ? me.value.email : '@') }
        : { good: false, text: words.mailFailed },
    )
  }
  return (
    <section className="copies">
      <div className="pair">
        <button className="button button-quiet" type="button" onClick={() => void fetchPdf()}>
          {words.pdf}
        </button>
        <button className="button button-quiet" type="button" onClick={() => void mail()}>
          {words.mail}
        </button>
      </div>
      <PushButton relay={relay} onSaid={(text, good) => setSaid({ text, good })} />
      <p role="status" className={said?.good === false ? 'fault' : 'soft'}>
        {said?.text}
      </p>
    </section>
  )
}

export function Review(props: { visit: PhoneVisit; sureLines: readonly PhoneLine[]; sureMinor: number }): ReactNode {
  const { visit, sureLines } = props
  const words = useWords()
  const { money } = useSpeech()
  const { go } = useShopper()
  return (
    <Screen
      scene="review"
      title={words.review.title}
      lead={words.review.text}
      dock={
        <>
          <Money
            title={words.review.sure}
            amount={money(props.sureMinor)}
            note={words.review.later(money(visit.holdMinor))}
          />
          <button
            className="button button-primary"
            type="button"
            onClick={() => go({ at: 'fridge', fridge: visit.fridge }, 'replace')}
          >
            {words.receipt.done}
          </button>
        </>
      }
    >
      {sureLines.length > 0 ? (
        <article className="paper">
          <Lines lines={sureLines} />
        </article>
      ) : (
        <div className="drawing-box">
          <FridgeDrawing door="closed" light mark={{ icon: 'question', tone: 'plain' }} />
        </div>
      )}
      <p className="soft">
        <Icon name="info" /> {words.review.tell}
      </p>
      <Contact contact={visit.contact} say={words.receipt.help} />
    </Screen>
  )
}
