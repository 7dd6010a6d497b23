/**
 * `npm start`'s own relay: real processes, real sockets. A purchase reaches the owner's books; with the network cut it waits;
 * with the runtime killed in between nothing is lost, and nothing is there twice.
 */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { readLedger } from '../../src/ledger/ledger.ts'
import { startFridge, type Fridge } from './fridge.ts'
import { enterShopper, type Shopper } from './shopper.ts'

interface Owner {
  readonly url: string
  ask(path: string): Promise<Record<string, readonly Record<string, unknown>[]>>
}

const dir = mkdtempSync(join(tmpdir(), 'visionvend-relay-'))
let fridge: Fridge
let shopper: Shopper
let owner: Owner
let readyWithRelay: unknown

beforeAll(async () => {
  fridge = await startFridge(dir, ['--no-cameras'])
  readyWithRelay = (await fridge.world()).relay
  owner = await ownerOf(fridge)
  shopper = await enterShopper(fridge, () => 0.3)
}, 180_000)
afterAll(async () => {
  shopper.leave()
  await fridge.stop()
  rmSync(dir, { recursive: true, force: true, maxRetries: 5 })
})

test('[Y1] [SY15] a purchase reaches the relay, over a cut network and a killed runtime, and nothing is there twice', async () => {
  // The kiosk did not wait for the relay's database.
  expect(readyWithRelay).toBeNull()
  await bought(1)
  await caughtUp()
  expect((await owner.ask('receipts'))['receipts']).toHaveLength(1)

  await fridge.act('network', { on: false })
  const atCut = (await owner.ask('fridges'))['fridges']?.[0]?.['acknowledgedSeq']
  await shopper.visit() // the bank is away with the relay: a visit that ends with the card
  await fridge.act('power', { on: false })
  await fridge.act('power', { on: true })
  await shopper.tidyUp()
  expect((await owner.ask('fridges'))['fridges']?.[0]?.['acknowledgedSeq']).toBe(atCut)
  expect(rowsOf(dir)).toBeGreaterThan(Number(atCut))

  await fridge.act('network', { on: true })
  await bought(2)
  await fridge.act('power', { on: false })
  await fridge.act('power', { on: true })
  await caughtUp()

  const [known, ...others] = (await owner.ask('fridges'))['fridges'] ?? []
  expect(others).toEqual([])
  expect(known).toMatchObject({ fridge: 'fridge-1', setAside: 0, acknowledgedSeq: rowsOf(dir) })
  const capturedMinor = (await fridge.bank()).holds.reduce((sum, hold) => sum + hold.capturedMinor, 0)
  const [money] = (await owner.ask('money'))['money'] ?? []
  expect(money).toMatchObject({ receipts: 2, capturedMinor, receiptsMinor: capturedMinor })
}, 180_000)

test('[P1] [P3] the keys are files of mode 0600, and who paired the fridge stands in its ledger', () => {
  for (const file of ['relay.key', 'relay.json', join('relay', 'owner.key')])
    expect(statSync(join(dir, file)).mode & 0o777, file).toBe(0o600)
  const ledger = readLedger(dir)
  const paired = [...ledger.replay()].flatMap(({ event }) => (event.type === 'RelayPaired' ? [event] : []))
  ledger.close()
  expect(paired).toMatchObject([{ by: 'operator', reason: 'the virtual fridge`s own relay' }])
})

/** Its visits, until so many receipts are there; the bank has answered for each. */
async function bought(receipts: number): Promise<void> {
  for (let visit = 0; receiptsOf(dir) < receipts; visit += 1) {
    if (visit > 8) throw new Error('eight visits, and no receipt')
    await shopper.visit()
    await shopper.tidyUp()
    await new Promise((resolve) => setTimeout(resolve, 1_000))
  }
}

async function caughtUp(): Promise<void> {
  const behind = async (): Promise<number> => {
    const known = (await owner.ask('fridges'))['fridges']?.[0]?.['acknowledgedSeq'] ?? 0
    return rowsOf(dir) - Number(known)
  }
  await expect.poll(behind, { timeout: 60_000, interval: 250 }).toBe(0)
}

const rowsOf = (folder: string): number => counted(folder, () => true)
const receiptsOf = (folder: string): number => counted(folder, (type) => type === 'ReceiptIssued')

function counted(folder: string, which: (type: string) => boolean): number {
  const ledger = readLedger(folder)
  const count = [...ledger.replay()].filter(({ event }) => which(event.type)).length
  ledger.close()
  return count
}

async function ownerOf(at: Fridge): Promise<Owner> {
  const there = async () => {
    const { relay } = await at.world()
    if (relay === undefined || relay === null) throw new Error('there is no relay yet')
    return relay
  }
  const relay = await vi.waitFor(there, { timeout: 120_000, interval: 250 })
  const authorization = `Bearer ${readFileSync(relay.ownerKeyFile, 'utf8').trim()}`
  return {
    url: relay.url,
    async ask(path) {
      const answer = await fetch(`${relay.url}/api/v1/${path}`, { headers: { authorization } })
      return (await answer.json()) as Awaited<ReturnType<Owner['ask']>>
    },
  }
}
