/**
 * Native packages: what can't be bundled, because it loads a library of its own from beside itself. Copied with what it
 * needs to run, and nothing that it needs to be built or that another platform needs.
 */
import { cpSync, existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

/** What a package with a binding.gyp is built from, where there is no prebuilt library. */
const builtFrom = /^(src|deps)(\/|$)/

/** Headers for compilers, which a program does not need. */
const buildOnly = new Set(['node-addon-api', 'node-gyp'])

/**
 * Copies the packages in `names`, and their dependencies, from `root`'s node_modules to `to`'s.
 * Throws when a needed package is not installed.
 */
export function copyNativePackages(root: string, to: string, arch: string, names: readonly string[]): void {
  const copied = new Set<string>()
  for (const name of names) copy(name, root, true)

  function copy(name: string, from: string, needed: boolean): void {
    const folder = installed(name, from, root)
    if (folder === null) {
      if (needed) throw new Error(`${name} is not installed, and ${relative(root, from) || 'the runtime'} needs it`)
      return
    }
    if (copied.has(folder)) return
    copied.add(folder)
    const builds = existsSync(join(folder, 'binding.gyp'))
    const inside = (path: string): string => relative(folder, path)
    cpSync(folder, join(to, relative(root, folder)), {
      recursive: true,
      filter: (path) => !(builds && builtFrom.test(inside(path))) && isWanted(inside(path), arch),
    })
    const { dependencies = {}, optionalDependencies = {} } = readPackage(folder)
    for (const other of Object.keys(dependencies)) if (!buildOnly.has(other)) copy(other, folder, true)
    for (const other of Object.keys(optionalDependencies)) copy(other, folder, false)
  }
}

/** True for a file (its path inside its package) that a program on Linux and `arch` may need. */
export function isWanted(path: string, arch: string): boolean {
  const parts = path.split('/')
  if (parts.includes('node_modules')) return false
  if (/\.(md|gyp|gypi|map|d\.ts|c|cc|cpp|h|hpp)$/.test(path)) return false
  const prebuilt = /(?:^|\/)prebuilds\/([^/]+?)(?:\.node)?(?:\/|$)/.exec(path)?.[1]
  if (prebuilt !== undefined) return prebuilt === `linux-${arch}`
  // onnxruntime-node: bin/napi-v6/OS/ARCH
  const [, os, machine] = /^bin\/napi-v\d+\/([^/]+)(?:\/([^/]+))?/.exec(path) ?? []
  return (os === undefined || os === 'linux') && (machine === undefined || machine === arch)
}

/** Where Node would find `name` from the package in `from`. */
function installed(name: string, from: string, root: string): string | null {
  for (let folder = from; folder.startsWith(root); folder = dirname(folder)) {
    const found = join(folder, 'node_modules', name)
    if (existsSync(join(found, 'package.json'))) return found
  }
  return null
}

interface Package {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const readPackage = (folder: string): Package =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Package
