/**
 * Operator: somebody signs for the food, with a name, a PIN and a reason, and sales open again (laws D5, P3).
 */
import { useState, type ReactNode } from 'react'
import { useWords } from '../../languages/kiosk/words.ts'
import type { ClearAnswer, ClearSafety } from '../operator-clear.ts'
import { Done, Questions, useIdentity, type Question, type Signed } from './questions.tsx'

export function Operator(props: {
  onClear: (clear: ClearSafety) => Promise<ClearAnswer>
  onLeave: () => void
}): ReactNode {
  const words = useWords().operator
  const [done, setDone] = useState(false)
  const reason: Question<'reason'> = {
    field: 'reason',
    label: words.reason,
    kind: 'text',
    longest: 200,
    good: (value) => value.trim().length >= 3,
    fault: words.errors.reason,
    offered: words.reasons,
  }
  const questions: readonly Question<keyof ClearSafety>[] = [...useIdentity(), reason]
  const sign = async (clear: ClearSafety): Promise<Signed<keyof ClearSafety>> => {
    const answer = await props.onClear(clear)
    if (answer.code === 'cleared') {
      setDone(true)
      return null
    }
    const fault = answer.code === 'refused' ? words.errors.refused(answer.message) : words.errors[answer.code]
    return answer.code === 'wrongPin' || answer.code === 'pin' ? { fault, again: 'pin' } : { fault }
  }
  if (done) return <Done title={words.done} text={words.doneStill} onLeave={props.onLeave} />
  return (
    <Questions
      title={words.title}
      lead={words.lead}
      sign={words.sign}
      questions={questions}
      onSign={sign}
      onLeave={props.onLeave}
    />
  )
}
