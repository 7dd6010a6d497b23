/** Lines: what was taken, with pictures; one that comes slides in, so that the eye finds it. */
import { useEffect, useState, type ReactNode } from 'react'
import type { PhoneLine } from '../../src/contract/phone.ts'
import { useSpeech } from '../languages/language.tsx'
import { useWords } from '../languages/phone/words.ts'
import { Icon } from '../parts/icon.tsx'

export function Lines(props: { lines: readonly PhoneLine[]; live?: boolean }): ReactNode {
  const { money, say, anyOf } = useSpeech()
  const words = useWords()
  return (
    <ul className="lines" aria-live={props.live === true ? 'polite' : undefined}>
      {props.lines.map(({ sku, name, count, priceMinor, pictureUrl, or = [] }) => (
        <li key={`${sku}-${priceMinor}`}>
          <Shot url={or.length > 0 ? null : pictureUrl} />
          <span className="lines-name">
            {count > 1 && <b>{count} × </b>}
            {anyOf([name, ...or].map(say))}
            {count > 1 && <small>{words.receipt.each(money(priceMinor))}</small>}
          </span>
          <strong>{money(count * priceMinor)}</strong>
        </li>
      ))}
    </ul>
  )
}

/** A new fridge's pictures reach the relay one after the other. */
const againMs = 3_000

/** A product's picture; its name stands beside it. Where it can't be had yet, a shelf. */
export function Shot(props: { url: string | null }): ReactNode {
  const [turn, setTurn] = useState(0)
  const [failed, setFailed] = useState(false)
  useEffect(() => {
    if (!failed) return undefined
    const timer = setTimeout(() => {
      setFailed(false)
      setTurn((count) => count + 1)
    }, againMs)
    return () => clearTimeout(timer)
  }, [failed])
  return (
    <span className="shot" aria-hidden="true">
      <Icon name="shelf" />
      {props.url !== null && !failed && (
        <img
          key={turn}
          src={props.url}
          alt=""
          loading="lazy"
          decoding="async"
          onError={() => setFailed(true)}
          onLoad={(event) => event.currentTarget.classList.add('there')}
        />
      )}
    </span>
  )
}
