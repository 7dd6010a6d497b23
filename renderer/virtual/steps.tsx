/** Steps: where a newcomer is on the way to a first purchase, read off the world, so that it is right however they got there. */
import { useEffect, useState, type ReactNode } from 'react'
import type { World } from '../../src/contract/virtual.ts'
import { useWords } from '../languages/virtual/words.ts'
import { Icon } from '../parts/icon.tsx'
import './steps.css'

/** 0 card, 1 open, 2 take, 3 close, 4 receipt. */
export type Step = 0 | 1 | 2 | 3 | 4

export function stepAfter(before: Step, world: World): Step {
  if (world.door.open) return world.hand.length > 0 ? 3 : 2
  if (!world.door.locked) return 1
  return before >= 2 ? 4 : 0
}

export function useStep(world: World): Step {
  const [step, setStep] = useState<Step>(() => stepAfter(0, world))
  useEffect(() => {
    setStep((before) => stepAfter(before, world))
  }, [world])
  return step
}

export function Steps(props: { step: Step; onHide: () => void }): ReactNode {
  const words = useWords()
  const [title, text] = words.steps[props.step] ?? ['', '']
  return (
    <section className="steps" aria-live="polite">
      <p className="steps-count">
        {words.step(props.step + 1, words.steps.length)}
        <span aria-hidden="true">
          {words.steps.map(([name], at) => (
            <i key={name} data-done={at <= props.step} />
          ))}
        </span>
      </p>
      <div key={props.step} className="steps-words">
        <h2>{title}</h2>
        <p>{text}</p>
      </div>
      <button type="button" onClick={props.onHide}>
        <Icon name="cross" />
        <span className="unseen">{words.hideSteps}</span>
      </button>
    </section>
  )
}
