/**
 * Broker settings: how this fridge shows itself to a broker of its owner's: `relay.broker` of config.json. The relay's own
 * broker needs none of it.
 *
 * Holds always (sync/protocol SPEC SY70): every fault of the settings and of the files that they name is told at once, at the
 * start; a key or a password that others may read is refused (law P1); files are read anew at each connection, so that a
 * renewed certificate is shown at the next. Called by runtime/settings and runtime/edge.
 */
import { X509Certificate, createPrivateKey } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { z } from 'zod'
import type { Clock } from '../core/ports.ts'
import type { Connect } from '../../sync/edge/commands.ts'
import type { ClientTls } from '../../sync/edge/mqtt-client.ts'

const onThisMachine = ['127.0.0.1', '[::1]', 'localhost']
const file = z.string().min(1)

export const brokerSchema = z
  .strictObject({
    /** mqtts:// or wss://; plain on this machine alone. Without it: where the relay says. */
    url: z
      .url({ protocol: /^(mqtt|ws)s?$/, error: 'is an address such as mqtts://broker.example:8883' })
      .refine((text) => {
        const { protocol, hostname, username, password } = new URL(text)
        if (username !== '' || password !== '') return false
        return /^(mqtts|wss):$/.test(protocol) || onThisMachine.includes(hostname)
      }, 'is mqtts or wss, unless the broker is on this machine, and names no user')
      .optional(),
    /** PEM of who signed the broker's certificate; without it, whom this machine trusts. Files are of the data folder. */
    ca: file.optional(),
    /** PEM with this fridge's id as the common name, and its key, in a file of mode 0600. */
    certificate: file.optional(),
    key: file.optional(),
    /** For a broker that knows fridges by accounts: a file of mode 0600 with the password. */
    passwordFile: file.optional(),
  })
  .superRefine(({ certificate, key }, context) => {
    if (certificate !== undefined && key === undefined)
      context.addIssue({ code: 'custom', path: ['key'], message: 'is missing: the certificate`s key' })
    if (certificate === undefined && key !== undefined)
      context.addIssue({ code: 'custom', path: ['certificate'], message: 'is missing: the key`s certificate' })
  })
export type BrokerSettings = z.infer<typeof brokerSchema>

/** What is wrong with the files that the settings name, each fault with its place. `dir`: the fridge's data folder. */
export function brokerFaults(dir: string, fridge: string, broker: BrokerSettings, nowMs: number): string[] {
  const faults: string[] = []
  const fault = (name: keyof BrokerSettings, what: string): void => void faults.push(`relay.broker.${name}: ${what}`)
  function read<T>(name: 'ca' | 'certificate' | 'key' | 'passwordFile', understand: (text: string) => T): T | null {
    const given = broker[name]
    if (given === undefined) return null
    const path = resolve(dir, given)
    let text: string
    try {
      const secret = name === 'key' || name === 'passwordFile'
      if (secret && (statSync(path).mode & 0o077) !== 0)
        return (fault(name, `${path} may be read by others: chmod 600 it`), null)
      text = readFileSync(path, 'utf8')
    } catch (error) {
      return (fault(name, `${path} can't be read: ${error instanceof Error ? error.message : String(error)}`), null)
    }
    try {
      return understand(text)
    } catch {
      return (fault(name, `${path} holds no ${what[name]}`), null)
    }
  }
  read('ca', (text) => new X509Certificate(text))
  const certificate = read('certificate', (text) => new X509Certificate(text))
  const key = read('key', (text) => createPrivateKey(text))
  read('passwordFile', (text) => {
    if (text.trim() === '') throw new Error('empty')
  })
  if (certificate !== null) {
    const name = /(?:^|\n)CN=([^\n]*)/.exec(certificate.subject)?.[1]
    if (name !== fridge) fault('certificate', `is of ${JSON.stringify(name ?? '')}, and this fridge is "${fridge}"`)
    if (Date.parse(certificate.validTo) < nowMs) fault('certificate', `has run out on ${certificate.validTo}`)
    if (key !== null && !certificate.checkPrivateKey(key)) fault('key', 'is of another certificate')
  }
  return faults
}

const what = {
  ca: 'certificate in PEM',
  certificate: 'certificate in PEM',
  key: 'private key in PEM without a password',
  passwordFile: 'password',
} as const

/** The way to the broker, by `over`, with what the files hold at the moment of each connection. */
export function toBroker(
  {
    dir,
    broker,
    clock,
  }: { readonly dir: string; readonly broker: BrokerSettings; readonly clock: Pick<Clock, 'after'> },
  over: (tls: ClientTls) => Connect,
): Connect {
  const bytes = (name: string): Buffer => readFileSync(resolve(dir, name))
  return (to, on) => {
    const { ca, certificate, key, passwordFile } = broker
    try {
      const tls: ClientTls = {
        ...(ca === undefined ? {} : { ca: bytes(ca) }),
        ...(certificate === undefined || key === undefined ? {} : { cert: bytes(certificate), key: bytes(key) }),
      }
      const password = passwordFile === undefined ? to.password : bytes(passwordFile).toString('utf8').trim()
      return over(tls)({ ...to, password }, on)
    } catch (error) {
      // A file that went away since the start: sought again like a broker that is away.
      const cancel = clock.after(0, () => on.closed(error instanceof Error ? error.message : String(error)))
      return { subscribe() {}, publish() {}, end: cancel }
    }
  }
}
