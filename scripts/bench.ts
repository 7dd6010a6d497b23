/**
 * `npm run bench [-- --json]`: what the fridge costs, measured here and now, beside its references. Prints, never asserts.
 */
import { mkdirSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { home } from '../src/runtime/places.ts'
import type { Figure } from './bench/figures.ts'
import { benchClosing } from './bench/closing.ts'
import { benchInbox } from './bench/inbox.ts'
import { benchMemory } from './bench/memory.ts'
import { benchSimulation } from './bench/simulation.ts'
import { benchStart } from './bench/start.ts'
import { benchTap } from './bench/tap.ts'

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } })
// Not on a file system in memory: a commit is worth what its disk makes of it.
const folder = join(home, '.cache', 'bench')
mkdirSync(folder, { recursive: true })

const figures: Figure[] = []
const measured = (more: readonly Figure[]): void => {
  figures.push(...more)
  if (values.json) return
  for (const { name, value, unit, reference, aim } of more) {
    const beside = reference === undefined ? '' : `   (${reference.name}: ${reference.value})`
    process.stdout.write(
      `${name.padEnd(54)} ${String(value).padStart(9)} ${unit}${beside}${aim === undefined ? '' : `   aim ${aim}`}\n`,
    )
  }
}

measured(benchInbox(folder))
measured(await benchTap(folder))
measured(await benchMemory(folder, join(home, 'src', 'runtime', 'main.ts')))
measured(await benchClosing(folder, join(home, 'src', 'runtime', 'main.ts'), 30))
measured(await benchSimulation())
measured(await benchStart(home))
if (values.json) {
  const cpu = cpus()
  process.stdout.write(
    `${JSON.stringify({ node: process.version, cpu: cpu[0]?.model, cores: cpu.length, figures }, null, 2)}\n`,
  )
}
