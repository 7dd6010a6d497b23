/** Settling: the door is closed and the shelves are being read, a second or two. */
import type { ReactNode } from 'react'
import type { Screen } from '../../../src/contract/kiosk.ts'
import { useWords } from '../../languages/kiosk/words.ts'
import { FridgeDrawing } from '../../parts/fridge-drawing.tsx'
import { Frame } from '../frame.tsx'
import { Notice } from '../notice.tsx'
import { useShop } from '../shop.tsx'
import { Reserved } from './opening.tsx'

export function Settling(props: { screen: Extract<Screen, { at: 'settling' }> }): ReactNode {
  const { view } = useShop()
  const words = useWords()
  return (
    <Frame name={view.fridge.name} scene="settling" money={<Reserved holdMinor={props.screen.holdMinor} />}>
      <Notice
        picture={<FridgeDrawing door="closing" light reading />}
        title={words.settling.title}
        text={words.settling.text}
      />
    </Frame>
  )
}
