/**
 * Pairing: makes a fridge known to its owner's relay by the code that the owner reads to it [SY9].
 * Called by the runtime when an operator types the code; the key pair is the fridge's own, made from a secret file.
 */
import { pairAnswerSchema, paths, protocolVersion, type PairAnswer, type PairRequest } from '../protocol/messages.ts'
import { signedPair, type SigningKey } from '../protocol/signing.ts'
import { ask, type Reply, type Wire } from './exchange.ts'

/** Asks once; `noAnswer` may be asked again with the same code, which pairs the same fridge with the same key once. */
export function pair(wire: Wire, key: SigningKey, fridge: string, code: string): Promise<Reply<PairAnswer>> {
  const request: PairRequest = {
    protocol: protocolVersion,
    code,
    fridge,
    publicKey: key.publicKey,
    signature: Buffer.from(key.sign(signedPair(code, fridge, key.publicKey))).toString('base64'),
  }
  const body = Buffer.from(JSON.stringify(request))
  const question = { path: paths.pair, headers: { 'content-type': 'application/json' }, body }
  return ask(wire, question, pairAnswerSchema).reply
}
