/** Voucher form: what an owner says of a new voucher; and its codes, which are shown once. */
import { useState, type ReactNode } from 'react'
import type { MadeVoucher } from '../../../src/contract/vouchers.ts'
import { currencies } from '../../../src/core/money.ts'
import { useVoucherWords } from '../../languages/vouchers/words.ts'
import { useWords } from '../../languages/fleet/words.ts'
import { useAsked } from '../asked.ts'
import { minorOf } from '../changes/price-text.ts'
import { RelayTrouble, type Relay } from '../relay.ts'

type Currency = (typeof currencies)[number]
const dayMs = 86_400_000

/** The end of that day by the reader's clock. */
const endOf = (day: string): number => new Date(`${day}T23:59:59`).getTime()
/** As a date field wants it: in thirty days. */
const inAMonth = (): string => new Date(Date.now() + 30 * dayMs).toISOString().slice(0, 10)

export function VoucherForm(props: { relay: Relay; onMade: (made: MadeVoucher) => void; onCancel: () => void }): ReactNode {
  const { relay, onMade, onCancel } = props
  const words = useVoucherWords()
  const { trouble: troubles } = useWords()
  const fridges = useAsked('fridges', relay.fridges).answer?.filter(({ revokedAtMs }) => revokedAtMs === null) ?? []
  const [fields, setFields] = useState({ name: '', codes: '1', uses: '1', percent: '', most: '', expires: inAMonth(), fridge: '', reason: '' }) // prettier-ignore
  const [chosen, setChosen] = useState<Currency | null>(null)
  const [fault, setFault] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const currency = chosen ?? fridges.find((one) => one.currency !== null)?.currency ?? 'EUR'
  const save = async (): Promise<void> => {
    const mostMinor = minorOf(fields.most, currency)
    if (mostMinor === null || mostMinor === 0) return setFault(words.wrong)
    const { name, codes, uses, percent, expires, fridge, reason } = fields
    setBusy(true)
    try {
      const made = await relay.makeVoucher({
        name,
        currency,
        percent: percent === '' ? null : Number(percent),
        mostMinor,
        uses: Number(uses),
        codes: Number(codes),
        fridges: fridge === '' ? null : [fridge],
        expiresAtMs: endOf(expires),
        reason,
      })
      return onMade(made)
    } catch (error) {
      setBusy(false)
      return setFault(troubles[error instanceof RelayTrouble ? error.trouble : 'away'])
    }
  }
  const field = (name: keyof typeof fields, label: string, more: object, hint?: string): ReactNode => (
    <label>
      <span>{label}</span>
      <input
        value={fields[name]}
        onChange={(event) => setFields({ ...fields, [name]: event.target.value })}
        {...more}
      />
      {hint !== undefined && <small className="soft">{hint}</small>}
    </label>
  )
  return (
    <form
      className="fleet-form"
      onSubmit={(event) => {
        event.preventDefault()
        if (!busy) void save()
      }}
    >
      {field('name', words.name, { required: true, maxLength: 60 })}
      <label>
        <span>{words.currency}</span>
        <select
          value={currency}
          onChange={(event) => setChosen(currencies.find((one) => one === event.target.value) ?? null)}
        >
          {currencies.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      </label>
      {field('most', words.most(currency), { required: true, inputMode: 'decimal', maxLength: 12 })}
      {field('percent', words.percent, { type: 'number', min: 1, max: 100, step: 1 }, words.percentHint)}
      {field('codes', words.codes, { type: 'number', min: 1, max: 1000, step: 1, required: true })}
      {field('uses', words.uses, { type: 'number', min: 1, max: 100_000, step: 1, required: true }, words.usesHint)}
      {field('expires', words.expires, { type: 'date', required: true })}
      <label>
        <span>{words.where}</span>
        <select value={fields.fridge} onChange={(event) => setFields({ ...fields, fridge: event.target.value })}>
          <option value="">{words.everywhere}</option>
          {fridges.map(({ fridge }) => (
            <option key={fridge}>{fridge}</option>
          ))}
        </select>
      </label>
      {field('reason', words.reason, { required: true, minLength: 3, maxLength: 200 })}
      {fault !== null && (
        <p className="fleet-trouble whole" role="alert">
          {fault}
        </p>
      )}
      <div className="fleet-row whole">
        <button type="submit" className="primary" disabled={busy}>
          {words.save}
        </button>
        <button type="button" className="quiet" onClick={onCancel}>
          {words.cancel}
        </button>
      </div>
    </form>
  )
} // prettier-ignore

export function MadeCodes({ made, onDone }: { made: MadeVoucher; onDone: () => void }): ReactNode {
  const words = useVoucherWords()
  const download = (): void => {
    const link = document.createElement('a')
    link.href = URL.createObjectURL(new Blob([['code', ...made.codes, ''].join('\r\n')], { type: 'text/csv' }))
    link.download = `visionvend-vouchers-${made.id.slice(0, 8)}.csv`
    link.click()
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
  }
  return (
    <section className="voucher-codes" aria-label={words.title}>
      <p role="status">{words.made(made.codes.length)}</p>
      <textarea
        readOnly
        aria-label={words.title}
        rows={Math.min(12, made.codes.length)}
        value={made.codes.join('\n')}
      />
      <div className="fleet-row">
        <button type="button" className="primary" onClick={download}>
          {words.download}
        </button>
        <button type="button" className="quiet" onClick={onDone}>
          {words.done}
        </button>
      </div>
    </section>
  )
}
