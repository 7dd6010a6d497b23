/**
 * Operator: somebody signs for the food, with a name, a PIN and a reason, and sales open again (laws D5, P3). One
 * question at a time, on our own keys. What was typed stays when the fridge refuses; the PIN does not.
 */
import { useState, type ReactNode } from 'react'
import { useSpeech } from '../../languages/language.tsx'
import { useWords } from '../../languages/kiosk/words.ts'
import { Button } from '../../parts/button.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Keyboard } from '../../parts/keyboard.tsx'
import type { ClearAnswer, ClearSafety } from '../operator-clear.ts'
import './operator.css'

type Field = keyof ClearSafety
const order: readonly Field[] = ['name', 'pin', 'reason']
const longest: Readonly<Record<Field, number>> = { name: 60, pin: 12, reason: 200 }
const good: Readonly<Record<Field, (value: string) => boolean>> = {
  name: (value) => value.trim().length >= 1,
  pin: (value) => /^\d{6,12}$/.test(value),
  reason: (value) => value.trim().length >= 3,
}

export function Operator(props: {
  onClear: (clear: ClearSafety) => Promise<ClearAnswer>
  onLeave: () => void
}): ReactNode {
  const words = useWords().operator
  const { language } = useSpeech()
  const [typed, setTyped] = useState<ClearSafety>({ name: '', pin: '', reason: '' })
  const [field, setField] = useState<Field>('name')
  const [state, setState] = useState<'typing' | 'signing' | 'done'>('typing')
  const [fault, setFault] = useState<string | null>(null)
  const at = order.indexOf(field)

  const sign = async (): Promise<void> => {
    setState('signing')
    const answer = await props.onClear({ ...typed, name: typed.name.trim(), reason: typed.reason.trim() })
    if (answer.code === 'cleared') {
      setState('done')
      return
    }
    setState('typing')
    setFault(answer.code === 'refused' ? words.errors.refused(answer.message) : words.errors[answer.code])
    if (answer.code === 'wrongPin' || answer.code === 'pin') {
      setTyped({ ...typed, pin: '' })
      setField('pin')
    }
  }
  const next = (): void => {
    if (!good[field](typed[field])) {
      setFault(words.errors[field])
      return
    }
    setFault(null)
    const following = order[at + 1]
    if (following) setField(following)
    else void sign()
  }
  const back = (): void => {
    setFault(null)
    const before = order[at - 1]
    if (before) setField(before)
    else props.onLeave()
  }
  const set = (value: string): void => {
    setFault(null)
    setTyped({ ...typed, [field]: value })
  }

  if (state === 'done') {
    return (
      <div className="operator operator-done">
        <span className="operator-check">
          <Icon name="check" />
        </span>
        <h1>{words.done}</h1>
        <p>{words.doneStill}</p>
        <Button kind="primary" onPress={props.onLeave}>
          {words.leave}
        </Button>
      </div>
    )
  }
  return (
    <div className="operator">
      <header>
        <div>
          <h1>{words.title}</h1>
          <p>{words.lead}</p>
        </div>
        <Button kind="quiet" icon="cross" onPress={props.onLeave}>
          {words.leave}
        </Button>
      </header>
      <ol className="operator-steps" aria-hidden="true">
        {order.map((each, step) => (
          <li key={each} data-done={step <= at} />
        ))}
      </ol>
      <div className="operator-field">
        <h2>{words[field]}</h2>
        <output className="operator-value" data-field={field}>
          {field === 'pin' ? '●'.repeat(typed.pin.length) : typed[field]}
          <i />
        </output>
        {fault !== null && (
          <p className="operator-fault" role="alert">
            <Icon name="warning" />
            <span>{fault}</span>
          </p>
        )}
        {field === 'reason' && (
          <div className="operator-reasons">
            {words.reasons.map((reason) => (
              <Button
                key={reason}
                kind="quiet"
                onPress={() => {
                  set(reason)
                }}
              >
                {reason}
              </Button>
            ))}
          </div>
        )}
      </div>
      <Keyboard
        key={field}
        kind={field === 'pin' ? 'pad' : 'text'}
        language={language}
        names={words.keys}
        value={typed[field]}
        longest={longest[field]}
        onChange={set}
      />
      <div className="operator-action">
        <Button kind="quiet" icon="back" onPress={back}>
          {words.back}
        </Button>
        <Button kind="primary" disabled={state === 'signing'} onPress={next}>
          {state === 'signing' ? words.signing : at === order.length - 1 ? words.sign : words.next}
        </Button>
      </div>
    </div>
  )
}
