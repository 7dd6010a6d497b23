/**
 * Tree: the project's files as the checks see them, so that a test can give a check a small bad tree from memory.
 * Holds what git holds or would hold: an ignored file is nobody's fault.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

export interface Tree {
  /** Paths from the project's root, with `/`, sorted. */
  readonly files: readonly string[]
  read(path: string): string
}

/** What is wrong, and where. `line` counts from 1; 0 is the file as a whole. */
export interface Fault {
  readonly path: string
  readonly line: number
  readonly what: string
}

const ignored = new Set(['node_modules', '.git', 'dist', 'out', '.cache', 'data', 'coverage'])

/** The tree that stands in `root`; without git (an unpacked archive) the folders that git would ignore are left out. */
export function diskTree(root: string): Tree {
  return {
    files: (gitFiles(root) ?? walk(root, '')).toSorted(),
    read: (path) => readFileSync(join(root, path), 'utf8'),
  }
}

export function memoryTree(files: Readonly<Record<string, string>>): Tree {
  return {
    files: Object.keys(files).toSorted(),
    read: (path) => files[path] ?? '',
  }
}

export const lineAt = (text: string, offset: number): number => text.slice(0, offset).split('\n').length

function gitFiles(root: string): string[] | null {
  if (!existsSync(join(root, '.git'))) return null
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { cwd: root, encoding: 'utf8' })
  // A file deleted but not yet committed is still listed.
  return listed.split('\0').filter((path) => path !== '' && existsSync(join(root, path)))
}

function walk(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (ignored.has(entry.name)) return []
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    return entry.isDirectory() ? walk(root, path) : [path]
  })
}
