/**
 * Map: fridges where they stand, on outlines that the relay serves itself. Near ones are one mark with their number, as the
 * gravest of them looks; pressing it goes nearer. The list beside it says all that the map does.
 */
import { useEffect, useMemo, useRef, useState, type PointerEvent, type ReactNode } from 'react'
import { usePlaceWords } from '../../languages/places/words.ts'
import { HealthShape, healths, type Health } from './health.tsx'
import { bounded, cluster, project, viewOf, type Point, type View } from './mercator.ts'
import { loadOutlines, pathOf, type Outlines } from './outlines.ts'

export interface Mark {
  readonly fridge: string
  readonly label: string
  readonly health: Health
  readonly latitude: number
  readonly longitude: number
}

const height = 400
const steps = [
  ['west', '←', -120, 0, 1],
  ['north', '↑', 0, -120, 1],
  ['south', '↓', 0, 120, 1],
  ['east', '→', 120, 0, 1],
  ['nearer', '+', 0, 0, 2],
  ['farther', '−', 0, 0, 0.5],
] as const

export function FleetMap({
  marks,
  onPick,
}: {
  marks: readonly Mark[]
  onPick: (fridges: readonly string[]) => void
}): ReactNode {
  const words = usePlaceWords()
  const frame = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(0)
  const [outlines, setOutlines] = useState<Outlines | null>(null)
  const [chosen, setChosen] = useState<View | null>(null)
  const grip = useRef<Point | null>(null)
  useEffect(() => {
    if (frame.current === null) return undefined
    const watch = new ResizeObserver(([entry]) => setWidth(Math.round(entry?.contentRect.width ?? 0)))
    watch.observe(frame.current)
    // Without outlines the marks still stand where they stand.
    loadOutlines().then(setOutlines, () => {})
    return () => watch.disconnect()
  }, [])
  const points = useMemo(
    () =>
      marks
        .map((mark) => ({ ...mark, ...project(mark.latitude, mark.longitude) }))
        .toSorted((a, b) => healths.indexOf(a.health) - healths.indexOf(b.health)),
    [marks],
  )
  const view = chosen ?? viewOf(points, width, height)
  const { x, y, zoom } = view
  const drawn = useMemo(() => {
    if (outlines === null || width === 0) return null
    const draw = (lines: Outlines['land']): string => pathOf(lines, { x, y, zoom }, width, height)
    return { land: draw(outlines.land), borders: draw(outlines.borders) }
  }, [outlines, x, y, zoom, width])
  const go = (right: number, down: number, times = 1): void =>
    setChosen(bounded({ x: view.x + right / view.zoom, y: view.y + down / view.zoom, zoom: view.zoom * times }))
  const held = (event: PointerEvent): void => {
    event.currentTarget.setPointerCapture(event.pointerId)
    grip.current = { x: event.clientX, y: event.clientY }
  }
  const dragged = (event: PointerEvent): void => {
    if (grip.current === null) return
    go(grip.current.x - event.clientX, grip.current.y - event.clientY)
    grip.current = { x: event.clientX, y: event.clientY }
  }
  const place = (at: Point) => ({
    left: `${(at.x - x) * zoom + width / 2}px`,
    top: `${(at.y - y) * zoom + height / 2}px`,
  })
  return (
    <div className="fleet-map" ref={frame} role="group" aria-label={words.map.name}>
      <div className="fleet-map-face">
        <svg
          viewBox={`0 0 ${Math.max(1, width)} ${height}`}
          aria-hidden="true"
          onPointerDown={held}
          onPointerMove={dragged}
          onPointerUp={() => (grip.current = null)}
          onPointerCancel={() => (grip.current = null)}
        >
          <path d={drawn?.land} className="fleet-land" />
          <path d={drawn?.borders} className="fleet-borders" />
        </svg>
        {width > 0 &&
          cluster(points, view.zoom, 40).map((one) => {
            const [gravest] = one.of
            if (gravest === undefined) return null
            const names = one.of.map(({ label }) => label)
            if (one.of.length === 1)
              return (
                <a
                  key={gravest.fridge}
                  className="fleet-mark"
                  style={place(one)}
                  href={`#fridge/${gravest.fridge}`}
                  aria-label={`${gravest.label}: ${words.health[gravest.health]}`}
                  title={gravest.label}
                >
                  <HealthShape health={gravest.health} />
                </a>
              )
            return (
              <button
                key={gravest.fridge}
                type="button"
                className="fleet-mark many"
                style={place(one)}
                aria-label={words.map.many(one.of.length, words.health[gravest.health])}
                title={names.slice(0, 12).join(', ')}
                onClick={() => {
                  onPick(one.of.map(({ fridge }) => fridge))
                  setChosen(
                    bounded({
                      ...viewOf(one.of, width, height),
                      zoom: Math.max(view.zoom * 2, viewOf(one.of, width, height).zoom),
                    }),
                  )
                }}
              >
                <HealthShape health={gravest.health} />
                <span>{one.of.length}</span>
              </button>
            )
          })}
      </div>
      <div className="fleet-map-tools">
        {steps.map(([name, sign, right, down, times]) => (
          <button
            key={name}
            type="button"
            aria-label={words.map[name]}
            title={words.map[name]}
            onClick={() => go(right, down, times)}
          >
            {sign}
          </button>
        ))}
        <button type="button" onClick={() => setChosen(null)}>
          {words.map.all}
        </button>
      </div>
      <ul className="fleet-legend">
        {healths
          .filter((one) => points.some(({ health }) => health === one))
          .map((one) => (
            <li key={one}>
              <HealthShape health={one} /> {words.health[one]}
            </li>
          ))}
      </ul>
    </div>
  )
}
