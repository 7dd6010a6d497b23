/**
 * Options of the shell. What it does not know itself is the runtime's, which refuses what it does not know either;
 * Chromium's own switches stand on the same line and are nobody's here.
 */

export type OptionsRead =
  | { readonly ok: true; readonly value: ShellOptions }
  /** Names the argument that is wrong. */
  | { readonly ok: false; readonly error: string }

export interface ShellOptions {
  /** Full screen, nothing to close or leave, as on a fridge. Otherwise a window on a desktop. */
  readonly kiosk: boolean
  /** The virtual fridge's page in place of the kiosk's. */
  readonly virtual: boolean
  /** A runtime that runs already, as a service: its address and the file with its token. Null: start one. */
  readonly attach: { readonly url: string; readonly tokenFile: string } | null
  readonly runtimeArgs: readonly string[]
}

const chromium =
  /^--(no-sandbox|inspect|remote-debugging|disable-|enable-|force-|ozone-|use-|user-data-dir|lang|js-flags|touch-|log-|v=|password-store)/

/** Reads what stands after the program; the fault names the argument. */
export function readOptions(args: readonly string[]): OptionsRead {
  let kiosk = false
  let virtual = false
  let url: string | null = null
  let tokenFile: string | null = null
  const runtimeArgs: string[] = []
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? ''
    if (arg === '--kiosk') kiosk = true
    else if (arg === '--virtual') virtual = true
    else if (arg === '--attach' || arg === '--token-file') {
      const value = args[(index += 1)]
      if (value === undefined || value.startsWith('--')) return refuse(`${arg} wants a value`)
      if (arg === '--attach') url = value
      else tokenFile = value
    } else if (!chromium.test(arg)) runtimeArgs.push(arg)
  }
  if (url === null && tokenFile === null) return { ok: true, value: { kiosk, virtual, attach: null, runtimeArgs } }
  if (url === null || tokenFile === null) return refuse('--attach and --token-file are given together')
  if (!isLoopback(url)) return refuse(`--attach takes a loopback address such as http://127.0.0.1:8080, not ${url}`)
  if (runtimeArgs.length > 0)
    return refuse(`with --attach the runtime is not started here, so ${runtimeArgs.join(' ')} says nothing`)
  return { ok: true, value: { kiosk, virtual, attach: { url: new URL(url).origin, tokenFile }, runtimeArgs } }
}

function isLoopback(text: string): boolean {
  try {
    const { protocol, hostname } = new URL(text)
    return protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(hostname)
  } catch {
    return false
  }
}

const refuse = (error: string): OptionsRead => ({ ok: false, error })
