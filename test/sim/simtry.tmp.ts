import { simulate } from './simulation.ts'
const seed = Number(process.argv[2] ?? 1)
const t = process.cpuUsage()
const r = await simulate({ seed, storyLines: Number(process.argv[3] ?? 80) })
const c = process.cpuUsage(t)
if (process.argv[3]) console.log(r.story.join('\n'))
console.log(JSON.stringify({ ...r, story: undefined, violations: r.violations.map((v) => [v.law, v.what]) }))
console.log('cpu ms', (c.user + c.system) / 1000)
