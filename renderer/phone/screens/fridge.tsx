/**
 * Fridge: what one stands before: is it open, what is in it, what opening it reserves (law M8: told before it is asked), and
 * the one next step: sign in, add a card, or unlock. An unlock is offered first and asked for by the offer's name, so that a
 * second tap, a reload or a lost answer never reserves twice.
 */
import { useEffect, useRef, useState, type ReactNode } from 'react'
import type { PhoneFridge, PhoneMe } from '../../../src/contract/phone.ts'
import { Speaking, useSpeech } from '../../languages/language.tsx'
import { useVoucherWords } from '../../languages/phone/voucher.ts'
import { useWords } from '../../languages/phone/words.ts'
import { Icon } from '../../parts/icon.tsx'
import { cardName } from '../card-name.ts'
import { Contact, Lost, Money, Notice, Screen, Waiting } from '../frame.tsx'
import { givenFridge } from '../given.ts'
import { kept } from '../kept.ts'
import { Shot } from '../lines.tsx'
import { openRelay } from '../relay.ts'
import { useShopper } from '../shopper.tsx'
import { wish } from '../unlocking.ts'
import { VoucherField } from '../voucher.tsx'
import { useWatched } from '../watched.ts'

const lookEveryMs = 4_000

export function FridgeScreen(props: { fridge: string }): ReactNode {
  const words = useWords()
  const { language } = useShopper()
  const { value, trouble } = useWatched(`fridge ${props.fridge}`, () => openRelay.fridge(props.fridge), () => lookEveryMs, givenFridge(props.fridge)) // prettier-ignore
  const known = value?.fridge
  const unknown = trouble?.code === 'unknown' || trouble?.code === 'unknownFridge'
  useEffect(() => {
    if (known !== undefined) kept.fridge.keep(known)
  }, [known])
  if (unknown)
    return (
      <Screen scene="unknown" title={words.fridge.unknown} lead={words.fridge.unknownWhat}>
        <a className="button button-primary" href="/phone/#">
          {words.home}
        </a>
      </Screen>
    )
  if (value === null)
    return (
      <Screen scene="fridge-loading" title={props.fridge}>
        <Waiting trouble={trouble?.code ?? null} tall={6} />
      </Screen>
    )
  return (
    <Speaking language={language} currency={value.currency}>
      <Known fridge={value} trouble={trouble?.code ?? null} />
    </Speaking>
  )
}

function Known(props: { fridge: PhoneFridge; trouble: string | null }): ReactNode {
  const { fridge, trouble } = props
  const words = useWords()
  const { money, celsius } = useSpeech()
  const { relay, signedOut, go } = useShopper()
  const me = useWatched<PhoneMe | null>(
    relay === null ? 'nobody' : 'me',
    async () => (relay === null ? { ok: true, value: null } : relay.me()),
    (last) => (last === null && relay !== null ? 2_000 : null),
  )
  useEffect(() => {
    if (me.trouble?.code === 'notSignedIn') signedOut()
  }, [me.trouble?.code, signedOut])
  const underWay = me.value?.visit ?? null
  useEffect(() => {
    // Whoever scans the code again while their door is open wants their basket.
    if (underWay !== null) go({ at: 'visit', visit: underWay }, 'replace')
  }, [underWay, go])
  const sells = fridge.closed === null && fridge.online
  return (
    <Screen
      scene="fridge"
      title={fridge.name}
      dock={
        <>
          <Money title={words.fridge.holdTitle} amount={money(fridge.holdMinor)} note={words.fridge.hold} />
          <Next fridge={fridge} me={me.value} asking={relay !== null && me.value === null} />
        </>
      }
    >
      <Lost trouble={trouble} />
      <ul className="facts">
        {sells && !fridge.busy && (
          <li className="fact-good">
            <Icon name="check" />
            {words.fridge.open}
          </li>
        )}
        {fridge.celsius !== null && (
          <li>
            <Icon name="thermometer" />
            {words.fridge.chilled(celsius(fridge.celsius))}
          </li>
        )}
      </ul>
      <Standing fridge={fridge} />
      <section className="shelves" aria-labelledby="inside">
        <h2 id="inside">{words.fridge.inside}</h2>
        {fridge.products.length === 0 && <p className="soft">{words.fridge.none}</p>}
        <Products fridge={fridge} />
      </section>
      <Contact contact={fridge.contact} say={words.fridge.contact} />
    </Screen>
  )
}

/** Why it can't be opened just now, if it can't. */
function Standing({ fridge }: { fridge: PhoneFridge }): ReactNode {
  const words = useWords().fridge
  const { setup } = useShopper()
  if (!fridge.online)
    return (
      <Notice tone="warn" icon="offline" title={words.offline} live="status">
        <p>{words.offlineWhat}</p>
      </Notice>
    )
  if (fridge.closed !== null) {
    const reason = fridge.closed in words.closed ? (fridge.closed as keyof typeof words.closed) : 'other'
    return (
      <Notice tone="bad" icon={reason === 'doorOpen' ? 'door' : 'warning'} title={words.closedTitle} live="status">
        <p>{words.closed[reason]}</p>
      </Notice>
    )
  }
  if (fridge.busy)
    return (
      <Notice tone="warn" icon="person" title={words.busy} live="status">
        <p>{words.busyWhat}</p>
      </Notice>
    )
  if (setup !== null && setup.payments === null)
    return (
      <Notice tone="warn" icon="card" title={words.noPayment} live="status">
        <p>{words.noPaymentWhat}</p>
      </Notice>
    )
  return null
}

function Products({ fridge }: { fridge: PhoneFridge }): ReactNode {
  const words = useWords().fridge
  const { money, say } = useSpeech()
  return (
    <ul className="goods">
      {fridge.products.map(({ sku, name, priceMinor, left, pictureUrl }) => (
        <li key={sku} data-out={left === 0}>
          <Shot url={pictureUrl} />
          <span className="goods-name">{say(name)}</span>
          <span className="goods-foot">
            <strong>{money(priceMinor)}</strong>
            {left !== null && <small>{left === 0 ? words.soldOut : words.left(left)}</small>}
          </span>
        </li>
      ))}
    </ul>
  )
}

function Next(props: { fridge: PhoneFridge; me: PhoneMe | null; asking: boolean }): ReactNode {
  const { fridge, me, asking } = props
  const words = useWords()
  const { money } = useSpeech()
  const { relay, setup, go } = useShopper()
  const [fault, setFault] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const [code, setCode] = useState<string | null>(null)
  const { faults } = useVoucherWords()
  /** Of this tap: sent again with the same name until it is answered. */
  const key = useRef<string | null>(null)
  const may = fridge.online && fridge.closed === null && !fridge.busy && (setup === null || setup.payments !== null)

  const unlock = async (): Promise<void> => {
    if (relay === null || busy) return
    setBusy(true)
    setFault(null)
    key.current ??= crypto.randomUUID()
    const offered = await relay.offer(fridge.fridge, key.current)
    if (!offered.ok) {
      setBusy(false)
      if (offered.trouble.code !== 'away') key.current = null
      setFault(offered.trouble.code === 'offline' ? words.fridge.offline : words.lost.trouble)
      return
    }
    const { transaction_id: id } = offered.value
    const typed = code?.trim() ?? ''
    const voucher = typed === '' ? null : await relay.voucher(id, typed)
    setBusy(false)
    // Nothing is opened without the voucher that was typed; the same offer stands for the next tap.
    if (voucher?.ok === false) {
      if (voucher.trouble.code === 'tooLate') key.current = null
      return setFault(faults[voucher.trouble.code] ?? faults.other)
    }
    kept.visit.keep(id)
    wish(id)
    go({ at: 'visit', visit: id })
  }
  if (relay === null)
    return (
      <button
        className="button button-primary"
        type="button"
        disabled={!may}
        onClick={() => go({ at: 'signIn', fridge: fridge.fridge })}
      >
        {words.fridge.signIn}
      </button>
    )
  if (me?.card == null)
    return (
      <button
        className="button button-primary"
        type="button"
        disabled={!may || asking}
        onClick={() => go({ at: 'pay', fridge: fridge.fridge })}
      >
        {asking ? words.loading : words.fridge.addCard}
      </button>
    )
  return (
    <>
      <p className="pay-with">
        <Icon name="card" />
        <span>
          <small>{words.fridge.payWith}</small>
          {cardName(me.card)}
        </span>
        <button className="button button-bare" type="button" onClick={() => go({ at: 'pay', fridge: fridge.fridge })}>
          {words.fridge.change}
        </button>
      </p>
      <VoucherField code={code} onCode={setCode} />
      <button
        className="button button-primary button-unlock"
        type="button"
        disabled={!may || busy}
        onClick={() => void unlock()}
      >
        <Icon name="unlock" />
        {busy ? words.loading : words.fridge.unlock}
      </button>
      <p className={fault === null ? 'dock-note' : 'fault'} role="status">
        {fault ?? words.fridge.reserves(money(fridge.holdMinor))}
      </p>
    </>
  )
}
