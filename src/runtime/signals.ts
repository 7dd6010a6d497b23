/** Signals: what the controller's light and buzzer say, which is what the screen says, at the same moment. Pure. */
import type { Signal } from '../core/ports.ts'
import { unreachable } from '../core/result.ts'
import type { Session } from '../session/state.ts'

/** `past`: the visit's last screen is gone. */
export function signalOf(session: Session, closed: boolean, past: boolean): Signal {
  if (past) return closed ? 'error' : 'idle'
  switch (session.at) {
    case 'idle':
      return closed ? 'error' : 'idle'
    case 'holding':
    case 'unlocking':
    case 'settling':
      return 'welcome'
    case 'unlocked':
      return 'unlocked'
    case 'shopping':
      return session.leftOpen === 0 ? 'unlocked' : session.leftOpen === 1 ? 'askClose' : 'alert'
    case 'blind':
      return 'error'
    case 'ended':
      return session.ending.type === 'paid' ||
        session.ending.type === 'nothingTaken' ||
        session.ending.type === 'unsure'
        ? 'thanks'
        : 'error'
    default:
      return unreachable(session)
  }
}
