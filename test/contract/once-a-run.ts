/**
 * Once a run, before any contract test: one PostgreSQL cluster with the relay's tables in a database, and an embedded database
 * with them, both made by the relay's own opening. A test copies them, which takes a tenth of what making them takes.
 */
import type { TestProject } from 'vitest/node'
import { embeddedFile, makeTables, postgresqlBin, startPostgresql } from './relay-stores.ts'

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const embedded = embeddedFile()
  if (postgresqlBin === null) {
    await embedded
    return async () => {} // its tests say that it is missing
  }
  const cluster = await startPostgresql()
  try {
    await Promise.all([makeTables(cluster.url), embedded])
  } catch (error) {
    await cluster.stop()
    throw error
  }
  project.provide('cluster', cluster.url)
  return () => cluster.stop()
}
