/** How to pay, in four steps, by phone where the fridge is found there, and what a reserve is. */
import type { ReactNode } from 'react'
import { useSpeech } from '../../languages/language.tsx'
import { useWords } from '../../languages/kiosk/words.ts'
import { Icon, type IconName } from '../../parts/icon.tsx'
import { ReceiptCode } from '../../parts/receipt-code.tsx'
import { unbroken, useShop } from '../shop.tsx'
import './pay-sheet.css'

const icons: readonly IconName[] = ['contactless', 'door', 'hand', 'check']

export function PaySheet(): ReactNode {
  const { view } = useShop()
  const words = useWords().pay
  const hold = useSpeech().money(view.holdMinor)
  return (
    <article className="sheet pay">
      <header>
        <h1>{words.title}</h1>
        {view.fridge.contact !== '' && <p>{words.contact(unbroken(view.fridge.contact))}</p>}
      </header>
      <ol>
        {words.steps(hold).map(([step, detail], at) => (
          <li key={step}>
            <span className="pay-icon">
              <Icon name={icons[at] ?? 'info'} />
            </span>
            <span>
              <strong>{step}</strong>
              {detail}
            </span>
          </li>
        ))}
      </ol>
      {view.phone !== undefined && (
        <section className="pay-phone">
          <ReceiptCode text={view.phone} label={words.phoneCode} />
          <p>
            <strong>{words.phone}</strong>
            {words.phoneHow}
          </p>
        </section>
      )}
      <p className="pay-promise">
        <Icon name="coins" />
        <span>
          <strong>{words.promise(hold)}</strong> {words.slowBank}
        </span>
      </p>
    </article>
  )
}
