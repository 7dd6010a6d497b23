/** Closed: why nothing is sold just now, whom to call, and a quiet way in for the operator. */
import type { ReactNode } from 'react'
import type { Screen } from '../../../src/contract/kiosk.ts'
import { useSpeech } from '../../languages/language.tsx'
import { useWords } from '../../languages/kiosk/words.ts'
import { Button } from '../../parts/button.tsx'
import { FridgeDrawing } from '../../parts/fridge-drawing.tsx'
import type { IconName } from '../../parts/icon.tsx'
import { Frame, Money } from '../frame.tsx'
import { Notice } from '../notice.tsx'
import { unbroken, useShop } from '../shop.tsx'

type Reason = Extract<Screen, { at: 'closed' }>['reason']

const marks: Readonly<Record<Reason, { icon: IconName; tone: 'warn' | 'bad' | 'plain' }>> = {
  temperature: { icon: 'thermometer', tone: 'bad' },
  sensor: { icon: 'thermometer', tone: 'warn' },
  controller: { icon: 'lock', tone: 'warn' },
  storage: { icon: 'warning', tone: 'warn' },
  doorOpen: { icon: 'door', tone: 'warn' },
  starting: { icon: 'clock', tone: 'plain' },
  bank: { icon: 'bank', tone: 'warn' },
}

export function Closed(props: { reason: Reason }): ReactNode {
  const { reason } = props
  const { view, operators, relay } = useShop()
  const speech = useSpeech()
  const words = useWords()
  const passing = reason === 'starting'
  return (
    <Frame
      name={view.fridge.name}
      scene={`closed-${reason}`}
      mood={passing ? 'plain' : reason === 'temperature' ? 'bad' : 'warn'}
      money={
        <Money
          title={words.money.nothing}
          note={passing ? words.closed.startingMoney : words.closed.money}
          amount={speech.money(0)}
        />
      }
      action={
        !passing && (
          <div className="closed-operators">
            <Button kind="bare" icon="key" onPress={operators}>
              {words.closed.operators}
            </Button>
            <Button kind="bare" icon="coins" onPress={relay}>
              {words.relay.open}
            </Button>
          </div>
        )
      }
    >
      <Notice
        picture={
          <FridgeDrawing
            door={reason === 'doorOpen' ? 'open' : 'closed'}
            light={reason === 'doorOpen' || passing}
            reading={passing}
            mark={marks[reason]}
          />
        }
        title={words.closed[reason].title}
        text={words.closed[reason].what}
        {...(!passing &&
          view.fridge.contact !== '' && {
            lines: [{ icon: 'phone', text: words.closed.contact(unbroken(view.fridge.contact)) }],
          })}
      />
    </Frame>
  )
}
