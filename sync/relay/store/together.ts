/**
 * Together: batches that come while others are being written are written in one statement, with one commit [RL85].
 * Holds always: a few writers at a time, whatever comes, so that a database's backends do not wait for each other; nobody waits
 * for company: a batch that finds a writer free is written at once. What could not be written together is said to each.
 * Called by ingest.ts.
 */

/** While one waits for the disk and one for its turn at the processor, another works. */
const mostWriters = 3
const mostTogether = 16
const mostRows = 8_000

interface Waiting<One> {
  readonly one: One
  readonly told: (written: boolean) => void
}

/** `write` writes all of several, whose fridges differ, or nothing. */
export function together<One extends { readonly fridge: string; readonly rows: readonly unknown[] }>(
  write: (several: readonly One[]) => Promise<boolean>,
): (one: One) => Promise<boolean> {
  let waiting: Waiting<One>[] = []
  let writers = 0

  function next(): Waiting<One>[] {
    const taken: Waiting<One>[] = []
    const left: Waiting<One>[] = []
    const fridges = new Set<string>()
    let rows = 0
    for (const each of waiting) {
      const { one } = each
      const fits = taken.length === 0 || (taken.length < mostTogether && rows + one.rows.length <= mostRows)
      if (!fits || fridges.has(one.fridge)) left.push(each)
      else {
        taken.push(each)
        fridges.add(one.fridge)
        rows += one.rows.length
      }
    }
    waiting = left
    return taken
  }

  async function work(): Promise<void> {
    writers += 1
    while (waiting.length > 0) {
      const taken = next()
      const written = await write(taken.map(({ one }) => one)).catch(() => false)
      for (const { told } of taken) told(written)
    }
    writers -= 1
  }

  return (one) =>
    new Promise((told) => {
      waiting.push({ one, told })
      if (writers < mostWriters) void work()
    })
}
