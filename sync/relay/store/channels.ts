/**
 * Channels: the secret that a fridge's messages are sealed with, and what it said last over them [SY31] [SY34].
 * Holds always: a fridge has one channel, the newest that it asked for; what it says counts only above all that it said
 * before on that topic, whichever copy of the relay hears it. Times of the fridge are put beside the database's own.
 */
import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { channelPublicKey, channelRoot } from '../../protocol/channel.ts'
import type { LiveState, Online, OnlineFacts } from '../../protocol/mqtt.ts'
import type { Db } from './open.ts'

export interface ChannelAsked {
  readonly fridge: string
  readonly atMs: number
  readonly publicKey: string
}
export type ChannelOpened =
  | { readonly type: 'opened'; readonly publicKey: string }
  | { readonly type: 'stale'; readonly afterMs: number }
  | { readonly type: 'badKey' }

/** The same question again is answered alike: its answer may have been lost. */
export async function openChannel(db: Db, { fridge, atMs, publicKey }: ChannelAsked): Promise<ChannelOpened> {
  const secret = randomBytes(32)
  const relayKey = channelPublicKey(secret)
  const root = channelRoot(secret, publicKey, { fridge, fridgeKey: publicKey, relayKey })
  if (root === null) return { type: 'badKey' }
  const written = await sql<{ relay_key: string }>`
    insert into channels (fridge, asked_ms, fridge_key, relay_key, root)
    values (${fridge}, ${atMs}, ${publicKey}, ${relayKey}, ${Buffer.from(root)})
    on conflict (fridge) do update set asked_ms = excluded.asked_ms, fridge_key = excluded.fridge_key,
      relay_key = excluded.relay_key, root = excluded.root, opened_at = now(), online = false, online_counter = 0,
      state_counter = 0, at_ms = null, heard_at = null
    where channels.asked_ms < excluded.asked_ms returning relay_key`.execute(db)
  if (written.rows.length > 0) return { type: 'opened', publicKey: relayKey }
  const known = await db
    .selectFrom('channels')
    .select(['asked_ms', 'fridge_key', 'relay_key'])
    .where('fridge', '=', fridge)
    .executeTakeFirst()
  if (known?.asked_ms === atMs && known.fridge_key === publicKey) return { type: 'opened', publicKey: known.relay_key }
  return { type: 'stale', afterMs: Math.ceil(known?.asked_ms ?? atMs) }
}

/** Null where the fridge has none, or was revoked. */
export async function channelRootOf(db: Db, fridge: string): Promise<Uint8Array | null> {
  const row = await db
    .selectFrom('channels')
    .innerJoin('fridges', 'fridges.id', 'channels.fridge')
    .select('root')
    .where('channels.fridge', '=', fridge)
    .where('fridges.revoked_at', 'is', null)
    .executeTakeFirst()
  return row?.root ?? null
}

/** Of the channel with this root only: a message that was under way while another was opened is of the past. */
export async function heardOnline(
  db: Db,
  fridge: string,
  root: Uint8Array,
  counter: number,
  said: Online,
): Promise<boolean> {
  const facts = said.online ? JSON.stringify(said) : null
  const atMs = said.online ? said.atMs : null
  const { rows } = await sql`update channels set online = ${said.online}, online_counter = ${counter},
      facts = coalesce(${facts}, facts), at_ms = coalesce(${atMs}, at_ms),
      heard_at = case when ${said.online} then now() else heard_at end
    where fridge = ${fridge} and root = ${Buffer.from(root)} and online_counter < ${counter} returning fridge`.execute(
    db,
  )
  return rows.length > 0
}

export async function heardState(
  db: Db,
  fridge: string,
  root: Uint8Array,
  counter: number,
  said: LiveState,
): Promise<boolean> {
  const { rows } =
    await sql`update channels set online = true, state = ${JSON.stringify(said)}, state_counter = ${counter},
      at_ms = ${said.atMs}, heard_at = now()
    where fridge = ${fridge} and root = ${Buffer.from(root)} and state_counter < ${counter} returning fridge`.execute(
      db,
    )
  return rows.length > 0
}

export interface Live {
  readonly fridge: string
  readonly online: boolean
  readonly facts: OnlineFacts | null
  readonly state: LiveState | null
  /** How long ago it was heard of, by the database's clock; null: not on this channel. */
  readonly silentMs: number | null
  /** What the fridge's own clock says now, at most: for the time that a message took, it says less. */
  readonly fridgeNowMs: number | null
}

/** All fridges' or one's, as they were last heard. */
export async function liveOf(db: Db, fridge?: string): Promise<Live[]> {
  const { rows } = await sql<{
    fridge: string
    online: boolean
    facts: string | null
    state: string | null
    silent: number | null
    at_ms: number | null
  }>`select fridge, online, facts, state, at_ms,
      round(extract(epoch from now() - heard_at) * 1000)::float8 as silent from channels
    where ${fridge ?? null}::text is null or fridge = ${fridge ?? null} order by fridge`.execute(db)
  return rows.map(({ fridge, online, facts, state, silent, at_ms }) => ({
    fridge,
    online,
    facts: facts === null ? null : (JSON.parse(facts) as OnlineFacts),
    state: state === null ? null : (JSON.parse(state) as LiveState),
    silentMs: silent,
    fridgeNowMs: silent === null || at_ms === null ? null : at_ms + silent,
  }))
}
