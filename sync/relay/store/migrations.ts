/**
 * Migrations: the relay's tables, the same on PGlite and PostgreSQL. A step once released never changes.
 * Holds always: the fridge's id stands first in every key, so that the tables can be partitioned by it; money is bigint minor
 * units. Times named `_ms` are the fridge's, the others the database's own.
 */
import { sql, type Kysely } from 'kysely'
import { Migrator, type Migration } from 'kysely/migration'
import { digestColumns } from './alert-digests.ts'
import { alertTables, escalationColumns } from './alerts.ts'
import { capacityTables } from './capacities.ts'
import { catalogueTables } from './catalogue-tables.ts'
import { commandTables } from './command-tables.ts'
import { eventTables, sheetTables } from './event-tables.ts'
import { ownerTables } from './owner-tables.ts'
import { pictureTables } from './picture-tables.ts'
import { productTables } from './product-tables.ts'
import { shopperTables } from './shopper-tables.ts'
import { voucherTables } from './vouchers.ts'

const first = [
  `CREATE TABLE fridges (
    id text PRIMARY KEY,
    public_key bytea NOT NULL,
    paired_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz,
    upto bigint NOT NULL DEFAULT 0,
    head bytea NOT NULL,
    seen_at timestamptz,
    last_event_ms double precision,
    currency text,
    version text
  )`,
  // The ledger as the fridge wrote it. No body: the row was set aside, and its body (if it came) is in quarantine.
  `CREATE TABLE ledger_rows (
    fridge text NOT NULL,
    seq bigint NOT NULL,
    at_ms double precision NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    hash bytea NOT NULL,
    body text,
    PRIMARY KEY (fridge, seq)
  )`,
  `CREATE TABLE quarantine (
    fridge text NOT NULL,
    seq bigint NOT NULL,
    why text NOT NULL,
    detail text NOT NULL,
    body bytea,
    set_aside_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (fridge, seq)
  )`,
  `CREATE TABLE visits (
    fridge text NOT NULL,
    visit text NOT NULL,
    started_ms double precision NOT NULL,
    hold_minor bigint NOT NULL,
    currency text NOT NULL,
    ended_ms double precision,
    ending text,
    PRIMARY KEY (fridge, visit)
  )`,
  `CREATE TABLE captures (
    fridge text NOT NULL,
    visit text NOT NULL,
    at_ms double precision NOT NULL,
    amount_minor bigint NOT NULL,
    currency text NOT NULL,
    PRIMARY KEY (fridge, visit)
  )`,
  // One visit, one receipt (law M3): a second one does not go in, and its row is set aside.
  `CREATE TABLE receipts (
    fridge text NOT NULL,
    visit text NOT NULL,
    number bigint NOT NULL,
    at_ms double precision NOT NULL,
    total_minor bigint NOT NULL,
    charged_minor bigint NOT NULL,
    currency text NOT NULL,
    PRIMARY KEY (fridge, visit),
    UNIQUE (fridge, number)
  )`,
  `CREATE INDEX receipts_by_time ON receipts (at_ms)`,
  `CREATE TABLE receipt_lines (
    fridge text NOT NULL,
    visit text NOT NULL,
    line integer NOT NULL,
    sku text NOT NULL,
    count bigint NOT NULL,
    price_minor bigint NOT NULL,
    PRIMARY KEY (fridge, visit, line)
  )`,
  `CREATE TABLE reviews (
    fridge text NOT NULL,
    visit text NOT NULL,
    cause text NOT NULL,
    opened_ms double precision NOT NULL,
    decide_by_ms double precision NOT NULL,
    probability double precision NOT NULL,
    likely_moves text NOT NULL,
    closed_ms double precision,
    outcome text,
    decided_by text,
    reason text,
    PRIMARY KEY (fridge, visit)
  )`,
  `CREATE TABLE stock (
    fridge text NOT NULL,
    shelf integer NOT NULL,
    sku text NOT NULL,
    count bigint NOT NULL,
    PRIMARY KEY (fridge, shelf, sku)
  )`,
  `CREATE TABLE pairing_codes (
    code_hash bytea PRIMARY KEY,
    made_by text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    used_by text,
    used_key bytea
  )`,
  `CREATE TABLE api_keys (
    id text PRIMARY KEY,
    name text NOT NULL,
    role text NOT NULL,
    secret_hash bytea NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz
  )`,
  `CREATE TABLE audit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    who text NOT NULL,
    what text NOT NULL,
    subject text NOT NULL,
    reason text NOT NULL
  )`,
]

/** Books that begin anew behind a row, by the owner's word [SY18], and the release that set a row aside [SY17]. */
const books = [
  `ALTER TABLE fridges ADD COLUMN books integer NOT NULL DEFAULT 1`,
  `ALTER TABLE fridges ADD COLUMN diverged_seq bigint`,
  `ALTER TABLE fridges ADD COLUMN restart_until timestamptz`,
  `ALTER TABLE quarantine ADD COLUMN relay_version text`,
  // A ledger that was put back to an older day gives its receipts the same numbers again.
  `ALTER TABLE receipts ADD COLUMN books integer NOT NULL DEFAULT 1`,
  `ALTER TABLE receipts DROP CONSTRAINT receipts_fridge_number_key`,
  `ALTER TABLE receipts ADD UNIQUE (fridge, books, number)`,
  // Rows that a fridge no longer has. What was sold by them was sold.
  `CREATE TABLE former_rows (
    fridge text NOT NULL,
    books integer NOT NULL,
    seq bigint NOT NULL,
    at_ms double precision NOT NULL,
    received_at timestamptz NOT NULL,
    hash bytea NOT NULL,
    body text,
    why text,
    detail text,
    refused_body bytea,
    PRIMARY KEY (fridge, books, seq)
  )`,
]

/** What a line may have been instead, at the same price (session S21): skus, as JSON; null: it is known. */
const lineAlternatives = [`ALTER TABLE receipt_lines ADD COLUMN alternatives text`]

const step = (statements: readonly string[]): Migration => ({
  async up(db) {
    for (const statement of statements) await sql.raw(statement).execute(db)
  },
})

const steps: Readonly<Record<string, Migration>> = {
  '001-first': step(first),
  '002-books': step(books),
  '003-commands': step(commandTables),
  '005-alerts': step(alertTables),
  '006-owner': step(ownerTables),
  '010-shoppers': step(shopperTables),
  '020-pictures': step(pictureTables),
  '030-catalogue': step(catalogueTables),
  '031-escalation': step(escalationColumns),
  '040-events': step(eventTables),
  '041-sheets': step(sheetTables),
  '050-products': step(productTables),
  '060-vouchers': step(voucherTables),
  '061-mail-alerts': step(digestColumns),
  '062-capacities': step(capacityTables),
  '063-line-alternatives': step(lineAlternatives),
}

/** Brings the tables to this version; many copies may do so at once. Throws when the database is newer than this program. */
export async function migrate<Tables>(db: Kysely<Tables>): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => steps } })
  const { error } = await migrator.migrateToLatest()
  if (error !== undefined) throw new Error('The relay’s tables could not be brought to this version', { cause: error })
}
