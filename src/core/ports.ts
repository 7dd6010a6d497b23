/**
 * Ports: what the pure rooms and the runtime need from the world, and what each adapter (real, virtual, simulated) gives.
 * Every port is served in the simulation too, so none of them may hide a clock, a socket or a random number.
 */
import type { Currency, Minor } from './money.ts'
import type { EffectKey, TamperId, VisitId } from './ids.ts'
import type { Result } from './result.ts'
import type { Sights } from './sighting.ts'

// ---- time and chance -------------------------------------------------------------------------------------------------

/** Cancels what it came from; calling it twice does nothing. */
export type Cancel = () => void

/** Fridge time in ms: starts at the wall clock (or the ledger's last time, if later) and never goes back. */
export interface Clock {
  nowMs(): number
  /** Calls `due` once, `delayMs` from now. */
  after(delayMs: number, due: () => void): Cancel
}

export interface Random {
  bytes(count: number): Uint8Array
  uuid(): string
}

/** Structured log. Never a secret, never a card. */
export interface Log {
  info(what: string, detail?: Readonly<Record<string, unknown>>): void
  warn(what: string, detail?: Readonly<Record<string, unknown>>): void
}

export const silent: Log = { info: () => {}, warn: () => {} }

// ---- the controller --------------------------------------------------------------------------------------------------

/** A wire that carries bytes both ways: a serial port, a pty, or the virtual controller in this process. */
export interface ByteLink {
  write(bytes: Uint8Array): void
  /** `bytes` is the listener's to keep. One listener only. */
  onBytes(listener: (bytes: Uint8Array) => void): void
  close(): void
}

export type RelockReason = 'doorClosed' | 'notOpened' | 'linkSilent' | 'reset' | 'brownOut' | 'commanded'
export type RefusalReason = 'doorOpen' | 'busy' | 'stale' | 'fault' | 'lowPower'
export type Signal = 'idle' | 'welcome' | 'unlocked' | 'askClose' | 'alert' | 'thanks' | 'error'

/** What the controller knows now, sent every half second. Weights are grams per shelf, index 0 is the top shelf. */
export interface ControllerStatus {
  readonly doorOpen: boolean
  readonly lockOpen: boolean
  readonly temperatureCelsius: number | null
  readonly bootId: number
  readonly uptimeMs: number
}

export interface Weights {
  /** Grams on each shelf; null where the cell is dead or saturated. */
  readonly grams: readonly (number | null)[]
  readonly settled: boolean
}

/** Controller to runtime. Reliable ones (door, lock, tamper) come exactly once and in order; the rest is latest-wins. */
export type ControllerReport =
  | { readonly type: 'up'; readonly status: ControllerStatus }
  | { readonly type: 'lost' }
  | { readonly type: 'status'; readonly status: ControllerStatus }
  | { readonly type: 'weights'; readonly weights: Weights }
  | { readonly type: 'doorOpened' }
  | { readonly type: 'doorClosed' }
  | { readonly type: 'doorLeftOpen'; readonly seconds: 60 | 120 }
  | { readonly type: 'relocked'; readonly visit: VisitId; readonly reason: RelockReason }
  | { readonly type: 'tamper' }

export type UnlockAnswer = 'unlocked' | RefusalReason | 'timeout'

export interface Controller {
  /** Sends a fresh unlock for `visit`, repeats it while the frame may be lost, and answers once. Never after a restart. */
  unlock(visit: VisitId, timeoutMs: number): Promise<UnlockAnswer>
  relock(): void
  signal(signal: Signal): void
  subscribe(listener: (report: ControllerReport) => void): Cancel
  /** The last status and weights, or null while the link is down. */
  status(): ControllerStatus | null
  weights(): Weights | null
  close(): void
}

// ---- the reader ------------------------------------------------------------------------------------------------------

/** What a reader gives for a card: the provider's token. A card number never comes near (law P1). */
export interface PresentedCard {
  /** The provider's name for this presentation of the card, good for one hold: a Stripe PaymentMethod id. */
  readonly paymentMethod: string
  /** The same for the same card, and nothing else: for caps and deny lists. */
  readonly fingerprint: string
}

export interface CardReader {
  onCard(listener: (card: PresentedCard) => void): Cancel
}

// ---- the cameras -----------------------------------------------------------------------------------------------------

/** What an operator is told of the cameras and of who looks through them. */
export interface EyesHealth {
  /** `down`: it ended and is started again; until then nothing is seen. `unable`: it has no models or no gallery. */
  readonly worker: 'starting' | 'ready' | 'unable' | 'down'
  /** Why, in a sentence; null when all is well. */
  readonly says: string | null
  readonly cameras: { readonly camera: string; readonly fault: string | null; readonly says: string | null }[]
}

/** The cameras and the models behind them: on while somebody shops or has forced the door, and never in the way of anything. */
export interface Eyes {
  /** Somebody is about to shop, or has forced the door: cameras on. Said again for the same, nothing happens. */
  begin(watched: VisitId | TamperId): void
  doorOpened(): void
  doorClosed(): void
  /** What was seen so far, for the screen; never a reason to charge. */
  sights(): Sights
  /** Everything that was seen, once, within 600 ms of the door's closing; what was missed is told as blind. Never rejects. */
  settle(visit: VisitId): Promise<Sights>
  /** Nobody shops any more: cameras off. */
  end(): void
  health(): EyesHealth
  /** Calls back when sights or health changed. */
  subscribe(listener: () => void): Cancel
  close(): void
}

// ---- the bank --------------------------------------------------------------------------------------------------------

export type DeclineReason = 'declined' | 'insufficientFunds' | 'expiredCard' | 'authenticationNeeded' | 'cardUnusable'

export interface PlacedHold {
  /** The provider's own name for the hold: a Stripe PaymentIntent id. */
  readonly reference: string
  readonly amountMinor: Minor
  /** How long after now the provider still takes a capture, by its own word (Stripe: `capture_before`). */
  readonly captureWithinMs: number
}

/**
 * `unreachable`: asked for and not known, whatever the reason (no network, time-out, 5xx, rate limit). Ask again by the
 * same key. Everything else is the bank's final word.
 */
export type HoldAnswer = Result<
  PlacedHold,
  { readonly code: 'declined'; readonly reason: DeclineReason } | { readonly code: 'unreachable' }
>
export type CaptureAnswer = Result<
  { readonly amountMinor: Minor },
  { readonly code: 'unreachable' } | { readonly code: 'gone'; readonly detail: string }
>
export type ReleaseAnswer = Result<
  'released' | 'neverPlaced',
  { readonly code: 'unreachable' } | { readonly code: 'captured' }
>

export interface HoldRequest {
  readonly key: EffectKey
  readonly visit: VisitId
  readonly paymentMethod: string
  readonly amountMinor: Minor
  readonly currency: Currency
  /** Fridge time when it was first asked: after 24 h a key is no longer repeated but looked up (law M6). */
  readonly askedAtMs: number
}

/** The bank, seen through one provider. Every call may be repeated with the same key and takes effect once. */
export interface PaymentProvider {
  placeHold(request: HoldRequest): Promise<HoldAnswer>
  /** Captures once, at most the hold; what is left of the hold goes back. */
  capture(capture: { key: EffectKey; reference: string; amountMinor: Minor; askedAtMs: number }): Promise<CaptureAnswer>
  /** Releases the hold with this reference, or, where the answer to placing it never came, whatever its key placed. */
  release(release: {
    key: EffectKey
    reference: string | null
    hold: HoldRequest
    askedAtMs: number
  }): Promise<ReleaseAnswer>
}
