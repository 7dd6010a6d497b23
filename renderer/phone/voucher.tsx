/** Voucher: a code that a shopper types before unlocking. It is reserved for the visit by the relay, and redeemed after the charge. */
import type { ReactNode } from 'react'
import { useVoucherWords } from '../languages/phone/voucher.ts'

/** `code` null: nobody has said that they have one. */
export function VoucherField(props: { code: string | null; onCode: (code: string) => void }): ReactNode {
  const { code, onCode } = props
  const words = useVoucherWords()
  if (code === null)
    return (
      <button className="button button-bare" type="button" onClick={() => onCode('')}>
        {words.have}
      </button>
    )
  return (
    <div className="field-form">
      <label htmlFor="voucher">{words.code}</label>
      <input
        id="voucher"
        value={code}
        onChange={(event) => onCode(event.target.value)}
        autoCapitalize="characters"
        autoComplete="off"
        spellCheck={false}
        maxLength={20}
        placeholder="XXXX-XXXX-XXXX"
      />
      <small className="soft">{words.hint}</small>
    </div>
  )
}
