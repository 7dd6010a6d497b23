/** Vouchers: what was given away and what was used of it; an owner makes codes and takes them back. */
import { useState, type ReactNode } from 'react'
import type { MadeVoucher, Voucher } from '../../../src/contract/vouchers.ts'
import { useSpeech } from '../../languages/language.tsx'
import { useVoucherWords } from '../../languages/vouchers/words.ts'
import { useWords } from '../../languages/fleet/words.ts'
import { useAsked } from '../asked.ts'
import { useMoney } from '../money.ts'
import { useNow } from '../now.ts'
import { RelayTrouble, type Relay } from '../relay.ts'
import { Standing } from '../standing.tsx'
import { MadeCodes, VoucherForm } from '../vouchers/form.tsx'

export function VouchersPage({ relay, mayMake }: { relay: Relay; mayMake: boolean }): ReactNode {
  const words = useVoucherWords()
  const vouchers = useAsked('vouchers', relay.vouchers, 15_000)
  const [making, setMaking] = useState(false)
  const [made, setMade] = useState<MadeVoucher | null>(null)
  return (
    <>
      <h1>{words.title}</h1>
      <p className="soft">{words.lead}</p>
      <Standing trouble={vouchers.trouble} loading={vouchers.answer === null} />
      {made !== null && <MadeCodes made={made} onDone={() => setMade(null)} />}
      {mayMake && !making && made === null && (
        <button type="button" className="primary" onClick={() => setMaking(true)}>
          {words.make}
        </button>
      )}
      {making && (
        <VoucherForm
          relay={relay}
          onCancel={() => setMaking(false)}
          onMade={(all) => {
            setMaking(false)
            setMade(all)
            vouchers.again()
          }}
        />
      )}
      {vouchers.answer?.length === 0 && <p className="fleet-calm">{words.none}</p>}
      <ul className="voucher-list">
        {vouchers.answer?.map((one) => (
          <Line key={one.id} voucher={one} relay={relay} mayRevoke={mayMake} again={vouchers.again} />
        ))}
      </ul>
    </>
  )
}

function Line(props: { voucher: Voucher; relay: Relay; mayRevoke: boolean; again: () => void }): ReactNode {
  const { voucher, relay, mayRevoke, again } = props
  const words = useVoucherWords()
  const { trouble: troubles } = useWords()
  const { language } = useSpeech()
  const money = useMoney()
  const nowMs = useNow()
  const [reason, setReason] = useState<string | null>(null)
  const [fault, setFault] = useState<string | null>(null)
  const { id, name, percent, mostMinor, currency, fridges, expiresAtMs, revokedAtMs, used, usedMinor, reserved } = voucher
  const day = new Intl.DateTimeFormat(language, { dateStyle: 'medium' }).format(expiresAtMs)
  const over = revokedAtMs !== null ? words.revoked : expiresAtMs < nowMs ? words.over : null
  const revoke = async (): Promise<void> => {
    try {
      await relay.revokeVoucher(id, reason ?? '')
      setReason(null)
      again()
    } catch (error) {
      setFault(troubles[error instanceof RelayTrouble ? error.trouble : 'away'])
    }
  }
  return (
    <li>
      <h2>
        {name} <small>{words.worth(percent, money(mostMinor, currency))}</small>
      </h2>
      <p>
        {[over ?? words.until(day), fridges === null ? words.everywhere : words.at(fridges.length)].join(' · ')}
      </p>
      <p className="soft">
        {words.used(used, voucher.codes * voucher.uses, money(usedMinor, currency))}
        {reserved > 0 && ` · ${words.reserved(reserved)}`}
      </p>
      {mayRevoke && over === null && reason === null && (
        <button type="button" className="quiet" onClick={() => setReason('')}>
          {words.revoke}
        </button>
      )}
      {reason !== null && (
        <form
          className="fleet-row"
          onSubmit={(event) => {
            event.preventDefault()
            void revoke()
          }}
        >
          <label>
            <span>{words.reason}</span>{' '}
            <input value={reason} onChange={(event) => setReason(event.target.value)} required minLength={3} maxLength={200} />
          </label>
          <button type="submit" className="primary">
            {words.revokeSure}
          </button>
          <button type="button" className="quiet" onClick={() => setReason(null)}>
            {words.cancel}
          </button>
        </form>
      )}
      {fault !== null && (
        <p className="fleet-trouble" role="alert">
          {fault}
        </p>
      )}
    </li>
  )
} // prettier-ignore
