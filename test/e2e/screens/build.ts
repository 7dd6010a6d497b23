/** The screens as they are shipped, for the stage to serve: the build that everything else serves too. */
import { join } from 'node:path'
import { ensureScreens } from '../../../scripts/setup/build.mjs'
import { root } from '../programs.ts'

/** Gives their folder, once they stand there as the sources are. */
export async function buildScreens(): Promise<string> {
  await ensureScreens()
  return join(root, 'dist', 'renderer')
}
