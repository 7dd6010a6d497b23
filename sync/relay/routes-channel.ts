/**
 * Channel route: `POST /sync/v1/channel`, where a fridge and this relay agree on the secret for their messages over MQTT.
 * Holds always (SPEC SY31): the fridge's paired key has signed what is believed; the secret is never sent, and is not told
 * to a log. A fault of the relay is `busy` to the fridge.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import {
  channelAnswerStatus,
  channelPath,
  channelRequestSchema,
  signedChannel,
  type ChannelAnswer,
} from '../protocol/channel.ts'
import { supportedVersions } from '../protocol/messages.ts'
import { publicKeyOf, verified } from '../protocol/signing.ts'
import { plain } from './judge.ts'
import type { Metrics } from './metrics.ts'
import { openChannel } from './store/channels.ts'
import { faultOf } from './store/faults.ts'
import { fridgeKey } from './store/fridges.ts'
import type { Db } from './store/open.ts'

export interface ChannelRoutePorts {
  /** Null while the database is being opened. */
  readonly db: () => Db | null
  readonly metrics: Pick<Metrics, 'message'>
  /** Where fridges find the broker; null: under this relay's own address. */
  readonly brokerForFridges: string | null
}

const notReady = { type: 'busy', retryAfterMs: 2_000 } as const

export function channelRoutes(app: FastifyInstance, ports: ChannelRoutePorts): void {
  const opening = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const answer = await answered(ports, request).catch((error: unknown): ChannelAnswer => {
      if (faultOf(error) !== 'away') request.log.error(error)
      return notReady
    })
    if (answer.type !== 'opened') ports.metrics.message(answer.type)
    return reply.code(channelAnswerStatus[answer.type]).send(answer)
  }
  app.post(channelPath, { bodyLimit: 4 * 1024, schema: { hide: true } }, opening)
}

async function answered({ db, brokerForFridges }: ChannelRoutePorts, { body }: FastifyRequest): Promise<ChannelAnswer> {
  if (typeof body === 'object' && body !== null && 'protocol' in body)
    if (!supportedVersions.includes(Number(body.protocol)))
      return { type: 'unsupportedVersion', supported: [...supportedVersions] }
  const request = channelRequestSchema.safeParse(body)
  if (!request.success) {
    const [issue] = request.error.issues
    return { type: 'malformed', what: plain(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`) }
  }
  const { fridge, atMs, publicKey, signature } = request.data
  const store = db()
  if (store === null) return notReady
  const raw = await fridgeKey(store, fridge)
  if (raw === null) return { type: 'unknownFridge' }
  if (raw === 'revoked') return { type: 'revoked' }
  const key = publicKeyOf(raw)
  if (key === null || !verified(key, signedChannel(fridge, atMs, publicKey), Buffer.from(signature, 'base64')))
    return { type: 'badSignature' }
  const opened = await openChannel(store, { fridge, atMs, publicKey })
  if (opened.type === 'badKey') return { type: 'malformed', what: 'publicKey: is none of X25519' }
  return opened.type === 'opened' ? { ...opened, broker: brokerForFridges } : opened
}
