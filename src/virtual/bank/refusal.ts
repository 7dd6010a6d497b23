/**
 * Refusal: an error the bank answers with, in the provider's shape: an HTTP status and an error object with type, code,
 * param and message. Thrown while a request is executed, turned into a response by bank.ts, never seen outside it.
 */
import type { JsonObject } from './wire.ts'

export type RefusalType = 'invalid_request_error' | 'card_error' | 'idempotency_error' | 'api_error'

export interface RefusalDetail {
  readonly type: RefusalType
  readonly message: string
  readonly code?: string
  readonly param?: string
  readonly decline_code?: string
  readonly charge?: string
  readonly payment_intent?: JsonObject
  readonly setup_intent?: JsonObject
  readonly payment_method?: JsonObject
}

export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly status: number
  readonly detail: RefusalDetail
  /**
   * Whether the endpoint had begun to execute: only then is the answer kept for the idempotency key. A request that
   * fails validation may be sent again, corrected, with the same key.
   */
  readonly executed: boolean

  constructor(status: number, detail: RefusalDetail, executed: boolean) {
    super(detail.message)
    this.status = status
    this.detail = detail
    this.executed = executed
  }
}

export const invalid = (message: string, param?: string, code?: string): Refusal =>
  new Refusal(
    400,
    {
      type: 'invalid_request_error',
      message,
      ...(param === undefined ? {} : { param }),
      ...(code === undefined ? {} : { code }),
    },
    false,
  )

export const missing = (what: string, id: string, param = 'id'): Refusal =>
  new Refusal(
    param === 'id' ? 404 : 400,
    { type: 'invalid_request_error', message: `No such ${what}: '${id}'`, param, code: 'resource_missing' },
    false,
  )

/** The request was understood and executed, and the object's state forbids it. */
export const wrongState = (message: string, code: string, more: Partial<RefusalDetail> = {}): Refusal =>
  new Refusal(400, { type: 'invalid_request_error', message, code, ...more }, true)
