/** Unsure: the shelves leave doubt, so the shopper has the benefit of it now and a person decides later (law M5). */
import type { ReactNode } from 'react'
import type { Screen } from '../../../src/contract/kiosk.ts'
import { useSpeech } from '../../languages/language.tsx'
import { useWords } from '../../languages/kiosk/words.ts'
import { Button } from '../../parts/button.tsx'
import { FridgeDrawing } from '../../parts/fridge-drawing.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Frame, Money } from '../frame.tsx'
import { Notice, type NoticeLine } from '../notice.tsx'
import { unbroken, useShop } from '../shop.tsx'
import { BasketList } from './basket-list.tsx'
import './unsure.css'

export function Unsure(props: { screen: Extract<Screen, { at: 'unsure' }> }): ReactNode {
  const { screen } = props
  const { view, send } = useShop()
  const speech = useSpeech()
  const words = useWords()
  const hold = speech.money(screen.holdMinor)
  const lines: NoticeLine[] = [
    { icon: 'person', text: words.unsure.what },
    { icon: 'coins', text: words.unsure.later(hold) },
  ]
  if (view.fridge.contact !== '')
    lines.push({ icon: 'phone', text: words.unsure.contact(unbroken(view.fridge.contact)) })
  return (
    <Frame
      name={view.fridge.name}
      scene="unsure"
      money={
        <Money
          icon="question"
          title={words.money.payNow}
          note={screen.sureMinor === 0 ? words.unsure.nothingSure : words.money.ofReserved(hold)}
          amount={speech.money(screen.sureMinor)}
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
      {screen.sureLines.length === 0 ? (
        <Notice
          picture={<FridgeDrawing door="closed" light mark={{ icon: 'question', tone: 'plain' }} />}
          title={words.unsure.title}
          lines={lines}
        />
      ) : (
        <div className="unsure">
          <h1>{words.unsure.title}</h1>
          <BasketList lines={screen.sureLines} size="large" />
          <ul className="notice-lines">
            {lines.map((line) => (
              <li key={line.text}>
                <Icon name={line.icon} />
                <span>{line.text}</span>
              </li>
            ))}
          </ul>
        </div>
      )}
    </Frame>
  )
}
