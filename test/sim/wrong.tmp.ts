import { simulate } from './simulation.ts'
const [from, to] = [Number(process.argv[2] ?? 0), Number(process.argv[3] ?? 8)]
let exp = 0,
  sure = 0,
  over = 0
for (let seed = from; seed < to; seed++) {
  const r = await simulate({ seed })
  exp += r.tally.sureWrongExpected
  sure += r.tally.sure
  over += r.tally.overcharged
  for (const m of r.misreadings) console.log(seed, r.weather, m)
  for (const v of r.violations) console.log(seed, r.weather, 'VIOLATION', v.law, v.what)
}
console.log({ exp, sure, over })
