/**
 * Shopper tables: who signs in by mail, what is on its way to them, and what fridges show in their windows. Step 010 of
 * migrations.ts, and what Kysely knows of it. A step once released never changes.
 */
import type { Generated } from 'kysely'

export const shopperTables: readonly string[] = [
  // `id` is the shopper of tokens and transactions. It says nothing of the address, which goes when the account does.
  `CREATE TABLE accounts (
    id text PRIMARY KEY,
    email text NOT NULL UNIQUE,
    language text NOT NULL,
    mail_receipts boolean NOT NULL DEFAULT false,
    made_at timestamptz NOT NULL DEFAULT now()
  )`,
  `CREATE TABLE sessions (
    id text PRIMARY KEY,
    account text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
  )`,
  `CREATE INDEX sessions_by_account ON sessions (account)`,
  // The newest code of an address. Both are known by their seals only, whose key is not in this database.
  `CREATE TABLE sign_in_codes (
    address bytea PRIMARY KEY,
    code bytea NOT NULL,
    tries integer NOT NULL DEFAULT 0,
    expires_at timestamptz NOT NULL
  )`,
  // What is slowed down: one row for each try, for an hour.
  `CREATE TABLE shopper_tries (
    key bytea NOT NULL,
    at timestamptz NOT NULL DEFAULT now()
  )`,
  `CREATE INDEX shopper_tries_by_key ON shopper_tries (key, at)`,
  `CREATE INDEX shopper_tries_by_time ON shopper_tries (at)`,
  `CREATE TABLE push_subscriptions (
    shopper text NOT NULL,
    endpoint text NOT NULL,
    p256dh text NOT NULL,
    auth text NOT NULL,
    language text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (shopper, endpoint)
  )`,
  // Mails and pushes on their way. \`target\` and \`body\` are sealed, and are emptied when it is over; the id stays, for once.
  `CREATE TABLE letters (
    id text PRIMARY KEY,
    shopper text NOT NULL,
    kind text NOT NULL,
    target bytea,
    body bytea,
    made_at timestamptz NOT NULL DEFAULT now(),
    due_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    tries integer NOT NULL DEFAULT 0,
    over_at timestamptz,
    outcome text
  )`,
  `CREATE INDEX letters_due ON letters (due_at) WHERE over_at IS NULL`,
  `CREATE INDEX letters_by_shopper ON letters (shopper)`,
  `CREATE INDEX letters_over ON letters (over_at) WHERE over_at IS NOT NULL`,
  `CREATE INDEX transactions_by_shopper ON transactions (shopper, made_at)`,
  // Visits by phone whose end the shopper has not been told of yet.
  `ALTER TABLE transactions ADD COLUMN told_at timestamptz`,
  `UPDATE transactions SET told_at = now()`,
  `CREATE INDEX transactions_untold ON transactions (changed_at) WHERE at = 'unlocked' AND told_at IS NULL`,
  // What a fridge shows in its window: names and pictures. Pictures are the same for all fridges that sell the product.
  `CREATE TABLE windows (
    fridge text PRIMARY KEY,
    contact text NOT NULL,
    products text NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now()
  )`,
  `CREATE TABLE product_pictures (
    sha256 text PRIMARY KEY,
    media_type text NOT NULL,
    picture bytea NOT NULL,
    size integer NOT NULL,
    brought_by text NOT NULL,
    brought_at timestamptz NOT NULL DEFAULT now()
  )`,
  `CREATE INDEX product_pictures_by_fridge ON product_pictures (brought_by)`,
]

export interface ShopperTables {
  accounts: {
    id: string
    email: string
    language: string
    mail_receipts: Generated<boolean>
    made_at: Generated<Date>
  }
  sessions: { id: string; account: string; made_at: Generated<Date>; expires_at: Date }
  sign_in_codes: { address: Uint8Array; code: Uint8Array; tries: Generated<number>; expires_at: Date }
  shopper_tries: { key: Uint8Array; at: Generated<Date> }
  push_subscriptions: {
    shopper: string
    endpoint: string
    p256dh: string
    auth: string
    language: string
    made_at: Generated<Date>
  }
  letters: {
    id: string
    shopper: string
    kind: string
    target: Uint8Array | null
    body: Uint8Array | null
    made_at: Generated<Date>
    due_at: Generated<Date>
    expires_at: Date
    tries: Generated<number>
    over_at: Date | null
    outcome: string | null
  }
  windows: { fridge: string; contact: string; products: string; changed_at: Generated<Date> }
  product_pictures: {
    sha256: string
    media_type: string
    picture: Uint8Array
    size: number
    brought_by: string
    brought_at: Generated<Date>
    /** In pixels; of pictures that the relay has made itself. */
    width: Generated<number | null>
    height: Generated<number | null>
  }
}
