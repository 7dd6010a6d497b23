/** Ended: a visit that sold nothing, and why: what happened, what happens with the money, what to do now. */
import type { ReactNode } from 'react'
import type { PhoneVisit } from '../../../src/contract/phone.ts'
import { useSpeech } from '../../languages/language.tsx'
import { useWords } from '../../languages/phone/words.ts'
import { FridgeDrawing } from '../../parts/fridge-drawing.tsx'
import type { IconName } from '../../parts/icon.tsx'
import { Contact, Money, Screen } from '../frame.tsx'
import type { Phase } from '../phase.ts'
import { useShopper } from '../shopper.tsx'

type Sold = 'receipt' | 'review' | 'offered' | 'holding' | 'asking' | 'unlocked' | 'shopping' | 'settling' | 'unheard'
type EndedPhase = Exclude<Phase, { at: Sold }>

interface Said {
  readonly title: string
  readonly what: string
  readonly money: string
  readonly mark: { readonly icon: IconName; readonly tone: 'good' | 'warn' | 'bad' | 'plain' }
  /** The card is at fault: another one may do. */
  readonly card: boolean
}

function useSaid(phase: EndedPhase, hold: string): Said {
  const words = useWords().ended
  const closed = useWords().fridge.closed
  const plain = { mark: { icon: 'info', tone: 'plain' }, card: false } as const
  switch (phase.at) {
    case 'nothingTaken':
      return {
        ...plain,
        title: words.nothingTaken,
        what: '',
        money: words.allBack(hold),
        mark: { icon: 'check', tone: 'good' },
      }
    case 'notOpened':
      return { ...plain, title: words.notOpened, what: words.notOpenedWhat, money: words.allBack(hold) }
    case 'interrupted':
      return {
        title: words.interrupted,
        what: words.interruptedWhat,
        money: words.backSoon(hold),
        mark: { icon: 'warning', tone: 'warn' },
        card: false,
      }
    case 'expired':
      return {
        ...plain,
        title: words.expired,
        what: words.expiredWhat,
        money: words.nothing,
        mark: { icon: 'clock', tone: 'plain' },
      }
    case 'declined': {
      const [title, what] = words.declined[phase.reason]
      return { title, what, money: words.nothing, mark: { icon: 'card', tone: 'bad' }, card: true }
    }
    case 'refused': {
      const money = phase.released ? words.allBack(hold) : words.backSoon(hold)
      const mark = { icon: 'lock', tone: 'warn' } as const
      switch (phase.why) {
        case 'busy':
          return { title: words.busy, what: words.busyWhat, money, mark, card: false }
        case 'denied': {
          const [title, what] = words.declined.denied
          return { title, what, money, mark, card: true }
        }
        case 'offline':
          return { title: words.offline, what: words.offlineWhat, money, mark, card: false }
        case 'bankSilent':
          return {
            title: words.bankSilent,
            what: words.bankSilentWhat,
            money: words.bankSilentMoney(hold),
            mark: { icon: 'bank', tone: 'warn' },
            card: false,
          }
        case 'closed': {
          const why = phase.closed in closed ? closed[phase.closed as keyof typeof closed] : words.refusedWhat
          return { title: words.refused, what: why, money, mark, card: false }
        }
      }
    }
  }
}

export function Ended(props: { visit: PhoneVisit; phase: EndedPhase }): ReactNode {
  const { visit, phase } = props
  const words = useWords()
  const { money } = useSpeech()
  const { go } = useShopper()
  const said = useSaid(phase, money(visit.holdMinor))
  return (
    <Screen
      scene={`ended-${phase.at}`}
      title={said.title}
      {...(said.what === '' ? {} : { lead: said.what })}
      dock={
        <>
          <Money title={words.receipt.charged} amount={money(0)} note={said.money} />
          {said.card && (
            <button
              className="button button-primary"
              type="button"
              onClick={() => go({ at: 'pay', fridge: visit.fridge }, 'replace')}
            >
              {words.ended.otherCard}
            </button>
          )}
          <button
            className={`button ${said.card ? 'button-quiet' : 'button-primary'}`}
            type="button"
            onClick={() => go({ at: 'fridge', fridge: visit.fridge }, 'replace')}
          >
            {phase.at === 'nothingTaken' ? words.receipt.done : words.again}
          </button>
        </>
      }
    >
      <div className="drawing-box">
        <FridgeDrawing door="closed" light={false} mark={said.mark} />
      </div>
      <Contact contact={visit.contact} say={words.receipt.help} />
    </Screen>
  )
}
