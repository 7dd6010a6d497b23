/**
 * Relay files: what a fridge keeps of its owner's relay in its data folder, mode 0600: `relay.key`, the seed of its own
 * Ed25519 key, and `relay.json`, where that key is known. Written by pairing (at the screen, or `npm run pair`).
 */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { Clock } from '../core/ports.ts'
import { secondMs } from '../core/time.ts'
import { keptSecret, writeSecret } from '../gateway/secrets.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { Fetch } from '../../sync/edge/exchange.ts'
import { pair } from '../../sync/edge/pairing.ts'
import { signingKey, type SigningKey } from '../../sync/protocol/signing.ts'

const pairingSchema = z.object({ relay: z.url(), fridge: z.string() })
export type Pairing = z.infer<typeof pairingSchema>

const pairingFile = (dir: string): string => join(dir, 'relay.json')

/** The fridge's own key, made at first use. Throws where the file is not one. */
export const relayKey = (dir: string): SigningKey => signingKey(Buffer.from(keptSecret(dir, 'relay.key'), 'hex'))

/** Where the fridge is paired, or null. Throws where the file is damaged: it is the owner's to mend. */
export function keptPairing(dir: string): Pairing | null {
  const file = pairingFile(dir)
  if (!existsSync(file)) return null
  const read = pairingSchema.safeParse(parsed(readFileSync(file, 'utf8')))
  if (!read.success) throw new Error(`${file}: ${z.prettifyError(read.error)}`)
  return read.data
}

/** Changes whenever a pairing is written; 0 where there is none. */
export const pairingStamp = (dir: string): number => statSync(pairingFile(dir), { throwIfNoEntry: false })?.mtimeMs ?? 0

/** What a person is told where pairing failed. */
export const pairRefusals = {
  noRelay: 'no relay is named: give its address',
  noAnswer: 'the relay did not answer: look at its address and at the network',
  badCode: 'the code is wrong, or was used, or is older than 15 minutes',
  taken: 'the relay knows another fridge by this name: give this one another id, or revoke the other',
  badSignature: 'the relay did not find the signature good',
  malformed: 'the relay could not read the request',
  unsupportedVersion: 'the relay speaks another version of the protocol',
  busy: 'the relay is busy: try again in a moment',
} as const
export type PairRefusal = keyof typeof pairRefusals

/** Asks the relay with the owner's code, and keeps the pairing where it agrees. The same code may be tried again. */
export async function pairWith(
  ports: { readonly dir: string; readonly fetch: Fetch; readonly clock: Clock },
  { relay, fridge, code }: { readonly relay: string; readonly fridge: string; readonly code: string },
): Promise<Result<null, PairRefusal>> {
  const wire = { fetch: ports.fetch, clock: ports.clock, relayUrl: relay, timeoutMs: 20 * secondMs }
  const answer = await pair(wire, relayKey(ports.dir), fridge, code)
  if (answer.type !== 'paired') return err(answer.type)
  writeSecret(pairingFile(ports.dir), `${JSON.stringify({ relay, fridge } satisfies Pairing)}\n`)
  return ok(null)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The network as it is. */
export const overHttp: Fetch = (url, { method, headers, body, redirect, signal }) =>
  fetch(url, { method, headers, body: Buffer.from(body), redirect, signal })
