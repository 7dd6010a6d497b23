/**
 * Waiting: before the first view (a skeleton of the shelves) and after the connection was lost. Neither knows an amount,
 * so neither shows one; both work without a catalogue.
 */
import type { ReactNode } from 'react'
import { useWords } from '../../languages/kiosk/words.ts'
import { FridgeDrawing } from '../../parts/fridge-drawing.tsx'
import { Frame, Money } from '../frame.tsx'
import { Notice } from '../notice.tsx'
import './waiting.css'

export function Loading(): ReactNode {
  const words = useWords()
  return (
    <Frame name={words.loading} scene="loading" money={<Money title={words.money.unknown} amount={null} />}>
      <div className="skeleton" aria-hidden="true">
        {[0, 1, 2, 3].map((shelf) => (
          <div key={shelf}>
            {[0, 1, 2, 3].map((place) => (
              <i key={place} />
            ))}
          </div>
        ))}
      </div>
    </Frame>
  )
}

export function Missing(): ReactNode {
  const words = useWords()
  return (
    <Frame name="VisionVend" scene="missing" mood="warn" money={<Money title={words.money.unknown} amount={null} />}>
      <Notice
        picture={<FridgeDrawing door="closed" light={false} mark={{ icon: 'offline', tone: 'warn' }} />}
        title={words.missing.title}
        lines={[
          { icon: 'info', text: words.missing.text },
          { icon: 'coins', text: words.missing.money },
          { icon: 'door', text: words.missing.now },
        ]}
      />
    </Frame>
  )
}
