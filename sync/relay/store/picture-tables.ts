/**
 * Picture tables: the pictures of visits in doubt, and who looked at them. Step 020 of migrations.ts, and what Kysely knows of
 * it. A step once released never changes; the fridge's id stands first in every key.
 */
import type { Generated } from 'kysely'

export const pictureTables: readonly string[] = [
  // No picture: its time was up. The row stays a while, so that the fridge is not asked for it again.
  `CREATE TABLE pictures (
    fridge text NOT NULL,
    visit text NOT NULL,
    sha256 text NOT NULL,
    camera text NOT NULL,
    why text NOT NULL,
    at_ms double precision NOT NULL,
    media_type text NOT NULL,
    size integer NOT NULL,
    picture bytea,
    received_at timestamptz NOT NULL DEFAULT now(),
    closed_at timestamptz,
    gone_at timestamptz,
    PRIMARY KEY (fridge, visit, sha256)
  )`,
  `CREATE INDEX pictures_kept ON pictures (received_at) WHERE picture IS NOT NULL`,
  `CREATE TABLE picture_looks (
    fridge text NOT NULL,
    visit text NOT NULL,
    key text NOT NULL,
    who text NOT NULL,
    first_at timestamptz NOT NULL DEFAULT now(),
    last_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (fridge, visit, key)
  )`,
]

export interface PictureTables {
  pictures: {
    fridge: string
    visit: string
    sha256: string
    camera: string
    why: string
    at_ms: number
    media_type: string
    size: number
    picture: Uint8Array | null
    received_at: Generated<Date>
    /** When the relay first saw that its review was over, by its own clock. */
    closed_at: Date | null
    gone_at: Date | null
  }
  picture_looks: {
    fridge: string
    visit: string
    key: string
    who: string
    first_at: Generated<Date>
    last_at: Generated<Date>
  }
}
