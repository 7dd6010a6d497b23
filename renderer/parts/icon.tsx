/**
 * Icons: one hand's line drawings on a 24 grid, in the colour of the text they stand beside. Always decoration: the
 * words next to them say the same, so a screen reader skips them.
 */
import type { ReactNode } from 'react'
import './icon.css'

const drawings = {
  contactless: (
    <>
      <path d="M7.5 15.5a5 5 0 0 0 0-7M11 17.8a8.4 8.4 0 0 0 0-11.6M14.5 20a12 12 0 0 0 0-16" />
    </>
  ),
  card: (
    <>
      <rect x="2.5" y="5" width="19" height="14" rx="2.5" />
      <path d="M2.5 9.8h19M6 15.2h4" />
    </>
  ),
  door: (
    <>
      <rect x="5" y="2.5" width="14" height="19" rx="2" />
      <path d="M5 9h14M8 5.2v1.6M8 12v3" />
    </>
  ),
  hand: (
    <path d="M8 12V5.6a1.6 1.6 0 0 1 3.2 0V11m0-.6V4.2a1.6 1.6 0 0 1 3.2 0V11m0-.6V5.8a1.6 1.6 0 0 1 3.2 0v8.4c0 4-2.6 7.3-6.6 7.3-2.8 0-4.6-1.2-5.9-3.6l-2.3-4.3c-.9-1.7 1.2-3 2.3-1.7L8 14" />
  ),
  coins: (
    <>
      <ellipse cx="12" cy="6.5" rx="7.5" ry="3.2" />
      <path d="M4.5 6.5v5.3c0 1.8 3.4 3.2 7.5 3.2s7.5-1.4 7.5-3.2V6.5" />
      <path d="M4.5 11.8v5.4c0 1.8 3.4 3.3 7.5 3.3s7.5-1.5 7.5-3.3v-5.4" />
    </>
  ),
  phone: (
    <path d="M6.3 3.2 9 3.7c.5.1.9.5 1 1l.5 3.2c0 .5-.1 1-.5 1.2L8.2 10.3a12 12 0 0 0 5.5 5.5l1.2-1.8c.3-.4.8-.6 1.3-.5l3.1.5c.5.1.9.5 1 1l.5 2.7c.1.7-.4 1.4-1.1 1.5C10.6 20.5 3.5 13.4 4.8 4.3c.1-.7.8-1.2 1.5-1.1Z" />
  ),
  check: <path d="m4.5 12.8 4.8 4.8L19.8 6.8" />,
  cross: <path d="M6 6l12 12M18 6 6 18" />,
  back: <path d="M10.5 5 4 12l6.5 7M4.5 12H20" />,
  next: <path d="M13.5 5 20 12l-6.5 7M19.5 12H4" />,
  lower: <path d="M12 3v12.5m-5.5-5.2 5.5 5.5 5.5-5.5M4.5 20.5h15" />,
  raise: <path d="M12 21V8.5m-5.5 5.2L12 8.2l5.5 5.5M4.5 3.5h15" />,
  contrast: (
    <>
      <circle cx="12" cy="12" r="9" />
      <path d="M12 3a9 9 0 0 1 0 18Z" fill="currentColor" />
    </>
  ),
  snow: <path d="M12 2.5v19M3.8 7.2l16.4 9.6M20.2 7.2 3.8 16.8M9.5 4.2 12 6.6l2.5-2.4M9.5 19.8l2.5-2.4 2.5 2.4" />,
  camera: (
    <>
      <path d="M3 8.2a1.7 1.7 0 0 1 1.7-1.7h2.9l1.5-2.3h5.8l1.5 2.3h2.9A1.7 1.7 0 0 1 21 8.2v9.6a1.7 1.7 0 0 1-1.7 1.7H4.7A1.7 1.7 0 0 1 3 17.8Z" />
      <circle cx="12" cy="12.8" r="3.6" />
    </>
  ),
  warning: (
    <>
      <path d="M10.3 4.1 2.7 17.4a2 2 0 0 0 1.7 3h15.2a2 2 0 0 0 1.7-3L13.7 4.1a2 2 0 0 0-3.4 0Z" />
      <path d="M12 9.2v4.6M12 17.1v.1" />
    </>
  ),
  info: (
    <>
      <circle cx="12" cy="12" r="9" />
      <path d="M12 11v5.5M12 7.6v.1" />
    </>
  ),
  lock: (
    <>
      <rect x="4.5" y="10.5" width="15" height="10.5" rx="2.5" />
      <path d="M8 10.5V7a4 4 0 0 1 8 0v3.5M12 14.8v2" />
    </>
  ),
  unlock: (
    <>
      <rect x="4.5" y="10.5" width="15" height="10.5" rx="2.5" />
      <path d="M8 10.5V7a4 4 0 0 1 7.7-1.5M12 14.8v2" />
    </>
  ),
  offline: (
    <path d="M3 3l18 18M8.5 15.3a5 5 0 0 1 6-.5M5.2 11.8a10 10 0 0 1 4.3-2.5M2.5 8.2a14 14 0 0 1 4.2-2.7M13.5 8.9a10 10 0 0 1 5.3 2.9M11 4.6a14 14 0 0 1 10.5 3.6M12 19.4v.1" />
  ),
  plug: <path d="M8.5 2.5v5M15.5 2.5v5M6 7.5h12v4a6 6 0 0 1-12 0ZM12 17.5v4" />,
  clock: (
    <>
      <circle cx="12" cy="12" r="9" />
      <path d="M12 6.8V12l3.5 2.2" />
    </>
  ),
  person: (
    <>
      <circle cx="12" cy="7.8" r="4.2" />
      <path d="M4 21c.7-4.6 3.9-7 8-7s7.3 2.4 8 7" />
    </>
  ),
  question: (
    <>
      <circle cx="12" cy="12" r="9" />
      <path d="M9.4 9.6a2.7 2.7 0 1 1 4 2.3c-.9.5-1.4 1-1.4 2M12 16.9v.1" />
    </>
  ),
  key: (
    <>
      <circle cx="8" cy="15.5" r="4.5" />
      <path d="m11.2 12.3 9.3-9.3M16.5 7l3 3M13.8 9.7l2 2" />
    </>
  ),
  erase: <path d="M8.5 5h11a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2h-11L2.5 12Zm3 4.5 5 5m0-5-5 5" />,
  shift: <path d="M12 3.5 3.5 12.5H8V20h8v-7.5h4.5Z" />,
  flame: (
    <path d="M12 21.5c4 0 6.5-2.6 6.5-6.3 0-4.7-4.3-6.7-4-12.7-4 1.6-6 5-5.4 8.7-1.5-.4-2.2-1.7-2.2-3-1.2 1.8-1.9 4-1.9 6.5 0 4 2.8 6.8 7 6.8Z" />
  ),
  scale: (
    <path d="M12 3.5v17M6 20.5h12M4.5 7.5 12 5l7.5 2.5M4.5 7.5 2 14.5c1.3 1.8 3.7 1.8 5 0Zm15 0L17 14.5c1.3 1.8 3.7 1.8 5 0Z" />
  ),
  reset: <path d="M4 12a8 8 0 1 1 2.5 5.8M4 18.5v-5h5" />,
  bank: <path d="M3 9.5 12 4l9 5.5ZM5.5 12.5v5M10 12.5v5M14 12.5v5M18.5 12.5v5M3.5 20.5h17" />,
  thermometer: <path d="M14.5 13.8V5a2.5 2.5 0 0 0-5 0v8.8a4.5 4.5 0 1 0 5 0ZM12 9v8" />,
  shelf: <path d="M3 20h18M3 13h18M6 13V7h4v6M14 13V4.5h4V13M8 20v-4M16 20v-4" />,
} as const

export type IconName = keyof typeof drawings

export function Icon(props: { name: IconName; className?: string }): ReactNode {
  return (
    <svg className={`icon ${props.className ?? ''}`} viewBox="0 0 24 24" aria-hidden="true">
      {drawings[props.name]}
    </svg>
  )
}
