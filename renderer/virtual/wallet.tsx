/** Wallet: pretend cards to tap, each with the way it behaves at the bank. */
import { useState, type ReactNode } from 'react'
import { useWords } from '../languages/virtual/words.ts'
import { Icon } from '../parts/icon.tsx'
import { useScene } from './world.ts'
import './wallet.css'

export function Wallet(): ReactNode {
  const { world, ask } = useScene()
  const words = useWords()
  const [tapped, setTapped] = useState<string | null>(null)
  return (
    <section className="wallet" aria-label={words.cards}>
      <h2>{words.cards}</h2>
      <ul>
        {world.cards.map((card) => (
          <li key={card.uid}>
            <button
              type="button"
              className={`card card-${card.kind}`}
              data-tapped={tapped === card.uid}
              onClick={() => {
                setTapped(card.uid)
                ask({ to: 'card', uid: card.uid })
              }}
              onAnimationEnd={() => {
                setTapped(null)
              }}
            >
              <Icon name="contactless" />
              <span>{words.card[card.kind]}</span>
              <small>{`•• ${card.uid.slice(-4).toUpperCase()}`}</small>
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}
