/**
 * Introduction: what an owner and an operator do by hand on a real fridge. It takes a pairing code from the relay, with the
 * owner's key, and types it at the fridge, with the operator's PIN. Called by host, whenever the relay is there anew.
 */
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import type { LocalRelay } from './relay-process.ts'
import type { VirtualOperator } from './operator.ts'

const fridgesSchema = z.object({
  fridges: z.array(z.object({ fridge: z.string(), revokedAtMs: z.number().nullable() })),
})
const codeSchema = z.object({ code: z.string() })
const deskSchema = z.object({ fridge: z.string(), paired: z.boolean() })

export interface IntroductionPorts {
  readonly relay: LocalRelay
  /** As the fridge reaches it. */
  readonly relayUrl: string
  readonly operator: VirtualOperator
  readonly token: string
  readonly gatewayPort: number
}

/** True where the fridge is paired now. Rejects where either does not answer; asking again is harmless. */
export async function introduce(ports: IntroductionPorts): Promise<boolean> {
  const { relay, relayUrl, operator, token, gatewayPort } = ports
  const owner = { authorization: `Bearer ${readFileSync(relay.ownerKeyFile, 'utf8').trim()}` }
  const fridge = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const desk = deskSchema.parse(await ask(`http://127.0.0.1:${gatewayPort}/api/operator/relay`, { headers: fridge }))
  const { fridges } = fridgesSchema.parse(await ask(`${relay.url}/api/v1/fridges`, { headers: owner }))
  const known = fridges.find((one) => one.fridge === desk.fridge)
  // One that the owner has revoked stays so: that was said by a person.
  if (known !== undefined && (desk.paired || known.revokedAtMs !== null)) return true
  const made = await ask(`${relay.url}/api/v1/pairing-codes`, { method: 'POST', headers: owner })
  const { code } = codeSchema.parse(made)
  const body = { ...operator, reason: 'the virtual fridge`s own relay', code, relay: relayUrl }
  const answer = await fetch(`http://127.0.0.1:${gatewayPort}/api/operator/pair`, {
    method: 'POST',
    headers: fridge,
    body: JSON.stringify(body),
  })
  await answer.body?.cancel()
  return answer.ok
}

async function ask(url: string, request: RequestInit): Promise<unknown> {
  const answer = await fetch(url, request)
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`)
  return answer.json()
}
