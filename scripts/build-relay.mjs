/** `npm run build:relay`: the relay as one file, for a container (Dockerfile). */
import { ensureRelay } from './setup/build.mjs'
import { runMain } from './setup/say.mjs'

await runMain(ensureRelay)
