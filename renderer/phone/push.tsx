/** Push: lets this phone be told of receipts, where both it and the relay can. Asked for by a tap, never by itself. */
import { useState, type ReactNode } from 'react'
import { useWords } from '../languages/phone/words.ts'
import { Icon } from '../parts/icon.tsx'
import type { Relay } from './relay.ts'
import { useShopper } from './shopper.tsx'

const canPush = (): boolean => 'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window

export function PushButton(props: { relay: Relay; onSaid: (text: string, good: boolean) => void }): ReactNode {
  const words = useWords().receipt
  const { setup, language } = useShopper()
  const [on, setOn] = useState(() => canPush() && Notification.permission === 'granted')
  const key = setup?.pushKey ?? null
  if (key === null || on || !canPush()) return null
  const begin = async (): Promise<void> => {
    try {
      if ((await Notification.requestPermission()) !== 'granted') return props.onSaid(words.pushRefused, false)
      const { pushManager } = await navigator.serviceWorker.ready
      const subscription = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key })
      const told = await props.relay.subscribe(subscription.toJSON(), language)
      if (!told.ok) return props.onSaid(words.pushRefused, false)
      setOn(true)
      props.onSaid(words.pushed, true)
    } catch {
      props.onSaid(words.pushRefused, false)
    }
  }
  return (
    <button className="button button-quiet" type="button" onClick={() => void begin()}>
      <Icon name="info" />
      {words.push}
    </button>
  )
}

/** This phone is told nothing any more. */
export async function endPush(): Promise<void> {
  if (!('serviceWorker' in navigator)) return
  const registration = await navigator.serviceWorker.getRegistration('/phone/').catch(() => undefined)
  const subscription = await registration?.pushManager.getSubscription().catch(() => null)
  await subscription?.unsubscribe().catch(() => false)
}
