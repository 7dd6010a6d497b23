/**
 * Frame: the one layout of all shopper screens: head, stage, money, action, controls. Money and action stand in the same
 * place on every screen; only the stage changes. Portrait stacks them, landscape puts the last three beside the stage.
 */
import type { ReactNode } from 'react'
import { Icon, type IconName } from '../parts/icon.tsx'
import { Controls } from './controls.tsx'
import './frame.css'

export type Mood = 'plain' | 'go' | 'warn' | 'bad'

export function Frame(props: {
  name: string
  aside?: ReactNode
  mood?: Mood
  /** Changes when the stage shows something else, so that it arrives rather than jumps. */
  scene: string
  money: ReactNode
  action?: ReactNode
  children: ReactNode
}): ReactNode {
  return (
    <div className="frame" data-mood={props.mood ?? 'plain'}>
      <header className="frame-head">
        <Brand />
        <span className="frame-name">{props.name}</span>
        {props.aside}
      </header>
      <main className="frame-stage">
        <div className="frame-scene" key={props.scene}>
          {props.children}
        </div>
      </main>
      {props.money}
      <div className="frame-action">{props.action}</div>
      <Controls />
    </div>
  )
}

/** The mark: a door standing open on a lit fridge. */
function Brand(): ReactNode {
  return (
    <svg className="brand" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="9" />
      <path className="brand-light" d="M9 6.5h11v19H9z" />
      <path className="brand-door" d="M20 6.5 26 9v14l-6 2.5z" />
    </svg>
  )
}

/**
 * Money: the amount, large and always in the same place, what it is, and what becomes of it. A null amount is one that
 * we do not know, and so do not show.
 */
export function Money(props: {
  tone?: 'plain' | 'accent' | 'paid' | 'warn'
  icon?: IconName
  title: string
  note?: string | undefined
  label?: string
  amount: string | null
  /** The amount is about to change. */
  unsettled?: boolean
}): ReactNode {
  return (
    <section className={`money money-${props.tone ?? 'plain'}`} aria-live="polite">
      {props.icon && (
        <span className="money-icon">
          <Icon name={props.icon} />
        </span>
      )}
      <div className="money-words">
        <h2>{props.title}</h2>
        {props.note !== undefined && <p>{props.note}</p>}
      </div>
      <div className="money-figure">
        {props.label !== undefined && <span className="money-label">{props.label}</span>}
        <strong className="money-amount" data-unsettled={props.unsettled ?? false}>
          {props.amount ?? '–'}
        </strong>
      </div>
    </section>
  )
}
