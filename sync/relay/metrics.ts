/**
 * Metrics: what the relay counts, in Prometheus's words. One registry a relay, so that two in one process do not mix.
 * Holds always: no label holds anything that a stranger chose: their number is known beforehand.
 */
import { alertKinds } from '../../src/contract/fleet.ts'
import type { changeFaults } from '../../src/contract/fleet-changes.ts'
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'
import type { Counts } from './store/reads.ts'

/** Who is told of what happens, where its address is set. */
export type Sink = 'rabbitmq' | 'webhook' | 'sheets' | 'mail'

export interface Metrics {
  readonly contentType: string
  /** A batch was answered. */
  batch(answer: string, bytes: number, seconds: number): void
  rows(taken: number, setAside: readonly string[]): void
  pairing(answer: string): void
  /** A fridge's question about pictures was answered. */
  picture(answer: string): void
  /** An owner's picture of a product, or a fridge's question about one, was answered. */
  productPicture(answer: string): void
  /** A change of prices, places or products was refused, for this. */
  changeRefused(why: (typeof changeFaults)[number]): void
  /** A fridge's message over MQTT was taken, or was not. */
  message(outcome: string): void
  /** A command was answered. */
  command(outcome: string): void
  /** An owner's request was refused. */
  refused(why: 'noKey' | 'badKey' | 'role' | 'malformed'): void
  /** So many were told to a place outside, or an attempt to tell it failed. */
  sent(to: Sink, outcome: 'told' | 'failed' | 'givenUp', count: number): void
  /** So many stand to be told there, as this copy saw it last. */
  waiting(to: Sink, count: number): void
  /** The text that Prometheus reads. `fleet`: null while the database does not answer. `alerts`: how many stand open. */
  text(fleet: Counts | null, alerts: ReadonlyMap<string, number>, brokerUp: boolean): Promise<string>
}

export function createMetrics(): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry, prefix: 'visionvend_relay_' })
  const counter = (name: string, help: string, labelNames: string[] = []) =>
    new Counter({ name: `visionvend_relay_${name}`, help, labelNames, registers })
  const gauge = (name: string, help: string) => new Gauge({ name: `visionvend_${name}`, help, registers })

  const batches = counter('batches_total', 'Batches of rows, by the answer they got', ['answer'])
  const batchBytes = counter('batch_bytes_total', 'Bytes of batches as they came over the wire')
  const rowsTaken = counter('rows_total', 'Ledger rows taken')
  const rowsSetAside = counter('rows_set_aside_total', 'Ledger rows set aside, by reason', ['why'])
  const pairings = counter('pairings_total', 'Attempts to pair a fridge, by answer', ['answer'])
  const pictures = counter('pictures_total', 'Questions about pictures, by the answer they got', ['answer'])
  const productPictures = counter('product_pictures_total', 'Pictures of products that were brought or asked for, by answer', ['answer']) // prettier-ignore
  const changesRefused = counter('changes_refused_total', 'Changes of prices, places or products that were refused', ['why']) // prettier-ignore
  const messages = counter('messages_total', 'Messages of fridges over MQTT, by what became of them', ['outcome'])
  const commands = counter('commands_total', 'Commands to fridges, by their outcome', ['outcome'])
  const refusals = counter('owner_requests_refused_total', 'Requests to the owner’s API that were refused', ['why'])
  const sent = counter('sent_total', 'Events, alerts and rows told to places outside, by what became of them', [
    'to',
    'outcome',
  ])
  const waiting = new Gauge({
    name: 'visionvend_relay_waiting',
    help: 'Events, alerts and rows that a place outside has not been told yet',
    labelNames: ['to'],
    registers,
  })
  const seconds = new Histogram({
    name: 'visionvend_relay_batch_seconds',
    help: 'Time from a batch’s last byte to its answer',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  })
  const ready = gauge('relay_database_up', '1 while the database answers')
  const broker = gauge('relay_broker_up', '1 while the broker answers')
  const alertsOpen = new Gauge({
    name: 'visionvend_alerts_open',
    help: 'Alerts of fridges that stand open, by kind',
    labelNames: ['kind'],
    registers,
  })
  const paired = gauge('fridges_paired', 'Fridges that may write')
  const silent = gauge('fridges_silent', 'Fridges that may write and were not heard of for 300 s')
  const revoked = gauge('fridges_revoked', 'Fridges whose key was revoked')
  const setAside = gauge('rows_in_quarantine', 'Ledger rows that stand set aside')

  return {
    contentType: registry.contentType,
    batch(answer, bytes, took) {
      batches.inc({ answer })
      batchBytes.inc(bytes)
      seconds.observe(took)
    },
    rows(taken, whys) {
      rowsTaken.inc(taken)
      for (const why of whys) rowsSetAside.inc({ why })
    },
    pairing: (answer) => pairings.inc({ answer }),
    picture: (answer) => pictures.inc({ answer }),
    productPicture: (answer) => productPictures.inc({ answer }),
    changeRefused: (why) => changesRefused.inc({ why }),
    message: (outcome) => messages.inc({ outcome }),
    command: (outcome) => commands.inc({ outcome }),
    refused: (why) => refusals.inc({ why }),
    sent: (to, outcome, count) => sent.inc({ to, outcome }, count),
    waiting: (to, count) => waiting.set({ to }, count),
    text(fleet, alerts, brokerUp) {
      ready.set(fleet === null ? 0 : 1)
      broker.set(brokerUp ? 1 : 0)
      for (const kind of alertKinds) alertsOpen.set({ kind }, alerts.get(kind) ?? 0)
      if (fleet !== null) {
        paired.set(fleet.paired)
        silent.set(fleet.silent)
        revoked.set(fleet.revoked)
        setAside.set(fleet.setAside)
      }
      return registry.metrics()
    },
  }
}
