/** `node scripts/build-shell.mjs`: the shell's bundle alone, where it is stale; what `npm start` does before Electron. */
import { ensureShell } from './setup/build.mjs'
import { runMain } from './setup/say.mjs'

await runMain(ensureShell)
