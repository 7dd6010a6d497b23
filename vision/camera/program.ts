/**
 * Program: a camera behind a child process that writes JPEGs to its standard output: rpicam-vid, or ffmpeg for USB cameras,
 * network cameras, files and test pictures.
 *
 * Holds always: a closed one is gone, asked first and killed if need be; one whose parent died without a word dies with
 * it, even if it never writes again: the kernel tells it (setpriv --pdeathsig), or, on a system without setpriv, the
 * broken pipe at its next picture. Called by address.ts.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import type { Clock } from '../../src/core/ports.ts'
import type { OpenedSource, Source, SourceEvents, Wanted } from './source.ts'

export interface Program {
  readonly command: string
  readonly args: readonly string[]
}

const endWithinMs = 400
/** Of what it says on its standard error, enough for the reason why it ended. */
const keptErrorChars = 400
const setpriv = ['/usr/bin/setpriv', '/bin/setpriv'].find((path) => existsSync(path))

export function programSource(name: string, { command, args }: Program, clock: Clock): Source {
  return {
    name,
    open: (events) => run(command, args, clock, events),
  }
}

function run(command: string, args: readonly string[], clock: Clock, { bytes, lost }: SourceEvents): OpenedSource {
  const [file, all] =
    setpriv === undefined ? [command, args] : [setpriv, ['--pdeathsig', 'KILL', '--', command, ...args]]
  const child = spawn(file, all, { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  let closing = false
  let gone = false
  const ended = new Promise<void>((resolve) => {
    const end = (why: string): void => {
      if (gone) return
      gone = true
      if (!closing) lost(why)
      resolve()
    }
    child.once('error', (error) => end(error.message)) // it could not be started at all
    child.once('exit', (status, signal) => end(lastLine(said) ?? `${command} ended (${signal ?? status})`))
  })
  child.stdout.on('data', (chunk: Buffer) => {
    if (!closing) bytes(chunk)
  })
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString('utf8')).slice(-keptErrorChars)
  })
  return {
    async close() {
      closing = true
      if (gone) return
      child.kill('SIGTERM')
      const cancel = clock.after(endWithinMs, () => child.kill('SIGKILL'))
      await ended
      cancel()
    },
  }
}

const lastLine = (text: string): string | undefined =>
  text
    .split('\n')
    .map((line) => line.trim())
    .findLast((line) => line !== '')

/** The Pi's own cameras. */
export const rpicam = (index: string, { width, height, framesPerSecond }: Wanted): Program => ({
  command: 'rpicam-vid',
  args: words(`--camera ${index} --nopreview --timeout 0 --codec mjpeg --quality 90 --flush
    --width ${width} --height ${height} --framerate ${framesPerSecond} --output -`),
})

const words = (text: string): string[] => text.split(/\s+/)
const quietly = words('-hide_banner -loglevel error -nostdin -fflags nobuffer -flags low_delay')
const asJpegs = words('-an -c:v mjpeg -q:v 3 -pix_fmt yuvj420p -flush_packets 1 -f mjpeg -')
const passedOn = words('-an -c:v copy -bsf:v mjpeg2jpeg -flush_packets 1 -f mjpeg -')

/** A USB camera that compresses by itself, as nearly all do: its JPEGs are passed on, with the tables it leaves out. */
export const v4l2 = (device: string, { width, height, framesPerSecond }: Wanted): Program => {
  const asked = words(`-f v4l2 -input_format mjpeg -video_size ${width}x${height} -framerate ${framesPerSecond} -i`)
  return { command: 'ffmpeg', args: [...quietly, ...asked, device, ...passedOn] }
}

/** Whatever else ffmpeg reads. What is not live is read at its own speed; `format` is for inputs that don't say theirs. */
export const ffmpeg = (format: string | null, input: string, wanted: Wanted): Program => {
  const pace = isLive(format, input) ? [] : ['-re']
  const named = format === null ? [] : ['-f', format]
  const size = words(`-r ${wanted.framesPerSecond} -s ${wanted.width}x${wanted.height}`)
  return { command: 'ffmpeg', args: [...quietly, ...pace, ...named, '-i', input, ...size, ...asJpegs] }
}

const isLive = (format: string | null, input: string): boolean =>
  format !== 'lavfi' && (format !== null || /^[a-z][a-z0-9+.-]*:\/\//i.test(input))
