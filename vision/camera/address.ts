/**
 * Address: which camera is meant, in the words of the settings.
 *
 *   rpicam:0                          the Pi's own camera, by rpicam-vid
 *   v4l2:/dev/video0                  a USB camera, by ffmpeg
 *   ffmpeg:rtsp://camera/stream       anything that ffmpeg reads
 *   ffmpeg+lavfi:testsrc2             the same, with its format named
 *   unix:/run/camera.sock             JPEGs over a socket: the virtual fridge's
 *   file:/a/folder  file:/a.mjpeg     JPEGs from disk, over and over
 */
import type { Clock } from '../../src/core/ports.ts'
import { err, ok, type Result } from '../../src/core/result.ts'
import { ffmpeg, programSource, rpicam, v4l2 } from './program.ts'
import { replaySource } from './replay.ts'
import { socketSource } from './socket.ts'
import type { Source, Wanted } from './source.ts'

/** The camera at `address`, or a sentence that says what is wrong with it. Nothing is opened yet. */
export function sourceAt(address: string, wanted: Wanted, clock: Clock): Result<Source, string> {
  const [, kind = '', format = null, rest = ''] = /^([a-z0-9]+)(?:\+([a-z0-9_]+))?:(.+)$/.exec(address) ?? []
  switch (kind) {
    case 'rpicam':
      return /^\d$/.test(rest)
        ? ok(programSource(address, rpicam(rest, wanted), clock))
        : err(`${address}: rpicam is followed by a camera's number, as in rpicam:0`)
    case 'v4l2':
      return ok(programSource(address, v4l2(rest, wanted), clock))
    case 'ffmpeg':
      return ok(programSource(address, ffmpeg(format, rest, wanted), clock))
    case 'unix':
      return ok(socketSource(rest))
    case 'file':
      return ok(replaySource(rest, wanted.framesPerSecond, clock))
    default:
      return err(`${address} is no camera: it begins with rpicam:, v4l2:, ffmpeg:, unix: or file:`)
  }
}

const anySize: Wanted = { width: 1280, height: 720, framesPerSecond: 10 }
const noClock: Clock = { nowMs: () => 0, after: () => () => {} }

/** What is wrong with an address, or null. Nothing is opened. */
export function addressFault(address: string): string | null {
  const source = sourceAt(address, anySize, noClock)
  return source.ok ? null : source.error
}
