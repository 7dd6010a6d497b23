/** A mail server on loopback for tests: keeps what it is sent, and refuses what it is told to. */
import { createServer, type Socket } from 'node:net'

export interface SentMail {
  readonly from: string
  readonly to: string
  readonly text: string
}

export interface MailServer {
  readonly url: string
  readonly mails: SentMail[]
  /** What is answered to a recipient instead of yes, so many times. */
  refuse(answer: string, count: number): void
  close(): Promise<void>
}

export async function startMailServer(): Promise<MailServer> {
  const mails: SentMail[] = []
  let refusal = { answer: '', count: 0 }
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    let from = ''
    let to = ''
    let text: string | null = null
    let rest = ''
    const say = (line: string): void => void socket.write(`${line}\r\n`)
    say('220 test')
    socket.on('data', (bytes: Buffer) => {
      rest += bytes.toString('utf8')
      for (let end = rest.indexOf('\r\n'); end >= 0; end = rest.indexOf('\r\n')) {
        const line = rest.slice(0, end)
        rest = rest.slice(end + 2)
        if (text !== null) {
          if (line === '.') {
            mails.push({ from, to, text: text.replaceAll('=\n', '').replaceAll('=3D', '=') })
            text = null
            say('250 kept')
          } else text += `${line.replace(/^\.\./, '.')}\n`
        } else if (/^(EHLO|HELO|RSET)/i.test(line)) say('250 test')
        else if (/^MAIL FROM/i.test(line)) {
          from = /<(.*)>/.exec(line)?.[1] ?? ''
          say('250 ok')
        } else if (/^RCPT TO/i.test(line)) {
          to = /<(.*)>/.exec(line)?.[1] ?? ''
          if (refusal.count > 0) {
            refusal = { ...refusal, count: refusal.count - 1 }
            say(refusal.answer)
          } else say('250 ok')
        } else if (/^DATA/i.test(line)) {
          text = ''
          say('354 go on')
        } else if (/^QUIT/i.test(line)) {
          say('221 bye')
          socket.end()
        } else say('500 what')
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    url: `smtp://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    mails,
    refuse: (answer, count) => void (refusal = { answer, count }),
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  }
}
