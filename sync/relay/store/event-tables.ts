/**
 * Event tables: how far the world outside has been told. The steps '040-events' and '041-sheets' of migrations.ts.
 * Holds always: nothing here grows for a sink that was never set up; for one that is, a row a fridge (a cursor over its
 * ledger's rows), rows that came late, and notices of the last days. The facts themselves stay where they are.
 */
export const eventTables: readonly string[] = [
  // One for each place that is told. `looked_at`: facts of the relay's own that are older than this are noticed already.
  `CREATE TABLE event_sinks (
    sink text PRIMARY KEY,
    since timestamptz NOT NULL DEFAULT now(),
    looked_at timestamptz NOT NULL DEFAULT now()
  )`,
  // Rows up to `seq` of these books are published. `taken_until`: a copy of the relay is at it.
  `CREATE TABLE event_cursors (
    fridge text PRIMARY KEY,
    books integer NOT NULL,
    seq bigint NOT NULL,
    taken_until timestamptz NOT NULL DEFAULT now(),
    taken_by text
  )`,
  // Rows behind a cursor that must be published all the same: taken out of quarantine, or former ones before their turn.
  `CREATE TABLE event_late_rows (
    fridge text NOT NULL,
    books integer NOT NULL,
    seq bigint NOT NULL,
    PRIMARY KEY (fridge, books, seq)
  )`,
  // What the relay itself found out (alerts, refunds), one row for each sink that is told of it.
  `CREATE TABLE event_notices (
    fridge text NOT NULL,
    sink text NOT NULL,
    id text NOT NULL,
    about text NOT NULL,
    type text NOT NULL,
    at timestamptz NOT NULL,
    body text NOT NULL,
    tries integer NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL DEFAULT now(),
    done_at timestamptz,
    outcome text,
    PRIMARY KEY (fridge, sink, id)
  )`,
  `CREATE INDEX event_notices_due ON event_notices (sink, due_at) WHERE done_at IS NULL`,
  `CREATE INDEX event_notices_about ON event_notices (sink, about, at) WHERE done_at IS NULL`,
  `CREATE INDEX event_notices_done ON event_notices (done_at) WHERE done_at IS NOT NULL`,
  `CREATE INDEX alerts_changed ON alerts ((greatest(raised_at, acknowledged_at, escalated_at, cleared_at)))`,
  `ALTER TABLE refunds ADD COLUMN changed_at timestamptz NOT NULL DEFAULT now()`,
  `CREATE INDEX refunds_changed ON refunds (changed_at)`,
]

/** A cursor for each sink that reads the ledger's rows, and what the spreadsheet needs beside it. */
export const sheetTables: readonly string[] = [
  `ALTER TABLE event_cursors ADD COLUMN sink text NOT NULL DEFAULT 'rabbitmq'`,
  `ALTER TABLE event_cursors DROP CONSTRAINT event_cursors_pkey`,
  `ALTER TABLE event_cursors ADD PRIMARY KEY (fridge, sink)`,
  `ALTER TABLE event_late_rows ADD COLUMN sink text NOT NULL DEFAULT 'rabbitmq'`,
  `ALTER TABLE event_late_rows DROP CONSTRAINT event_late_rows_pkey`,
  `ALTER TABLE event_late_rows ADD PRIMARY KEY (fridge, sink, books, seq)`,
  // One for each spreadsheet. \`pending\`: rows on their way, with the place where they go; they are sent as they stand here
  // until the spreadsheet has them.
  `CREATE TABLE sheets (
    sheet text PRIMARY KEY,
    taken_until timestamptz NOT NULL DEFAULT now(),
    taken_by text,
    next_row bigint NOT NULL DEFAULT 1,
    last_key text,
    pending text,
    stock_hash text
  )`,
  // What of the spreadsheet was ordered: it is acted on when it changes there.
  `CREATE TABLE sheet_products (
    fridge text NOT NULL,
    sku text NOT NULL,
    sheet text NOT NULL,
    what text NOT NULL,
    value bigint NOT NULL,
    command bigint,
    PRIMARY KEY (fridge, sku, sheet, what)
  )`,
]
