/**
 * Carrier: brings a mail to a server by SMTP, or into a folder where an owner without one can read it.
 * Holds always: a name and an address come as data, never as headers; over a network the way is encrypted; a mail has the
 * same Message-ID each time, so that one whose answer was lost and that is sent again is shown once.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createTransport } from 'nodemailer'
import type { Mail } from './letters.ts'

/** `later`: try again; `refused`: the server will never take it. */
export type Carried = 'sent' | 'later' | 'refused'

export interface Carrier {
  carry(to: string, id: string, mail: Mail): Promise<Carried>
  close(): void
}

const patienceMs = 10_000
const keptMails = 200

/** `from`: an address, with a name before it if wanted. */
export function smtpCarrier(url: string, from: string, log: (error: unknown) => void): Carrier {
  const { protocol, hostname } = new URL(url)
  const here = ['127.0.0.1', 'localhost', '[::1]'].includes(hostname)
  const transport = createTransport(
    {
      url,
      requireTLS: protocol === 'smtp:' && !here,
      connectionTimeout: patienceMs,
      greetingTimeout: patienceMs,
      socketTimeout: patienceMs,
      disableFileAccess: true,
      disableUrlAccess: true,
    },
    { from },
  )
  return {
    async carry(to, id, mail) {
      try {
        await transport.sendMail({ ...messageOf(to, id, from, mail) })
        return 'sent'
      } catch (error) {
        const code = typeof error === 'object' && error !== null && 'responseCode' in error ? Number(error.responseCode) : 0
        log(error)
        // 5xx is for ever, but for the server's own word that our name or password is no good: its owner mends that.
        return code >= 500 && code < 600 && ![530, 534, 535, 538].includes(code) ? 'refused' : 'later'
      }
    },
    close: () => transport.close(),
  } // prettier-ignore
}

/** Mails as files that any mail program opens, readable by their owner only; the newest of them. */
export function folderCarrier(dir: string, from: string): Carrier {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'unix' })
  return {
    async carry(to, id, mail) {
      const { message } = await transport.sendMail(messageOf(to, id, from, mail))
      const stamp = new Date().toISOString().replaceAll(/[:.]/g, '-')
      const name = `${stamp}-${createHash('sha256').update(id).digest('hex').slice(0, 8)}.eml`
      writeFileSync(join(dir, name), message as Buffer, { mode: 0o600 })
      const kept = readdirSync(dir).filter((file) => file.endsWith('.eml')).sort()
      for (const old of kept.slice(0, -keptMails)) rmSync(join(dir, old), { force: true })
      return 'sent'
    },
    close: () => transport.close(),
  } // prettier-ignore
}

function messageOf(to: string, id: string, from: string, { subject, text, html, attachment }: Mail) {
  const domain = /@([\w.-]+)>?\s*$/.exec(from)?.[1] ?? 'visionvend.invalid'
  return {
    from,
    to: { name: '', address: to },
    subject,
    text,
    html,
    messageId: `<${createHash('sha256').update(id).digest('hex').slice(0, 32)}@${domain}>`,
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
    ...(attachment === undefined
      ? {}
      : {
          attachments: [
            {
              filename: attachment.name,
              contentType: attachment.type,
              content: Buffer.from(attachment.base64, 'base64'),
            },
          ],
        }),
  }
}
