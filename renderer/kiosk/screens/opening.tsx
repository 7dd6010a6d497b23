/** From the card to the open door: the shelves come to rest, the bank is asked, the lock opens, the door waits to be pulled. */
import type { ReactNode } from 'react'
import type { Screen } from '../../../src/contract/kiosk.ts'
import { useSpeech } from '../../languages/language.tsx'
import { useWords } from '../../languages/kiosk/words.ts'
import { Button } from '../../parts/button.tsx'
import { Countdown } from '../../parts/countdown.tsx'
import { FridgeDrawing } from '../../parts/fridge-drawing.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Frame, Money } from '../frame.tsx'
import { Notice } from '../notice.tsx'
import { useShop } from '../shop.tsx'
import './opening.css'

/** The whole of the ring: how long the lock waits for the door (law D2). */
const unlockedMs = 10_000

/** The card is read, and the fridge is not quite ready: it need not be tapped again. */
export function Moment(props: { screen: Extract<Screen, { at: 'moment' }> }): ReactNode {
  const { view } = useShop()
  const speech = useSpeech()
  const words = useWords()
  const hold = speech.money(props.screen.amountMinor)
  return (
    <Frame
      name={view.fridge.name}
      scene="moment"
      money={<Money icon="contactless" title={words.money.notCharged} note={words.attract.hold(hold)} amount={hold} />}
    >
      <Notice
        picture={<FridgeDrawing door="closed" light reading mark={{ icon: 'clock', tone: 'plain' }} />}
        title={words.moment.title}
        text={words.moment.text(hold)}
      />
    </Frame>
  )
}

export function Holding(props: { screen: Extract<Screen, { at: 'holding' }> }): ReactNode {
  const { view, send } = useShop()
  const speech = useSpeech()
  const words = useWords()
  const hold = speech.money(props.screen.amountMinor)
  return (
    <Frame
      name={view.fridge.name}
      scene="holding"
      money={<Money icon="contactless" title={words.money.holding} note={words.attract.hold(hold)} amount={hold} />}
      action={
        <Button
          kind="quiet"
          icon="cross"
          onPress={() => {
            send({ type: 'cancel' })
          }}
        >
          {words.holding.cancel}
        </Button>
      }
    >
      <Notice picture={<Asking />} title={words.holding.title} text={words.holding.text(hold)} />
    </Frame>
  )
}

/** A card on its way to the bank: three dots travel between them for as long as the bank takes. */
function Asking(): ReactNode {
  return (
    <div className="asking" aria-hidden="true">
      <span>
        <Icon name="card" />
      </span>
      <i />
      <i />
      <i />
      <span>
        <Icon name="bank" />
      </span>
    </div>
  )
}

export function Unlocking(props: { screen: Extract<Screen, { at: 'unlocking' }> }): ReactNode {
  const { view } = useShop()
  const words = useWords()
  return (
    <Frame name={view.fridge.name} scene="unlocking" money={<Reserved holdMinor={props.screen.holdMinor} />}>
      <Notice
        picture={<FridgeDrawing door="closed" light mark={{ icon: 'unlock', tone: 'good' }} />}
        title={words.unlocking.title}
        text={words.unlocking.text}
      />
    </Frame>
  )
}

export function Unlocked(props: { screen: Extract<Screen, { at: 'unlocked' }> }): ReactNode {
  const { view, send } = useShop()
  const words = useWords().unlocked
  return (
    <Frame
      name={view.fridge.name}
      scene="unlocked"
      mood="go"
      money={<Reserved holdMinor={props.screen.holdMinor} />}
      action={
        <Button
          kind="quiet"
          icon="cross"
          onPress={() => {
            send({ type: 'cancel' })
          }}
        >
          {words.cancel}
        </Button>
      }
    >
      <div className="unlocked">
        <div className="unlocked-picture">
          <FridgeDrawing door="ajar" light />
        </div>
        <div className="unlocked-clock">
          <Countdown leftMs={props.screen.leftMs} wholeMs={unlockedMs} unit={words.seconds} />
        </div>
        <div className="unlocked-words">
          <h1>{words.title}</h1>
          <p>{words.text}</p>
        </div>
      </div>
    </Frame>
  )
}

/** The hold, called a hold. */
export function Reserved(props: { holdMinor: number }): ReactNode {
  const speech = useSpeech()
  const words = useWords()
  const hold = speech.money(props.holdMinor)
  return <Money title={words.money.reserved} note={words.money.notCharged} amount={hold} />
}
