/**
 * `npm run bench:phone [RUNS]`: the phone page's first load at a fridge's code, in Chromium on an empty cache: requests, bytes,
 * and the time until its one button can be pressed. Prints a table; asserts nothing. The relay is the tests' stand-in.
 * "Slow 4G" is Lighthouse's `mobileSlow4G`: 150 ms, 1.6 Mbit/s down, 750 kbit/s up, and a processor four times slower. Its request
 * latency of 562.5 ms (3.75 times 150, throughput x 0.9) is what it and DevTools use to stand for the set-up of a connection too,
 * which throttling on loopback has not: both are shown (lighthouse/core/config/constants.js).
 */
import { chromium as browsers } from 'playwright-core'
import { startStandIn } from '../test/e2e/phone/stand-in.ts'
import { chromium, rootArgs } from '../test/e2e/programs.ts'
import { ensureScreens } from './setup/build.mjs'

const runs = Number(process.argv[2] ?? 7)
const kilobit = 1_000 / 8
const networks = [
  { name: 'no throttling', latency: 0, down: -1, up: -1, slowdown: 1 },
  { name: '150 ms, 1.6 Mbit/s', latency: 150, down: 1_638.4 * kilobit, up: 750 * kilobit, slowdown: 1 },
  { name: 'the same, CPU 4x slower', latency: 150, down: 1_638.4 * kilobit, up: 750 * kilobit, slowdown: 4 },
  { name: 'DevTools (562.5 ms), 4x', latency: 562.5, down: 1_474.56 * kilobit, up: 675 * kilobit, slowdown: 4 },
]

await ensureScreens()
const relay = await startStandIn()
const browser = await browsers.launch({ executablePath: chromium() ?? '', args: rootArgs })
const say = (cells: readonly string[]): void => {
  process.stdout.write(`${cells.map((cell, at) => (at === 0 ? cell.padEnd(26) : cell.padStart(11))).join('')}\n`)
}
say(['usable after, ms', 'median', 'worst', 'requests', 'kB'])
for (const network of networks) {
  const times: number[] = []
  let requests = 0
  let bytes = 0
  for (let run = 0; run < runs; run += 1) {
    const context = await browser.newContext({ viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true, locale: 'en-GB' }) // prettier-ignore
    const page = await context.newPage()
    const session = await context.newCDPSession(page)
    await session.send('Network.enable')
    await session.send('Network.emulateNetworkConditions', { offline: false, latency: network.latency, downloadThroughput: network.down, uploadThroughput: network.up }) // prettier-ignore
    await session.send('Emulation.setCPUThrottlingRate', { rate: network.slowdown })
    requests = 0
    bytes = 0
    session.on('Network.loadingFinished', ({ encodedDataLength }) => {
      requests += 1
      bytes += encodedDataLength
    })
    // By the page's own clock, from its navigation on: how long this script waits for its answers is not in it.
    await page.addInitScript(() => {
      const look = (): void => {
        const button = document.querySelector('.dock .button-primary:not(:disabled)')
        if (button === null) requestAnimationFrame(look)
        else performance.mark('usable')
      }
      look()
    })
    await page.goto(`${relay.url}/f/fridge-1`, { waitUntil: 'commit' })
    await page.waitForFunction(() => performance.getEntriesByName('usable').length > 0)
    times.push(await page.evaluate(() => performance.getEntriesByName('usable')[0]?.startTime ?? 0))
    await context.close()
  }
  times.sort((a, b) => a - b)
  const median = times[Math.floor(times.length / 2)] ?? 0
  say([network.name, median.toFixed(0), (times.at(-1) ?? 0).toFixed(0), String(requests), (bytes / 1000).toFixed(1)])
}
await browser.close()
await relay.close()
