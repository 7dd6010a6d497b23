/** `npm run build:relay`: the relay as one file, and the owner's pages, for a container (Dockerfile). */
import { ensureRelay, ensureScreens } from './setup/build.mjs'
import { runMain } from './setup/say.mjs'

await runMain(async () => {
  await ensureRelay()
  await ensureScreens()
})
