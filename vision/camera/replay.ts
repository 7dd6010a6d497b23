/**
 * Replay: a camera that is a folder of JPEGs (in the order of their names) or a file of MJPEG, from its beginning at each
 * start and over again at its end, at a steady pace. For tests, for demonstrations, and for looking at a visit again.
 */
import { createReadStream } from 'node:fs'
import { readFile, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../src/core/ports.ts'
import { createSplitter } from './mjpeg.ts'
import type { Source } from './source.ts'

export function replaySource(path: string, framesPerSecond: number, clock: Clock): Source {
  return {
    name: path,
    open({ bytes, lost }) {
      const closed = new AbortController()
      let wake = (): void => {}
      const paused = async (): Promise<void> =>
        new Promise((resolve) => {
          const cancel = clock.after(1_000 / framesPerSecond, resolve)
          wake = () => resolve(cancel())
        })
      const play = async (): Promise<void> => {
        for (let given = 0, round = 0; ; round += 1) {
          for await (const jpeg of jpegsOf(path)) {
            if (closed.signal.aborted) return
            bytes(jpeg)
            given += 1
            await paused()
          }
          if (given <= round) throw new Error(`${path} holds no JPEG`)
        }
      }
      const played = play().catch((error: unknown) => {
        if (!closed.signal.aborted) lost(error instanceof Error ? error.message : String(error))
      })
      return {
        async close() {
          closed.abort()
          wake()
          await played
        },
      }
    },
  }
}

/** The JPEGs of a folder's files or of one file, one after the other, never all in memory. */
export async function* jpegsOf(path: string): AsyncGenerator<Uint8Array> {
  if ((await stat(path)).isDirectory()) {
    const names = (await readdir(path)).filter((name) => /\.jpe?g$/i.test(name)).toSorted()
    for (const name of names) yield await readFile(join(path, name))
    return
  }
  const splitter = createSplitter()
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>)
    for (const { bytes } of splitter.push(chunk)) yield bytes
}
