/**
 * Prepared: statements that every batch of every fridge sends are read and planned once a connection, not once a batch.
 * Holds always: only those that bear the mark, whose texts are few and never depend on what came in. A pooler between
 * relay and PostgreSQL that gives each transaction another connection has to know prepared statements (PgBouncer 1.21 does).
 * PGlite takes the mark for the comment that it is.
 */
import type { PostgresPool, PostgresPoolClient, RawBuilder } from 'kysely'
import { sql } from 'kysely'
import type { Pool, PoolClient } from 'pg'

const mark = '/* prepared */'

/** What such a statement begins with. */
export const prepared: RawBuilder<unknown> = sql.raw(mark)

const names = new Map<string, string>()

function nameOf(text: string): string {
  const known = names.get(text)
  if (known !== undefined) return known
  const name = `relay_${names.size}`
  names.set(text, name)
  return name
}

/** The pool as Kysely sees it. */
export function preparing(pool: Pool): PostgresPool {
  const clients = new WeakMap<PoolClient, PostgresPoolClient>()
  return {
    options: pool.options,
    end: () => pool.end(),
    async connect() {
      const client = await pool.connect()
      const known = clients.get(client) ?? clientOf(client)
      clients.set(client, known)
      return known
    },
  }
}

const clientOf = (client: PoolClient): PostgresPoolClient => {
  // Kysely asks for cursors by another form of `query`, and only where a dialect is given one.
  const query: unknown = (text: string, values: unknown[]) =>
    text.startsWith(mark) ? client.query({ name: nameOf(text), text, values }) : client.query(text, values)
  return { query: query as PostgresPoolClient['query'], release: (destroy) => client.release(destroy) }
}
