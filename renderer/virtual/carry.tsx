/**
 * Carry: a product on its way between a shelf and the hand, by mouse, finger or pen. A short press is a tap; a move past
 * a few pixels picks the product up, and it goes where it is let go. Only the ghost moves, by transform.
 */
import {
  createContext,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
  type MouseEvent,
  type PointerEvent,
  type ReactNode,
} from 'react'

export interface Carried {
  readonly sku: string
  /** The shelf it comes from; null: the hand. */
  readonly from: number | null
}
export type Place =
  { readonly at: 'shelf'; readonly shelf: number } | { readonly at: 'hand' } | { readonly at: 'elsewhere' }

const slopPx = 6

interface Carrying {
  readonly carried: Carried | null
  /** Properties of something that can be carried. */
  readonly props: (
    thing: Carried,
    tap: () => void,
  ) => { onPointerDown: (event: PointerEvent<HTMLElement>) => void; onClick: (event: MouseEvent<HTMLElement>) => void }
}

const CarryContext = createContext<Carrying | null>(null)

export function useCarry(): Carrying {
  const carrying = useContext(CarryContext)
  if (!carrying) throw new Error('something to carry stands outside <Carry>')
  return carrying
}

/** Marks where things can be let go: `<div {...place(...)}>`. */
export const place = (there: Place): { 'data-place': string } => ({
  'data-place': there.at === 'shelf' ? `shelf ${there.shelf}` : there.at,
})

function placeAt(x: number, y: number): Place {
  for (const element of document.elementsFromPoint(x, y)) {
    const mark = element.closest<HTMLElement>('[data-place]')?.dataset['place']
    if (mark === undefined) continue
    return mark === 'hand' ? { at: 'hand' } : { at: 'shelf', shelf: Number(mark.split(' ')[1]) }
  }
  return { at: 'elsewhere' }
}

export function Carry(props: {
  pictureUrl: (sku: string) => string
  onLetGo: (carried: Carried, there: Place) => void
  children: ReactNode
}): ReactNode {
  const { onLetGo } = props
  const [carried, setCarried] = useState<Carried | null>(null)
  const ghost = useRef<HTMLImageElement>(null)
  const spot = useRef({ x: 0, y: 0, height: 0 })
  const stop = useRef<() => void>(() => {})
  useEffect(() => () => stop.current(), [])

  const begin = useCallback(
    (event: PointerEvent<HTMLElement>, thing: Carried, tap: () => void): void => {
      if (event.button !== 0) return
      stop.current()
      const element: HTMLElement = event.currentTarget
      const { pointerId, clientX, clientY } = event
      const height = element.querySelector('img')?.getBoundingClientRect().height ?? 80
      let moving = false
      element.setPointerCapture(pointerId)
      const listeners = new AbortController()
      const listen = (
        kind: 'pointermove' | 'pointerup' | 'pointercancel',
        heard: (moved: globalThis.PointerEvent) => void,
      ): void => {
        element.addEventListener(
          kind,
          (moved) => {
            if (moved.pointerId === pointerId) heard(moved)
          },
          { signal: listeners.signal },
        )
      }
      const end = (): void => {
        listeners.abort()
        setCarried(null)
      }
      stop.current = end
      listen('pointermove', (moved) => {
        if (!moving && Math.hypot(moved.clientX - clientX, moved.clientY - clientY) < slopPx) return
        spot.current = { x: moved.clientX, y: moved.clientY, height }
        if (moving) moveGhost(ghost.current, spot.current)
        else setCarried(thing)
        moving = true
      })
      listen('pointerup', (moved) => {
        end()
        if (moving) onLetGo(thing, placeAt(moved.clientX, moved.clientY))
        else tap()
      })
      listen('pointercancel', end)
    },
    [onLetGo],
  )

  const carrying = useMemo<Carrying>(
    () => ({
      carried,
      props: (thing, tap) => ({
        onPointerDown: (event) => {
          begin(event, thing, tap)
        },
        onClick: (event) => {
          // From the keyboard or a screen reader. The click of a press was a tap already, when the finger left; it comes
          // late after a touch, so that no timer could tell it, but it counts its presses and these do not.
          if (event.detail === 0) tap()
        },
      }),
    }),
    [begin, carried],
  )
  return (
    <CarryContext value={carrying}>
      {props.children}
      {carried && (
        <img
          className="ghost"
          alt=""
          src={props.pictureUrl(carried.sku)}
          ref={(image) => {
            ghost.current = image
            moveGhost(image, spot.current)
          }}
        />
      )}
    </CarryContext>
  )
}

function moveGhost(image: HTMLImageElement | null, to: { x: number; y: number; height: number }): void {
  if (!image) return
  image.style.height = `${to.height}px`
  image.style.transform = `translate(${to.x}px, ${to.y}px) translate(-50%, -60%) rotate(-3deg) scale(1.06)`
}
