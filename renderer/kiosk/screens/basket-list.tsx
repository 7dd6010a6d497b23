/**
 * Basket list: the lines of a visit with their pictures. A line that comes slides in from the shelf's side, one that was
 * put back slides out again before it is gone.
 */
import { useEffect, useRef, useState, type ReactNode } from 'react'
import { useSpeech } from '../../languages/language.tsx'
import { useWords } from '../../languages/kiosk/words.ts'
import { Picture } from '../../parts/picture.tsx'
import { useShop, type Line } from '../shop.tsx'
import './basket-list.css'

const leaveMs = 280
const few = 4
/** Of what a line may have been. */
const mostPictures = 2

export function BasketList(props: { lines: readonly Line[]; size: 'large' | 'small'; follow?: boolean }): ReactNode {
  const { follow = false } = props
  const rows = useDeparting(props.lines)
  const list = useRef<HTMLUListElement>(null)
  const newest = props.lines.at(-1)?.sku
  useEffect(() => {
    // What was taken last is what the shopper looks for; a receipt is read from its top.
    if (follow) list.current?.lastElementChild?.scrollIntoView({ block: 'nearest' })
  }, [newest, follow])
  return (
    <ul className={`basket basket-${props.size}`} data-few={rows.length <= few} ref={list}>
      {rows.map(({ line, leaving }) => (
        <li key={line.sku} data-leaving={leaving}>
          <Row line={line} />
        </li>
      ))}
    </ul>
  )
}

function Row(props: { line: Line }): ReactNode {
  const { line } = props
  const { product, pictureUrl } = useShop()
  const speech = useSpeech()
  const words = useWords().shopping
  const skus = [line.sku, ...(line.or ?? [])]
  const name = speech.anyOf(
    skus.map((sku) => {
      const sold = product(sku)
      return sold ? speech.say(sold.name) : sku
    }),
  )
  return (
    <>
      <span className="basket-picture" data-either={skus.length > 1}>
        {skus.slice(0, mostPictures).map((sku) => (
          <Picture key={sku} url={pictureUrl(sku)} name="" />
        ))}
      </span>
      <span className="basket-count" key={line.count}>
        {line.count}×
      </span>
      <span className="basket-name">
        {name}
        {line.count > 1 && <small>{words.each(speech.money(line.priceMinor))}</small>}
      </span>
      <strong>{speech.money(line.priceMinor * line.count)}</strong>
    </>
  )
}

interface Shown {
  readonly line: Line
  readonly leaving: boolean
}

/** The next rows to show: what is there now, and what just left in the place where it stood. */
export function withDeparting(before: readonly Shown[], lines: readonly Line[]): readonly Shown[] {
  const now = new Map(lines.map((line) => [line.sku, line]))
  const kept = before.map((row): Shown => {
    const line = now.get(row.line.sku)
    now.delete(row.line.sku)
    return line ? { line, leaving: false } : { line: row.line, leaving: true }
  })
  return [...kept, ...[...now.values()].map((line): Shown => ({ line, leaving: false }))]
}

function useDeparting(lines: readonly Line[]): readonly Shown[] {
  const [seen, setSeen] = useState<{ of: readonly Line[]; rows: readonly Shown[] }>(() => ({
    of: lines,
    rows: withDeparting([], lines),
  }))
  // Adjusting while rendering, so that no frame shows a row that is neither here nor leaving.
  if (seen.of !== lines) setSeen({ of: lines, rows: withDeparting(seen.rows, lines) })
  const leaving = seen.rows.some((row) => row.leaving)
  useEffect(() => {
    if (!leaving) return
    const timer = setTimeout(() => {
      setSeen((held) => ({ of: held.of, rows: held.rows.filter((row) => !row.leaving) }))
    }, leaveMs)
    return () => {
      clearTimeout(timer)
    }
  }, [leaving, lines])
  return seen.rows
}
