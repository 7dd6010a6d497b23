/**
 * Edge: the runtime's process on a real fridge (and, started by the virtual one, beside it). Builds every adapter, starts
 * the runtime, opens the gateway, says where it is in one line of JSON, and ends when it must.
 *
 * Holds always: a failed ledger or a broken invariant ends the process with status 70, and whoever supervises it starts it
 * again; recovery does the rest.
 */
import { existsSync, mkdirSync, readFileSync, statfsSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { version } from '../core/version.ts'
import { fridgeId } from '../core/ids.ts'
import { minor } from '../core/money.ts'
import { dayMs } from '../core/time.ts'
import type { ByteLink, CardReader, Clock, Log } from '../core/ports.ts'
import { lineReader } from '../access/line-reader.ts'
import { createLink } from '../device/link.ts'
import { openSerial } from '../device/serial.ts'
import { openSocket } from '../device/socket.ts'
import { serveGateway } from '../gateway/gateway.ts'
import { operatorDoor } from '../gateway/operators.ts'
import { keptSecret } from '../gateway/secrets.ts'
import { openLedger } from '../ledger/ledger.ts'
import { isFree } from '../session/state.ts'
import { createStripeClient } from '../payments/client.ts'
import { createStripeProvider } from '../payments/stripe.ts'
import { startRetention } from '../../vision/evidence/retention.ts'
import { catalogueOf, openShop, pictureOf, screenOf } from './assortment.ts'
import { toBroker } from './broker-settings.ts'
import { realClock, realLog, realRandom } from './clock.ts'
import { createEyes } from './eyes.ts'
import { startVerdicts } from './kept-verdicts.ts'
import { modelsDir, screensDir } from './places.ts'
import { overHttp, pairRefusals, relayKey } from './relay-files.ts'
import { startRelayCommands } from './relay-commands.ts'
import { keepProductPictures } from './product-pictures.ts'
import { startPruning } from './prune.ts'
import { createRelayLink } from './relay-link.ts'
import { reviewPictures } from './review-pictures.ts'
import { startRuntime, type Runtime } from './runtime.ts'
import { shopWindow } from './shop-window.ts'
import { visionWorkerFlag, type Settings, type Start } from './settings.ts'

/** Under this much free disk no visit is begun; what is under way has room to end (law L5). */
const reserveBytes = 64 * 1024 * 1024
/** Under this much, pictures go. */
const evidenceReserveBytes = 2 * reserveBytes
const failedStatus = 70
const openWithinMs = 3_000

export async function runEdge({ dir, settings, attached }: Start): Promise<void> {
  const log = realLog('edge')
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const shop = openShop(settings.products)
  if (!shop.ok) return refuseStart(shop.error)
  const ledger = openLedger(dir)
  const clock = realClock(ledger.last().atMs)

  const port = controllerPort(settings.controller ?? '', clock, log)
  const controller = createLink({
    port,
    key: Buffer.from(keptSecret(dir, 'link.key'), 'hex'),
    clock,
    random: realRandom,
    log,
  })
  const reader =
    settings.reader === undefined ? noReader : lineReader(settings.reader.slice('unix:'.length), clock, log)
  const provider = createStripeProvider({
    stripe: stripeFor(dir, settings.bank.url),
    clock,
    log,
    answerWithinMs: 5_000,
  })
  const failed = (error: unknown): void => {
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error)
    log.warn('the runtime stops', { error: what })
    process.exit(failedStatus)
  }
  const eyes = settings.cameras.length === 0 ? null : eyesFor(dir, settings, clock, log)
  const bytesADay = settings.evidence.megabytesToRelay * 1024 * 1024
  const pictures =
    eyes === null || bytesADay === 0 ? undefined : reviewPictures({ dir, log, eyes, runtime: () => runtime, bytesADay })
  const afar = keepProductPictures({
    dir,
    stock: () => runtime.fridge().stock,
    hasRoom: () => freeBytes(dir) > evidenceReserveBytes,
    log,
  })
  const relay = createRelayLink(
    {
      dir,
      ledger,
      fetch: overHttp,
      clock,
      random: realRandom,
      log,
      failed,
      pictures,
      products: { shelf: afar, free: () => isFree(runtime.fridge().visits.session) },
      window: shopWindow(shop.value, settings.fridge.contact, { stock: () => runtime.fridge().stock, ...afar }),
    },
    { fridge: settings.fridge.id, relayUrl: settings.relay.url },
  )
  const retention = startRetention({
    dir: join(dir, 'evidence'),
    clock,
    log,
    keepMs: settings.evidence.days * dayMs,
    mostBytes: settings.evidence.megabytes * 1024 * 1024,
    freeBytes: () => freeBytes(dir),
    reserveBytes: evidenceReserveBytes,
  })
  const verdicts = startVerdicts(
    { dir, clock, log, freeBytes: () => freeBytes(dir), reserveBytes: evidenceReserveBytes },
    settings.evidence.verdictDays,
  )
  const runtime = startRuntime(
    {
      ledger,
      controller,
      reader,
      provider,
      ...(eyes === null ? {} : { eyes }),
      clock,
      random: realRandom,
      log,
      storageFull() {
        const free = freeBytes(dir)
        if (free < evidenceReserveBytes) void retention.sweep() // pictures go before a sale is refused
        return free < reserveBytes
      },
      wrote(events) {
        relay.wrote(events)
        verdicts.wrote(events)
      },
      failed,
    },
    {
      fridge: fridgeId(settings.fridge.id),
      version,
      sign: settings.fridge,
      currency: shop.value.currency,
      holdMinor: minor(settings.holdMinor),
      limits: { warmCelsius: settings.warmCelsius },
      catalogue: catalogueOf(shop.value),
    },
  )
  startPruning(
    { clock, prune: runtime.prune, acknowledgedSeq: () => relay.view().acknowledgedSeq },
    settings.ledger.days * dayMs,
  )
  const commands = startRelayCommands(
    {
      runtime,
      relay: relay.view,
      doorOpen: () => controller.status()?.doorOpen ?? null,
      key: () => relayKey(dir),
      connect: async () => {
        const { overMqtt } = await import('../../sync/edge/mqtt-client.ts')
        return toBroker({ dir, broker: settings.relay.broker, clock }, overMqtt)
      },
      fetch: overHttp,
      clock,
      random: realRandom,
      log,
      failed,
    },
    {
      fridge: settings.fridge.id,
      version,
      name: settings.fridge.name,
      holdMinor: settings.holdMinor,
      currency: shop.value.currency,
      brokerUrl: settings.relay.broker.url,
    },
  )
  runtime.onView(commands.changed)
  const screenCatalogue = screenOf(catalogueOf(shop.value).screen)
  const token = keptSecret(dir, 'screen.token', 16)
  const gateway = await serveGateway(
    {
      token,
      screens: screensDir,
      get catalogue() {
        return screenCatalogue(runtime.fridge().stock)
      },
      picture: (sku) => pictureOf(shop.value, afar, sku),
      view() {
        const phone = relay.phone()
        return phone === null ? runtime.view() : { ...runtime.view(), phone }
      },
      onView: runtime.onView,
      dismiss: runtime.dismiss,
      cancel: runtime.cancel,
      clearSafety: (by, reason) => void runtime.post({ type: 'SafetyCleared', by, reason }),
      review: runtime.review,
      relay: {
        view: relay.view,
        retry: relay.retry,
        async pair({ code, relay: typed, by, reason }) {
          const paired = await relay.pair({ code, relay: typed })
          if (!paired.ok) return { code: paired.error, message: pairRefusals[paired.error] }
          runtime.post({ type: 'RelayPaired', relay: paired.value, by, reason })
          return null
        },
      },
      ...(eyes === null ? {} : { cameras: () => eyes.health() }),
      operators: operatorDoor(dir, clock),
      log,
    },
    settings.port,
  )
  const said = { ready: true, kiosk: `${gateway.url}/kiosk/#token=${token}`, token, pid: process.pid }
  await untilOpen(runtime, clock)
  process.stdout.write(`${JSON.stringify(said)}\n`)
  eyes?.start() // its models take a while to load, and a card need not wait for them

  const close = async (): Promise<void> => {
    runtime.stop()
    commands.stop()
    relay.stop()
    retention.stop()
    verdicts.stop()
    eyes?.close()
    controller.close()
    await gateway.close()
    ledger.close()
    process.exit(0)
  }
  process.once('SIGTERM', () => void close())
  process.once('SIGINT', () => void close())
  if (attached) {
    process.stdin.resume()
    process.stdin.once('end', () => void close())
  }
}

/** The vision worker is this same program, started as a process of its own. */
function eyesFor(dir: string, { cameras, gallery }: Settings, clock: Clock, log: Log): ReturnType<typeof createEyes> {
  return createEyes({
    clock,
    log,
    settings: {
      cameras,
      gallery: gallery === undefined ? null : resolve(dir, gallery),
      galleryCache: join(dir, 'gallery-learned'),
      taught: join(dir, 'products', 'taught'),
      models: modelsDir,
      evidence: join(dir, 'evidence'),
    },
    worker: { program: process.argv[1] ?? '', args: [visionWorkerFlag] },
  })
}

/** "Ready" means that a card may be tapped; where something keeps the fridge from selling, it is said by the screen. */
function untilOpen(runtime: Runtime, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      cancelView()
      cancelWait()
      resolve()
    }
    const cancelWait = clock.after(openWithinMs, done)
    const cancelView = runtime.onView(() => {
      if (runtime.closed() === null) done()
    })
  })
}

function refuseStart(why: string, status = 2): void {
  process.stderr.write(`${why}\n`)
  process.exitCode = status
}

const controllerPort = (address: string, clock: Clock, log: Log): ByteLink =>
  address.startsWith('unix:')
    ? openSocket(address.slice('unix:'.length), clock, log)
    : openSerial({ path: address, clock, log })

const noReader: CardReader = { onCard: () => () => {} }

/** The provider's SDK: towards a bank on this machine where one is named, whose key is made here; else with the owner's. */
function stripeFor(dir: string, url: string | undefined) {
  if (url === undefined) return createStripeClient({ apiKey: ownersKey(join(dir, 'bank.key')) })
  const { hostname: host, port } = new URL(url)
  const apiKey = `sk_test_${keptSecret(dir, 'bank.key')}`
  return createStripeClient({ apiKey, timeoutMs: 4_000, at: { host, port: Number(port), protocol: 'http' } })
}

function ownersKey(file: string): string {
  if (!existsSync(file)) throw new Error(`${file} is missing: put the payment provider's secret key there, mode 0600`)
  if ((statSync(file).mode & 0o077) !== 0) throw new Error(`${file} may be read by others: chmod 600 it`)
  return readFileSync(file, 'utf8').trim()
}

function freeBytes(dir: string): number {
  const { bavail, bsize } = statfsSync(dir)
  return bavail * bsize
}
