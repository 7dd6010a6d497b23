/** Basket: while the door is open, what the fridge says is out of it; then, while it reads its shelves, that it does. */
import { useEffect, useState, type ReactNode } from 'react'
import type { PhoneVisit } from '../../../src/contract/phone.ts'
import { useSpeech } from '../../languages/language.tsx'
import { useWords } from '../../languages/phone/words.ts'
import { FridgeDrawing } from '../../parts/fridge-drawing.tsx'
import { Money, Notice, Screen } from '../frame.tsx'
import { Lines } from '../lines.tsx'

export function Basket(props: { visit: PhoneVisit; live: NonNullable<PhoneVisit['live']> }): ReactNode {
  const { live, visit } = props
  const words = useWords()
  const { money } = useSpeech()
  const hold = money(visit.holdMinor)
  const { lines } = live
  const beyond = live.totalMinor > visit.holdMinor
  return (
    <Screen
      scene="shopping"
      title={words.basket.title}
      dock={
        <>
          {lines === null ? (
            <Money title={words.receipt.held} amount={hold} note={words.fridge.hold} />
          ) : (
            <Money
              title={words.basket.total}
              amount={money(live.totalMinor)}
              note={beyond ? words.basket.beyond(hold) : words.basket.of(hold)}
              tone={beyond ? 'warn' : 'plain'}
            />
          )}
          <p className="dock-say">{words.basket.close}</p>
        </>
      }
    >
      {live.leftOpen && (
        <Notice tone="warn" icon="door" live="alert">
          <p>{words.basket.leftOpen}</p>
        </Notice>
      )}
      {lines === null || lines.length === 0 ? (
        <>
          <div className="drawing-box">
            <FridgeDrawing door="open" light />
          </div>
          <p className="lead">{lines === null ? words.basket.blind : words.basket.empty}</p>
        </>
      ) : (
        <Lines lines={lines} live />
      )}
    </Screen>
  )
}

const longMs = 15_000

/** `heard`: the fridge itself says that it is reading its shelves. */
export function Settling(props: { visit: PhoneVisit; heard: boolean }): ReactNode {
  const { visit, heard } = props
  const words = useWords()
  const { money } = useSpeech()
  const [long, setLong] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), longMs)
    return () => clearTimeout(timer)
  }, [])
  return (
    <Screen
      scene={heard ? 'settling' : 'unheard'}
      title={heard ? words.basket.settling : words.opening.title}
      dock={<Money title={words.receipt.held} amount={money(visit.holdMinor)} note={words.fridge.hold} />}
    >
      <div className="drawing-box">
        <FridgeDrawing door="closing" light reading={heard} />
      </div>
      <p className="lead" role="status">
        {!heard ? words.basket.unheard : long ? words.basket.settlingLong : words.basket.settlingText}
      </p>
    </Screen>
  )
}
