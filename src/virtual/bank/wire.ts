/**
 * Wire: what goes into the virtual bank and what comes out, free of any transport. The loopback server and the
 * in-process client both speak it, so that the bank can't tell them apart.
 */

export interface WireRequest {
  readonly method: string
  /** Path and query, as on the request line. */
  readonly path: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface WireResponse {
  readonly type: 'response'
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** `silence`: the caller waits until its own time-out. `refused`: no connection, nothing arrived. */
export type WireAnswer = WireResponse | { readonly type: 'silence' } | { readonly type: 'refused' }

export type Json = string | number | boolean | null | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [name: string]: Json
}

/** Stripe's unit of time: whole seconds since 1970. */
export const secondsOf = (ms: number): number => Math.floor(ms / 1000)
