/**
 * Say: progress, one short line for each thing that takes time, on stderr so that stdout stays for machines.
 * Holds always: nothing is silent for more than ten seconds.
 */

/** @param {string} line */
export function say(line) {
  process.stderr.write(`${line}\n`)
}

/**
 * Runs one thing that takes time, and says when it starts, that it goes on, and how long it took.
 * @template T
 * @param {string} what
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function timed(what, work) {
  const startedMs = performance.now()
  const seconds = () => ((performance.now() - startedMs) / 1000).toFixed(1)
  say(`${what} ...`)
  const beat = setInterval(() => say(`  still at it, ${Math.round(Number(seconds()))} s`), 10_000)
  try {
    const result = await work()
    say(`  done in ${seconds()} s`)
    return result
  } finally {
    clearInterval(beat)
  }
}

/** A fault that the person at the terminal can do something about: printed without a stack. */
export class Plain extends Error {}

/**
 * Runs a program's main function; a Plain fault is printed and ends it with status 1.
 * @param {() => Promise<void>} main
 */
export async function runMain(main) {
  try {
    await main()
  } catch (error) {
    if (!(error instanceof Plain)) throw error
    say(error.message)
    process.exitCode = 1
  }
}
