/** The wire to a controller in another process: a unix socket that comes late, goes, and comes again. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { silent } from '../../../src/core/ports.ts'
import { openSocket } from '../../../src/device/socket.ts'
import { realClock } from '../../../src/runtime/clock.ts'
import { until } from './native.ts'

const folder = mkdtempSync(join(tmpdir(), 'socket-'))
const path = join(folder, 'controller')
let server: Server | null = null
const peers: Socket[] = []

const serve = (): Promise<void> =>
  new Promise((listening) => {
    server = createServer((socket) => {
      peers.push(socket)
      socket.on('data', (bytes) => void socket.write(bytes)) // an echo
    }).listen(path, () => listening())
  })

const hangUp = (): Promise<void> =>
  new Promise((closed) => {
    for (const peer of peers.splice(0)) peer.destroy()
    if (server === null) closed()
    else server.close(() => closed())
  })

afterEach(async () => {
  await hangUp()
  rmSync(folder, { recursive: true, force: true })
})

test('[F16] bytes go both ways once somebody listens, and again after the far side went away', async () => {
  const port = openSocket(path, realClock(0), silent)
  let heard = ''
  port.onBytes((bytes) => void (heard += Buffer.from(bytes).toString('latin1')))
  port.write(Buffer.from('nobody there'))
  const say = (word: string) => () => {
    port.write(Buffer.from(word))
    return heard.includes(word)
  }
  await serve()
  await until('the first echo', say('one'))
  await hangUp()
  await serve()
  await until('the second echo', say('two'))
  expect(heard).not.toContain('nobody')
  expect(port.dropped()).toBeGreaterThan(0)
  port.close()
})
