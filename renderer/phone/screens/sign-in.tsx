/**
 * Sign-in: an address, then the code that was mailed to it. The address is kept while one looks into the mail, so that a reload
 * asks for the code and not from the start. Leads on to where one wanted to go.
 */
import { useRef, useState, type ReactNode } from 'react'
import { useWords } from '../../languages/phone/words.ts'
import { Notice, Screen } from '../frame.tsx'
import { kept } from '../kept.ts'
import { openRelay, type Trouble } from '../relay.ts'
import { useShopper } from '../shopper.tsx'

type Words = ReturnType<typeof useWords>['signIn']['errors']

function faultOf(words: Words, { code, waitSeconds }: Trouble): string {
  switch (code) {
    case 'tooMany':
    case 'wait':
      return words.wait(String(waitSeconds ?? 60))
    case 'wrongCode':
      return words.wrong
    case 'malformed':
      return words.email
    case 'notSetUp':
      return words.notSetUp
    default:
      return words.away
  }
}

export function SignIn(props: { fridge: string | null }): ReactNode {
  const words = useWords().signIn
  const { setup } = useShopper()
  const [email, setEmail] = useState(kept.email.read)
  if (setup?.mail === false)
    return (
      <Screen scene="sign-in-none" title={words.title}>
        <Notice tone="warn" icon="warning" live="status">
          <p>{words.errors.notSetUp}</p>
        </Notice>
      </Screen>
    )
  return email === null ? (
    <Address
      onSent={(to) => {
        kept.email.keep(to)
        setEmail(to)
      }}
    />
  ) : (
    <Code
      email={email}
      fridge={props.fridge}
      onOther={() => {
        kept.email.drop()
        setEmail(null)
      }}
    />
  )
}

function Address(props: { onSent: (email: string) => void }): ReactNode {
  const words = useWords().signIn
  const { language } = useShopper()
  const [typed, setTyped] = useState('')
  const [fault, setFault] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const submit = async (event: { preventDefault(): void }): Promise<void> => {
    event.preventDefault()
    const email = typed.trim()
    if (!/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email)) return setFault(words.errors.email)
    setBusy(true)
    setFault(null)
    const sent = await openRelay.sendCode(email, language)
    setBusy(false)
    if (sent.ok) props.onSent(email)
    else setFault(faultOf(words.errors, sent.trouble))
  }
  return (
    <Screen scene="sign-in" title={words.title} lead={words.lead}>
      <form className="field-form" onSubmit={(event) => void submit(event)} noValidate>
        <label htmlFor="email">{words.email}</label>
        <input
          id="email"
          type="email"
          inputMode="email"
          autoComplete="email"
          autoCapitalize="none"
          spellCheck={false}
          enterKeyHint="send"
          value={typed}
          onInput={(event) => setTyped(event.currentTarget.value)}
          aria-describedby="email-hint"
          aria-invalid={fault !== null}
        />
        <p id="email-hint" className={fault === null ? 'soft' : 'fault'} role={fault === null ? undefined : 'alert'}>
          {fault ?? words.why}
        </p>
        <button className="button button-primary" type="submit" aria-disabled={busy}>
          {words.send}
        </button>
      </form>
    </Screen>
  )
}

const digits = 6

function Code(props: { email: string; fridge: string | null; onOther: () => void }): ReactNode {
  const { email, fridge } = props
  const words = useWords().signIn
  const { language, signedIn, go } = useShopper()
  const [typed, setTyped] = useState('')
  const [fault, setFault] = useState<string | null>(null)
  const [resent, setResent] = useState(false)
  const [busy, setBusy] = useState(false)
  const field = useRef<HTMLInputElement>(null)

  const enter = async (code: string): Promise<void> => {
    if (code.length !== digits) return setFault(words.errors.code)
    setBusy(true)
    setFault(null)
    const answer = await openRelay.enterCode(email, code)
    setBusy(false)
    if (!answer.ok) {
      setFault(faultOf(words.errors, answer.trouble))
      field.current?.focus()
      field.current?.select()
      return
    }
    signedIn(answer.value.token)
    go(fridge === null ? { at: 'account' } : { at: 'fridge', fridge }, 'replace')
  }
  const type = (text: string): void => {
    const code = text.replaceAll(/\D/g, '').slice(0, digits)
    setTyped(code)
    // All six are there, from the keyboard or from the phone's own suggestion: nothing is left to tap.
    if (code.length === digits && code !== typed) void enter(code)
  }
  const resend = async (): Promise<void> => {
    setFault(null)
    setTyped('')
    const sent = await openRelay.sendCode(email, language)
    setResent(sent.ok)
    if (!sent.ok) setFault(faultOf(words.errors, sent.trouble))
  }
  return (
    <Screen scene="sign-in-code" title={words.codeTitle} lead={words.codeLead(email)}>
      <form
        className="field-form"
        onSubmit={(event) => {
          event.preventDefault()
          if (!busy) void enter(typed)
        }}
        noValidate
      >
        <label htmlFor="digits">{words.code}</label>
        <input
          id="digits"
          ref={field}
          className="field-code"
          inputMode="numeric"
          autoComplete="one-time-code"
          pattern="[0-9]*"
          maxLength={digits}
          enterKeyHint="done"
          value={typed}
          onInput={(event) => type(event.currentTarget.value)}
          aria-describedby="digits-hint"
          aria-invalid={fault !== null}
        />
        <p id="digits-hint" className={fault === null ? 'soft' : 'fault'} role={fault === null ? 'status' : 'alert'}>
          {fault ?? (resent ? words.sent : '')}
        </p>
        <button className="button button-primary" type="submit" aria-disabled={busy}>
          {words.enter}
        </button>
        <div className="pair">
          <button className="button button-quiet" type="button" onClick={() => void resend()}>
            {words.resend}
          </button>
          <button className="button button-quiet" type="button" onClick={props.onOther}>
            {words.other}
          </button>
        </div>
      </form>
    </Screen>
  )
}
