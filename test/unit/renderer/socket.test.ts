import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openSocket, type Link, type Reading, type Wire } from '../../../renderer/socket.ts'

type View = { amount: number }

class FakeWire implements Wire {
  onopen: (() => void) | null = null
  onmessage: ((message: { data: unknown }) => void) | null = null
  onclose: (() => void) | null = null
  readonly sent: string[] = []
  closed = false
  send(text: string): void {
    this.sent.push(text)
  }
  close(): void {
    this.closed = true
  }
}

const read = (text: string): Reading<View> => {
  if (text === 'aside') return { is: 'aside' }
  const amount = Number(text)
  return Number.isNaN(amount) ? { is: 'nonsense' } : { is: 'view', view: { amount } }
}

function stream(): { wires: FakeWire[]; links: Link<View>[]; socket: ReturnType<typeof openSocket> } {
  const wires: FakeWire[] = []
  const links: Link<View>[] = []
  const socket = openSocket<View>({
    open: () => {
      const wire = new FakeWire()
      wires.push(wire)
      return wire
    },
    read,
    onLink: (link) => links.push(link),
  })
  return { wires, links, socket }
}

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('a view is live as it came', () => {
  const { wires, links } = stream()
  wires[0]?.onopen?.()
  wires[0]?.onmessage?.({ data: '120' })
  expect(links).toEqual([{ at: 'connecting' }, { at: 'live', view: { amount: 120 } }])
})

test('a lost connection drops the view at once, and nothing of the old wire is heard again', () => {
  const { wires, links } = stream()
  wires[0]?.onopen?.()
  wires[0]?.onmessage?.({ data: '120' })
  wires[0]?.onclose?.()
  expect(links.at(-1)).toEqual({ at: 'lost' })
  expect(wires[0]?.onmessage).toBeNull()
})

test('a message that makes no sense is as good as a lost connection', () => {
  const { wires, links } = stream()
  wires[0]?.onopen?.()
  wires[0]?.onmessage?.({ data: '120' })
  wires[0]?.onmessage?.({ data: 'what?' })
  expect(links.at(-1)).toEqual({ at: 'lost' })
  expect(wires[0]?.closed).toBe(true)
})

test('what is said beside the views leaves the view standing', () => {
  const { wires, links } = stream()
  wires[0]?.onopen?.()
  wires[0]?.onmessage?.({ data: '120' })
  wires[0]?.onmessage?.({ data: 'aside' })
  expect(links.at(-1)).toEqual({ at: 'live', view: { amount: 120 } })
})

test('it tries again with longer and longer pauses, 1 s at most, and starts short after a view', () => {
  const { wires } = stream()
  const pauses: number[] = []
  for (let round = 0; round < 6; round += 1) {
    const before = wires.length
    wires.at(-1)?.onclose?.()
    let waitedMs = 0
    while (wires.length === before) {
      vi.advanceTimersByTime(100)
      waitedMs += 100
    }
    pauses.push(waitedMs)
  }
  expect(pauses).toEqual([200, 400, 800, 1000, 1000, 1000])
  wires.at(-1)?.onopen?.()
  wires.at(-1)?.onmessage?.({ data: '1' })
  wires.at(-1)?.onclose?.()
  const before = wires.length
  vi.advanceTimersByTime(200)
  expect(wires.length).toBe(before + 1)
})

test('a connection that neither opens nor fails is given up', () => {
  const { wires } = stream()
  vi.advanceTimersByTime(4_000 + 200)
  expect(wires.length).toBe(2)
  expect(wires[0]?.closed).toBe(true)
})

test('a fridge that hangs with its connection open is a lost one: no old money stays on the screen', () => {
  const { wires, links } = stream()
  wires[0]?.onopen?.()
  for (let second = 0; second < 20; second += 2) {
    wires[0]?.onmessage?.({ data: '120' })
    vi.advanceTimersByTime(2_000)
    expect(links.at(-1)).toEqual({ at: 'live', view: { amount: 120 } })
  }
  vi.advanceTimersByTime(4_000)
  expect(links.at(-1)).toEqual({ at: 'lost' })
  expect(wires[0]?.closed).toBe(true)
})

test('a message is sent to an open wire or not at all: it never waits for the next visit', () => {
  const { wires, socket } = stream()
  expect(socket.send({ type: 'cancel' })).toBe(false)
  wires[0]?.onopen?.()
  expect(socket.send({ type: 'cancel' })).toBe(true)
  wires[0]?.onclose?.()
  expect(socket.send({ type: 'cancel' })).toBe(false)
  vi.advanceTimersByTime(1_000)
  wires[1]?.onopen?.()
  expect(wires[1]?.sent).toEqual([])
  expect(wires[0]?.sent).toEqual(['{"type":"cancel"}'])
})

test('a closed socket stays closed', () => {
  const { wires, socket } = stream()
  socket.close()
  vi.advanceTimersByTime(60_000)
  expect(wires.length).toBe(1)
  expect(wires[0]?.closed).toBe(true)
})
