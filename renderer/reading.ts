/** Reading: a text that came over a socket, checked whole against its schema. Null (and a word on the console) if not. */
import type { ZodType } from 'zod'

export function readingOf<View>(schema: ZodType<View>): (text: string) => View | null {
  return (text) => {
    let said: unknown
    try {
      said = JSON.parse(text)
    } catch {
      console.error('a message that is not JSON', text.slice(0, 200))
      return null
    }
    const view = schema.safeParse(said)
    if (view.success) return view.data
    console.error('a view that breaks its contract', view.error.issues)
    return null
  }
}
