/**
 * Fleet cost: what a relay spends on a fleet of one size, from the day that its fridges have: a state every two minutes, some
 * visits, each with its changes of state and its rows. Minutes of that day are played as fast as the relay keeps up, and what it
 * takes in them is the relay's own, by the system's count. Called by scripts/fleet-bench.ts.
 */
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { nextBatch, start, type Cursor } from '../../sync/edge/batches.ts'
import { encodeBatch } from '../../sync/protocol/codec.ts'
import { headerNames, paths, protocolVersion } from '../../sync/protocol/messages.ts'
import { signedRows, type SigningKey } from '../../sync/protocol/signing.ts'
import { createBooks, opening, visitEvents, type Books } from '../../test/unit/sync/books.ts'

/** 100 visits a month; eight changes of state in each (sync/edge/telemetry.ts). */
const visitsPerDay = 100 / 30
const statesPerVisit = 8
const statesPerDay = 720 + statesPerVisit * visitsPerDay
/** MQTT's and TCP/IP's own around a state; a ping each minute and its answer; TLS, HTTP and TCP/IP around a batch. */
const aroundStateBytes = 2 + 2 + 29 + 40
const pingBytes = 2 * (2 + 29 + 40)
const aroundBatchBytes = 600
const msPerTick = 10
/** Receipts' numbers, over all sizes of the fleet. */
let visitsSoFar = 0

export interface CostFridge {
  readonly id: string
  readonly key: SigningKey
  books: { readonly rows: Books; cursor: Cursor } | null
}

export interface FleetCost {
  readonly cpuMsPerFridgeMinute: number
  readonly idleCpuMsPerMinute: number
  readonly residentMib: number
  readonly bytesPerFridgeDay: number
  readonly rowsPerSecond: number
  readonly neededRowsPerSecond: number
}

/** `playMs`: how long each part is measured. `tell` sends a fridge's state and says its bytes; `settled` when all were taken. */
export async function fleetCost(ports: {
  readonly fridges: readonly CostFridge[]
  readonly relayUrl: string
  readonly relayPid: number
  readonly playMs: number
  readonly tell: (at: number) => number
  readonly settled: () => Promise<void>
}): Promise<FleetCost> {
  const { fridges, relayPid, playMs, tell, settled } = ports
  const [idleFromMs, idleFrom] = [performance.now(), cpuMsOf(relayPid)]
  await sleep(playMs)
  const idleCpuMsPerMinute = ((cpuMsOf(relayPid) - idleFrom) / (performance.now() - idleFromMs)) * 60_000

  const sums = { states: 0, stateBytes: 0, visits: 0, rows: 0, rowBytes: 0 }
  const from = cpuMsOf(relayPid)
  const endsAtMs = performance.now() + playMs
  let owedVisits = 0
  while (performance.now() < endsAtMs) {
    for (let some = 0; some < 50; some++) {
      sums.stateBytes += tell(sums.states % fridges.length) + aroundStateBytes
      sums.states += 1
      owedVisits += visitsPerDay / statesPerDay
    }
    await settled()
    for (; owedVisits >= 1; owedVisits--) await visit()
  }
  const fridgeMinutes = (sums.states / statesPerDay) * 1_440
  const cpuMsPerFridgeMinute = (cpuMsOf(relayPid) - from) / fridgeMinutes + idleCpuMsPerMinute / fridges.length

  async function visit(at = sums.visits): Promise<number> {
    sums.visits += 1
    const fridge = fridges[at % fridges.length]
    if (fridge === undefined) return 0
    const { rows, bytes } = await push(fridge, ports.relayUrl, (visitsSoFar += 1))
    sums.rows += rows
    sums.rowBytes += bytes + aroundBatchBytes
    return rows
  }
  const bytesPerVisit = sums.visits === 0 ? 0 : sums.rowBytes / sums.visits
  const bytesPerFridgeDay =
    (sums.stateBytes / sums.states) * statesPerDay + visitsPerDay * bytesPerVisit + 1_440 * pingBytes

  const rowsFromMs = performance.now()
  let pushed = 0
  // Eight fridges at a time, each its own: a fridge sends one batch after the other.
  const lanes = Math.min(8, fridges.length)
  await Promise.all(
    Array.from({ length: lanes }, async (_, lane) => {
      const own = Math.floor(fridges.length / lanes)
      for (let turn = 0; performance.now() - rowsFromMs < playMs; turn++)
        pushed += await visit(lane + lanes * (turn % own))
    }),
  )
  return {
    cpuMsPerFridgeMinute,
    idleCpuMsPerMinute,
    residentMib: Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${relayPid}/status`, 'utf8'))?.[1] ?? 0) / 1024,
    bytesPerFridgeDay,
    rowsPerSecond: pushed / ((performance.now() - rowsFromMs) / 1_000),
    neededRowsPerSecond: (fridges.length * visitsPerDay * 15) / 86_400,
  }
}

/** A visit's rows, as one batch. Throws where the relay does not take them. */
async function push(fridge: CostFridge, relayUrl: string, number: number): Promise<{ rows: number; bytes: number }> {
  if (fridge.books === null) {
    const rows = createBooks()
    rows.write(Date.now(), ...opening(fridge.id))
    fridge.books = { rows, cursor: start }
  }
  const { books, id } = fridge
  books.rows.write(Date.now(), ...visitEvents(Number.parseInt(id.replace(/\D/g, ''), 10), number))
  const batch = nextBatch(books.rows, id, books.cursor, 1_000, new Map())
  if (!batch.ok) throw new Error(`${id}: row ${batch.error.seq}`)
  const body = Buffer.from(encodeBatch(batch.value))
  const headers = {
    'content-type': 'application/zstd',
    [headerNames.protocol]: String(protocolVersion),
    [headerNames.fridge]: id,
    [headerNames.signature]: Buffer.from(fridge.key.sign(signedRows(id, body))).toString('base64'),
  }
  const answer = await fetch(relayUrl + paths.rows, { method: 'POST', headers, body })
  const said = (await answer.json()) as { type: string; upto?: number }
  if (said.type !== 'accepted') throw new Error(`${id}: ${JSON.stringify(said)}`)
  const before = books.cursor.seq
  const last = books.rows.all().at(-1)
  if (last !== undefined) books.cursor = { seq: last.seq, hash: last.hash }
  return { rows: books.cursor.seq - before, bytes: body.length }
}

/** User and system time of a process so far. */
function cpuMsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * msPerTick
}
