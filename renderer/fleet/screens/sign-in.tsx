/** Sign-in: the owner's key, tried at the relay before it is kept. */
import { useState, type ReactNode } from 'react'
import { useWords } from '../../languages/fleet/words.ts'
import { relayAs, RelayTrouble } from '../relay.ts'

export function SignIn({ onKey, children }: { onKey: (key: string) => void; children: ReactNode }): ReactNode {
  const words = useWords()
  const [key, setKey] = useState('')
  const [says, setSays] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const attempt = async (): Promise<void> => {
    setBusy(true)
    setSays(null)
    try {
      await relayAs(key.trim()).me()
      onKey(key.trim())
    } catch (error) {
      setSays(error instanceof RelayTrouble && error.trouble === 'key' ? words.signIn.wrong : words.trouble.away)
      setBusy(false)
    }
  }
  return (
    <main className="fleet-door">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void attempt()
        }}
      >
        <h1>{words.signIn.title}</h1>
        <label>
          <span>{words.signIn.ask}</span>
          <input
            type="password"
            autoComplete="current-password"
            spellCheck={false}
            value={key}
            onChange={(event) => setKey(event.target.value)}
            aria-describedby="key-hint"
            required
          />
        </label>
        <p id="key-hint" className="soft">
          {words.signIn.hint}
        </p>
        {says && (
          <p className="fleet-trouble" role="alert">
            {says}
          </p>
        )}
        <div className="fleet-row">
          <button type="submit" className="primary" disabled={busy || key.trim() === ''}>
            {words.signIn.go}
          </button>
          {children}
        </div>
      </form>
    </main>
  )
}
