/**
 * Card tap to unlock frame on the wire, the bank's own time taken off: the real runtime, ledger on disk, link, firmware and
 * payment SDK in one process, so that one clock measures it. Each visit is cancelled once its door is unlocked.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { silent, type ByteLink, type PresentedCard } from '../../src/core/ports.ts'
import { fridgeId } from '../../src/core/ids.ts'
import { minor } from '../../src/core/money.ts'
import { createSplitter, decodeFrame } from '../../src/device/frame.ts'
import { createLink } from '../../src/device/link.ts'
import { decodePiMessage } from '../../src/device/messages.gen.ts'
import { openLedger } from '../../src/ledger/ledger.ts'
import { createStripeClient } from '../../src/payments/client.ts'
import { createStripeProvider } from '../../src/payments/stripe.ts'
import { catalogueOf, openShop } from '../../src/runtime/assortment.ts'
import { realClock, realRandom } from '../../src/runtime/clock.ts'
import { firmwareFile } from '../../src/runtime/places.ts'
import { startRuntime, type Runtime } from '../../src/runtime/runtime.ts'
import { createBank } from '../../src/virtual/bank/bank.ts'
import { bankHttpClient } from '../../src/virtual/bank/http-client.ts'
import { loadFirmware } from '../../src/virtual/controller.ts'
import { createVirtualFridge } from '../../src/virtual/fridge.ts'
import { createWorld } from '../../src/virtual/world/world.ts'
import { ascending, percentile, rounded, type Figure } from './figures.ts'

const warmUps = 10
const visits = 100

export async function benchTap(folder: string): Promise<Figure[]> {
  const dir = mkdtempSync(join(folder, 'bench-'))
  const shop = openShop(undefined)
  if (!shop.ok) throw new Error(shop.error)
  const clock = realClock(0)
  const world = createWorld({ shop: shop.value, clock, random: realRandom })
  const linkKey = realRandom.bytes(32)
  const fridge = createVirtualFridge({
    world,
    firmware: loadFirmware(firmwareFile),
    linkKey,
    clock,
    random: realRandom,
    signalled: () => {},
  })
  let unlockAt = 0
  const controller = createLink({
    port: watched(fridge.port, () => (unlockAt ||= performance.now())),
    key: linkKey,
    clock,
    random: realRandom,
    log: silent,
  })
  const bank = createBank({ clock, random: realRandom })
  let bankMs = 0
  const timedBank = {
    ...bank,
    async respond(request: Parameters<typeof bank.respond>[0]) {
      const askedAt = performance.now()
      const answer = await bank.respond(request)
      bankMs += performance.now() - askedAt
      return answer
    },
  }
  const provider = createStripeProvider({
    stripe: createStripeClient({ apiKey: bank.secretKey, httpClient: bankHttpClient(timedBank) }),
    clock,
    log: silent,
  })
  let tap = (_card: PresentedCard): void => {}
  const ledger = openLedger(dir)
  const runtime = startRuntime(
    {
      ledger,
      controller,
      reader: {
        onCard(listener) {
          tap = listener
          return () => {}
        },
      },
      provider,
      clock,
      random: realRandom,
      log: silent,
      storageFull: () => false,
      failed(error) {
        throw error
      },
    },
    {
      fridge: fridgeId('bench'),
      version: '0',
      sign: { id: 'bench', name: 'Bench', contact: '' },
      currency: 'EUR',
      holdMinor: minor(1_500),
      catalogue: catalogueOf(shop.value),
    },
  )
  try {
    await until(runtime, () => runtime.closed() === null)
    const tookMs: number[] = []
    for (let visit = 0; visit < warmUps + visits; visit++) {
      const card = bank.presentCard('04A1B2C3')
      unlockAt = 0
      bankMs = 0
      const tappedAt = performance.now()
      tap(card)
      await until(runtime, () => runtime.fridge().visits.session.at === 'unlocked')
      if (visit >= warmUps) tookMs.push(unlockAt - tappedAt - bankMs)
      runtime.cancel()
      await until(runtime, () => runtime.fridge().visits.session.at === 'ended')
    }
    const sorted = ascending(tookMs)
    return [
      {
        name: 'card tap to unlock frame, bank`s time off, p50',
        value: rounded(percentile(sorted, 50)),
        unit: 'ms',
        aim: '20 ms',
      },
      { name: 'card tap to unlock frame, bank`s time off, p99', value: rounded(percentile(sorted, 99)), unit: 'ms' },
    ]
  } finally {
    runtime.stop()
    controller.close()
    fridge.close()
    ledger.close()
    rmSync(dir, { recursive: true, force: true })
  }
}

/** The line, with an ear on it for unlock commands. */
function watched(port: ByteLink, unlockSent: () => void): ByteLink {
  const splitter = createSplitter(
    (coded) => {
      const frame = decodeFrame(coded)
      if (!frame.ok) return
      const message = decodePiMessage(frame.value.typeCode, frame.value.body)
      if (message.ok && message.value.type === 'unlock') unlockSent()
    },
    () => {},
  )
  return {
    ...port,
    write(bytes) {
      splitter(bytes)
      port.write(bytes)
    },
  }
}

function until(runtime: Runtime, holds: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    if (holds()) return resolve()
    const cancel = runtime.onView(() => {
      if (!holds()) return
      cancel()
      resolve()
    })
  })
}
