/**
 * `npm run vision -- COMMAND`: the vision tools of vision/main.ts, and `replay`, which asks fusion and the ledger too, of which
 * that room knows nothing.
 */
if (process.argv[2] === 'replay') {
  process.argv.splice(2, 1)
  await import('./vision-replay.ts')
} else {
  await import('../vision/main.ts')
}
