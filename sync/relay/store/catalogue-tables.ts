/**
 * Catalogue tables: where fridges stand, what they said over time, and changes of prices and places: drafts, and what was
 * applied where, with what stood there before. The step 030 of migrations.ts, and what Kysely knows of it.
 */
import type { Generated } from 'kysely'

export const catalogueTables: readonly string[] = [
  `CREATE TABLE fridge_places (
    fridge text PRIMARY KEY,
    label text NOT NULL,
    address text NOT NULL,
    latitude double precision,
    longitude double precision,
    version integer NOT NULL,
    who text NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now()
  )`,
  // One a fridge and quarter of an hour, by the relay's clock, for 31 days.
  `CREATE TABLE fridge_samples (
    fridge text NOT NULL,
    at_ms double precision NOT NULL,
    celsius double precision,
    units bigint,
    room bigint,
    pending bigint,
    silent_ms double precision,
    PRIMARY KEY (fridge, at_ms)
  )`,
  `CREATE INDEX fridge_samples_by_time ON fridge_samples (at_ms)`,
  `CREATE TABLE drafts (
    id text PRIMARY KEY,
    name text NOT NULL,
    version integer NOT NULL,
    changes text NOT NULL,
    who text NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now()
  )`,
  // What one person applied at once; its parts are one a fridge.
  `CREATE TABLE changes (
    id text PRIMARY KEY,
    name text NOT NULL,
    who text NOT NULL,
    reason text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    due_at timestamptz,
    undoes text,
    undone_by text
  )`,
  `CREATE INDEX changes_by_time ON changes (made_at DESC)`,
  `CREATE TABLE change_parts (
    fridge text NOT NULL,
    change text NOT NULL,
    diff text NOT NULL,
    prices_command bigint,
    places_command bigint,
    schedule text,
    PRIMARY KEY (fridge, change)
  )`,
  `CREATE INDEX change_parts_by_change ON change_parts (change, fridge)`,
]

export interface CatalogueTables {
  fridge_places: {
    fridge: string
    label: string
    address: string
    latitude: number | null
    longitude: number | null
    version: number
    who: string
    changed_at: Generated<Date>
  }
  fridge_samples: {
    fridge: string
    at_ms: number
    celsius: number | null
    units: number | null
    room: number | null
    pending: number | null
    silent_ms: number | null
  }
  drafts: {
    id: string
    name: string
    version: number
    changes: string
    who: string
    changed_at: Generated<Date>
  }
  changes: {
    id: string
    name: string
    who: string
    reason: string
    made_at: Generated<Date>
    due_at: Date | null
    undoes: string | null
    undone_by: string | null
  }
  change_parts: {
    fridge: string
    change: string
    diff: string
    prices_command: number | null
    places_command: number | null
    schedule: string | null
    /** Of products and offers; see product-tables.ts. */
    more_commands: Generated<number[]>
  }
}
