/** Changes relay: what the catalogue and the planogram editor ask of the relay. */
import { z } from 'zod'
import {
  applyAnswerSchema,
  changeSchema,
  diffSchema,
  draftAnswerSchema,
  keptDraftSchema,
  standingSchema,
  undoAnswerSchema,
  type Changes,
  type Draft,
  type Standing,
} from '../../../src/contract/fleet-changes.ts'
import type { Ask } from '../places/places-relay.ts'

export interface Application {
  readonly name: string
  readonly fridges: readonly { readonly fridge: string; readonly version: string }[]
  readonly changes: Changes
  readonly atMs?: number
  readonly reason: string
}

/** The relay takes so many at once. */
export const mostFridges = 200

const pageSchema = z.object({ catalogues: z.array(standingSchema), next: z.string().nullable() })

export const changesOver = (ask: Ask) => ({
  /** Of all fridges, page by page. */
  async catalogues(): Promise<Standing[]> {
    const found: Standing[] = []
    for (let after: string | null = ''; after !== null;) {
      const page: z.infer<typeof pageSchema> = await ask(`/catalogues${after === '' ? '' : `?after=${after}`}`, pageSchema) // prettier-ignore
      found.push(...page.catalogues)
      after = page.next
    }
    return found
  },
  standing: async (fridge: string) => (await ask(`/catalogues?fridge=${fridge}`, pageSchema)).catalogues,
  preview: async (fridges: readonly string[], changes: Changes) =>
    (await ask('/changes/preview', z.object({ diffs: z.array(diffSchema) }), { fridges, changes })).diffs,
  apply: (application: Application) => ask('/changes', applyAnswerSchema, application),
  changes: async () => (await ask('/changes', z.object({ changes: z.array(changeSchema) }))).changes,
  undo: (id: string, reason: string) => ask('/changes/undo', undoAnswerSchema, { id, reason }),
  drafts: async () => (await ask('/drafts', z.object({ drafts: z.array(keptDraftSchema) }))).drafts,
  keepDraft: (draft: Draft) => ask('/drafts', draftAnswerSchema, draft),
  dropDraft: ({ id, name, version }: Omit<Draft, 'changes'>) =>
    ask('/drafts/drop', draftAnswerSchema, { id, name, version }),
})
