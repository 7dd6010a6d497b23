/**
 * Inputs: all that may move a visit. Each is a fact that somebody else observed; what it means is decided in step.ts.
 */
import type { Line, Move } from '../core/basket.ts'
import type { EffectKey, VisitId } from '../core/ids.ts'
import type { Currency, Minor } from '../core/money.ts'
import type {
  CaptureAnswer,
  HoldAnswer,
  PresentedCard,
  ReleaseAnswer,
  RelockReason,
  UnlockAnswer,
} from '../core/ports.ts'
import type { Grams } from './state.ts'

/** What the scales say was taken, priced, with how sure that is (src/fusion, priced by runtime/resolve). */
export interface Resolution {
  readonly lines: readonly Line[]
  readonly moves: readonly Move[]
  readonly probability: number
  /** The most probable baskets of which nothing is unknown, best first: what is billed may be surer than one of them [S21]. */
  readonly baskets?: readonly { readonly lines: readonly Line[]; readonly probability: number }[]
  readonly sureLines: readonly Line[]
  readonly runnerUp: readonly Line[]
  /** Absent where there is no runner-up. */
  readonly runnerUpProbability?: number
  /** What tells the lines from the runner-up, most telling first: a shelf's weight or a witness, and by how many nats. */
  readonly apart?: readonly { readonly by: string; readonly nats: number }[]
  readonly after: Grams
}

export type SessionInput =
  | {
      readonly type: 'CardPresented'
      readonly visit: VisitId
      readonly card: PresentedCard
      readonly holdMinor: Minor
      readonly currency: Currency
    }
  /** The relay has placed a hold for a shopper at the door, and orders the door opened on it. */
  | {
      readonly type: 'HoldBrought'
      readonly visit: VisitId
      readonly card: PresentedCard
      readonly reference: string
      readonly holdMinor: Minor
      readonly currency: Currency
      readonly captureWithinMs: number
    }
  | { readonly type: 'HoldAnswered'; readonly visit: VisitId; readonly key: EffectKey; readonly answer: HoldAnswer }
  | { readonly type: 'UnlockAnswered'; readonly visit: VisitId; readonly key: EffectKey; readonly answer: UnlockAnswer }
  | { readonly type: 'DoorOpened' }
  | { readonly type: 'DoorClosed' }
  | { readonly type: 'DoorRelocked'; readonly visit: VisitId; readonly reason: RelockReason }
  | { readonly type: 'DoorLeftOpen'; readonly seconds: 60 | 120 }
  | { readonly type: 'DoorForced' }
  | { readonly type: 'ControllerLost' }
  /** The controller speaks (again), and this is how the door stands. */
  | { readonly type: 'DoorSeen'; readonly doorOpen: boolean; readonly lockOpen: boolean }
  | {
      readonly type: 'BasketWeighed'
      readonly visit: VisitId
      readonly key: EffectKey
      readonly resolution: Resolution | null
    }
  | {
      readonly type: 'CaptureAnswered'
      readonly visit: VisitId
      readonly key: EffectKey
      readonly answer: CaptureAnswer
    }
  | {
      readonly type: 'ReleaseAnswered'
      readonly visit: VisitId
      readonly key: EffectKey
      readonly answer: ReleaseAnswer
    }
  | {
      readonly type: 'ReviewDecided'
      readonly visit: VisitId
      readonly lines: readonly Line[]
      readonly moves: readonly Move[]
      readonly by: string
      readonly reason: string
    }
  | { readonly type: 'Cancelled' }
  | { readonly type: 'TimePassed' }
  | { readonly type: 'Restarted' }

/** What the visit may know of the rest of the fridge. */
export interface Around {
  readonly atMs: number
  /** True while the fridge may not sell: food safety, controller, storage. */
  readonly closed: boolean
  /** The shelves, last time they stood still with the door closed; null while nobody weighs them. */
  readonly weights: Grams | null
  /** Fingerprints of the cards that the owner turns away. */
  readonly denied?: ReadonlySet<string>
}
