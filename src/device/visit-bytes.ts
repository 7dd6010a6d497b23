/** A visit's id on the wire: the 16 bytes of its UUID. All zero is nobody's. */
import { visitId, type VisitId } from '../core/ids.ts'
import { invariant } from '../core/result.ts'

const uuid = /^([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})$/
const nobody = '00000000-0000-0000-0000-000000000000'

/** Throws when the id is no UUID, or nobody's: such a visit could never be told apart from none. */
export function visitBytes(visit: VisitId): Uint8Array {
  const text = visit.toLowerCase()
  invariant(uuid.test(text) && text !== nobody, `a visit's id is a UUID, not ${JSON.stringify(visit)}`)
  return Uint8Array.from(Buffer.from(text.replaceAll('-', ''), 'hex'))
}

/** The visit, or null where the 16 bytes are zeros. */
export function visitOf(bytes: Uint8Array): VisitId | null {
  const text = Buffer.from(bytes)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  return text === nobody ? null : visitId(text)
}
