/**
 * Receipt: what was bought, what is charged for it, what of the reserve goes back, and the same on a code for the phone.
 * `paid` only when the bank has said so; until then it is being paid, once.
 */
import { useMemo, type ReactNode } from 'react'
import { figuresOf, useSpeech } from '../../languages/language.tsx'
import { useWords } from '../../languages/kiosk/words.ts'
import { Button } from '../../parts/button.tsx'
import { Icon } from '../../parts/icon.tsx'
import { ReceiptCode } from '../../parts/receipt-code.tsx'
import { Frame, Money } from '../frame.tsx'
import { receiptText, type ReceiptScreen } from '../receipt-text.ts'
import { unbroken, useShop } from '../shop.tsx'
import { BasketList } from './basket-list.tsx'
import './receipt.css'

export function Receipt(props: { screen: ReceiptScreen }): ReactNode {
  const { screen } = props
  const { view, product, send } = useShop()
  const speech = useSpeech()
  const words = useWords()
  const hold = speech.money(screen.holdMinor)
  const restMinor = Math.max(0, screen.holdMinor - screen.chargedMinor)
  const paid = screen.payment === 'paid'
  const { language } = speech
  const text = useMemo(
    () =>
      receiptText(screen, view.fridge, words.receipt, figuresOf(language, view.currency), (sku) => {
        const sold = product(sku)
        return sold ? sold.name[language] : sku
      }),
    [screen, view.fridge, view.currency, words, language, product],
  )
  return (
    <Frame
      name={view.fridge.name}
      scene="receipt"
      money={
        <Money
          tone={paid ? 'paid' : 'plain'}
          icon={paid ? 'check' : 'clock'}
          title={paid ? words.money.paid : words.money.youPay}
          note={
            restMinor === 0
              ? words.money.allUsed(hold)
              : paid
                ? words.money.goesBack(speech.money(restMinor), hold)
                : words.money.goesBackThen(speech.money(restMinor), hold)
          }
          amount={speech.money(screen.chargedMinor)}
        />
      }
      action={
        <Button
          kind="primary"
          onPress={() => {
            send({ type: 'dismiss' })
          }}
        >
          {words.receipt.done}
        </Button>
      }
    >
      <div className="receipt">
        <h1>{words.receipt.title}</h1>
        <article className="paper">
          <header>
            <strong>{screen.number === null ? words.receipt.noNumber : words.receipt.number(screen.number)}</strong>
            <span>{speech.moment(screen.issuedAtMs)}</span>
          </header>
          <BasketList lines={screen.lines} size="small" />
          <p className="paper-total">
            <span>{words.receipt.total}</span>
            <strong>{speech.money(screen.totalMinor)}</strong>
          </p>
          {screen.totalMinor > screen.chargedMinor && (
            <p className="paper-note">{words.receipt.beyond(speech.money(screen.chargedMinor))}</p>
          )}
          {screen.lines.some(({ or }) => or !== undefined) && <p className="paper-note">{words.receipt.either}</p>}
          <p className="paper-note">{paid ? words.receipt.paid : words.receipt.paying}</p>
        </article>
        <aside className="receipt-phone">
          <ReceiptCode text={text} label={words.receipt.scan} />
          <div>
            <p className="receipt-scan">
              <Icon name="next" />
              {words.receipt.scan}
            </p>
            {view.fridge.contact !== '' && <p>{words.receipt.help(unbroken(view.fridge.contact))}</p>}
          </div>
        </aside>
      </div>
    </Frame>
  )
}
