/** Steps: where a newcomer is on the way to a first purchase, read off the world, so that it is right however they got there. */
import { useEffect, useState, type ReactNode } from 'react'
import type { World } from '../../src/contract/virtual.ts'
import { useWords } from '../languages/virtual/words.ts'
import { Icon } from '../parts/icon.tsx'
import './steps.css'

/** 0 card, 1 open, 2 take, 3 close, 4 receipt. */
export type Step = 0 | 1 | 2 | 3 | 4

interface Way {
  readonly step: Step
  readonly door: World['door']
}

/** The step that follows from what the door did: it closes before its bolt is back, so "unlocked" alone says little. */
export function stepAfter(before: Way, world: World): Step {
  const { door } = world
  if (door.open) return world.hand.length > 0 ? 3 : 2
  if (before.door.open) return 4
  if (!door.locked && before.door.locked) return 1
  // Not opened in time: back to the card.
  if (door.locked && before.step === 1) return 0
  return before.step
}

export const wayAtFirst: Way = { step: 0, door: { open: false, locked: true } }

export function useStep(world: World): Step {
  const [way, setWay] = useState<Way>(wayAtFirst)
  useEffect(() => {
    setWay((before) => ({ step: stepAfter(before, world), door: world.door }))
  }, [world])
  return way.step
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
