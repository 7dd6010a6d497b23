import { simulate } from './simulation.ts'
const [from, to] = [Number(process.argv[2] ?? 0), Number(process.argv[3] ?? 8)]
const t0 = process.cpuUsage()
const laws: Record<string, number> = {}
const sum: Record<string, number> = {}
for (let seed = from; seed < to; seed++) {
  const t = process.cpuUsage()
  try {
    const r = await simulate({ seed })
    const c = process.cpuUsage(t)
    for (const [k, v] of Object.entries(r.faults)) sum[k] = (sum[k] ?? 0) + v
    console.log(
      seed,
      r.weather,
      r.visits,
      r.events,
      'crashes',
      r.crashes,
      'steps',
      r.steps,
      'cpu',
      Math.round((c.user + c.system) / 1000),
      r.traceHash,
      JSON.stringify(r.tally),
    )
    for (const v of r.violations) {
      laws[v.law] = (laws[v.law] ?? 0) + 1
      if ((laws[v.law] ?? 0) <= 4) console.log('   ', v.law, v.what)
    }
  } catch (e) {
    console.log(seed, 'ERROR', String((e as Error).stack).slice(0, 900))
  }
}
const c = process.cpuUsage(t0)
console.log('total cpu', (c.user + c.system) / 1000, laws, sum)
