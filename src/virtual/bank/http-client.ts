/**
 * The bank in the same process: an HTTP client in the shape the Stripe SDK wants (its `httpClient` option) that calls
 * `respond` with no socket, so that a simulation has no I/O and no real timer in it. A caller's time-out runs on the
 * bank's clock.
 * Holds always: it never rejects with ECONNRESET or EPIPE, which the SDK answers with a retry of its own on a real timer.
 */
import type { Bank } from './bank.ts'
import type { WireAnswer } from './wire.ts'

interface BankHttpResponse {
  getStatusCode(): number
  getHeaders(): Record<string, string>
  /** What the SDK shows as `lastResponse`. */
  getRawResponse(): { headers: Record<string, string> }
  toStream(streamCompleteCallback: () => void): never
  toJSON(): Promise<unknown>
}

export interface BankHttpClient {
  getClientName(): string
  makeRequest(
    host: string,
    port: string,
    path: string,
    method: string,
    headers: Record<string, string | number | string[]>,
    requestData: string,
    protocol: string,
    timeoutMs: number,
  ): Promise<BankHttpResponse>
}

/** For `new Stripe(key, { httpClient })`. */
export function bankHttpClient(bank: Bank): BankHttpClient {
  /** The answer, or silence once the caller's patience is over; the bank goes on with what it has begun. */
  const patiently = (answering: Promise<WireAnswer>, timeoutMs: number): Promise<WireAnswer> =>
    new Promise((resolve, reject) => {
      const cancel = bank.clock.after(timeoutMs, () => {
        resolve({ type: 'silence' })
      })
      answering.then((answer) => {
        if (answer.type === 'silence') return // nobody answers: only the time-out ends it
        cancel()
        resolve(answer)
      }, reject)
    })

  return {
    getClientName: () => 'virtual-bank',
    async makeRequest(_host, _port, path, method, headers, requestData, _protocol, timeoutMs) {
      const lowered: Record<string, string> = {}
      for (const [name, value] of Object.entries(headers)) lowered[name.toLowerCase()] = String(value)
      const answer = await patiently(bank.respond({ method, path, headers: lowered, body: requestData }), timeoutMs)
      switch (answer.type) {
        case 'response':
          return {
            getStatusCode: () => answer.status,
            getHeaders: () => ({ ...answer.headers }),
            getRawResponse: () => ({ headers: { ...answer.headers } }),
            toStream: () => {
              throw new Error('the bank in this process streams nothing')
            },
            toJSON: () =>
              new Promise((resolve) => {
                resolve(JSON.parse(answer.body))
              }),
          }
        case 'silence':
          throw failure('ETIMEDOUT', 'the virtual bank gave no answer in time')
        case 'refused':
          throw failure('ECONNREFUSED', 'the virtual bank takes no connection')
      }
    },
  }
}

/** An error with the code by which the SDK tells one from another. */
const failure = (code: string, message: string): Error => Object.assign(new Error(message), { code })
