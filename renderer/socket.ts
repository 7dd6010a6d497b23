/**
 * Socket: one live stream of whole views from the fridge, kept open for as long as the page lives.
 *
 * Holds always: what is shown is the newest view of the open connection or nothing; when the connection or the sense of
 * a message is lost, or the fridge falls silent, the view is dropped at once (never stale money) and the stream is opened
 * again with back-off.
 * Called by kiosk/app.tsx and virtual/world.ts.
 */
import { viewEveryMs } from '../src/contract/kiosk.ts'

export type Link<View> =
  { readonly at: 'connecting' } | { readonly at: 'live'; readonly view: View } | { readonly at: 'lost' }

/** As much of a WebSocket as is used, so that a test can stand in for it. */
export interface Wire {
  onopen: ((event: never) => void) | null
  onmessage: ((message: never) => void) | null
  onclose: ((event: never) => void) | null
  send(text: string): void
  close(): void
}

/** What a message was: a whole, valid view; something said beside the views; or nothing we can trust. */
export type Reading<View> =
  { readonly is: 'view'; readonly view: View } | { readonly is: 'aside' } | { readonly is: 'nonsense' }

export interface Stream<View> {
  readonly open: () => Wire
  readonly read: (text: string) => Reading<View>
  readonly onLink: (link: Link<View>) => void
}

export interface Socket {
  /** True when it was handed to an open connection. Never queued: an old "cancel" must not reach a later visit. */
  send(message: unknown): boolean
  close(): void
}

const firstWaitMs = 200
/** The fridge is on this machine: asking often costs nothing, and a shopper waits. */
const longestWaitMs = 1_000
/** A connection that neither opens nor fails in this time is given up. */
const openWithinMs = 4_000
/** A fridge that says nothing for so long hangs: what it said last is no longer true for certain. */
const heardWithinMs = 3 * viewEveryMs

export function openSocket<View>(stream: Stream<View>): Socket {
  let wire: Wire | null = null
  let isOpen = false
  let wasLive = false
  let closed = false
  let waitMs = firstWaitMs
  let timer: ReturnType<typeof setTimeout> | undefined

  const drop = (): void => {
    clearTimeout(timer)
    if (wire) {
      wire.onopen = wire.onmessage = wire.onclose = null
      wire.close()
    }
    wire = null
    isOpen = false
  }

  const lose = (): void => {
    drop()
    if (closed) return
    stream.onLink({ at: wasLive ? 'lost' : 'connecting' })
    timer = setTimeout(open, waitMs)
    waitMs = Math.min(longestWaitMs, waitMs * 2)
  }

  function open(): void {
    const opened = stream.open()
    wire = opened
    timer = setTimeout(lose, openWithinMs)
    const listen = (): void => {
      clearTimeout(timer)
      timer = setTimeout(lose, heardWithinMs)
    }
    opened.onopen = () => {
      listen()
      isOpen = true
    }
    opened.onmessage = (message: { readonly data: unknown }) => {
      listen()
      const reading: Reading<View> = typeof message.data === 'string' ? stream.read(message.data) : { is: 'nonsense' }
      switch (reading.is) {
        case 'aside':
          return
        case 'nonsense':
          return lose()
        case 'view':
          waitMs = firstWaitMs
          wasLive = true
          stream.onLink({ at: 'live', view: reading.view })
      }
    }
    opened.onclose = lose
  }

  stream.onLink({ at: 'connecting' })
  open()

  return {
    send: (message) => {
      if (!wire || !isOpen) return false
      wire.send(JSON.stringify(message))
      return true
    },
    close: () => {
      closed = true
      drop()
    },
  }
}
