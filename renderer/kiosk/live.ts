/** Live: the kiosk's view as it comes, and the catalogue whenever a connection is made. Called by app.tsx. */
import { useCallback, useEffect, useRef, useState } from 'react'
import {
  catalogueSchema,
  kioskViewSchema,
  type Catalogue,
  type KioskMessage,
  type KioskView,
} from '../../src/contract/kiosk.ts'
import type { Address } from '../address.ts'
import { readingOf } from '../reading.ts'
import { openSocket, type Link, type Socket } from '../socket.ts'

const retryMs = 1_000

const readView = readingOf(kioskViewSchema)

export function useLink(address: Address): { link: Link<KioskView>; send: (message: KioskMessage) => void } {
  const [link, setLink] = useState<Link<KioskView>>({ at: 'connecting' })
  const socket = useRef<Socket | null>(null)
  useEffect(() => {
    const opened = openSocket<KioskView>({
      open: () => new WebSocket(address.live('/api/kiosk')),
      read: readView,
      onLink: setLink,
    })
    socket.current = opened
    return () => {
      socket.current = null
      opened.close()
    }
  }, [address])
  const send = useCallback((message: KioskMessage) => {
    socket.current?.send(message)
  }, [])
  return { link, send }
}

/** Asks again at each new connection, because a fridge that started anew may sell something else. */
export function useCatalogue(address: Address, live: boolean): Catalogue | null {
  const [catalogue, setCatalogue] = useState<Catalogue | null>(null)
  useEffect(() => {
    if (!live) return
    const stop = new AbortController()
    const ask = async (): Promise<void> => {
      while (!stop.signal.aborted) {
        const answer = await askCatalogue(address, stop.signal)
        if (answer) {
          setCatalogue(answer)
          return
        }
        await new Promise((resolve) => setTimeout(resolve, retryMs))
      }
    }
    void ask()
    return () => {
      stop.abort()
    }
  }, [address, live])
  return catalogue
}

/** Null when it could not be had or read just now; the reason goes to the console, for whoever mends it. */
export async function askCatalogue(address: Address, signal: AbortSignal): Promise<Catalogue | null> {
  try {
    const answer = await fetch('/api/catalogue', { headers: address.headers, signal })
    if (!answer.ok) throw new Error(`GET /api/catalogue answered ${answer.status}`)
    return catalogueSchema.parse(await answer.json())
  } catch (error) {
    if (!signal.aborted) console.error('no catalogue', error)
    return null
  }
}
