/**
 * Reading: a text that came over a socket, checked whole against its schema. A fridge may also say `{type: 'error'}` to a
 * message of ours that it could not use; that says nothing about the view, which stays.
 */
import { z, type ZodType } from 'zod'
import type { Reading } from './socket.ts'

const complaintSchema = z.object({ type: z.literal('error'), message: z.string() })

export function readingOf<View>(schema: ZodType<View>): (text: string) => Reading<View> {
  return (text) => {
    let said: unknown
    try {
      said = JSON.parse(text)
    } catch {
      console.error('a message that is not JSON', text.slice(0, 200))
      return { is: 'nonsense' }
    }
    const view = schema.safeParse(said)
    if (view.success) return { is: 'view', view: view.data }
    const complaint = complaintSchema.safeParse(said)
    if (complaint.success) {
      console.error('the fridge could not use a message', complaint.data.message)
      return { is: 'aside' }
    }
    console.error('a view that breaks its contract', view.error.issues)
    return { is: 'nonsense' }
  }
}
