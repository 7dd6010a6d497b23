/**
 * npm run sim -- --seeds N [--seed S] [--json] [--workers W] [--events E]: the whole fridge under any fault, judged by the
 * auditor (test/sim). Exit status 1 when a law is broken, 2 when it is asked wrongly. One seed prints its story on request.
 */
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { campaign, type CampaignReport } from '../test/sim/campaign.ts'

const usage = `Usage: npm run sim -- [options]

  --seeds N     how many seeds (default 100)
  --seed S      the first (default 1); with --seeds 1, the one that a violation names
  --workers W   threads (default 2, or the machine's cores if fewer)
  --events E    ledger events of each seed, at least (default 300)
  --frames      real pictures and models in every visit, instead of drawing what they would tell: about half a minute a visit
  --json        the whole report as JSON on stdout
`

function whole(text: string | undefined, name: string, least: number, otherwise: number): number {
  if (text === undefined) return otherwise
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < least) {
    process.stderr.write(`--${name} is a whole number from ${least}, not ${JSON.stringify(text)}\n\n${usage}`)
    process.exit(2)
  }
  return value
}

function asked() {
  try {
    return parseArgs({
      options: {
        seeds: { type: 'string' },
        seed: { type: 'string' },
        workers: { type: 'string' },
        events: { type: 'string' },
        frames: { type: 'boolean' },
        json: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    }).values
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`)
    process.exit(2)
  }
}

const given = asked()
if (given.help === true) {
  process.stdout.write(usage)
  process.exit(0)
}
const report = await campaign({
  firstSeed: whole(given.seed, 'seed', 0, 1),
  seeds: whole(given.seeds, 'seeds', 1, 100),
  workers: whole(given.workers, 'workers', 1, Math.min(2, availableParallelism())),
  events: whole(given.events, 'events', 1, given.frames === true ? 60 : 300),
  frames: given.frames === true,
  ...(process.stderr.isTTY
    ? { progress: (done, broken) => process.stderr.write(`\r${done} seeds, ${broken} violations `) }
    : {}),
})
if (process.stderr.isTTY) process.stderr.write('\r\u001b[K')
process.stdout.write(given.json === true ? `${JSON.stringify(report)}\n` : inWords(report))
process.exitCode = report.violations.length > 0 ? 1 : 0

function inWords(one: CampaignReport): string {
  const { tally } = one
  const seconds = (ms: number): string => (ms / 1_000).toFixed(1)
  const listed = (sums: Readonly<Record<string, number>>): string =>
    Object.entries(sums)
      .map(([name, sum]) => `${name} ${sum}`)
      .join(', ')
  const stories = one.violations.slice(0, 5).map(({ seed, law, what, story }) => {
    const lines = story.map((line) => `    ${line}\n`).join('')
    return `\n[${law}] seed ${seed}: ${what}\n${lines}`
  })
  return `${one.seeds} seeds from ${one.firstSeed}: ${one.visits} visits, ${one.events} ledger events (at least ${one.fewestEvents} a seed), \
${one.crashes} crashes, ${one.simulatedHours} hours simulated
${seconds(one.wallMs)} s (${seconds(one.cpuMs)} s of CPU), trace ${one.traceHash}
faults: ${listed(one.faults)}
judged: ${listed(one.judged)}
not judged for a fault in the way: ${listed(one.excused)}
visits opened ${tally.opened}, charged ${tally.charged} (right ${tally.chargedRight}), overcharged ${tally.overcharged}, \
undercharged ${tally.undercharged}, reviews ${tally.reviews} (lapsed ${tally.lapsed}); sure ${tally.sure}, \
of them wrong ${tally.sureWrong} where ${tally.sureWrongExpected.toFixed(1)} was claimed, the amount ${tally.amountWrong} \
where ${tally.amountWrongExpected.toFixed(1)} was claimed; this or that ${tally.eitherOr}
${one.violations.length === 0 ? 'no law was broken' : `${one.violations.length} VIOLATIONS`}
${stories.join('')}`
}
