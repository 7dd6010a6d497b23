/**
 * Domain events, version 1: what the world outside is told of a fleet, as CloudEvents. Pure.
 * Holds always (SPEC RL50): one row of a fridge's ledger is one event at most, with an id that is the row's own for ever; no
 * card, no fingerprint, no reference of the provider's leaves by it. A field may be added to version 1; one that is renamed,
 * or means something else, is version 2 of its type. `/asyncapi.json` is made from this table (asyncapi.ts).
 */
import { z } from 'zod'
import { alertKinds } from '../../../src/contract/fleet.ts'
import { declineReasons, endingSchema, stopReasons, type Event, type EventOf } from '../../../src/core/events.ts'
import { currencies, type Currency } from '../../../src/core/money.ts'

const visit = z.string().describe('the visit’s id, a UUID')
const sku = z.string()
const shelf = z.int().positive().describe('counted from 1 at the top')
const amountMinor = z.int().nonnegative().describe('in the currency’s minor unit')
const currency = z.enum(currencies).nullable().describe('ISO 4217; null where the row that says it was never taken')
const by = z.string().describe('a person of the owner’s')
const reason = z.string()
const lines = z.array(
  z.object({
    sku,
    count: z.int().positive(),
    priceMinor: amountMinor,
    or: z.array(sku).optional().describe('what else each of them may have been, at the same price'),
  }),
)
const moves = z
  .array(z.object({ sku, shelf, count: z.int() }))
  .describe('how the shelves changed: negative taken off, positive put on')
const none = z.object({})

interface Published {
  readonly of: Event['type'] | null
  readonly what: string
  readonly schema: z.ZodType
  /** Null where this one is not told. `money`: the currency of the visit, or of the fridge. */
  readonly from: (event: Event, money: Currency | null) => unknown
}

/** Binds a ledger's event to what is told of it; the schema checks what `from` makes, and the compiler both. */
const told = <Type extends Event['type'], Shape>(
  of: Type,
  what: string,
  schema: z.ZodType<Shape>,
  from: (event: EventOf<Type>, money: Currency | null) => NoInfer<Shape>,
): Published => ({ of, what, schema, from: (event, money) => from(event as EventOf<Type>, money) })

/** The relay's own: found in its tables, not in a fridge's row. */
const own = (what: string, schema: z.ZodType): Published => ({ of: null, what, schema, from: () => null })

const alert = z.object({
  alert: z.int().positive(),
  kind: z.enum(alertKinds),
  subject: z.string().describe('the product, where it is about one'),
  detail: z.string(),
  by: z.string().nullable().describe('who acknowledged it'),
  note: z.string().nullable(),
})
const refund = z.object({ visit, key: z.string(), amountMinor, currency, why: z.string().nullable(), by, reason })

export const domainEvents = {
  'fridge.started': told('FridgeStarted', 'A fridge’s program started', z.object({ version: z.string() }), (e) => ({
    version: e.version,
  })),
  'catalogue.adopted': told(
    'CatalogueAdopted',
    'A fridge sells by this catalogue from now on',
    z.object({ hash: z.string(), currency, products: z.array(z.object({ sku, priceMinor: amountMinor, shelf })) }),
    (e) => ({
      hash: e.hash,
      currency: e.currency,
      products: e.products.map((one) => ({ sku: one.sku, priceMinor: one.priceMinor, shelf: one.shelf })),
    }),
  ),
  'prices.set': told(
    'PricesSet',
    'Prices that hold from now on',
    z.object({ currency, prices: z.array(z.object({ sku, priceMinor: amountMinor })) }),
    (e, money) => ({ currency: money, prices: e.prices }),
  ),
  'places.set': told(
    'PlacesSet',
    'Products stand on other shelves from now on',
    z.object({ places: z.array(z.object({ sku, shelf })) }),
    (e) => ({ places: e.places }),
  ),
  'product.defined': told(
    'ProductDefined',
    'A fridge sells this product from now on, or it is another than it was; price and shelf are of a new one',
    z.object({
      sku,
      name: z.object({ en: z.string(), es: z.string(), de: z.string() }),
      currency,
      priceMinor: amountMinor,
      shelf,
      weightGrams: z.number(),
    }),
    ({ product: { sku, name, currency, priceMinor, shelf, weightGrams } }) => ({
      sku,
      name,
      currency,
      priceMinor,
      shelf,
      weightGrams,
    }),
  ),
  'offers.set': told(
    'OffersSet',
    'Products are withdrawn, or offered again',
    z.object({ offers: z.array(z.object({ sku, offered: z.boolean() })) }),
    (e) => ({ offers: e.offers }),
  ),
  'stock.counted': told(
    'StockCounted',
    'Somebody counted what stands on a shelf',
    z.object({ sku, shelf, count: z.int().nonnegative(), by, reason }),
    ({ sku, shelf, count, by, reason }) => ({ sku, shelf, count, by, reason }),
  ),
  'visit.started': told(
    'VisitStarted',
    'Somebody came to buy; a hold is asked for',
    z.object({ visit, holdMinor: amountMinor, currency }),
    (e) => ({ visit: e.visit, holdMinor: e.amountMinor, currency: e.currency }),
  ),
  'visit.ended': told(
    'VisitEnded',
    'The visit is over for the shopper',
    z.object({ visit, ending: z.enum(endingSchema.options.map((one) => one.shape.type.value)) }),
    (e) => ({ visit: e.visit, ending: e.ending.type }),
  ),
  'basket.resolved': told(
    'BasketResolved',
    'What a visit took, as the fridge saw it',
    z.object({ visit, lines, moves, totalMinor: amountMinor, currency, probability: z.number() }),
    (e, money) => ({
      visit: e.visit,
      lines: e.lines,
      moves: e.moves,
      totalMinor: e.totalMinor,
      currency: money,
      probability: e.probability,
    }),
  ),
  'review.opened': told(
    'ReviewOpened',
    'A visit is in doubt; until it is decided its likely moves count',
    z.object({
      visit,
      cause: z.string(),
      likelyLines: lines,
      likelyMoves: moves,
      probability: z.number(),
      decideByMs: z.number(),
    }),
    ({ visit, cause, likelyLines, likelyMoves, probability, decideByMs }) => ({
      visit,
      cause,
      likelyLines,
      likelyMoves,
      probability,
      decideByMs,
    }),
  ),
  'review.decided': told(
    'ReviewDecided',
    'Somebody said what was taken: these moves stand in place of the likely ones',
    z.object({ visit, lines, moves, by, reason }),
    ({ visit, lines, moves, by, reason }) => ({ visit, lines, moves, by, reason }),
  ),
  'review.lapsed': told('ReviewLapsed', 'Nobody decided in time', z.object({ visit }), (e) => ({ visit: e.visit })),
  'payment.declined': told(
    'HoldDeclined',
    'The provider declined the hold',
    z.object({ visit, reason: z.enum(declineReasons) }),
    (e) => ({ visit: e.visit, reason: e.reason }),
  ),
  'payment.captured': told(
    'HoldCaptured',
    'The provider captured the money of a visit',
    z.object({ visit, amountMinor, currency }),
    (e, money) => ({ visit: e.visit, amountMinor: e.amountMinor, currency: money }),
  ),
  'payment.lost': told('CaptureLost', 'A visit’s money can’t be captured any more', z.object({ visit }), (e) => ({
    visit: e.visit,
  })),
  'payment.released': told('HoldReleased', 'A visit’s hold was given back', z.object({ visit }), (e) => ({
    visit: e.visit,
  })),
  'receipt.issued': told(
    'ReceiptIssued',
    'What a visit bought and paid: the sale',
    z.object({
      visit,
      number: z.int().positive(),
      lines,
      totalMinor: amountMinor,
      chargedMinor: amountMinor,
      currency,
    }),
    (e, money) => ({
      visit: e.visit,
      number: e.number,
      lines: e.lines,
      totalMinor: e.totalMinor,
      chargedMinor: e.chargedMinor,
      currency: money,
    }),
  ),
  'door.opened': told('DoorOpened', 'The door opened', z.object({ visit: visit.nullable() }), (e) => ({
    visit: e.visit,
  })),
  'door.closed': told('DoorClosed', 'The door closed', z.object({ visit: visit.nullable() }), (e) => ({
    visit: e.visit,
  })),
  'door.left-open': told(
    'DoorLeftOpen',
    'The door stood open for so long',
    z.object({ visit: visit.nullable(), seconds: z.int() }),
    (e) => ({ visit: e.visit, seconds: e.seconds }),
  ),
  'door.forced': told('DoorForced', 'The door opened without an unlock', none, () => ({})),
  'service.began': told(
    'ServiceBegan',
    'The door is opened for a person of the owner’s',
    z.object({ by, reason }),
    (e) => ({
      by: e.by,
      reason: e.reason,
    }),
  ),
  'warming.began': told('WarmingBegan', 'It became too warm inside', z.object({ celsius: z.number() }), (e) => ({
    celsius: e.celsius,
  })),
  'warming.ended': told('WarmingEnded', 'It is cold again', z.object({ celsius: z.number() }), (e) => ({
    celsius: e.celsius,
  })),
  'sensor.lost': told('SensorLost', 'The temperature can’t be read', none, () => ({})),
  'sensor.found': told('SensorFound', 'The temperature is read again', none, () => ({})),
  'controller.lost': told('ControllerLost', 'The controller is silent', none, () => ({})),
  'controller.found': told('ControllerFound', 'The controller speaks again', none, () => ({})),
  'sales.stopped': told(
    'SalesStopped',
    'Nothing is sold until somebody looks',
    z.object({ reason: z.enum(stopReasons) }),
    (e) => ({ reason: e.reason }),
  ),
  'sales.cleared': told('SalesCleared', 'Somebody looked; it sells again', z.object({ by, reason }), (e) => ({
    by: e.by,
    reason: e.reason,
  })),
  'command.taken': told(
    'CommandTaken',
    'A fridge did, or refused, what it was told from afar',
    z.object({ what: z.string(), by, reason, outcome: z.enum(['done', 'refused']), why: z.string().nullable() }),
    ({ what, by, reason, outcome, why }) => ({ what, by, reason, outcome, why }),
  ),
  'alert.raised': own('The relay found what an owner must be told', alert),
  'alert.acknowledged': own('Somebody said what is done about an alert', alert),
  'alert.escalated': own('Nobody acknowledged an alert for 15 minutes, or a person called for more people', alert),
  'alert.cleared': own('An alert’s cause is gone', alert),
  'refund.done': own('The provider gave money back', refund),
  'refund.refused': own('The provider refused to give money back', refund),
} as const satisfies Record<string, Published>
export type DomainType = keyof typeof domainEvents
export const domainTypes = Object.keys(domainEvents) as DomainType[]

export const domainVersion = 1

/** A CloudEvent in its JSON form, and how it travels. */
export interface DomainEvent {
  readonly specversion: '1.0'
  /** The same whenever and by whichever copy it is sent: what a consumer deduplicates by. */
  readonly id: string
  readonly source: string
  readonly type: string
  readonly subject: string
  /** When it was so by the fridge's clock, or the relay's for what the relay found. */
  readonly time: string
  readonly datacontenttype: 'application/json'
  readonly data: unknown
}

/** A topic of RabbitMQ's: `v1.FRIDGE.receipt.issued`. */
export const routingKey = (fridge: string, type: DomainType): string => `v${domainVersion}.${fridge}.${type}`

/** No clock of a fridge may stop what stands behind its row. */
const latestMs = Date.UTC(9999, 11, 31)

export const domainEvent = (
  fridge: string,
  id: string,
  type: DomainType,
  atMs: number,
  data: unknown,
): DomainEvent => ({
  specversion: '1.0',
  id,
  source: `/fridges/${fridge}`,
  type: `visionvend.${type}.v${domainVersion}`,
  subject: fridge,
  time: new Date(Math.min(Math.max(atMs, 0), latestMs)).toISOString(),
  datacontenttype: 'application/json',
  data,
})

const byLedgerType = new Map<string, DomainType>(
  domainTypes.flatMap((type) => {
    const { of } = domainEvents[type]
    return of === null ? [] : [[of, type] as const]
  }),
)

/** What is told of a row; null for what stays in the books. */
export function toldOf(
  event: Event,
  money: Currency | null,
): { readonly type: DomainType; readonly data: unknown } | null {
  const type = byLedgerType.get(event.type)
  return type === undefined ? null : { type, data: domainEvents[type].from(event, money) }
}
