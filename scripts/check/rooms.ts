/**
 * Rooms: who may know whom, as ARCHITECTURE.md's table says it, and no folder barrels.
 * Holds always: a source file lives in exactly one room; it imports its own room, the rooms listed for it, the packages
 * listed for it, and nothing else. Node's own modules count as packages, under `node:*`.
 */
import { posix } from 'node:path'
import { readModule } from './imports.ts'
import type { Fault, Tree } from './tree.ts'

interface Room {
  /** A folder, or a single file, from the project's root. */
  readonly at: string
  /** Rooms, or single files of a room, that may be imported. */
  readonly may: readonly string[]
  readonly packages: readonly string[]
}

const core = 'src/core'
const contract = 'src/contract'
const node = 'node:*'
const edgeRooms = [
  core, 'src/session', 'src/cabinet', 'src/fusion', 'src/catalog', 'src/ledger', 'src/device', 'src/access',
  'src/payments', contract, 'src/gateway', 'src/virtual', 'vision', 'sync/edge', 'sync/protocol', 'firmware/wasm',
] as const // prettier-ignore

const rooms: readonly Room[] = [
  // An event's schema stands beside its type, so that a replayed row is checked before any room believes it.
  { at: core, may: [], packages: ['zod'] },
  { at: 'src/session', may: [core], packages: [] },
  { at: 'src/cabinet', may: [core], packages: [] },
  { at: 'src/fusion', may: [core], packages: [] },
  { at: 'src/catalog', may: [core], packages: [] },
  { at: 'src/ledger', may: [core], packages: [node, 'better-sqlite3'] },
  { at: 'src/device', may: [core], packages: [node, 'serialport'] },
  { at: 'src/access', may: [core], packages: [node, 'zod'] },
  { at: 'src/payments', may: [core], packages: [node, 'stripe', 'zod'] },
  { at: contract, may: [core], packages: ['zod'] },
  {
    at: 'src/gateway',
    may: [core, contract, 'src/ledger'],
    packages: [node, 'zod', 'fastify', '@fastify/static', '@fastify/websocket', 'ws'],
  },
  { at: 'src/runtime', may: edgeRooms, packages: [node, 'zod', 'pino', 'stripe', 'serialport', 'better-sqlite3'] },
  {
    // A process of its own with its own door for screens, on which are the gateway's locks.
    at: 'src/virtual',
    may: [
      core,
      contract,
      'src/device',
      'src/gateway/safety.ts',
      'src/gateway/secrets.ts',
      'src/gateway/operators.ts',
      'firmware/wasm',
    ],
    // sharp: the virtual cameras read product pictures and send JPEGs, as real ones do.
    packages: [node, 'zod', 'fastify', '@fastify/static', '@fastify/websocket', 'sharp'],
  },
  { at: 'src/shell', may: [contract], packages: [node, 'electron'] },
  {
    at: 'renderer',
    may: [contract, 'src/core/money.ts', 'src/core/product.ts', 'src/core/definition.ts'],
    packages: ['*'],
  },
  { at: 'vision', may: [core], packages: [node, 'onnxruntime-node', 'sharp'] },
  { at: 'sync/protocol', may: [core], packages: [node, 'zod'] }, // node: SHA-256, Ed25519 and zstd
  { at: 'sync/edge', may: ['sync/protocol', core], packages: [node, 'zod', 'mqtt'] },
  { at: 'sync/relay', may: ['sync/protocol', core, 'src/payments', contract], packages: ['*'] },
  { at: 'firmware', may: [], packages: [node] },
  { at: 'scripts', may: ['*'], packages: ['*'] },
  { at: 'test', may: ['*'], packages: ['*'] },
]

/** Every import that the table does not allow, every source file without a room, every barrel. */
export function checkRooms(tree: Tree): Fault[] {
  return tree.files.filter((path) => /\.(ts|tsx|mts|mjs|js)$/.test(path)).flatMap((path) => checkFile(tree, path))
}

function checkFile(tree: Tree, path: string): Fault[] {
  const room = roomOf(path)
  if (room === undefined) {
    // Tools' own settings stand in the root, where each tool looks for them.
    if (!path.includes('/') && path.endsWith('.config.ts')) return []
    return [{ path, line: 0, what: 'stands in no room of the table in scripts/check/rooms.ts' }]
  }
  const found = readModule(path, tree.read(path))
  const faults = found.imports.flatMap(({ from, line }) => {
    const what = forbidden(room, path, from)
    return what === null ? [] : [{ path, line, what }]
  })
  if (found.onlyReexports || /\/index\.(ts|tsx)$/.test(path)) {
    faults.push({ path, line: 1, what: 'is a barrel: import from the file that has the code' })
  }
  return faults
}

function forbidden(room: Room, path: string, from: string): string | null {
  if (!from.startsWith('.')) {
    const name = from.startsWith('node:') ? node : packageName(from)
    if (room.packages.includes('*') || room.packages.includes(name)) return null
    return `${room.at} may not use ${from} (it may use ${list(room.packages)})`
  }
  const target = posix.normalize(posix.join(posix.dirname(path), from.replace(/\?.*$/, '')))
  if (within(target, room.at) || room.may.includes('*')) return null
  if (room.may.some((allowed) => within(target, allowed))) return null
  return `${room.at} may not import ${target} (it may import ${list(room.may)})`
}

/** The longest folder wins: `sync/edge` before `sync`. */
function roomOf(path: string): Room | undefined {
  return rooms.filter((room) => within(path, room.at)).toSorted((a, b) => b.at.length - a.at.length)[0]
}

const within = (path: string, at: string): boolean => path === at || path.startsWith(`${at}/`)

const packageName = (from: string): string =>
  from
    .split('/')
    .slice(0, from.startsWith('@') ? 2 : 1)
    .join('/')

const list = (names: readonly string[]): string => (names.length === 0 ? 'nothing' : names.join(', '))
