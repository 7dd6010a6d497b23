/**
 * Shell: the Electron kiosk. It shows the screens and starts the runtime (or attaches to one), and decides nothing: if it
 * crashes, an attached runtime goes on; if the runtime crashes, the shell waits and shows what comes back.
 * Run as `electron dist/shell/main.cjs [--kiosk] [--virtual] [--attach URL --token-file F] [the runtime's options]`.
 */
import { createHash } from 'node:crypto'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { app, powerSaveBlocker } from 'electron'
import { hardenApp, hardenSession } from './hardening.ts'
import waitingFile from './one-moment.html'
import { readOptions, type ShellOptions } from './options.ts'
import { startRuntime, type Runtime, type RuntimeListener } from './runtime-child.ts'
import { attachRuntime } from './runtime-service.ts'
import { openWindow, type KioskWindow } from './window.ts'

const partition = 'screens'
const waitingPage = pathToFileURL(join(__dirname, waitingFile)).href

// Electron would show a dialog that nobody at a fridge can answer; whoever started the shell starts it again.
process.on('uncaughtException', (error) => {
  process.stderr.write(`the shell stops: ${error.stack ?? error.message}\n`)
  app.exit(70)
})

const read = readOptions(process.argv.slice(app.isPackaged ? 1 : 1 + process.argv.slice(1).findIndex(isProgram) + 1))
if (read.ok) run(read.value)
else {
  process.stderr.write(`${read.error}\n`)
  app.exit(2)
}

function run(options: ShellOptions): void {
  // One shell for each fridge, which on a desktop may be more than one.
  app.setPath('userData', join(app.getPath('appData'), 'visionvend', fridgeName(options)))
  if (!app.requestSingleInstanceLock()) {
    process.stderr.write('this fridge is open in another window already\n')
    app.exit(3)
    return
  }
  let url: string | null = null
  let window: KioskWindow | null = null
  const bounds = { origin: () => (url === null ? null : new URL(url).origin), waitingPage }
  hardenApp(bounds)

  // At once, while Electron is still getting ready: it is most of what a start waits for.
  const runtime = connect(options, {
    ready(addresses) {
      url = (options.virtual ? addresses.virtual : null) ?? addresses.kiosk
      window?.show(url)
    },
    lost() {
      url = null
      window?.show(null)
    },
    refused: (status) => app.exit(status),
  })
  stopWith(runtime)

  void app.whenReady().then(() => {
    hardenSession(partition, bounds)
    if (options.kiosk) powerSaveBlocker.start('prevent-display-sleep')
    window = openWindow({ kiosk: options.kiosk, url, waitingPage, partition, closed: () => app.quit() })
  })
  app.on('second-instance', () => window?.focus())
}

function connect({ attach, runtimeArgs }: ShellOptions, listener: RuntimeListener): Runtime {
  if (attach !== null) return attachRuntime(attach.url, attach.tokenFile, listener)
  // What Node has compiled once it need not compile at the next start.
  const env = { NODE_COMPILE_CACHE: join(app.getPath('userData'), 'compiled'), ...process.env }
  const inside = process.resourcesPath
  const project = resolve(__dirname, '..', '..')
  const [node, main] = app.isPackaged
    ? [join(inside, 'node'), join(inside, 'runtime', 'main.mjs')]
    : [join(project, 'node_modules', '.bin', 'node'), join(project, 'dist', 'runtime', 'main.mjs')]
  return startRuntime({ program: node, args: [main, ...runtimeArgs], env }, listener)
}

/** The runtime gets its time to close the ledger; then the shell goes. */
function stopWith(runtime: Runtime): void {
  app.on('will-quit', (event) => {
    event.preventDefault()
    // The windows are closed already. Not from inside this event, in which Electron does not hear a second wish to end.
    void runtime.stop().then(() => setImmediate(() => app.exit(0)))
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => app.quit())
}

function fridgeName({ attach, runtimeArgs }: ShellOptions): string {
  const dataAt = runtimeArgs.indexOf('--data')
  const fridge = attach?.url ?? resolve(dataAt === -1 ? 'data' : (runtimeArgs[dataAt + 1] ?? 'data'))
  return createHash('sha256').update(fridge).digest('hex').slice(0, 16)
}

/** In development Electron's own program is given this file, or its folder, among its switches. */
function isProgram(arg: string): boolean {
  return !arg.startsWith('-') && resolve(arg).startsWith(__dirname)
}
