/**
 * Notice: a screen that says one thing. A failure's has three lines, always in this order: what happened, what happens
 * with the money, what to do now.
 */
import type { ReactNode } from 'react'
import { Icon, type IconName } from '../parts/icon.tsx'
import './notice.css'

export interface NoticeLine {
  readonly icon: IconName
  readonly text: string
}

export function Notice(props: {
  picture: ReactNode
  title: string
  text?: string
  lines?: readonly NoticeLine[]
  children?: ReactNode
}): ReactNode {
  return (
    <div className="notice">
      <div className="notice-picture">{props.picture}</div>
      <div className="notice-words">
        <h1>{props.title}</h1>
        {props.text !== undefined && <p className="notice-text">{props.text}</p>}
        {props.lines && (
          <ul className="notice-lines">
            {props.lines.map((line) => (
              <li key={line.text}>
                <Icon name={line.icon} />
                <span>{line.text}</span>
              </li>
            ))}
          </ul>
        )}
        {props.children}
      </div>
    </div>
  )
}
