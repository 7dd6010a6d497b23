/**
 * Frame: what every screen of the phone page stands in: the heading, which takes the focus as the screen changes; a dock at the
 * thumb with the money (always there, always large) and the one thing to do next; notices that are spoken.
 */
import { useEffect, useRef, type ReactNode } from 'react'
import { useWords } from '../languages/phone/words.ts'
import { Icon, type IconName } from '../parts/icon.tsx'
import { useShopper } from './shopper.tsx'

export type Tone = 'plain' | 'good' | 'warn' | 'bad'

/** `scene`: another one is another screen, and its heading is read out. */
export function Screen(props: {
  scene: string
  title: string
  /** Said for a screen that only shows. */
  lead?: string
  dock?: ReactNode
  children?: ReactNode
}): ReactNode {
  const heading = useRef<HTMLHeadingElement>(null)
  const { scene, title } = props
  useEffect(() => {
    document.documentElement.dataset['scene'] = scene
    heading.current?.focus({ preventScroll: true })
    window.scrollTo(0, 0)
  }, [scene])
  useEffect(() => {
    document.title = `${title} · VisionVend`
  }, [title])
  return (
    <main key={scene}>
      <div className="screen">
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {props.lead !== undefined && <p className="lead">{props.lead}</p>}
        {props.children}
      </div>
      {props.dock !== undefined && <div className="dock">{props.dock}</div>}
    </main>
  )
}

export function Money(props: { title: string; amount: string; note?: string | undefined; tone?: Tone }): ReactNode {
  return (
    <div className={`money money-${props.tone ?? 'plain'}`}>
      <p className="money-title">{props.title}</p>
      <p className="money-amount">{props.amount}</p>
      {props.note !== undefined && <p className="money-note">{props.note}</p>}
    </div>
  )
}

/** `live`: spoken as it comes: `alert` at once, `status` when there is a pause. */
export function Notice(props: {
  tone: Tone
  icon: IconName
  title?: string
  live?: 'alert' | 'status'
  children: ReactNode
}): ReactNode {
  return (
    <div className={`notice notice-${props.tone}`} role={props.live}>
      <Icon name={props.icon} />
      <div>
        {props.title !== undefined && <h2>{props.title}</h2>}
        {props.children}
      </div>
    </div>
  )
}

export function Skeleton(props: { tall: number }): ReactNode {
  return (
    <div className="skeleton" aria-hidden="true">
      {Array.from({ length: props.tall }, (_, row) => (
        <i key={row} />
      ))}
    </div>
  )
}

/** A question to the relay that has no answer yet, or none that can be shown. `what`: for the one who waits. */
export function Waiting(props: { trouble: string | null; tall?: number }): ReactNode {
  const words = useWords()
  const { trouble } = props
  if (trouble === null)
    return (
      <>
        <p className="unseen" role="status">
          {words.loading}
        </p>
        <Skeleton tall={props.tall ?? 4} />
      </>
    )
  if (trouble === 'changed')
    return (
      <Notice tone="warn" icon="reset" live="alert">
        <p>{words.lost.changed}</p>
        <button className="button button-quiet" type="button" onClick={() => location.reload()}>
          {words.lost.reload}
        </button>
      </Notice>
    )
  return (
    <Notice tone="warn" icon="offline" title={words.lost.title} live="status">
      <p>{navigator.onLine ? words.lost.trouble : words.lost.first}</p>
    </Notice>
  )
}

/** Above what was known before the connection went. */
export function Lost(props: { trouble: string | null }): ReactNode {
  const words = useWords()
  return (
    <div className="lost" role="status">
      {props.trouble !== null && (
        <p>
          <Icon name="offline" />
          {props.trouble === 'changed' ? words.lost.changed : navigator.onLine ? words.lost.silent : words.lost.waiting}
        </p>
      )}
    </div>
  )
}

/** Whom to ask; a telephone number stays on one line. */
export function Contact(props: { contact: string; say: (contact: string) => string }): ReactNode {
  const { contact, say } = props
  return contact === '' ? null : <p className="soft">{say(contact.replaceAll(' ', '\u00a0'))}</p>
}

export function Top(props: { back: boolean }): ReactNode {
  const words = useWords()
  const { go, language, speak, languages } = useShopper()
  return (
    <header className="top">
      {props.back ? (
        <button className="top-button" type="button" aria-label={words.back} onClick={() => history.back()}>
          <Icon name="back" />
        </button>
      ) : (
        <a className="brand" href="/phone/#">
          <img src="/phone/icon-192.png" alt="" width="32" height="32" />
          <span>{words.brand}</span>
        </a>
      )}
      <label className="top-language">
        <span className="unseen">{words.language}</span>
        <select value={language} onChange={(event) => speak(event.currentTarget.value)}>
          {languages.map(([code, name]) => (
            <option key={code} value={code} lang={code}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <button className="top-button" type="button" aria-label={words.you} onClick={() => go({ at: 'account' })}>
        <Icon name="person" />
      </button>
    </header>
  )
}
