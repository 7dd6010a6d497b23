/**
 * Keys: the name of each thing a visit asks of the world. Made from the visit alone, so that a restart asks with the same
 * name and the bank answers as before [S11]. The weighing is named by its moment: a later look is another look.
 */
import { effectKey, type EffectKey, type VisitId } from '../core/ids.ts'

export const holdKey = (visit: VisitId): EffectKey => effectKey(`${visit}/hold`)
export const unlockKey = (visit: VisitId): EffectKey => effectKey(`${visit}/unlock`)
export const captureKey = (visit: VisitId): EffectKey => effectKey(`${visit}/capture`)
export const releaseKey = (visit: VisitId): EffectKey => effectKey(`${visit}/release`)
export const relockKey = (visit: VisitId, atMs: number): EffectKey => effectKey(`${visit}/relock/${atMs}`)
export const resolveKey = (visit: VisitId, closedAtMs: number): EffectKey => effectKey(`${visit}/resolve/${closedAtMs}`)
