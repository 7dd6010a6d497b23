/**
 * Pay: the saved card, or the provider's own form to save one. Saving charges nothing; the relay keeps the provider's name for
 * the card and shows its last four digits. Leads on to where one wanted to go.
 */
import { useEffect, useRef, useState, type ReactNode } from 'react'
import type { PhoneMe, PhoneSetup } from '../../../src/contract/phone.ts'
import { useWords } from '../../languages/phone/words.ts'
import { Icon } from '../../parts/icon.tsx'
import { cardName } from '../card-name.ts'
import { Notice, Screen, Skeleton, Waiting } from '../frame.tsx'
import { broughtBack, openForm, type Form } from '../payment.ts'
import type { Relay, Trouble } from '../relay.ts'
import { useShopper } from '../shopper.tsx'
import { useWatched } from '../watched.ts'

export function Pay(props: { fridge: string | null }): ReactNode {
  const words = useWords().pay
  const { relay, setup, trouble, go } = useShopper()
  useEffect(() => {
    if (relay === null) go({ at: 'signIn', fridge: props.fridge }, 'replace')
  }, [relay, go, props.fridge])
  if (relay === null) return null
  const payments = setup?.payments ?? null
  return (
    <Screen scene="pay" title={words.title} lead={words.lead}>
      {setup === null ? (
        <Waiting trouble={trouble} />
      ) : payments === null ? (
        <Notice tone="warn" icon="warning" live="status">
          <p>{words.errors.notSetUp}</p>
        </Notice>
      ) : (
        <Method relay={relay} payments={payments} fridge={props.fridge} />
      )}
    </Screen>
  )
}

type Payments = NonNullable<PhoneSetup['payments']>

function Method(props: { relay: Relay; payments: Payments; fridge: string | null }): ReactNode {
  const { relay, fridge } = props
  const words = useWords().pay
  const { go, signedOut } = useShopper()
  const me = useWatched<PhoneMe>('me', relay.me, (last) => (last === null ? 2_000 : null))
  const [another, setAnother] = useState(false)
  const [removed, setRemoved] = useState<boolean | null>(null)
  useEffect(() => {
    if (me.trouble?.code === 'notSignedIn') signedOut()
  }, [me.trouble?.code, signedOut])
  useEffect(() => {
    // What was tapped goes away with the card: the focus must not go with it.
    if (another || removed === true) document.querySelector('h1')?.focus({ preventScroll: true })
  }, [another, removed])
  if (me.value === null) return <Waiting trouble={me.trouble?.code ?? null} />
  const { card } = me.value
  const onward = (): void => go(fridge === null ? { at: 'account' } : { at: 'fridge', fridge }, 'replace')
  if (card !== null && !another)
    return (
      <>
        {removed === false && (
          <Notice tone="bad" icon="warning" live="alert">
            <p>{words.removeFailed}</p>
          </Notice>
        )}
        <p className="card-kept">
          <Icon name="card" />
          <span>
            <small>{words.now}</small>
            {cardName(card)}
          </span>
        </p>
        <button className="button button-primary" type="button" onClick={onward}>
          {words.keep}
        </button>
        <button className="button button-quiet" type="button" onClick={() => setAnother(true)}>
          {words.replace}
        </button>
        <button
          className="button button-bare"
          type="button"
          onClick={() => {
            setRemoved(null)
            void relay.dropCard().then(({ ok }) => {
              setRemoved(ok)
              me.again()
            })
          }}
        >
          {words.remove}
        </button>
      </>
    )
  return (
    <>
      {removed === true && (
        <Notice tone="good" icon="check" live="status">
          <p>{words.removed}</p>
        </Notice>
      )}
      <ProviderForm relay={relay} payments={props.payments} onSaved={onward} />
    </>
  )
}

type Fault = keyof ReturnType<typeof useWords>['pay']['errors']

function faultOf({ code }: Trouble): Fault {
  switch (code) {
    case 'declined':
    case 'unknownMethod':
    case 'notSetUp':
      return code
    default:
      return 'away'
  }
}

function ProviderForm(props: { relay: Relay; payments: Payments; onSaved: () => void }): ReactNode {
  const { relay, payments } = props
  const words = useWords().pay
  const { again } = useWords()
  const { language } = useShopper()
  const card = useRef<HTMLDivElement>(null)
  const express = useRef<HTMLDivElement>(null)
  const form = useRef<Form | null>(null)
  const [mounted, setMounted] = useState(false)
  const [state, setState] = useState<'loading' | 'ready' | 'saving'>('loading')
  const [fault, setFault] = useState<Fault | null>(null)
  const [turn, setTurn] = useState(0)

  const keep = async (confirmed: Awaited<ReturnType<Form['confirm']>>): Promise<void> => {
    if ('fault' in confirmed) {
      setState('ready')
      if (confirmed.fault !== 'typing') setFault(confirmed.fault)
      return
    }
    const saved = await relay.saveCard(confirmed.method)
    if (saved.ok && saved.value.status === 'success') return props.onSaved()
    setState('ready')
    setFault(saved.ok ? 'authenticate' : faultOf(saved.trouble))
  }
  const save = async (): Promise<void> => {
    if (form.current === null || state !== 'ready') return
    setState('saving')
    setFault(null)
    await keep(await form.current.confirm())
  }
  const latest = useRef({ keep, save })
  useEffect(() => {
    latest.current = { keep, save }
  })
  useEffect(() => {
    let over = false
    const left = (): boolean => over
    const failed = (why: Fault): void => {
      if (left()) return
      setState('ready')
      setFault(why)
    }
    const begin = async (): Promise<void> => {
      setState('loading')
      setFault(null)
      const back = await broughtBack(payments, language)
      if (left()) return
      if (back !== null) return latest.current.keep(back)
      const begun = await relay.beginCard(crypto.randomUUID())
      if (!begun.ok) return failed(faultOf(begun.trouble))
      if (left() || card.current === null || express.current === null) return
      const opened = await openForm(payments, {
        clientSecret: begun.value.client_secret,
        language,
        dark: document.documentElement.dataset['theme'] === 'dark',
        card: card.current,
        express: express.current,
        returnTo: location.href,
        onReady: () => {
          if (!left()) setState('ready')
        },
        onFault: () => failed('form'),
        onExpress: () => void latest.current.save(),
      })
      if (opened === null) return failed('form')
      if (left()) opened.close()
      else {
        form.current = opened
        setMounted(true)
      }
    }
    void begin()
    return () => {
      over = true
      form.current?.close()
      form.current = null
      setMounted(false)
    }
  }, [turn, language, relay, payments])
  return (
    <>
      <div ref={express} className="pay-express" hidden />
      <div ref={card} className="pay-form" />
      {state === 'loading' && (
        <>
          <p className="unseen" role="status">
            {words.loading}
          </p>
          <Skeleton tall={3} />
        </>
      )}
      {fault !== null && (
        <Notice tone="bad" icon="warning" live="alert">
          <p>{words.errors[fault]}</p>
        </Notice>
      )}
      {!mounted && fault !== null ? (
        <button className="button button-quiet" type="button" onClick={() => setTurn(turn + 1)}>
          <Icon name="reset" />
          {again}
        </button>
      ) : (
        <button
          className="button button-primary"
          type="button"
          disabled={state === 'loading'}
          aria-disabled={state === 'saving'}
          onClick={() => void save()}
        >
          <Icon name="lock" />
          <span aria-live="polite">{state === 'saving' ? words.saving : words.save}</span>
        </button>
      )}
      <p className="soft">{words.safe}</p>
    </>
  )
}
