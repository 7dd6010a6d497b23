/**
 * Pictures of one visit: before and after side by side, or in one place by turns, as closely as one wants; below, what crossed
 * the doorway. By touch: a tap looks closer at that spot. Each is asked for with the key, and lives in this page only.
 */
import { useEffect, useRef, useState, type MouseEvent, type ReactNode } from 'react'
import type { Review, ReviewPicture } from '../../../src/contract/review.ts'
import { useReviewWords } from '../../languages/review/words.ts'
import { RelayTrouble, type Relay, type Trouble } from '../relay.ts'

/** How one looks at them; the page's keys change it too. */
export interface View {
  readonly flip: boolean
  readonly after: boolean
  readonly zoomed: boolean
  /** Where, in shares of the picture. */
  readonly x: number
  readonly y: number
  readonly camera: string | null
  /** A picture of the doorway, looked at alone. */
  readonly alone: string | null
}
export const plainView: View = { flip: false, after: false, zoomed: false, x: 0.5, y: 0.5, camera: null, alone: null }

/** F: flips, or turns to the other picture; Z: closer; arrows: on. Null: not a key of the pictures. */
export function viewAfter(view: View, key: string): View | null {
  const step = 0.12
  const moved = (dx: number, dy: number): View | null =>
    view.zoomed ? { ...view, x: within(view.x + dx), y: within(view.y + dy) } : null
  switch (key.toLowerCase()) {
    case 'f':
      return view.flip ? { ...view, after: !view.after } : { ...view, flip: true, after: true, alone: null }
    case 'z':
      return { ...view, zoomed: !view.zoomed }
    case 'escape':
      return { ...plainView, camera: view.camera }
    case 'arrowleft':
      return moved(-step, 0)
    case 'arrowright':
      return moved(step, 0)
    case 'arrowup':
      return moved(0, -step)
    case 'arrowdown':
      return moved(0, step)
    default:
      return null
  }
}

const within = (share: number): number => Math.min(1, Math.max(0, share))

export function Pictures(props: {
  relay: Relay
  review: Review
  mayLook: boolean
  view: View
  onView: (view: View) => void
}): ReactNode {
  const words = useReviewWords().pictures
  const { relay, review, mayLook, view, onView } = props
  const here = review.pictures.filter(({ gone }) => !gone)
  if (review.pictures.length === 0) return <p className="review-none">{words.none}</p>
  if (!mayLook) return <p className="review-none">{words.notYours}</p>
  if (here.length === 0) return <p className="review-none">{words.gone}</p>
  const cameras = [...new Set(here.map(({ camera }) => camera))].toSorted()
  const camera = cameras.find((one) => one === view.camera) ?? cameras[0] ?? ''
  const newest = (why: string): ReviewPicture | null =>
    here.findLast((one) => one.why === why && one.camera === camera) ?? null
  const crossings = here.filter(({ why }) => why === 'crossing')
  const alone = crossings.find(({ sha256 }) => sha256 === view.alone) ?? null
  const shown: [string, ReviewPicture | null][] =
    alone !== null
      ? [[words.crossing, alone]]
      : view.flip
        ? [view.after ? [words.after, newest('after')] : [words.before, newest('before')]]
        : [
            [words.before, newest('before')],
            [words.after, newest('after')],
          ]
  const look = (event: MouseEvent<HTMLButtonElement>): void => {
    const { left, top, width, height } = event.currentTarget.getBoundingClientRect()
    // By keyboard there is no spot: the middle.
    const spot = event.detail === 0 ? { x: 0.5, y: 0.5 } : { x: within((event.clientX - left) / width), y: within((event.clientY - top) / height) } // prettier-ignore
    onView(view.zoomed ? { ...view, zoomed: false } : { ...view, zoomed: true, ...spot })
  }
  return (
    <>
      <div className="review-tools">
        {cameras.length > 1 &&
          cameras.map((one) => (
            <button key={one} type="button" aria-pressed={one === camera} onClick={() => onView({ ...view, camera: one, alone: null })}>
              {words.camera(one)}
            </button>
          ))}
        <button type="button" aria-pressed={view.flip} onClick={() => onView({ ...view, flip: !view.flip, after: true, alone: null })}>
          {view.flip ? words.beside : words.flip} <kbd>F</kbd>
        </button>
        <button type="button" aria-pressed={view.zoomed} onClick={() => onView({ ...view, zoomed: !view.zoomed })}>
          {view.zoomed ? words.whole : words.zoom} <kbd>Z</kbd>
        </button>
      </div>
      <div className={shown.length > 1 ? 'review-pair' : 'review-pair one'}>
        {shown.map(([title, picture]) => (
          <figure key={title}>
            <figcaption>{title}</figcaption>
            {picture === null ? (
              <p className="review-none">{words.missing}</p>
            ) : (
              <button type="button" className="review-picture" aria-label={words.alt(title, picture.camera)} onClick={look}>
                <Picture relay={relay} review={review} picture={picture} alt={words.alt(title, picture.camera)} view={view} />
              </button>
            )}
          </figure>
        ))}
      </div>
      {crossings.length > 0 && (
        <ul className="review-strip" aria-label={words.crossing}>
          {crossings.map((picture, index) => (
            <li key={picture.sha256}>
              <button
                type="button"
                aria-pressed={picture.sha256 === view.alone}
                aria-label={`${words.alt(words.crossing, picture.camera)}, ${index + 1}`}
                onClick={() => onView({ ...plainView, camera: view.camera, alone: picture.sha256 === view.alone ? null : picture.sha256 })}
              >
                <Picture relay={relay} review={review} picture={picture} alt="" view={null} />
              </button>
            </li>
          ))}
        </ul>
      )}
      <p className="soft review-help">{words.help}</p>
    </>
  )
} // prettier-ignore

function Picture(props: { relay: Relay; review: Review; picture: ReviewPicture; alt: string; view: View | null }): ReactNode {
  const words = useReviewWords().pictures
  const { relay, review, picture, alt, view } = props
  const found = usePicture(relay, review, picture.sha256)
  if (found === null) return <span className="review-blank" />
  if ('trouble' in found) return <span className="review-blank">{found.trouble === 'role' ? words.notYours : words.failed}</span>
  const style = view?.zoomed === true ? { transform: 'scale(2.6)', transformOrigin: `${100 * view.x}% ${100 * view.y}%` } : {}
  return <img src={found.url} alt={alt} style={style} draggable={false} />
} // prettier-ignore

type Found = { readonly url: string } | { readonly trouble: Trouble }

/** Those of the last visits, so that going back to one asks nothing again. */
const known = new Map<string, string>()
const mostKnown = 60

function usePicture(relay: Relay, { fridge, visit }: Review, sha256: string): Found | null {
  const [found, setFound] = useState<{ of: string; is: Found } | null>(null)
  const kept = known.get(sha256)
  // It is made anew with each drawing, and asks the same.
  const asking = useRef(relay)
  useEffect(() => {
    asking.current = relay
  })
  useEffect(() => {
    if (kept !== undefined) return
    let over = false
    loaded(asking.current, fridge, visit, sha256).then(
      (url) => over || setFound({ of: sha256, is: { url } }),
      (error: unknown) =>
        over || setFound({ of: sha256, is: { trouble: error instanceof RelayTrouble ? error.trouble : 'away' } }),
    )
    return () => {
      over = true
    }
  }, [fridge, visit, sha256, kept])
  if (kept !== undefined) return { url: kept }
  return found?.of === sha256 ? found.is : null
}

async function loaded(relay: Relay, fridge: string, visit: string, sha256: string): Promise<string> {
  const file = await relay.picture(fridge, visit, sha256)
  const url = await new Promise<string>((resolve, reject) => {
    const reader = new FileReader()
    reader.addEventListener('load', () => resolve(reader.result as string))
    reader.addEventListener('error', () => reject(new RelayTrouble('away')))
    reader.readAsDataURL(file)
  })
  known.set(sha256, url)
  const [oldest] = known.keys()
  if (known.size > mostKnown && oldest !== undefined) known.delete(oldest)
  return url
}
