/**
 * Main: what `npm start` runs. With a controller, the edge runtime of a real fridge; without one, the virtual fridge, which
 * starts that same runtime as a process of its own and plays the world around it.
 */
import { serveVirtualFridge } from '../virtual/host.ts'
import { runEdge } from './edge.ts'
import { readStart } from './settings.ts'

const start = readStart(process.argv.slice(2))
if (!start.ok) {
  process.stderr.write(`${start.error}\n`)
  process.exitCode = 2
} else if (start.value.settings.controller === undefined) await serveVirtualFridge(start.value)
else await runEdge(start.value)
