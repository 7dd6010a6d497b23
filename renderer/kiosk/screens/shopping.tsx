/**
 * Shopping: the door is open and the basket fills by itself. The amount is what the shelves say so far; the reserve is
 * the most that it can come to (law M2), and the screen says so as soon as the basket goes beyond it.
 */
import type { ReactNode } from 'react'
import type { Screen } from '../../../src/contract/kiosk.ts'
import { useSpeech } from '../../languages/language.tsx'
import { useWords } from '../../languages/kiosk/words.ts'
import { FridgeDrawing } from '../../parts/fridge-drawing.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Frame, Money, type Mood } from '../frame.tsx'
import { Notice } from '../notice.tsx'
import { useShop } from '../shop.tsx'
import { BasketList } from './basket-list.tsx'
import './shopping.css'

type Shopping = Extract<Screen, { at: 'shopping' }>

export function Shopping(props: { screen: Shopping }): ReactNode {
  const { screen } = props
  const { view } = useShop()
  const speech = useSpeech()
  const words = useWords()
  const hold = speech.money(screen.holdMinor)
  const beyondMinor = screen.totalMinor - screen.holdMinor
  return (
    <Frame
      name={view.fridge.name}
      scene={screen.lines.length === 0 ? 'shopping-empty' : 'shopping'}
      mood={moods[screen.leftOpen]}
      money={
        <Money
          tone={beyondMinor > 0 ? 'warn' : 'plain'}
          title={words.money.total}
          note={
            screen.moving
              ? words.money.counting
              : beyondMinor > 0
                ? words.money.beyond(speech.money(beyondMinor), hold)
                : words.money.ofReserved(hold)
          }
          amount={speech.money(screen.totalMinor)}
          unsettled={screen.moving}
        />
      }
      action={
        beyondMinor > 0 ? (
          <p className="hint hint-warn">
            <Icon name="warning" />
            <span>{words.shopping.beyond(hold)}</span>
          </p>
        ) : (
          <p className="hint">
            <Icon name="door" />
            <span>{words.shopping.putBack}</span>
          </p>
        )
      }
    >
      <div className="shopping">
        <CloseDoor leftOpen={screen.leftOpen} />
        {screen.lines.length === 0 ? (
          <Notice
            picture={<FridgeDrawing door="open" light />}
            title={words.shopping.empty}
            text={words.shopping.emptyText}
          />
        ) : (
          <>
            <h1>{words.shopping.title}</h1>
            <BasketList lines={screen.lines} size="large" follow />
          </>
        )}
      </div>
    </Frame>
  )
}

const moods: Readonly<Record<Shopping['leftOpen'], Mood>> = { 0: 'plain', 1: 'warn', 2: 'bad' }

function CloseDoor(props: { leftOpen: Shopping['leftOpen'] }): ReactNode {
  const words = useWords().shopping
  if (props.leftOpen === 0) return null
  const late = props.leftOpen === 2
  return (
    <div className={`banner ${late ? 'banner-bad' : 'banner-warn'}`} role="alert">
      <Icon name={late ? 'warning' : 'door'} />
      <div>
        <h2>{late ? words.closeDoorNow : words.closeDoor}</h2>
        <p>{late ? words.closeDoorNowText : words.closeDoorText}</p>
      </div>
    </div>
  )
}
