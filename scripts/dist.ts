/**
 * `npm run dist`: the program for a fridge as a folder, `out/linux-unpacked`. The shell goes into Electron's archive; the
 * runtime (one bundled file), Node 24 and the native packages of this architecture stand beside it, unpacked.
 * Electron is the one that ELECTRON_OVERRIDE_DIST_PATH names, or the package's own, which electron-builder gets if need be.
 * Ends with a look at what was made: each program in it must be for this architecture.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import type { Metafile } from 'esbuild'
import { copyNativePackages } from './dist/native-packages.ts'
import { ensureScreens, ensureShell, nativePackages, runtimeBundleArgs } from './setup/build.mjs'
import { electronProgram } from './setup/electron.mjs'
import { bin, productEnv, root } from './setup/install.mjs'
import { runQuietly } from './setup/run.mjs'
import { Plain, runMain, say, timed } from './setup/say.mjs'

const stage = join(root, 'dist', 'package')
const runtime = join(stage, 'runtime')

/** Electron's word for an architecture, and what `file` says of its programs. */
const machines = { x64: 'x86-64', arm64: 'ARM aarch64' } as const
type Arch = keyof typeof machines

await runMain(async () => {
  const arch = readArch()
  await ensureScreens()
  await ensureShell()
  await timed('Bundling the runtime', async () => stageAll(arch))
  const out = join(root, 'out', arch === 'x64' ? 'linux-unpacked' : `linux-${arch}-unpacked`)
  await timed('Packing', async () => pack(arch, out))
  checkMachines(out, arch)
  const megabytes = execFileSync('du', ['-sm', out], { encoding: 'utf8' }).split('\t')[0]
  say(`${out} (${megabytes} MB): ./visionvend --kiosk --data DIR`)
})

function readArch(): Arch {
  const { values } = parseArgs({ options: { arch: { type: 'string', default: process.arch } } })
  const arch = Object.keys(machines).find((known): known is Arch => known === values.arch)
  if (arch === undefined) throw new Plain(`--arch is ${Object.keys(machines).join(' or ')}, not ${values.arch}`)
  return arch
}

/** Everything that electron-builder is to pack, where electron-builder.yml looks for it. */
async function stageAll(arch: Arch): Promise<void> {
  rmSync(stage, { recursive: true, force: true })
  mkdirSync(join(stage, 'app'), { recursive: true })
  mkdirSync(runtime)
  const own = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, string>
  const { name, version, description, license } = own

  cpSync(join(root, 'dist', 'shell'), join(stage, 'app'), { recursive: true })
  const shell = { name, version, description, license, author: 'the VisionVend authors', main: 'main.cjs' }
  writeFileSync(join(stage, 'app', 'package.json'), JSON.stringify(shell))

  const meta = join(stage, 'runtime.json')
  const args = [...runtimeBundleArgs(relative(root, runtime)), `--metafile=${meta}`]
  await runQuietly(join(bin, 'esbuild'), args, {
    cwd: root,
    env: productEnv(),
    failed: 'The runtime could not be bundled',
  })
  writeFileSync(join(runtime, 'package.json'), JSON.stringify({ name, version, type: 'module' }))
  const { outputs } = JSON.parse(readFileSync(meta, 'utf8')) as Metafile
  const asked = new Set(Object.values(outputs).flatMap(({ imports }) => imports.map(({ path }) => path)))
  const natives = nativePackages.filter((name) => asked.has(name))
  copyNativePackages(root, runtime, arch, natives)

  for (const folder of ['dist/renderer', 'src/virtual/products', 'firmware/wasm/controller.wasm', 'vision/models']) {
    cpSync(join(root, folder), join(runtime, folder), { recursive: true })
  }
  const node = join(root, 'node_modules', `node-linux-${arch}`, 'bin', 'node')
  if (!existsSync(node)) {
    throw new Plain(
      `Node 24 for ${arch} is not installed here: npm install --no-save --force node-linux-${arch} brings it`,
    )
  }
  cpSync(node, join(stage, 'node'))
}

async function pack(arch: Arch, out: string): Promise<void> {
  rmSync(out, { recursive: true, force: true })
  // What is on this machine already, else electron-builder gets it.
  const program = electronProgram()
  const folder = program === null ? undefined : dirname(program)
  const version = electronVersion(folder)
  const args = ['--linux', 'dir', `--${arch}`, '--publish', 'never', `-c.electronVersion=${version}`]
  if (folder !== undefined) args.push(`-c.electronDist=${folder}`)
  if (Number(version.split('.')[0]) >= 29) args.push('-c.electronFuses.grantFileProtocolExtraPrivileges=false')
  const hint =
    folder === undefined
      ? ' (where its host is out of reach, ELECTRON_OVERRIDE_DIST_PATH names a folder with Electron)'
      : ''
  const options = { cwd: root, env: productEnv(), failed: `electron-builder failed${hint}` }
  await runQuietly(join(bin, 'electron-builder'), args, options)
}

/** Of the Electron in `folder`, or of the package. */
function electronVersion(folder: string | undefined): string {
  if (folder !== undefined) return readFileSync(join(folder, 'version'), 'utf8').trim().replace(/^v/, '')
  const { version } = JSON.parse(readFileSync(join(root, 'node_modules', 'electron', 'package.json'), 'utf8')) as {
    version: string
  }
  return version
}

/** electron-builder packs whatever Electron it is given, of another architecture too, and says nothing. */
function checkMachines(out: string, arch: Arch): void {
  const programs = walk(out).filter((path) => /(^|\/)(visionvend|node)$|\.node$/.test(path))
  const wrong = programs.filter((path) => {
    const kind = execFileSync('file', ['-b', path], { encoding: 'utf8' })
    return !kind.startsWith('ELF') || !kind.includes(machines[arch])
  })
  if (wrong.length > 0) throw new Plain(`Not for ${arch}:\n  ${wrong.join('\n  ')}`)
  say(`${programs.length} programs and native packages, all for ${arch}`)
}

function walk(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    return statSync(path).isDirectory() ? walk(path) : [path]
  })
}
