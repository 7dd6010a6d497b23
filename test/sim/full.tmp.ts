import { simulate } from './simulation.ts'
const r = await simulate({ seed: Number(process.argv[2]), storyLines: 20000 })
const at = r.story.findIndex((l) => l.includes(process.argv[3] ?? '') && l.includes(process.argv[4] ?? ''))
console.log(r.story.slice(at - Number(process.argv[5] ?? 30), at + Number(process.argv[6] ?? 8)).join('\n'))
