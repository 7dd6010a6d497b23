/**
 * Main: what `npm start` runs. With a controller, the edge runtime of a real fridge; without one, the virtual fridge, which
 * starts that same runtime as a process of its own and plays the world around it. The runtime starts it once more, as the
 * vision worker, where there are cameras.
 */
import { existsSync } from 'node:fs'
import { openShop } from './assortment.ts'
import { LedgerFailed } from '../ledger/ledger.ts'
import { realClock, realLog, realRandom } from './clock.ts'
import { firmwareFile, relayProgram, screensDir } from './places.ts'
import { readStart, visionWorkerFlag, type Start } from './settings.ts'

/** The command line or a file of the owner's is at fault: it says what, and starting again would say the same. */
const refusedStatus = 2
const failedStatus = 70

/** Alone on the command line: this process draws what the virtual fridge's cameras see. */
const darkroomFlag = '--darkroom'

const part = process.argv[2]
const start = readStart(part === visionWorkerFlag || part === darkroomFlag ? [] : process.argv.slice(2))
if (part === visionWorkerFlag) {
  const { runWorker } = await import('../../vision/worker.ts')
  runWorker()
} else if (part === darkroomFlag) {
  const { runDarkroom } = await import('../virtual/camera/darkroom-program.ts')
  runDarkroom()
} else if (!start.ok) refuse(start.error)
else if (start.value.settings.controller === undefined) await runVirtual(start.value)
else {
  // Each process loads its own half only: a start is mostly loading.
  const { runEdge } = await import('./edge.ts')
  await runEdge(start.value).catch(ledgerFailed)
}

async function runVirtual({ dir, settings, localRelay, virtualCameras, attached }: Start): Promise<void> {
  const { serveVirtualFridge } = await import('../virtual/host.ts')
  const shop = openShop(settings.products)
  if (!shop.ok) return refuse(shop.error)
  const products = settings.products === undefined ? [] : ['--products', settings.products]
  const host = await serveVirtualFridge({
    dir,
    shop: shop.value,
    port: settings.port,
    screens: screensDir,
    firmware: firmwareFile,
    edgeArgs: [...process.execArgv, process.argv[1] ?? '', '--attached', '--port', '0', '--data', dir, ...products],
    relay: settings.relay.url === undefined ? (localRelay ? relayBeside() : null) : { url: settings.relay.url },
    darkroom: virtualCameras ? { file: process.argv[1] ?? '', args: [darkroomFlag] } : null,
    clock: realClock(0),
    random: realRandom,
    log: realLog('virtual'),
  }).catch((error: unknown) => refuse(error instanceof Error ? error.message : String(error)))
  if (host === undefined) return
  const { kiosk, virtual, token } = host
  process.stdout.write(`${JSON.stringify({ ready: true, kiosk, virtual, token, pid: process.pid })}\n`)
  host.onRelay(({ url, ownerKeyFile }) =>
    process.stderr.write(`The owner's relay is at ${url}, and its owner's key is in ${ownerKeyFile}\n`),
  )
  const close = (): void => void host.close().finally(() => process.exit(0))
  process.once('SIGTERM', close)
  process.once('SIGINT', close)
  if (attached) {
    process.stdin.resume()
    process.stdin.once('end', close)
  }
}

/** In a package there is none: it is what stands on a fridge, and a relay stands elsewhere. */
function relayBeside() {
  return existsSync(relayProgram) ? { program: relayProgram } : null
}

/** Books that can't be read stay as they are, and a start says why; a disk that failed may do better at the next one. */
function ledgerFailed(error: unknown): void {
  if (!(error instanceof LedgerFailed)) throw error
  process.stderr.write(`${error.code}: ${error.message}\n`)
  process.exit(error.code === 'io' || error.code === 'full' ? failedStatus : refusedStatus)
}

function refuse(why: string): undefined {
  process.stderr.write(`${why}\n`)
  process.exitCode = refusedStatus
}
