/**
 * Idempotency keys, after the provider's rules: the first answer of a request that began to execute is kept for 24 h and
 * given again to the same request, errors and 500s included; the same key with other parameters or another endpoint is
 * refused; a key still executing is a conflict. Called by bank.ts for every POST.
 */
import { Refusal } from './refusal.ts'

export interface Answer {
  readonly status: number
  readonly body: string
  readonly requestId: string
}

interface Kept {
  readonly endpoint: string
  readonly parameters: string
  readonly firstAtMs: number
  /** null while the first request is executing. */
  answer: Answer | null
}

export interface Idempotency {
  /**
   * Claims `key` for a request, or gives the answer kept for it. Throws a Refusal: 409 while the key is executing, 400
   * when it was used for something else.
   */
  claim(key: string, endpoint: string, parameters: string, nowMs: number): Answer | null
  keep(key: string, answer: Answer): void
  /** Gives the key back: the request never began to execute. */
  free(key: string): void
}

export function createIdempotency(keepMs: number): Idempotency {
  const kept = new Map<string, Kept>()

  /** The map is in order of first use, so the old ones stand in front. */
  const prune = (nowMs: number): void => {
    for (const [key, one] of kept) {
      if (nowMs - one.firstAtMs < keepMs) return
      if (one.answer !== null) kept.delete(key)
    }
  }

  return {
    claim(key, endpoint, parameters, nowMs) {
      prune(nowMs)
      if (key.length > 255) {
        throw idempotencyError(400, `The idempotency key is ${key.length} characters long; 255 are allowed.`)
      }
      const one = kept.get(key)
      if (one === undefined) {
        kept.set(key, { endpoint, parameters, firstAtMs: nowMs, answer: null })
        return null
      }
      if (one.answer === null) {
        throw new Refusal(
          409,
          {
            type: 'idempotency_error',
            code: 'idempotency_key_in_use',
            message: `There is currently another in-progress request using this Idempotent Key: ${key}`,
          },
          false,
        )
      }
      if (one.endpoint !== endpoint) {
        throw idempotencyError(
          400,
          `Keys for idempotent requests can only be used for the same endpoint they were first used for ('${endpointPath(one.endpoint)}' vs '${endpointPath(endpoint)}'). Try using a key other than '${key}' if you meant to execute a different request.`,
        )
      }
      if (one.parameters !== parameters) {
        throw idempotencyError(
          400,
          `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}' if you meant to execute a different request.`,
        )
      }
      return one.answer
    },
    keep(key, answer) {
      const one = kept.get(key)
      if (one !== undefined) one.answer = answer
    },
    free(key) {
      kept.delete(key)
    },
  }
}

const endpointPath = (endpoint: string): string => endpoint.slice(endpoint.indexOf(' ') + 1)

const idempotencyError = (status: number, message: string): Refusal =>
  new Refusal(status, { type: 'idempotency_error', message }, false)
