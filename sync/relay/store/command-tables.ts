/**
 * Command tables: channels, what fridges said last, commands; shoppers and their unlocks; refunds, price schedules. The
 * third step of migrations.ts, and what Kysely knows of it. A step once released never changes; the fridge's id stands
 * first in every key that is a fridge's.
 */
import type { Generated } from 'kysely'

export const commandTables: readonly string[] = [
  // One a fridge: the newest. `root` is the secret that its messages are sealed with.
  `CREATE TABLE channels (
    fridge text PRIMARY KEY,
    asked_ms double precision NOT NULL,
    fridge_key text NOT NULL,
    relay_key text NOT NULL,
    root bytea NOT NULL,
    opened_at timestamptz NOT NULL DEFAULT now(),
    online boolean NOT NULL DEFAULT false,
    online_counter bigint NOT NULL DEFAULT 0,
    facts text,
    state_counter bigint NOT NULL DEFAULT 0,
    state text,
    at_ms double precision,
    heard_at timestamptz
  )`,
  `CREATE TABLE lanes (fridge text NOT NULL, lane text NOT NULL, number bigint NOT NULL, PRIMARY KEY (fridge, lane))`,
  `CREATE TABLE commands (
    fridge text NOT NULL,
    lane text NOT NULL,
    number bigint NOT NULL,
    type text NOT NULL,
    body text NOT NULL,
    who text NOT NULL,
    reason text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    until_ms double precision,
    answered_at timestamptz,
    outcome text,
    why text,
    PRIMARY KEY (fridge, lane, number)
  )`,
  `CREATE INDEX commands_waiting ON commands (fridge, number) WHERE lane = 'kept' AND answered_at IS NULL`,
  // A hold is in one row of a visit's fifteen; refunds and lost unlocks look for it.
  `CREATE INDEX holds_by_visit ON ledger_rows (fridge, substring(body from '"visit":"([^"]*)"'))
    WHERE body LIKE '{"type":"HoldPlaced"%'`,
  `CREATE TABLE shoppers (
    id text PRIMARY KEY,
    customer text,
    payment_method text,
    card text,
    changed_at timestamptz NOT NULL DEFAULT now()
  )`,
  `CREATE TABLE transactions (
    fridge text NOT NULL,
    id text NOT NULL,
    shopper text NOT NULL,
    visit text NOT NULL,
    amount_minor bigint NOT NULL,
    currency text NOT NULL,
    at text NOT NULL,
    why text,
    made_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    payment_method text,
    customer text,
    asked_ms double precision,
    reference text,
    command bigint,
    until_ms double precision,
    changed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (fridge, id),
    UNIQUE (fridge, visit)
  )`,
  `CREATE INDEX transactions_open ON transactions (changed_at) WHERE at IN ('holding', 'unlocking', 'releasing')`,
  `CREATE TABLE refunds (
    fridge text NOT NULL,
    visit text NOT NULL,
    key text NOT NULL,
    amount_minor bigint NOT NULL,
    currency text NOT NULL,
    reference text NOT NULL,
    at text NOT NULL,
    why text,
    who text NOT NULL,
    reason text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (fridge, visit, key)
  )`,
  `CREATE TABLE price_schedules (
    fridge text NOT NULL,
    id text NOT NULL,
    due_at timestamptz NOT NULL,
    prices text NOT NULL,
    who text NOT NULL,
    reason text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    command bigint,
    cancelled_by text,
    PRIMARY KEY (fridge, id)
  )`,
  `CREATE INDEX price_schedules_due ON price_schedules (due_at) WHERE command IS NULL AND cancelled_by IS NULL`,
  `CREATE TABLE answered (
    who text NOT NULL,
    key text NOT NULL,
    request bytea NOT NULL,
    status integer,
    body text,
    made_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (who, key)
  )`,
]

export interface CommandTables {
  channels: {
    fridge: string
    asked_ms: number
    fridge_key: string
    relay_key: string
    root: Uint8Array
    opened_at: Generated<Date>
    online: Generated<boolean>
    online_counter: Generated<number>
    facts: string | null
    state_counter: Generated<number>
    state: string | null
    at_ms: number | null
    heard_at: Date | null
  }
  lanes: { fridge: string; lane: string; number: number }
  commands: {
    fridge: string
    lane: string
    number: number
    type: string
    body: string
    who: string
    reason: string
    made_at: Generated<Date>
    until_ms: number | null
    answered_at: Date | null
    outcome: string | null
    why: string | null
  }
  shoppers: {
    id: string
    customer: string | null
    payment_method: string | null
    card: string | null
    changed_at: Generated<Date>
  }
  transactions: {
    fridge: string
    id: string
    shopper: string
    visit: string
    amount_minor: number
    currency: string
    at: string
    why: string | null
    made_at: Generated<Date>
    expires_at: Date
    payment_method: string | null
    customer: string | null
    asked_ms: number | null
    reference: string | null
    command: number | null
    until_ms: number | null
    changed_at: Generated<Date>
    /** When its shopper was told of its end (shopper-tables.ts). */
    told_at: Date | null
  }
  refunds: {
    fridge: string
    visit: string
    key: string
    amount_minor: number
    currency: string
    reference: string
    at: string
    why: string | null
    who: string
    reason: string
    made_at: Generated<Date>
  }
  price_schedules: {
    fridge: string
    id: string
    due_at: Date
    prices: string
    who: string
    reason: string
    made_at: Generated<Date>
    command: number | null
    cancelled_by: string | null
  }
  answered: {
    who: string
    key: string
    request: Uint8Array
    status: number | null
    body: string | null
    made_at: Generated<Date>
  }
}
