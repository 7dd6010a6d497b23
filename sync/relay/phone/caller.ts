/** Caller: which shopper a request comes from, by its token; one that signed out is nobody, whatever the token says. */
import type { FastifyRequest } from 'fastify'
import { sessionStands } from '../store/accounts.ts'
import type { Db } from '../store/open.ts'
import type { Shown, Tokens } from '../tokens.ts'

/** What a request shows, whoever reads it; null: nothing that looks like it. */
export const bearerOf = ({ headers }: FastifyRequest): string | null =>
  /^Bearer (\S{1,4096})$/.exec(headers.authorization ?? '')?.[1] ?? null

export async function shopperShown(db: Db, tokens: Tokens, bearer: string): Promise<Shown | null> {
  const shown = await tokens.read(bearer)
  if (shown === null || shown.session === null) return shown
  return (await sessionStands(db, shown.session, shown.shopper)) ? shown : null
}
