/**
 * Operator clear: asks the fridge to open sales again (POST /api/operator/clear) and turns what it answers into a closed
 * set of codes, so that the screen can say each of them in three languages. Never throws.
 */
import { z } from 'zod'
import { clearSafetySchema, type ClearSafety } from '../../src/contract/kiosk.ts'

export type { ClearSafety }

export type ClearAnswer =
  | { readonly code: 'cleared' | 'name' | 'pin' | 'reason' | 'wrongPin' | 'tooMany' | 'unreachable' }
  | { readonly code: 'refused'; readonly message: string }

const refusalSchema = z.object({ error: z.object({ code: z.string(), message: z.string() }) })

/** An operator at a locked fridge should not wait longer for a computer beside it. */
const answerWithinMs = 8_000

export async function clearSafety(
  clear: ClearSafety,
  headers: Readonly<Record<string, string>>,
  ask: typeof fetch = fetch,
): Promise<ClearAnswer> {
  const checked = clearSafetySchema.safeParse(clear)
  if (!checked.success) {
    const field = checked.error.issues[0]?.path[0]
    return { code: field === 'pin' || field === 'reason' ? field : 'name' }
  }
  try {
    const answer = await ask('/api/operator/clear', {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(checked.data),
      signal: AbortSignal.timeout(answerWithinMs),
    })
    if (answer.ok) return { code: 'cleared' }
    const { error } = refusalSchema.parse(await answer.json())
    switch (error.code) {
      case 'pin':
        return { code: 'wrongPin' }
      case 'wait':
        return { code: 'tooMany' }
      default:
        return { code: 'refused', message: error.message }
    }
  } catch {
    // No answer, a late one, or one that makes no sense: the fridge is the one to ask again.
    return { code: 'unreachable' }
  }
}
