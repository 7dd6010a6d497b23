/** Buttons: `primary` is the one thing to do next, `quiet` is everything else. Both are 64 px high or more on the kiosk. */
import type { ReactNode } from 'react'
import { Icon, type IconName } from './icon.tsx'
import './button.css'

export function Button(props: {
  kind: 'primary' | 'quiet' | 'bare'
  icon?: IconName
  disabled?: boolean
  onPress: () => void
  children: ReactNode
}): ReactNode {
  return (
    <button type="button" className={`button button-${props.kind}`} disabled={props.disabled} onClick={props.onPress}>
      {props.icon && <Icon name={props.icon} />}
      <span>{props.children}</span>
    </button>
  )
}
