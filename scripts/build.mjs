/** `npm run build`: screens, runtime and shell, each where it is stale; what `npm start` does before it opens them. */
import { ensureAll } from './setup/build.mjs'
import { runMain } from './setup/say.mjs'

await runMain(ensureAll)
