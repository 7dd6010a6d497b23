/**
 * The ledger's tables, and the steps from one version of them to the next. A step once released never changes.
 * `application_id` says that the file is ours; `user_version` how many steps it has taken.
 */
import type Database from 'better-sqlite3'

/** "VVLG" as a big-endian integer, in SQLite's header at byte 68. */
export const applicationId = 0x56564c47

const steps: readonly string[] = [
  `
  CREATE TABLE events (
    seq   INTEGER PRIMARY KEY,
    at_ms REAL NOT NULL,
    body  TEXT NOT NULL,
    hash  BLOB NOT NULL CHECK (length(hash) = 32)
  ) STRICT;
  CREATE TABLE head (
    one  INTEGER PRIMARY KEY CHECK (one = 1),
    seq  INTEGER NOT NULL,
    hash BLOB NOT NULL
  ) STRICT;
  INSERT INTO head VALUES (1, 0, zeroblob(32));
  CREATE TABLE effects (
    key    TEXT PRIMARY KEY,
    seq    INTEGER NOT NULL,
    body   TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'done', 'abandoned'))
  ) STRICT;
  CREATE INDEX effects_pending ON effects (seq) WHERE status = 'pending';
  CREATE TRIGGER events_never_change BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events are only appended'); END;
  CREATE TRIGGER events_never_go BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'events are only appended'); END;
  CREATE TRIGGER effects_never_go BEFORE DELETE ON effects BEGIN SELECT RAISE(ABORT, 'effects are kept'); END;
  CREATE TRIGGER effects_end_once BEFORE UPDATE ON effects
    WHEN old.status <> 'pending' OR new.key <> old.key OR new.body <> old.body OR new.status = 'pending'
    BEGIN SELECT RAISE(ABORT, 'an effect ends once'); END;
  `,
  // Up to where the rows were let go of, with what they had come to. Nothing else may go (SPEC LED9).
  `
  CREATE TABLE anchor (
    one   INTEGER PRIMARY KEY CHECK (one = 1),
    seq   INTEGER NOT NULL,
    hash  BLOB NOT NULL CHECK (length(hash) = 32),
    state TEXT NOT NULL
  ) STRICT;
  CREATE TRIGGER anchor_never_goes BEFORE DELETE ON anchor BEGIN SELECT RAISE(ABORT, 'the anchor is kept'); END;
  CREATE TRIGGER anchor_moves_on BEFORE UPDATE ON anchor WHEN new.seq <= old.seq
    BEGIN SELECT RAISE(ABORT, 'the anchor only moves on'); END;
  DROP TRIGGER events_never_go;
  CREATE TRIGGER events_never_go BEFORE DELETE ON events
    WHEN NOT EXISTS (SELECT 1 FROM anchor WHERE old.seq <= seq)
    BEGIN SELECT RAISE(ABORT, 'events are only appended'); END;
  DROP TRIGGER effects_never_go;
  CREATE TRIGGER effects_never_go BEFORE DELETE ON effects
    WHEN old.status = 'pending' OR NOT EXISTS (SELECT 1 FROM anchor WHERE old.seq <= seq)
    BEGIN SELECT RAISE(ABORT, 'effects are kept'); END;
  `,
]

export const schemaVersion = steps.length

/** Brings the tables to this version, each step whole or not at all. The caller has checked that the file is ours. */
export function migrate(db: Database.Database): void {
  for (let version = Number(db.pragma('user_version', { simple: true })); version < steps.length; version++) {
    db.transaction(() => {
      db.exec(steps[version] ?? '')
      db.pragma(`application_id = ${applicationId}`)
      db.pragma(`user_version = ${version + 1}`)
    })()
  }
}
