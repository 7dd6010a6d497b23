/** Builds the screens as they are shipped, into a folder of the test's own, for the stage to serve. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { node, root } from '../programs.ts'

/** Gives the folder; the caller removes it. `name` keeps tests that run side by side apart. */
export async function buildScreens(name: string): Promise<string> {
  const dist = join(root, '.cache', `screens-${name}-${process.pid}`)
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js')
  // A process of its own, because React's production build is chosen by the environment.
  await promisify(execFile)(node, [vite, 'build', '--manifest', '--logLevel', 'error', '--outDir', dist], {
    cwd: root,
    env: { ...process.env, NODE_ENV: 'production' },
  })
  return dist
}
