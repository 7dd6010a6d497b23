/**
 * Payment: the provider's own form in the page (Stripe.js's payment element and express buttons), so that no card number ever
 * comes near our code (law P1). The script comes from where the relay says; on the virtual fridge from its own bank, which
 * speaks the same words.
 */
export interface SetupIntent {
  readonly payment_method: string | { readonly id: string } | null
}
interface Confirmed {
  readonly error?: { readonly type?: string; readonly code?: string }
  readonly setupIntent?: SetupIntent
}
interface Element {
  mount(at: HTMLElement): void
  on(event: string, then: (told: { availablePaymentMethods?: object }) => void): void
  destroy(): void
}
interface Elements {
  create(kind: 'payment' | 'expressCheckout', options?: object): Element
  submit(): Promise<{ readonly error?: object }>
}
interface Provider {
  elements(options: object): Elements
  confirmSetup(options: object): Promise<Confirmed>
  retrieveSetupIntent(secret: string): Promise<Confirmed>
}
declare global {
  interface Window {
    Stripe?: (key: string, options?: object) => Provider
  }
}

export interface Paying {
  readonly script: string
  readonly publishableKey: string
}

const scriptWithinMs = 15_000
let loading: Promise<Provider | null> | null = null

/** Null: the script did not come; the next call tries again. */
async function providerOf({ script, publishableKey }: Paying, locale: string): Promise<Provider | null> {
  loading ??= new Promise<Provider | null>((resolve) => {
    const tag = document.createElement('script')
    const end = (): void => resolve(window.Stripe?.(publishableKey, { locale }) ?? null)
    tag.addEventListener('load', end)
    tag.addEventListener('error', end)
    setTimeout(end, scriptWithinMs)
    tag.src = script
    document.head.append(tag)
  })
  const provider = await loading
  if (provider === null) loading = null
  return provider
}

export interface Form {
  /** The provider's name for the method, or why there is none. `typing`: the form itself says what is wrong. */
  confirm(): Promise<{ readonly method: string } | { readonly fault: 'declined' | 'typing' | 'away' }>
  close(): void
}

/** Mounts the form; null where it could not be loaded. `onExpress`: Apple's or Google's button was used. */
export async function openForm(
  paying: Paying,
  options: {
    readonly clientSecret: string
    readonly language: string
    readonly dark: boolean
    readonly card: HTMLElement
    readonly express: HTMLElement
    readonly returnTo: string
    readonly onReady: () => void
    readonly onFault: () => void
    readonly onExpress: () => void
  },
): Promise<Form | null> {
  const { clientSecret, language, dark, returnTo } = options
  const provider = await providerOf(paying, language)
  if (provider === null) return null
  const appearance = { theme: dark ? 'night' : 'stripe', variables: { borderRadius: '12px', fontSizeBase: '17px' } }
  const elements = provider.elements({ clientSecret, appearance, locale: language })
  const card = elements.create('payment', { layout: 'tabs' })
  card.on('ready', options.onReady)
  card.on('loaderror', options.onFault)
  card.mount(options.card)
  const express = elements.create('expressCheckout', { buttonHeight: 52 })
  express.on('ready', ({ availablePaymentMethods }) => {
    options.express.hidden = availablePaymentMethods === undefined
  })
  express.on('confirm', options.onExpress)
  express.mount(options.express)
  return {
    async confirm() {
      const checked = await elements.submit()
      if (checked.error !== undefined) return { fault: 'typing' }
      const confirmParams = { return_url: returnTo }
      const confirmed = await provider
        .confirmSetup({ elements, clientSecret, redirect: 'if_required', confirmParams })
        .catch((): Confirmed => ({ error: { type: 'api_connection_error' } }))
      return outcomeOf(confirmed)
    },
    close() {
      card.destroy()
      express.destroy()
    },
  }
}

function outcomeOf({ error, setupIntent }: Confirmed): Awaited<ReturnType<Form['confirm']>> {
  const method = setupIntent?.payment_method
  if (method != null) return { method: typeof method === 'string' ? method : method.id }
  if (error?.type === 'validation_error') return { fault: 'typing' }
  return { fault: error?.type === 'card_error' ? 'declined' : 'away' }
}

/** What the bank's own page brought back in the address, once; null where one did not come from there. */
export async function broughtBack(
  paying: Paying,
  language: string,
): Promise<Awaited<ReturnType<Form['confirm']>> | null> {
  const secret = new URLSearchParams(location.search).get('setup_intent_client_secret')
  if (secret === null) return null
  history.replaceState(null, '', `${location.pathname}${location.hash}`)
  const provider = await providerOf(paying, language)
  if (provider === null) return { fault: 'away' }
  return outcomeOf(await provider.retrieveSetupIntent(secret).catch((): Confirmed => ({ error: {} })))
}
