/**
 * Page: the bank's script for shops' pages, and the form that it shows there in a frame of the bank's own, so that a card's
 * number never comes near the shop's page. It speaks the provider's JavaScript words: elements, a payment element, express
 * buttons, confirmSetup and confirmPayment. Served under `/v3/` by server.ts; the bank's wire API does the rest.
 */
export interface BankPage {
  readonly type: string
  readonly body: string
  readonly policy: string
}

/** Null: there is nothing at this path. */
export function bankPage(path: string): BankPage | null {
  const policy = "default-src 'none'"
  switch (path.split('?')[0]) {
    case '/v3/':
    case '/v3':
      return { type: 'text/javascript', body: script, policy }
    case '/v3/element':
      return {
        type: 'text/html',
        body: elementHtml,
        policy: "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; connect-src 'self'",
      }
    case '/v3/element.js':
      return { type: 'text/javascript', body: elementScript, policy }
    default:
      return null
  }
}

const script = `(() => {
  const origin = new URL(document.currentScript.src).origin
  let frames = 0

  function element(kind, settings, elements) {
    const name = 'bank-' + (frames += 1)
    const heard = new Map()
    const waiting = new Map()
    let asked = 0
    const frame = document.createElement('iframe')
    const here = new URLSearchParams({ kind, name, key: elements.key, language: settings.locale ?? 'en', theme: settings.appearance?.theme ?? 'stripe' })
    frame.src = origin + '/v3/element#' + here
    frame.title = kind === 'payment' ? 'Secure payment input frame' : 'Express checkout'
    frame.allow = 'payment *'
    frame.style.cssText = 'border:0;width:100%;height:0;display:block;color-scheme:normal'
    const emit = (event, told) => (heard.get(event) ?? []).forEach((then) => then(told))
    const listen = ({ source, origin: from, data }) => {
      if (source !== frame.contentWindow || from !== origin || data?.bank !== name) return
      if (data.type === 'height') frame.style.height = data.height + 'px'
      if (data.type === 'event') {
        if (data.event === 'confirm') elements.wallet = one
        emit(data.event, { elementType: kind, ...data.told })
      }
      if (data.type === 'answer') waiting.get(data.id)?.(data.answer)
    }
    const one = {
      ask: (what, more) => new Promise((resolve) => {
        const id = (asked += 1)
        waiting.set(id, (answer) => { waiting.delete(id); resolve(answer) })
        frame.contentWindow?.postMessage({ bank: name, id, what, ...more }, origin)
      }),
      mount(at) {
        const place = typeof at === 'string' ? document.querySelector(at) : at
        if (place === null) throw new Error('mount: there is no such place')
        window.addEventListener('message', listen)
        frame.addEventListener('error', () => emit('loaderror', { elementType: kind, error: { type: 'api_connection_error' } }))
        place.append(frame)
      },
      on(event, then) { heard.set(event, [...(heard.get(event) ?? []), then]); return one },
      off(event) { heard.delete(event); return one },
      update() {},
      unmount() { frame.remove(); window.removeEventListener('message', listen) },
      destroy() { one.unmount(); elements.made.delete(kind) },
    }
    return one
  }

  async function look(kind, key, secret) {
    const id = secret.split('_secret')[0]
    const answer = await fetch(origin + '/v1/' + kind + '/' + encodeURIComponent(id) + '?' + new URLSearchParams({ key, client_secret: secret }))
      .then((response) => response.json()).catch(() => ({ error: { type: 'api_connection_error', message: 'The bank does not answer.' } }))
    return answer
  }

  window.Stripe = (key, options = {}) => {
    if (typeof key !== 'string' || !key.startsWith('pk_')) throw new Error('Stripe: a publishable key begins with pk_')
    const confirm = (kind, shape) => async ({ elements, clientSecret, confirmParams, redirect }) => {
      const secret = clientSecret ?? elements?.secret
      const from = elements?.wallet ?? elements?.made.get('payment') ?? elements?.made.get('expressCheckout')
      if (from === undefined || secret === undefined) throw new Error(shape + ': elements with a mounted element, and a client secret')
      elements.wallet = undefined
      const answer = await from.ask('confirm', { kind, secret })
      if (answer.error) return { error: answer.error }
      if (answer.status === 'requires_action')
        return { error: { type: 'invalid_request_error', code: shape + '_authentication_failure', message: 'We are unable to authenticate your payment method.', [shape]: answer } }
      if (redirect !== 'if_required' && confirmParams?.return_url) {
        const back = new URL(confirmParams.return_url)
        back.searchParams.set(shape, answer.id)
        back.searchParams.set(shape + '_client_secret', secret)
        back.searchParams.set('redirect_status', 'succeeded')
        location.assign(back)
        return new Promise(() => {})
      }
      return { [shape === 'setup_intent' ? 'setupIntent' : 'paymentIntent']: answer }
    }
    return {
      elements(settings = {}) {
        const elements = { key, secret: settings.clientSecret, made: new Map(), wallet: undefined,
          create(kind, more = {}) {
            if (kind !== 'payment' && kind !== 'expressCheckout') throw new Error('elements: there is no ' + kind)
            const one = element(kind, { locale: options.locale, ...settings, ...more }, elements)
            elements.made.set(kind, one)
            return one
          },
          getElement: (kind) => elements.made.get(kind) ?? null,
          update() {},
          submit: async () => elements.wallet !== undefined || !elements.made.has('payment') ? {} : elements.made.get('payment').ask('submit', {}),
        }
        return elements
      },
      confirmSetup: confirm('setup_intents', 'setup_intent'),
      confirmPayment: confirm('payment_intents', 'payment_intent'),
      retrieveSetupIntent: async (secret) => { const answer = await look('setup_intents', key, secret); return answer.error ? { error: answer.error } : { setupIntent: answer } },
      retrievePaymentIntent: async (secret) => { const answer = await look('payment_intents', key, secret); return answer.error ? { error: answer.error } : { paymentIntent: answer } },
    }
  }
})()
`

const elementHtml = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Virtual bank</title>
<style>
  :root { font: 17px/1.4 system-ui, sans-serif; color: #16242e; --line: #8393a0; --field: #fff; --bad: #b3261e }
  :root[data-theme=night] { color: #eef4f8; --line: #7d93a3; --field: #14222c; --bad: #ffb4ab }
  body { margin: 0; padding: 2px }
  form { display: grid; grid-template-columns: 1fr 1fr; gap: 12px }
  label { display: grid; gap: 4px; font-size: 15px }
  label.wide, p { grid-column: 1 / -1 }
  input { font: inherit; color: inherit; background: var(--field); border: 1px solid var(--line); border-radius: 12px; padding: 12px; min-width: 0 }
  input[aria-invalid=true] { border-color: var(--bad) }
  p { margin: 0; font-size: 14px } p[role=alert] { color: var(--bad) } p:empty { display: none }
  button { font: inherit; font-weight: 600; width: 100%; min-height: 52px; border: 0; border-radius: 12px; background: #000; color: #fff }
  :root[data-theme=night] button { background: #fff; color: #000 }
</style>
<main></main>
<script src="/v3/element.js"></script>
</html>
`

const elementScript = `(() => {
  const here = new URLSearchParams(location.hash.slice(1))
  const [kind, name, key] = [here.get('kind'), here.get('name'), here.get('key')]
  const words = {
    en: { number: 'Card number', ends: 'Expires (MM / YY)', cvc: 'Security code', try: 'A virtual bank. Cards to try: 4242 4242 4242 4242 is good, 4000 0000 0000 0002 is declined.', wallet: 'Pay with Virtual Pay',
      incorrect_number: 'Your card number is not right.', invalid_expiry: 'This date is past, or none.', invalid_cvc: 'The code on the back has three digits.' },
    es: { number: 'Número de tarjeta', ends: 'Caduca (MM / AA)', cvc: 'Código de seguridad', try: 'Un banco virtual. Tarjetas para probar: 4242 4242 4242 4242 vale, 4000 0000 0000 0002 se rechaza.', wallet: 'Pagar con Virtual Pay',
      incorrect_number: 'El número de tarjeta no es correcto.', invalid_expiry: 'Esta fecha ha pasado o no existe.', invalid_cvc: 'El código de detrás tiene tres cifras.' },
    de: { number: 'Kartennummer', ends: 'Gültig bis (MM / JJ)', cvc: 'Prüfnummer', try: 'Eine virtuelle Bank. Karten zum Probieren: 4242 4242 4242 4242 ist gut, 4000 0000 0000 0002 wird abgelehnt.', wallet: 'Mit Virtual Pay bezahlen',
      incorrect_number: 'Die Kartennummer stimmt nicht.', invalid_expiry: 'Dieses Datum ist vorbei oder keines.', invalid_cvc: 'Die Nummer auf der Rückseite hat drei Ziffern.' },
  }[here.get('language')?.slice(0, 2)] ?? null
  const say = words ?? { number: 'Card number', ends: 'Expires (MM / YY)', cvc: 'Security code', try: '', wallet: 'Pay with Virtual Pay', incorrect_number: 'Your card number is not right.', invalid_expiry: 'This date is past, or none.', invalid_cvc: 'The code on the back has three digits.' }
  document.documentElement.lang = here.get('language') ?? 'en'
  document.documentElement.dataset.theme = here.get('theme') === 'night' ? 'night' : 'stripe'
  const main = document.querySelector('main')
  const tell = (message) => parent.postMessage({ bank: name, ...message }, '*')
  const emit = (event, told = {}) => tell({ type: 'event', event, told })

  let card = () => ({ number: '4242424242424242', exp_month: '12', exp_year: '2034', cvc: '123' })
  let fault = () => null
  let complain = () => {}
  if (kind === 'payment') {
    const form = document.createElement('form')
    const field = (label, wide, hint, name, autocomplete) => {
      const box = document.createElement('label')
      if (wide) box.className = 'wide'
      const input = document.createElement('input')
      Object.assign(input, { inputMode: 'numeric', placeholder: hint, name, autocomplete })
      box.append(label, input)
      form.append(box)
      return input
    }
    const number = field(say.number, true, '1234 1234 1234 1234', 'number', 'cc-number')
    const ends = field(say.ends, false, '12 / 34', 'expiry', 'cc-exp')
    const cvc = field(say.cvc, false, '123', 'cvc', 'cc-csc')
    const alert = document.createElement('p')
    alert.setAttribute('role', 'alert')
    const hint = document.createElement('p')
    hint.textContent = say.try
    form.append(alert, hint)
    form.addEventListener('submit', (event) => event.preventDefault())
    number.addEventListener('input', () => { number.value = number.value.replace(/\\D/g, '').slice(0, 19).replace(/(.{4})(?=.)/g, '$1 ') })
    ends.addEventListener('input', () => { const digits = ends.value.replace(/\\D/g, '').slice(0, 4); ends.value = digits.length > 2 ? digits.slice(0, 2) + ' / ' + digits.slice(2) : digits })
    form.addEventListener('input', () => emit('change', { complete: fault() === null, empty: number.value === '' }))
    main.append(form)
    card = () => { const [month = '', year = ''] = ends.value.split('/').map((part) => part.trim()); return { number: number.value, exp_month: month, exp_year: year, cvc: cvc.value } }
    const luhn = (digits) => digits.length > 11 && [...digits].reverse().reduce((sum, digit, at) => { const twice = at % 2 ? digit * 2 : +digit; return sum + (twice > 9 ? twice - 9 : twice) }, 0) % 10 === 0
    fault = () => {
      const { number: digits, exp_month: month, exp_year: year, cvc: code } = card()
      if (!luhn(digits.replace(/\\s/g, ''))) return 'incorrect_number'
      if (!(month >= 1 && month <= 12) || !/^\\d\\d$/.test(year) || new Date(2000 + +year, +month) <= new Date()) return 'invalid_expiry'
      return /^\\d{3,4}$/.test(code) ? null : 'invalid_cvc'
    }
    complain = (code) => {
      const at = { incorrect_number: number, invalid_expiry: ends, invalid_cvc: cvc }
      for (const [name, input] of Object.entries(at)) input.setAttribute('aria-invalid', String(name === code))
      alert.textContent = code === null ? '' : say[code] ?? code
      at[code]?.focus()
    }
  } else {
    const button = document.createElement('button')
    button.type = 'button'
    button.textContent = say.wallet
    button.addEventListener('click', () => emit('confirm', { expressPaymentType: 'google_pay' }))
    main.append(button)
  }

  async function confirm({ kind: what, secret }) {
    const body = new URLSearchParams({ key, client_secret: secret, 'payment_method_data[type]': 'card' })
    for (const [field, value] of Object.entries(card())) body.set('payment_method_data[card][' + field + ']', value)
    const id = secret.split('_secret')[0]
    try {
      return await (await fetch('/v1/' + what + '/' + encodeURIComponent(id) + '/confirm', { method: 'POST', body })).json()
    } catch {
      return { error: { type: 'api_connection_error', message: 'The bank does not answer.' } }
    }
  }

  addEventListener('message', async ({ source, data }) => {
    if (source !== parent || data?.bank !== name) return
    const wrong = fault()
    complain(wrong)
    const answer = wrong !== null ? { error: { type: 'validation_error', code: wrong, message: say[wrong] } } : data.what === 'confirm' ? await confirm(data) : {}
    tell({ type: 'answer', id: data.id, answer })
  })
  new ResizeObserver(() => tell({ type: 'height', height: Math.ceil(document.body.scrollHeight) })).observe(document.body)
  tell({ type: 'height', height: Math.ceil(document.body.scrollHeight) })
  emit('ready', kind === 'expressCheckout' ? { availablePaymentMethods: { applePay: false, googlePay: true } } : {})
})()
`
