/**
 * Controls: the things around the virtual fridge that a person plays with: cards, the plug, the network, the bank's moods,
 * and the desk where doubts are decided. What is seen of it all is one view of the contract.
 */
import type { BankFault } from './bank/faults.ts'
import type { Bank } from './bank/bank.ts'
import { CardUidMalformed, knownCards } from './bank/cards.ts'
import type { bankFaults, World as WorldView } from '../contract/virtual.ts'
import type { VirtualCameras } from './cameras.ts'
import type { EdgeProcess } from './edge-process.ts'
import type { VirtualFridge } from './fridge.ts'
import type { Network } from './network.ts'
import type { VirtualOperator } from './operator.ts'
import type { LocalRelay } from './relay-process.ts'
import type { Refused, VirtualControls } from './routes.ts'
import type { serveReader } from './sockets.ts'
import { counted, type World } from './world/world.ts'

type FaultName = (typeof bankFaults)[number]

/** The page's names for the bank's moods. */
const faultOf: Readonly<Record<Exclude<FaultName, 'none'>, BankFault>> = {
  decline: { type: 'decline', declineCode: 'generic_decline' },
  insufficientFunds: { type: 'decline', declineCode: 'insufficient_funds' },
  timeoutBeforeEffect: { type: 'timeoutBeforeEffect' },
  timeoutAfterEffect: { type: 'timeoutAfterEffect' },
  error500: { type: 'error500BeforeEffect' },
  rateLimit: { type: 'rateLimit429' },
  duplicateWebhook: { type: 'duplicateWebhook' },
}

export interface ControlPorts {
  readonly world: World
  readonly fridge: VirtualFridge
  readonly bank: Bank
  readonly network: Network
  readonly reader: Awaited<ReturnType<typeof serveReader>>
  readonly edge: EdgeProcess
  readonly operator: VirtualOperator
  /** Null: nobody looks. */
  readonly cameras: VirtualCameras | null
  readonly token: string
  readonly gatewayPort: () => number | null
  readonly relay: () => LocalRelay | null
}

export function createControls(ports: ControlPorts): VirtualControls & { changed(): void } {
  const { world, fridge, bank, network, reader, edge, operator, cameras, token, gatewayPort } = ports
  const listeners = new Set<() => void>()
  let bankFault: FaultName = 'none'
  const changed = (): void => {
    for (const listener of listeners) listener()
  }

  return {
    changed,
    onView(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    presentCard(uid) {
      if (!world.powered()) return { code: 'noPower', message: 'the reader is dark: the fridge has no power' }
      try {
        return reader.present(bank.presentCard(uid))
          ? null
          : { code: 'starting', message: 'the fridge is still starting' }
      } catch (error) {
        if (error instanceof CardUidMalformed) return { code: 'card', message: error.message }
        throw error
      }
    },
    async setPower(on) {
      if (on === world.powered()) return
      fridge.setPower(on)
      changed()
      if (on) await edge.start()
      else await edge.kill()
      changed()
    },
    async setNetwork(on) {
      await network.set(on)
      changed()
    },
    setBankFault({ fault, count }) {
      bank.clearFaults()
      bankFault = fault
      if (fault !== 'none') bank.inject({ fault: faultOf[fault], ...(count === undefined ? {} : { count }) })
      changed()
    },
    cameraStill: async (camera) => (cameras === null ? null : cameras.still(camera)),
    setCameras(order) {
      if (cameras === null) return { code: 'noCameras', message: 'the fridge was started without cameras' }
      cameras.setConditions(order)
      return null
    },
    bankBooks: () => bank.summary(),
    async review({ visit, lines }): Promise<Refused | null> {
      const port = gatewayPort()
      if (port === null) return { code: 'starting', message: 'the fridge has no power, or is starting' }
      const answer = await fetch(`http://127.0.0.1:${port}/api/operator/review`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ ...operator, reason: 'seen in the virtual fridge', visit, lines }),
      })
      return answer.ok ? null : ((await answer.json()) as { error: Refused }).error
    },
    view: (): WorldView => {
      const items = world.items()
      return {
        type: 'world',
        power: world.powered(),
        network: network.up(),
        door: { open: world.doorOpen(), locked: !world.boltReleased() },
        temperatureCelsius: world.sensorAlive() ? Math.round(world.celsius() * 10) / 10 : null,
        signal: world.powered() ? fridge.signal() : 'off',
        shelves: Array.from({ length: world.shelves }, (_, index) => {
          const there = items.filter((item) => item.shelf === index + 1)
          return { shelf: index + 1, items: counted(there), trueGrams: Math.round(world.cells.grams(index)) }
        }),
        hand: counted(items.filter((item) => item.shelf === null)),
        bankFault,
        cards: knownCards.map(({ uid, kind }) => ({ uid, kind })),
        operator: { name: operator.name, pin: operator.pin },
        relay: ports.relay(),
      }
    },
  }
}
