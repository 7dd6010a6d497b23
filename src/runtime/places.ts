/** Where the program's own files are: in the repository, and in a package where everything is one folder. */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The nearest folder above this file that holds package.json. */
function homeDir(): string {
  let dir = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(dir, 'package.json'))) {
    const above = dirname(dir)
    if (above === dir) throw new Error(`no package.json above ${fileURLToPath(import.meta.url)}`)
    dir = above
  }
  return dir
}

export const home = homeDir()
export const screensDir = join(home, 'dist', 'renderer')
export const defaultProductsDir = join(home, 'src', 'virtual', 'products')
export const firmwareFile = join(home, 'firmware', 'wasm', 'controller.wasm')
export const relayProgram = join(home, 'sync', 'relay', 'main.ts')
export const modelsDir = join(home, 'vision', 'models')
