/** Tables: what Kysely knows of migrations.ts. Bigints are numbers here: nothing that is counted comes near 2^53. */
import type { Generated } from 'kysely'
import type { CatalogueTables } from './catalogue-tables.ts'
import type { CommandTables } from './command-tables.ts'
import type { PictureTables } from './picture-tables.ts'
import type { ShopperTables } from './shopper-tables.ts'

export interface Tables extends CatalogueTables, CommandTables, PictureTables, ShopperTables {
  fridges: {
    id: string
    public_key: Uint8Array
    paired_at: Generated<Date>
    revoked_at: Date | null
    upto: Generated<number>
    head: Uint8Array
    seen_at: Date | null
    last_event_ms: number | null
    currency: string | null
    version: string | null
    /** Counts how often its books began anew behind a row. */
    books: Generated<number>
    /** The first row that differs from what the fridge has, by its own word. */
    diverged_seq: number | null
    restart_until: Date | null
  }
  ledger_rows: {
    fridge: string
    seq: number
    at_ms: number
    received_at: Generated<Date>
    hash: Uint8Array
    body: string | null
  }
  quarantine: {
    fridge: string
    seq: number
    why: string
    detail: string
    body: Uint8Array | null
    set_aside_at: Generated<Date>
    /** The release that could not take it. */
    relay_version: string | null
  }
  former_rows: {
    fridge: string
    books: number
    seq: number
    at_ms: number
    received_at: Date
    hash: Uint8Array
    body: string | null
    why: string | null
    detail: string | null
    refused_body: Uint8Array | null
  }
  visits: {
    fridge: string
    visit: string
    started_ms: number
    hold_minor: number
    currency: string
    ended_ms: number | null
    ending: string | null
  }
  captures: { fridge: string; visit: string; at_ms: number; amount_minor: number; currency: string }
  receipts: {
    fridge: string
    visit: string
    number: number
    at_ms: number
    total_minor: number
    charged_minor: number
    currency: string
    books: Generated<number>
  }
  receipt_lines: {
    fridge: string
    visit: string
    line: number
    sku: string
    count: number
    price_minor: number
    alternatives: string | null
  }
  reviews: {
    fridge: string
    visit: string
    cause: string
    opened_ms: number
    decide_by_ms: number
    probability: number
    likely_moves: string
    closed_ms: number | null
    outcome: string | null
    decided_by: string | null
    reason: string | null
  }
  stock: { fridge: string; shelf: number; sku: string; count: number; most: Generated<number> }
  pairing_codes: {
    code_hash: Uint8Array
    made_by: string
    made_at: Generated<Date>
    expires_at: Date
    used_by: string | null
    used_key: Uint8Array | null
  }
  api_keys: {
    id: string
    name: string
    role: string
    secret_hash: Uint8Array
    made_at: Generated<Date>
    revoked_at: Date | null
  }
  audit: { id: Generated<number>; at: Generated<Date>; who: string; what: string; subject: string; reason: string }
}
