import { simulate } from './simulation.ts'
const r = await simulate({ seed: Number(process.argv[2]), storyLines: Number(process.argv[4] ?? 45) })
const law = process.argv[3]
let n = 0
for (const v of r.violations) {
  if (law && v.law !== law) continue
  if (n++ > 0) continue
  console.log('==', v.law, v.what)
  console.log(v.story.join('\n'))
}
