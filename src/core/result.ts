/**
 * Result: an expected failure is a value. A broken invariant is not expected: it throws (see `invariant`), the
 * process stops, and recovery replays the ledger.
 */
export type Result<T, E> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E }

export const ok = <T>(value: T): Result<T, never> => ({ ok: true, value })
export const err = <E>(error: E): Result<never, E> => ({ ok: false, error })

/** Thrown when something that must always hold does not. Nothing catches it but the process's last handler. */
export class InvariantBroken extends Error {
  override readonly name = 'InvariantBroken'
}

/** Stops the process when `held` is false; `what` says what must hold and what was found instead. */
export function invariant(held: boolean, what: string): asserts held {
  if (!held) throw new InvariantBroken(what)
}

/** Closes an exhaustive switch: the compiler refuses a forgotten case, the process a value from outside the types. */
export function unreachable(value: never): never {
  throw new InvariantBroken(`unreachable: ${JSON.stringify(value)}`)
}
