/** Network: the way from the fridge to its bank. Cut, the bank's port is closed: a connection is refused, as it would be. */
import type { Bank } from './bank/bank.ts'
import { serveBank, type BankServer } from './bank/server.ts'

export interface Network {
  /** Where the bank is; stays the same over a cut. */
  readonly bankUrl: string
  up(): boolean
  set(up: boolean): Promise<void>
  close(): Promise<void>
}

export async function createNetwork(bank: Bank): Promise<Network> {
  let server: BankServer | null = await serveBank(bank, { port: 0 })
  const { host, port } = server
  return {
    bankUrl: `http://${host}:${port}`,
    up: () => server !== null,
    async set(up) {
      if (up === (server !== null)) return
      const old = server
      server = null
      if (up) server = await serveBank(bank, { port })
      else await old?.close()
    },
    async close() {
      await server?.close()
    },
  }
}
