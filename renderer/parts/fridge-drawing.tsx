/**
 * Fridge drawing: the fridge itself as the screens' one illustration, so that what moves on screen is what moves in the
 * hand: the door swings, the light comes on, a beam reads the shelves. Transform and opacity only. Fills its box.
 */
import type { ReactNode } from 'react'
import { Icon, type IconName } from './icon.tsx'
import './fridge-drawing.css'

export function FridgeDrawing(props: {
  /** `closing`: it has just been closed, and is seen to. */
  door: 'closed' | 'closing' | 'ajar' | 'open'
  light: boolean
  reading?: boolean
  mark?: { icon: IconName; tone: 'good' | 'warn' | 'bad' | 'plain' }
}): ReactNode {
  return (
    <div className="drawing" aria-hidden="true">
      <div
        className="drawing-fridge"
        data-door={props.door}
        data-light={props.light}
        data-reading={props.reading ?? false}
      >
        <div className="drawing-inside">
          {[0, 1, 2, 3].map((shelf) => (
            <div className="drawing-shelf" key={shelf}>
              <i />
              <i />
              <i />
              <i />
            </div>
          ))}
          <div className="drawing-beam" />
        </div>
        <div className="drawing-door">
          <div className="drawing-handle" />
        </div>
        {props.mark && (
          <div className={`drawing-mark drawing-mark-${props.mark.tone}`}>
            <Icon name={props.mark.icon} />
          </div>
        )}
      </div>
    </div>
  )
}
