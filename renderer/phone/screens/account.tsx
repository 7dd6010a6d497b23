/** Account: receipts so far, the saved card, and leaving: from this phone, or for good. */
import { useEffect, useState, type ReactNode } from 'react'
import type { PhoneMe, PhoneVisits } from '../../../src/contract/phone.ts'
import { figuresOf } from '../../languages/language.tsx'
import { useWords } from '../../languages/phone/words.ts'
import { Icon } from '../../parts/icon.tsx'
import { cardName } from '../card-name.ts'
import { Lost, Notice, Screen, Waiting } from '../frame.tsx'
import { endPush } from '../push.tsx'
import type { Relay } from '../relay.ts'
import { useShopper } from '../shopper.tsx'
import { useWatched } from '../watched.ts'

export function Account(): ReactNode {
  const words = useWords().account
  const { relay, go } = useShopper()
  if (relay !== null) return <SignedIn relay={relay} />
  return (
    <Screen scene="account-none" title={words.title} lead={words.signedOut}>
      <button className="button button-primary" type="button" onClick={() => go({ at: 'signIn', fridge: null })}>
        {words.signIn}
      </button>
    </Screen>
  )
}

function SignedIn({ relay }: { relay: Relay }): ReactNode {
  const words = useWords()
  const { signedOut, go } = useShopper()
  const me = useWatched<PhoneMe>('me', relay.me, (last) => (last === null ? 2_000 : null))
  useEffect(() => {
    if (me.trouble?.code === 'notSignedIn') signedOut()
  }, [me.trouble?.code, signedOut])
  const leave = (): void => {
    // The phone forgets whatever the relay answers; the relay's word only ends the sign-in everywhere at once.
    void endPush()
    void relay.signOut()
    signedOut()
  }
  return (
    <Screen scene="account" title={words.account.title}>
      <Lost trouble={me.value === null ? null : (me.trouble?.code ?? null)} />
      {me.value === null ? (
        <Waiting trouble={me.trouble?.code ?? null} />
      ) : (
        <>
          <p className="lead">
            {words.account.signedInAs} <strong>{me.value.email}</strong>
          </p>
          <section>
            <h2>{words.account.card}</h2>
            <p className="card-kept">
              <Icon name="card" />
              <span>{me.value.card === null ? words.account.noCard : cardName(me.value.card)}</span>
              <button className="button button-bare" type="button" onClick={() => go({ at: 'pay', fridge: null })}>
                {me.value.card === null ? words.fridge.addCard : words.fridge.change}
              </button>
            </p>
          </section>
          {me.value.mailReceipts !== undefined && (
            <label className="choice">
              <input
                type="checkbox"
                checked={me.value.mailReceipts}
                onChange={(event) => {
                  void relay.change({ mailReceipts: event.currentTarget.checked }).then(me.again)
                }}
              />
              <span>{words.account.mailAll}</span>
            </label>
          )}
          <History relay={relay} />
          <section className="leaving">
            <button className="button button-quiet" type="button" onClick={leave}>
              {words.account.signOut}
            </button>
            <Removal relay={relay} />
          </section>
        </>
      )}
    </Screen>
  )
}

function History({ relay }: { relay: Relay }): ReactNode {
  const words = useWords()
  const { language } = useShopper()
  const first = useWatched<PhoneVisits>('visits', () => relay.visits(null), (last) => (last === null ? 2_000 : null)) // prettier-ignore
  const [older, setOlder] = useState<PhoneVisits>({ visits: [], more: true })
  const visits = [...(first.value?.visits ?? []), ...older.visits]
  const more = first.value?.more === true && older.more
  const showOlder = async (): Promise<void> => {
    const answer = await relay.visits(visits.at(-1)?.atMs ?? null)
    if (answer.ok) setOlder({ visits: [...older.visits, ...answer.value.visits], more: answer.value.more })
  }
  return (
    <section>
      <h2>{words.account.receipts}</h2>
      {first.value === null && <Waiting trouble={first.trouble?.code ?? null} />}
      {first.value !== null && visits.length === 0 && <p className="soft">{words.account.noReceipts}</p>}
      <ul className="history">
        {visits.map(({ id, fridgeName, atMs, currency, chargedMinor, refundedMinor, review }) => {
          const { money, moment } = figuresOf(language, currency)
          return (
            <li key={id}>
              <a href={`/phone/#visit/${id}`}>
                <span>
                  <b>{fridgeName}</b>
                  <small>{moment(atMs)}</small>
                  {review && <small>{words.review.title}</small>}
                  {refundedMinor > 0 && (
                    <small>
                      {words.receipt.refunded}: {money(refundedMinor)}
                    </small>
                  )}
                </span>
                <strong>{money(chargedMinor)}</strong>
                <Icon name="next" />
              </a>
            </li>
          )
        })}
      </ul>
      {more && (
        <button className="button button-quiet" type="button" onClick={() => void showOlder()}>
          {words.account.more}
        </button>
      )}
    </section>
  )
}

function Removal({ relay }: { relay: Relay }): ReactNode {
  const words = useWords().account
  const { signedOut } = useShopper()
  const [asked, setAsked] = useState(false)
  const [fault, setFault] = useState<string | null>(null)
  const remove = async (): Promise<void> => {
    const answer = await relay.removeAccount()
    if (!answer.ok) return setFault(answer.trouble.code === 'visitOpen' ? words.removeOpen : words.removeFailed)
    void endPush()
    signedOut()
  }
  if (!asked)
    return (
      <button className="button button-bare" type="button" onClick={() => setAsked(true)}>
        {words.remove}
      </button>
    )
  return (
    <Notice tone="bad" icon="warning" title={words.removeTitle} live="alert">
      <p>{words.removeWhat}</p>
      {fault !== null && <p role="alert">{fault}</p>}
      <div className="pair">
        <button className="button button-quiet" type="button" onClick={() => setAsked(false)}>
          {words.removeNo}
        </button>
        <button className="button button-bad" type="button" onClick={() => void remove()}>
          {words.removeYes}
        </button>
      </div>
    </Notice>
  )
}
