/**
 * Faults: what can go wrong between a fridge and its bank, switched on by a person, a test or the simulation.
 * Holds always: an order acts on its next `count` matching requests (for ever without a count), in the order given; at
 * most one order acts on a request. Which request is hit depends on nothing but the orders and the requests.
 */

/** Everything the bank can be asked. `list` and `retrieve` change nothing. */
export const operations = [
  'create', 'confirm', 'capture', 'cancel', 'update', 'retrieve', 'list', 'refund', 'customer', 'paymentMethod',
  'setupIntent', 'charge',
] as const // prettier-ignore
export type BankOperation = (typeof operations)[number]

export type BankFault =
  /** The issuer says no, with the provider's decline code. Acts on authorizations only. */
  | { readonly type: 'decline'; readonly declineCode: string }
  /** The request is lost; the caller waits until its own time-out. */
  | { readonly type: 'timeoutBeforeEffect' }
  /** The effect happens and its answer is kept for the key, but never arrives. */
  | { readonly type: 'timeoutAfterEffect' }
  /** A 500 from before the endpoint began: no effect, and the key is still unused. */
  | { readonly type: 'error500BeforeEffect' }
  /** A 500 from an endpoint that began and was rolled back: no effect, and the key answers 500 from now on. */
  | { readonly type: 'error500KeySpent' }
  /** The effect happens, the answer is a 500, and the key answers 500 from now on. */
  | { readonly type: 'error500AfterEffect' }
  | { readonly type: 'rateLimit429' }
  /** No connection at all. */
  | { readonly type: 'networkDown' }
  /** The effect happens; something on the way (a portal, a proxy) answers with a page of its own. */
  | { readonly type: 'garbledAfterEffect' }
  /** The effect and its answer come late: after the caller's patience, if that is shorter. The key is in use until then. */
  | { readonly type: 'slow'; readonly delayMs: number }
  /** The next event is delivered twice. Acts on webhooks, not on requests. */
  | { readonly type: 'duplicateWebhook' }
export type BankFaultType = BankFault['type']

export interface FaultOrder {
  readonly fault: BankFault
  /** How many requests (or events) it acts on; without it, until cleared. */
  readonly count?: number
  /** Acts only on these operations; without it, on all. */
  readonly only?: readonly BankOperation[]
}

export interface Faults {
  inject(order: FaultOrder): void
  clear(): void
  active(): readonly FaultOrder[]
  /** The fault that acts on this request, used up by one; null when none does. */
  take(operation: BankOperation | null): BankFault | null
  /** The code to decline this authorization with; null when the card itself decides. */
  takeDecline(operation: BankOperation): string | null
  takeDuplicate(): boolean
  /** How often each has acted. */
  counts(): Readonly<Partial<Record<BankFaultType, number>>>
}

export function createFaults(): Faults {
  let orders: { readonly order: FaultOrder; left: number }[] = []
  const counts: Partial<Record<BankFaultType, number>> = {}

  const take = (matches: (order: FaultOrder) => boolean): BankFault | null => {
    const found = orders.find(({ order }) => matches(order))
    if (found === undefined) return null
    found.left -= 1
    if (found.left <= 0) orders = orders.filter((one) => one !== found)
    const { fault } = found.order
    counts[fault.type] = (counts[fault.type] ?? 0) + 1
    return fault
  }
  const covers = (order: FaultOrder, operation: BankOperation | null): boolean =>
    order.only === undefined || (operation !== null && order.only.includes(operation))

  return {
    inject(order) {
      const { count = Number.POSITIVE_INFINITY } = order
      if (!(count > 0)) throw new RangeError(`a fault's count is 1 or more, not ${count}`)
      orders.push({ order, left: count })
    },
    clear() {
      orders = []
    },
    active: () =>
      orders.map(({ order, left }) => (left === Number.POSITIVE_INFINITY ? order : { ...order, count: left })),
    take: (operation) =>
      take(
        (order) =>
          order.fault.type !== 'decline' && order.fault.type !== 'duplicateWebhook' && covers(order, operation),
      ),
    takeDecline(operation) {
      const fault = take((order) => order.fault.type === 'decline' && covers(order, operation))
      return fault?.type === 'decline' ? fault.declineCode : null
    },
    takeDuplicate: () => take((order) => order.fault.type === 'duplicateWebhook') !== null,
    counts: () => ({ ...counts }),
  }
}
