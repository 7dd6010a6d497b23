/**
 * Balancer: one address for several copies of the relay, as a TCP proxy in front of them is: connections go to each in turn,
 * and past a copy that does not listen any more. What a copy had under way when it dies is lost with it.
 */
import { createConnection, createServer, type Socket } from 'node:net'

export interface Balancer {
  readonly url: string
  close(): void
}

export async function balance(ports: readonly number[]): Promise<Balancer> {
  const ends = new Set<Socket>()
  let turn = 0
  const hold = (end: Socket): void => {
    ends.add(end)
    end.on('close', () => ends.delete(end))
  }
  function join(near: Socket, tries: number): void {
    const port = ports[turn++ % ports.length] ?? 0
    const far = createConnection({ host: '127.0.0.1', port })
    let through = false
    far.once('connect', () => {
      through = true
      hold(far)
      near.pipe(far).pipe(near)
    })
    far.on('error', () => (through || tries <= 1 ? near.destroy() : join(near, tries - 1)))
    far.on('close', () => through && near.destroy())
    near.on('close', () => far.destroy())
  }
  const server = createServer({ pauseOnConnect: true }, (near) => {
    hold(near)
    near.on('error', () => near.destroy())
    join(near, ports.length)
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', () => resolve()))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    close() {
      server.close()
      for (const end of ends) end.destroy()
    },
  }
}
