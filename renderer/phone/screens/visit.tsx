/**
 * Visit: from the tap to the receipt, as the relay says it stands, so that a reload, a dead spot or a relay that restarts shows
 * the same again. One scene for each phase; in each of them the dock says what is reserved or paid.
 */
import { useEffect, useState, type ReactNode } from 'react'
import type { PhoneVisit } from '../../../src/contract/phone.ts'
import { Speaking, useSpeech } from '../../languages/language.tsx'
import { useWords } from '../../languages/phone/words.ts'
import { FridgeDrawing } from '../../parts/fridge-drawing.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Lost, Money, Notice, Screen, Waiting } from '../frame.tsx'
import { kept } from '../kept.ts'
import { askAgainMs, isOver, phaseOf, type Phase } from '../phase.ts'
import type { Relay } from '../relay.ts'
import { useShopper } from '../shopper.tsx'
import { useUnlocking } from '../unlocking.ts'
import { useWatched } from '../watched.ts'
import { Basket, Settling } from './basket.tsx'
import { Ended } from './ended.tsx'
import { Receipt, Review } from './receipt.tsx'

export function Visit(props: { visit: string }): ReactNode {
  const { relay, signedOut, go } = useShopper()
  useEffect(() => {
    if (relay === null) go({ at: 'signIn', fridge: null }, 'replace')
  }, [relay, go])
  return relay === null ? null : <Watching relay={relay} visit={props.visit} onSignedOut={signedOut} />
}

function Watching(props: { relay: Relay; visit: string; onSignedOut: () => void }): ReactNode {
  const { relay, visit: id, onSignedOut } = props
  const words = useWords()
  const { language } = useShopper()
  const { value, trouble } = useWatched<PhoneVisit>(id, () => relay.visit(id), askAgainMs)
  const over = value !== null && isOver(value)
  useEffect(() => {
    if (trouble?.code === 'notSignedIn') onSignedOut()
  }, [trouble?.code, onSignedOut])
  useEffect(() => {
    if (over && kept.visit.read() === id) kept.visit.drop()
  }, [over, id])
  if (trouble?.code === 'unknown')
    return (
      <Screen scene="unknown" title={words.fridge.unknown} lead={words.fridge.unknownWhat}>
        <a className="button button-primary" href="/phone/#">
          {words.home}
        </a>
      </Screen>
    )
  if (value === null)
    return (
      <Screen scene="visit-loading" title={words.opening.title}>
        <Waiting trouble={trouble?.code ?? null} />
      </Screen>
    )
  return (
    <Speaking language={language} currency={value.currency}>
      <Lost trouble={trouble?.code ?? null} />
      <Scene relay={relay} visit={value} phase={phaseOf(value)} />
    </Speaking>
  )
}

function Scene(props: { relay: Relay; visit: PhoneVisit; phase: Phase }): ReactNode {
  const { relay, visit, phase } = props
  switch (phase.at) {
    case 'offered':
    case 'holding':
    case 'asking':
      return <Opening relay={relay} visit={visit} at={phase.at} />
    case 'unlocked':
      return <Unlocked visit={visit} leftMs={phase.leftMs} />
    case 'shopping':
      return <Basket visit={visit} live={phase.live} />
    case 'settling':
    case 'unheard':
      return <Settling visit={visit} heard={phase.at === 'settling'} />
    case 'receipt':
      return <Receipt relay={relay} visit={visit} receipt={phase.receipt} />
    case 'review':
      return <Review visit={visit} sureLines={phase.sureLines} sureMinor={phase.sureMinor} />
    default:
      return <Ended visit={visit} phase={phase} />
  }
}

const longMs = 8_000

/** `offered`: the relay has not heard the tap yet, or this page was reloaded before it did: then it is asked anew by hand. */
function Opening(props: { relay: Relay; visit: PhoneVisit; at: 'offered' | 'holding' | 'asking' }): ReactNode {
  const { relay, visit, at } = props
  const words = useWords()
  const { money } = useSpeech()
  const { go } = useShopper()
  const { asking, refused, wishAgain } = useUnlocking(relay, visit.id, at === 'offered')
  const [long, setLong] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), longMs)
    return () => clearTimeout(timer)
  }, [])
  const hold = money(visit.holdMinor)
  const waiting = at !== 'offered' || asking
  const step = at === 'asking' ? 1 : 0
  return (
    <Screen
      scene={waiting ? 'opening' : 'offered'}
      title={waiting ? words.opening.title : visit.fridgeName}
      dock={
        <>
          <Money
            title={at === 'asking' ? words.receipt.held : words.fridge.holdTitle}
            amount={hold}
            note={words.fridge.hold}
          />
          {refused === 'noMethod' && (
            <button
              className="button button-primary"
              type="button"
              onClick={() => go({ at: 'pay', fridge: visit.fridge }, 'replace')}
            >
              {words.fridge.addCard}
            </button>
          )}
          {!waiting && refused !== 'noMethod' && (
            <button className="button button-primary button-unlock" type="button" onClick={wishAgain}>
              <Icon name="unlock" />
              {words.fridge.unlock}
            </button>
          )}
        </>
      }
    >
      <div className="drawing-box">
        <FridgeDrawing door="closed" light={at === 'asking'} />
      </div>
      {waiting && (
        <ol className="steps" aria-hidden="true">
          {words.opening.steps.map((name, index) => (
            <li key={name} data-state={index < step ? 'done' : index === step ? 'now' : 'later'}>
              <i>{index < step && <Icon name="check" />}</i>
              {name}
            </li>
          ))}
        </ol>
      )}
      <p className="lead" role="status">
        {!waiting ? words.fridge.reserves(hold) : at === 'asking' ? words.opening.asking : words.opening.holding}
      </p>
      {waiting && long && (
        <Notice tone="plain" icon="clock" live="status">
          <p>{words.opening.long}</p>
        </Notice>
      )}
    </Screen>
  )
}

function Unlocked(props: { visit: PhoneVisit; leftMs: number | null }): ReactNode {
  const words = useWords()
  const { money } = useSpeech()
  const { leftMs } = props
  return (
    <Screen
      scene="unlocked"
      title={words.opening.openTitle}
      lead={words.opening.openText}
      dock={<Money title={words.receipt.held} amount={money(props.visit.holdMinor)} note={words.fridge.hold} />}
    >
      <div className="drawing-box">
        <FridgeDrawing door="ajar" light />
      </div>
      {leftMs !== null && <p className="left">{words.opening.seconds(String(Math.ceil(leftMs / 1000)))}</p>}
    </Screen>
  )
}
