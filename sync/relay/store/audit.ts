/** Audit: who changed what at the relay, when, and why (law P3). Rows are only appended. */
import type { Db } from './open.ts'

export const note = (db: Db, who: string, what: string, subject: string, reason: string) =>
  db.insertInto('audit').values({ who, what, subject, reason }).execute()
