/**
 * Endings: every way a visit ends that is not a receipt. Each says what happened, what happens with the money and what to
 * do now, in this order; the amount in the money's place is what is charged, which is nothing.
 */
import type { ReactNode } from 'react'
import type { Screen } from '../../../src/contract/kiosk.ts'
import { useSpeech } from '../../languages/language.tsx'
import { useWords } from '../../languages/kiosk/words.ts'
import { Button } from '../../parts/button.tsx'
import { FridgeDrawing } from '../../parts/fridge-drawing.tsx'
import type { IconName } from '../../parts/icon.tsx'
import { Frame, Money, type Mood } from '../frame.tsx'
import { Notice } from '../notice.tsx'
import { unbroken, useShop } from '../shop.tsx'

interface Ending {
  readonly mood: Mood
  readonly picture: ReactNode
  readonly title: string
  readonly what?: string
  readonly money: string
  readonly now: string
  /** Whom to call, where the fault is ours. */
  readonly call?: boolean
}

function NothingCharged(props: { scene: string; ending: Ending; done: boolean }): ReactNode {
  const { scene, ending, done } = props
  const { view, send } = useShop()
  const speech = useSpeech()
  const words = useWords()
  const lines: { icon: IconName; text: string }[] = []
  if (ending.what !== undefined) lines.push({ icon: 'info', text: ending.what })
  lines.push({ icon: 'coins', text: ending.money }, { icon: 'next', text: ending.now })
  if (ending.call && view.fridge.contact !== '')
    lines.push({ icon: 'phone', text: words.closed.contact(unbroken(view.fridge.contact)) })
  return (
    <Frame
      name={view.fridge.name}
      scene={scene}
      mood={ending.mood}
      money={<Money title={words.money.nothing} amount={speech.money(0)} />}
      action={
        done && (
          <Button
            kind="primary"
            onPress={() => {
              send({ type: 'dismiss' })
            }}
          >
            {words.receipt.done}
          </Button>
        )
      }
    >
      <Notice picture={ending.picture} title={ending.title} lines={lines} />
    </Frame>
  )
}

export function NothingTaken(props: { screen: Extract<Screen, { at: 'nothingTaken' }> }): ReactNode {
  const words = useWords()
  const hold = useSpeech().money(props.screen.holdMinor)
  return (
    <NothingCharged
      scene="nothingTaken"
      done
      ending={{
        mood: 'plain',
        picture: <FridgeDrawing door="closed" light mark={{ icon: 'check', tone: 'good' }} />,
        title: words.nothingTaken.title,
        money: words.money.allGoesBack(hold),
        now: words.nothingTaken.now,
      }}
    />
  )
}

export function NotOpened(props: { screen: Extract<Screen, { at: 'notOpened' }> }): ReactNode {
  const words = useWords()
  const hold = useSpeech().money(props.screen.holdMinor)
  return (
    <NothingCharged
      scene="notOpened"
      done
      ending={{
        mood: 'plain',
        picture: <FridgeDrawing door="closed" light mark={{ icon: 'lock', tone: 'plain' }} />,
        title: words.notOpened.title,
        what: words.notOpened.what,
        money: words.money.allGoesBack(hold),
        now: words.notOpened.now,
      }}
    />
  )
}

export function Declined(props: { screen: Extract<Screen, { at: 'declined' }> }): ReactNode {
  const words = useWords().declined
  const { title, what, now } = words[props.screen.reason]
  return (
    <NothingCharged
      scene={`declined-${props.screen.reason}`}
      done
      ending={{
        mood: 'warn',
        picture: <FridgeDrawing door="closed" light mark={{ icon: 'card', tone: 'warn' }} />,
        title,
        what,
        money: words.money,
        now,
      }}
    />
  )
}

export function BankSilent(props: { screen: Extract<Screen, { at: 'bankSilent' }> }): ReactNode {
  const words = useWords().bankSilent
  const hold = useSpeech().money(props.screen.holdMinor)
  return (
    <NothingCharged
      scene="bankSilent"
      done
      ending={{
        mood: 'warn',
        picture: <FridgeDrawing door="closed" light mark={{ icon: 'bank', tone: 'warn' }} />,
        title: words.title,
        what: words.what,
        money: words.money(hold),
        now: words.now,
      }}
    />
  )
}

export function UnlockFailed(props: { screen: Extract<Screen, { at: 'unlockFailed' }> }): ReactNode {
  const words = useWords().unlockFailed
  const hold = useSpeech().money(props.screen.holdMinor)
  return (
    <NothingCharged
      scene="unlockFailed"
      done
      ending={{
        mood: 'bad',
        picture: <FridgeDrawing door="closed" light mark={{ icon: 'lock', tone: 'bad' }} />,
        title: words.title,
        what: words.what,
        money: words.money(hold),
        now: words.now,
        call: true,
      }}
    />
  )
}

export function Interrupted(props: { screen: Extract<Screen, { at: 'interrupted' }> }): ReactNode {
  const words = useWords().interrupted
  const hold = useSpeech().money(props.screen.holdMinor)
  return (
    <NothingCharged
      scene="interrupted"
      done
      ending={{
        mood: 'warn',
        picture: <FridgeDrawing door="closed" light={false} mark={{ icon: 'plug', tone: 'warn' }} />,
        title: words.title,
        what: words.what,
        money: words.money(hold),
        now: words.now,
        call: true,
      }}
    />
  )
}

/** The scales went silent in a visit: not an ending yet, but nothing to press either, and nothing is charged meanwhile. */
export function Blind(): ReactNode {
  const words = useWords().blind
  return (
    <NothingCharged
      scene="blind"
      done={false}
      ending={{
        mood: 'warn',
        picture: <FridgeDrawing door="open" light={false} mark={{ icon: 'question', tone: 'warn' }} />,
        title: words.title,
        what: words.what,
        money: words.money,
        now: words.now,
        call: true,
      }}
    />
  )
}
