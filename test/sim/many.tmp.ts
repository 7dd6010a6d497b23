import { campaign } from './campaign.ts'
const r = await campaign({ firstSeed: Number(process.argv[2]), seeds: Number(process.argv[3]), workers: 2, events: 300 })
console.log(r.seeds, 'seeds', r.wallMs, 'ms wall', r.cpuMs / r.seeds, 'cpu/seed', JSON.stringify(r.tally))
console.log(JSON.stringify(r.faults), JSON.stringify(r.judged), JSON.stringify(r.excused))
for (const v of r.violations.slice(0, 30)) console.log(v.seed, v.law, v.what.slice(0, 300))
