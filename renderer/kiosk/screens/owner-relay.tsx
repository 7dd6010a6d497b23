/**
 * Owner's relay: where the fridge's books go, how far they have come, what keeps them in words, and the owner's code to pair with.
 */
import { useCallback, useEffect, useState, type ReactNode } from 'react'
import type { RelayView } from '../../../src/contract/kiosk.ts'
import { useWords } from '../../languages/kiosk/words.ts'
import { Button } from '../../parts/button.tsx'
import type { RelayDesk } from '../relay-desk.ts'
import { Done, Questions, useIdentity, type Question, type Signed } from './questions.tsx'
import './owner-relay.css'

const seeEveryMs = 2_000

export function OwnerRelay(props: { desk: RelayDesk; onLeave: () => void }): ReactNode {
  const { desk, onLeave } = props
  const words = useWords()
  const [view, setView] = useState<RelayView | null>(null)
  const [at, setAt] = useState<'state' | 'pairing' | 'done'>('state')

  const see = useCallback(async () => setView(await desk.see()), [desk])
  useEffect(() => {
    void see()
    const timer = setInterval(() => void see(), seeEveryMs)
    return () => {
      clearInterval(timer)
    }
  }, [see])

  if (at === 'pairing')
    return (
      <Pairing
        desk={desk}
        asksRelay={view?.relay === null}
        onPaired={() => {
          setAt('done')
        }}
        onLeave={() => {
          setAt('state')
        }}
      />
    )
  if (at === 'done') return <Done title={words.relay.done} text={words.relay.doneText} onLeave={onLeave} />
  return (
    <div className="operator">
      <header>
        <div>
          <h1>{words.relay.title}</h1>
          <p>{words.relay.lead}</p>
        </div>
        <Button kind="quiet" icon="cross" onPress={onLeave}>
          {words.operator.leave}
        </Button>
      </header>
      <div className="relay-state">{view === null ? <p>{words.relay.asking}</p> : <State view={view} />}</div>
      <div className="operator-action">
        <Button
          kind="quiet"
          icon="reset"
          disabled={view?.paired !== true}
          onPress={() => {
            void desk.retry().then(see)
          }}
        >
          {words.relay.retry}
        </Button>
        <Button
          kind="primary"
          icon="key"
          disabled={view === null}
          onPress={() => {
            setAt('pairing')
          }}
        >
          {words.relay.pair}
        </Button>
      </div>
    </div>
  )
}

function State(props: { view: RelayView }): ReactNode {
  const words = useWords().relay
  const { relay, paired, acknowledgedSeq, pending, lastError, setAside } = props.view
  const last = setAside.at(-1)
  return (
    <dl>
      <dt>{words.address}</dt>
      <dd>{relay ?? words.noAddress}</dd>
      <dt>{words.state}</dt>
      <dd>{paired ? (lastError === null ? words.well : words.faults[lastError.code]) : words.unpaired}</dd>
      {paired && (
        <>
          <dt>{words.kept}</dt>
          <dd>{words.rows(acknowledgedSeq)}</dd>
        </>
      )}
      <dt>{words.waiting}</dt>
      <dd>{words.rows(pending)}</dd>
      {last !== undefined && (
        <>
          <dt>{words.setAside(setAside.length)}</dt>
          <dd>{words.row(last.seq)}</dd>
        </>
      )}
    </dl>
  )
}

type Field = 'name' | 'pin' | 'relay' | 'code'

function Pairing(props: { desk: RelayDesk; asksRelay: boolean; onPaired: () => void; onLeave: () => void }): ReactNode {
  const all = useWords()
  const words = all.relay
  const relay: Question<Field> = {
    field: 'relay',
    label: words.whichRelay,
    kind: 'text',
    longest: 200,
    good: (value) => value.trim().length >= 3,
    fault: words.errors.noRelay,
  }
  const code: Question<Field> = {
    field: 'code',
    label: words.code,
    kind: 'code',
    longest: 12,
    good: (value) => value.replaceAll(/[\s-]/g, '').length === 8,
    fault: words.errors.code,
  }
  const identity: readonly Question<Field>[] = useIdentity()
  const sign = async (typed: Readonly<Record<Field, string>>): Promise<Signed<Field>> => {
    const { name, pin } = typed
    const asked = { name, pin, reason: words.reason, code: typed.code }
    const answer = await props.desk.pair(props.asksRelay ? { ...asked, relay: typed.relay.toLowerCase() } : asked)
    switch (answer.code) {
      case 'paired':
        props.onPaired()
        return null
      case 'refused':
        return { fault: all.operator.errors.refused(answer.message) }
      case 'pin':
        return { fault: all.operator.errors.wrongPin, again: 'pin' }
      case 'wait':
        return { fault: all.operator.errors.tooMany }
      case 'unreachable':
        return { fault: all.operator.errors.unreachable }
      case 'badCode':
        return { fault: words.errors.badCode, again: 'code' }
      case 'noRelay':
        return { fault: words.errors.noRelay, ...(props.asksRelay ? { again: 'relay' as const } : {}) }
      default:
        return { fault: words.errors[answer.code] }
    }
  }
  return (
    <Questions
      title={words.pairTitle}
      lead={words.pairLead}
      sign={words.sign}
      questions={props.asksRelay ? [...identity, relay, code] : [...identity, code]}
      onSign={sign}
      onLeave={props.onLeave}
    />
  )
}
