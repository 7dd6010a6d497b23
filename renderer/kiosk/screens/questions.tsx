/**
 * Questions: what an operator types at the fridge, one question at a time, on our own keys, and signs at the end. What was typed
 * stays when the fridge refuses; a field that was wrong is asked anew.
 */
import { useState, type ReactNode } from 'react'
import { useSpeech } from '../../languages/language.tsx'
import { useWords } from '../../languages/kiosk/words.ts'
import { Button } from '../../parts/button.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Keyboard } from '../../parts/keyboard.tsx'
import './operator.css'

export interface Question<Field extends string> {
  readonly field: Field
  readonly label: string
  readonly kind: 'text' | 'pin' | 'code'
  readonly longest: number
  readonly good: (value: string) => boolean
  /** What is said where it is not good. */
  readonly fault: string
  /** Answers to take at a touch. */
  readonly offered?: readonly string[]
}

/** Null: it is done. `again`: the field to be typed anew. */
export type Signed<Field> = { readonly fault: string; readonly again?: Field } | null

/** A name and a PIN, as every operator's action begins. */
export function useIdentity(): readonly [Question<'name'>, Question<'pin'>] {
  const words = useWords().operator
  return [
    {
      field: 'name',
      label: words.name,
      kind: 'text',
      longest: 60,
      good: (value) => value.trim().length >= 1,
      fault: words.errors.name,
    },
    {
      field: 'pin',
      label: words.pin,
      kind: 'pin',
      longest: 12,
      good: (value) => /^\d{6,12}$/.test(value),
      fault: words.errors.pin,
    },
  ]
}

export function Questions<Field extends string>(props: {
  title: string
  lead: string
  sign: string
  questions: readonly Question<Field>[]
  onSign: (typed: Readonly<Record<Field, string>>) => Promise<Signed<Field>>
  onLeave: () => void
}): ReactNode {
  const words = useWords().operator
  const { language } = useSpeech()
  const { questions } = props
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({})
  const [at, setAt] = useState(0)
  const [signing, setSigning] = useState(false)
  const [fault, setFault] = useState<string | null>(null)
  const question = questions[at]
  if (question === undefined) return null
  const value = typed[question.field] ?? ''

  const sign = async (): Promise<void> => {
    setSigning(true)
    const answers = Object.fromEntries(questions.map(({ field }) => [field, (typed[field] ?? '').trim()]))
    const refused = await props.onSign(answers as Record<Field, string>)
    if (refused === null) return
    setSigning(false)
    setFault(refused.fault)
    const { again } = refused
    if (again === undefined) return
    setTyped({ ...typed, [again]: '' })
    setAt(Math.max(0, questions.findIndex(({ field }) => field === again))) // prettier-ignore
  }
  const next = (): void => {
    setFault(question.good(value) ? null : question.fault)
    if (!question.good(value)) return
    if (at + 1 < questions.length) setAt(at + 1)
    else void sign()
  }
  const back = (): void => {
    setFault(null)
    if (at > 0) setAt(at - 1)
    else props.onLeave()
  }
  const set = (now: string): void => {
    setFault(null)
    setTyped({ ...typed, [question.field]: question.kind === 'code' ? now.toUpperCase() : now })
  }

  return (
    <div className="operator">
      <header>
        <div>
          <h1>{props.title}</h1>
          <p>{props.lead}</p>
        </div>
        <Button kind="quiet" icon="cross" onPress={props.onLeave}>
          {words.leave}
        </Button>
      </header>
      <ol className="operator-steps" aria-hidden="true">
        {questions.map(({ field }, step) => (
          <li key={field} data-done={step <= at} />
        ))}
      </ol>
      <div className="operator-field">
        <h2>{question.label}</h2>
        <output className="operator-value" data-field={question.kind === 'text' ? question.field : 'pin'}>
          {question.kind === 'pin' ? '●'.repeat(value.length) : value}
          <i />
        </output>
        {fault !== null && (
          <p className="operator-fault" role="alert">
            <Icon name="warning" />
            <span>{fault}</span>
          </p>
        )}
        {question.offered && (
          <div className="operator-reasons">
            {question.offered.map((offered) => (
              <Button
                key={offered}
                kind="quiet"
                onPress={() => {
                  set(offered)
                }}
              >
                {offered}
              </Button>
            ))}
          </div>
        )}
      </div>
      <Keyboard
        key={question.field}
        kind={question.kind === 'pin' ? 'pad' : 'text'}
        language={language}
        names={words.keys}
        value={value}
        longest={question.longest}
        onChange={set}
      />
      <div className="operator-action">
        <Button kind="quiet" icon="back" onPress={back}>
          {words.back}
        </Button>
        <Button kind="primary" disabled={signing} onPress={next}>
          {signing ? words.signing : at === questions.length - 1 ? props.sign : words.next}
        </Button>
      </div>
    </div>
  )
}

/** What an operator sees when it is done. */
export function Done(props: { title: string; text: string; onLeave: () => void }): ReactNode {
  const words = useWords().operator
  return (
    <div className="operator operator-done">
      <span className="operator-check">
        <Icon name="check" />
      </span>
      <h1>{props.title}</h1>
      <p>{props.text}</p>
      <Button kind="primary" onPress={props.onLeave}>
        {words.leave}
      </Button>
    </div>
  )
}
