/** Once a run, before any end-to-end test: screens, runtime and shell are built, and the relay's tables made, where stale. */
import { ensureAll } from '../../scripts/setup/build.mjs'
import { embeddedFile } from '../contract/relay-stores.ts'

export default async function setup(): Promise<void> {
  await ensureAll()
  await embeddedFile()
}
