/** Live: a stream of views for as long as a page shows them, and the catalogue whenever a connection is made. */
import { useCallback, useEffect, useRef, useState } from 'react'
import { catalogueSchema, type Catalogue } from '../src/contract/kiosk.ts'
import type { Address } from './address.ts'
import { openSocket, type Link, type Reading, type Socket } from './socket.ts'

const retryMs = 1_000

/** `read` must stay the same function: another one means another stream. */
export function useLive<View>(
  url: string,
  read: (text: string) => Reading<View>,
): { link: Link<View>; send: (message: unknown) => void } {
  const [link, setLink] = useState<Link<View>>({ at: 'connecting' })
  const socket = useRef<Socket | null>(null)
  useEffect(() => {
    const opened = openSocket<View>({ open: () => new WebSocket(url), read, onLink: setLink })
    socket.current = opened
    return () => {
      socket.current = null
      opened.close()
    }
  }, [url, read])
  const send = useCallback((message: unknown) => {
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
async function askCatalogue(address: Address, signal: AbortSignal): Promise<Catalogue | null> {
  try {
    const answer = await fetch('/api/catalogue', { headers: address.headers, signal })
    if (!answer.ok) throw new Error(`GET /api/catalogue answered ${answer.status}`)
    return catalogueSchema.parse(await answer.json())
  } catch (error) {
    if (!signal.aborted) console.error('no catalogue', error)
    return null
  }
}
