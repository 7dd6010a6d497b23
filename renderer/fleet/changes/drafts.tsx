/** Drafts: prices that somebody has begun to change, kept at the relay for whoever goes on. Nobody overwrites another's. */
import { useState, type ReactNode } from 'react'
import type { Changes, KeptDraft } from '../../../src/contract/fleet-changes.ts'
import { useChangeWords } from '../../languages/changes/words.ts'
import { useWords } from '../../languages/fleet/words.ts'
import { useSpeech } from '../../languages/language.tsx'
import { useAsked } from '../asked.ts'
import { RelayTrouble, type Relay } from '../relay.ts'

export interface Opened {
  readonly id: string
  readonly version: number
}

interface DraftsShown {
  /** Which are listed: each page opens its own. */
  readonly of: 'prices' | 'products'
  readonly relay: Relay
  readonly mayAct: boolean
  readonly name: string
  /** Null while nothing of it is changed, or a price is not one. */
  readonly changes: Changes | null
  readonly opened: Opened | null
  readonly onOpen: (draft: KeptDraft) => void
  readonly onKept: (opened: Opened | null) => void
}

export function Drafts({ of, relay, mayAct, name, changes, opened, onOpen, onKept }: DraftsShown): ReactNode {
  const words = useChangeWords()
  const { trouble: troubles } = useWords()
  const { moment } = useSpeech()
  const drafts = useAsked('drafts', relay.drafts, 30_000)
  const [says, setSays] = useState<string | null>(null)
  const shown = drafts.answer?.filter(({ changes: kept }) => (kept.products ?? []).length > 0 === (of === 'products'))
  const doing = async (what: () => Promise<string>): Promise<void> => {
    try {
      setSays(await what())
    } catch (error) {
      setSays(troubles[error instanceof RelayTrouble ? error.trouble : 'away'])
    }
    drafts.again()
  }
  const keep = (kept: Changes) =>
    doing(async () => {
      const { id, version } = opened ?? { id: crypto.randomUUID(), version: 0 }
      const answer = await relay.keepDraft({ id, name: name.trim(), version, changes: kept })
      if (answer.type === 'changed') {
        // Kept again it is one of its own, beside the other person's.
        onKept(null)
        return answer.draft === null ? words.draftGone : words.draftChanged(answer.draft.by)
      }
      onKept({ id, version: answer.version })
      return words.draftKept
    })
  const drop = (draft: KeptDraft) =>
    doing(async () => {
      const answer = await relay.dropDraft(draft)
      if (opened?.id === draft.id) onKept(null)
      return answer.type === 'kept' ? words.draftDropped : words.draftChanged(answer.draft?.by ?? '')
    })
  return (
    <section aria-labelledby="drafts">
      <h2 id="drafts">{words.drafts}</h2>
      {mayAct && (
        <button
          type="button"
          disabled={changes === null || name.trim() === ''}
          onClick={() => {
            if (changes !== null) void keep(changes)
          }}
        >
          {words.keep}
        </button>
      )}
      {says !== null && <p role="status">{says}</p>}
      {shown?.length === 0 && <p className="soft">{words.draftsNone}</p>}
      <ul className="fleet-history">
        {shown?.map((draft) => (
          <li key={draft.id}>
            <p>
              <strong>{draft.name}</strong>{' '}
              <span className="soft">
                {draft.by}, {moment(draft.changedAtMs)}
              </span>
            </p>
            <div className="fleet-row">
              <button type="button" aria-label={words.openOf(draft.name)} onClick={() => onOpen(draft)}>
                {words.open}
              </button>
              {mayAct && (
                <button
                  type="button"
                  className="quiet"
                  aria-label={words.dropOf(draft.name)}
                  onClick={() => void drop(draft)}
                >
                  {words.drop}
                </button>
              )}
            </div>
          </li>
        ))}
      </ul>
    </section>
  )
}
