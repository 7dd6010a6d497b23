/**
 * House: what must not be left lying about in the tree, and how long a file may be.
 * The words that are looked for are put together here, so that this file is not its own first fault.
 */
import { posix } from 'node:path'
import type { Fault, Tree } from './tree.ts'

interface Litter {
  readonly pattern: RegExp
  readonly what: string
  readonly only?: RegExp
}

const word = (...parts: readonly string[]): string => parts.join('')
const ownFolders = `(^|[\\s"'\`=(:])/(${word('wo', 'rk')}|home/[a-z]+|Users/[a-z]+)/`
const registries = [
  word('regis', 'try\\.(npmjs|yarnpkg)\\.'),
  word('py', 'pi\\.org'),
  word('files\\.python', 'hosted'),
  word('pro', 'xy\\.golang'),
].join('|')
const leftOpen = ['TO,DO', 'FIX,ME', 'XX,X', 'HA,CK'].map((name) => name.replace(',', '')).join('|')

const litter: readonly Litter[] = [
  { pattern: new RegExp(ownFolders), what: "names a path of somebody's own machine" },
  { pattern: new RegExp(registries), what: 'names a registry host: a clone elsewhere may reach another one' },
  { pattern: new RegExp(`\\b(${leftOpen})\\b`), what: 'is left open: do it, or say in an issue what is missing' },
  {
    pattern: /https?:\/\/(?!www\.w3\.org\/|127\.0\.0\.1|localhost)/,
    what: 'points a screen at something outside the fridge',
    only: /^renderer\/.*\.(tsx?|css|html)$/,
  },
]

const binary = /\.(png|jpe?g|webp|ico|woff2?|ttf|wasm|onnx|db|gz|bin|pdf)$/
const codeFile = /\.(ts|tsx|mjs|c|h|py|sh)$/
const made = /generated|\.gen\.|\.table\.|vectors/
const emptyNames = /^(utils?|helpers?|managers?|common|misc)(\.|$)/
const headed = /^(src|renderer|sync|vision|firmware|scripts)\/.*\.(ts|tsx|mjs)$/

/** Litter, names that say nothing, and source files that do not say at their top what they are for. */
export function checkHouse(tree: Tree): Fault[] {
  return tree.files
    .filter((path) => !binary.test(path) && path !== 'package-lock.json')
    .flatMap((path) => {
      const text = tree.read(path)
      return [...litterIn(path, text), ...nameFaults(path), ...headFaults(path, text)]
    })
}

function litterIn(path: string, text: string): Fault[] {
  const wanted = litter.filter(({ only }) => only === undefined || only.test(path))
  return text
    .split('\n')
    .flatMap((row, index) =>
      wanted.filter(({ pattern }) => pattern.test(row)).map(({ what }) => ({ path, line: index + 1, what })),
    )
}

function nameFaults(path: string): Fault[] {
  const part = path.split('/').find((name) => emptyNames.test(name))
  return part === undefined ? [] : [{ path, line: 0, what: `"${part}" is no name: say what it holds` }]
}

function headFaults(path: string, text: string): Fault[] {
  if (!headed.test(path) || made.test(path)) return []
  const head = /^(?:#!.*\n)?\/\*\*([\s\S]*?)\*\//.exec(text)?.[1]
  if (head === undefined) return [{ path, line: 1, what: 'does not begin with a comment that says what it is for' }]
  const lines = head.split('\n').filter((row) => row.replaceAll(/[\s*]/g, '') !== '').length
  return lines <= 12 ? [] : [{ path, line: 1, what: `has a top comment of ${lines} lines, at most 12` }]
}

const smellLines = 400
const faultLines = 600

export interface Lengths {
  readonly faults: readonly Fault[]
  /** Files over the smell, which are told and allowed. */
  readonly smells: readonly string[]
}

export function checkLengths(tree: Tree): Lengths {
  const long = tree.files
    .filter((path) => codeFile.test(path) && !made.test(path))
    .map((path) => ({ path, lines: tree.read(path).trimEnd().split('\n').length }))
    .filter(({ lines }) => lines > smellLines)
  return {
    faults: long
      .filter(({ lines }) => lines > faultLines)
      .map(({ path, lines }) => ({
        path,
        line: 0,
        what: `has ${lines} lines, at most ${faultLines}: make it two rooms`,
      })),
    smells: long
      .filter(({ lines }) => lines <= faultLines)
      .map(({ path, lines }) => `${posix.basename(path)} ${lines} lines`),
  }
}
