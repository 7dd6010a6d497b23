/**
 * One of each kind of camera, as the contract suite wants them: something that gives pictures, can be broken from
 * outside, and can be looked for when it should be gone. Programs that are not here (rpicam-vid, a V4L2 device) are
 * played by ffmpeg's test picture behind the same name and arguments.
 */
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'

export interface Stage {
  readonly address: string
  /** What a person would do to it: pull its plug, kill its program. Null where that can't be. */
  readonly breakIt: (() => void) | null
  /** Processes and connections that are still there. */
  readonly left: () => number
  readonly close: () => Promise<void>
}

export const wanted = { width: 640, height: 360, framesPerSecond: 25 }

const newFolder = (): string => mkdtempSync(join(tmpdir(), 'cameras-'))

/** The processes that run with `mark` in their arguments. */
export function processesWith(mark: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(mark) && readlinkSync(`/proc/${pid}/exe`) !== ''
      } catch {
        return false // it has gone meanwhile
      }
    })
}

const kill = (mark: string): void => {
  for (const pid of processesWith(mark)) process.kill(pid, 'SIGKILL')
}

let marks = 0
/** A camera by a program of ours in the way of `command`, which plays ffmpeg's test picture and says what it was asked. */
function program(address: (mark: string) => string, command: string): Stage {
  const mark = `mark${process.pid}x${(marks += 1)}`
  const folder = newFolder()
  const real = spawnSync('sh', ['-c', 'command -v ffmpeg'], { encoding: 'utf8' }).stdout.trim()
  const picture = `testsrc2=size=${wanted.width}x${wanted.height}:rate=${wanted.framesPerSecond}`
  const script = [
    '#!/bin/sh',
    `echo "$@" > ${folder}/asked`,
    `exec ${real} -hide_banner -loglevel error -nostdin -re -f lavfi -i ${picture} -metadata comment=${mark} -f mjpeg -q:v 3 -`,
  ]
  writeFileSync(join(folder, command), script.join('\n'))
  chmodSync(join(folder, command), 0o755)
  const path = process.env['PATH'] ?? ''
  process.env['PATH'] = `${folder}:${path}`
  return {
    address: address(mark),
    breakIt: () => kill(mark),
    left: () => processesWith(mark).length,
    async close() {
      process.env['PATH'] = path
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function ffmpeg(): Stage {
  const mark = `mark${process.pid}x${(marks += 1)}`
  const picture = `testsrc2=size=${wanted.width}x${wanted.height}:rate=${wanted.framesPerSecond}`
  return {
    // A name that only makes it findable: lavfi takes labels in its graphs.
    address: `ffmpeg+lavfi:${picture}[out0];nullsrc=s=16x16[${mark}];[${mark}]nullsink`,
    breakIt: () => kill(mark),
    left: () => processesWith(mark).length,
    close: async () => {},
  }
}

const numbered = async (number: number): Promise<Buffer> =>
  sharp(
    Buffer.from(
      `<svg xmlns="http://www.w3.org/2000/svg" width="${wanted.width}" height="${wanted.height}">
       <rect width="100%" height="100%" fill="hsl(${number * 37},60%,60%)"/>
       <text x="80" y="200" font-size="120">${number}</text></svg>`,
    ),
  )
    .jpeg()
    .toBuffer()

/** What the virtual fridge is to a camera: JPEG after JPEG to whoever is connected. */
async function socket(): Promise<Stage> {
  const folder = newFolder()
  const path = join(folder, 'camera.sock')
  const pictures = await Promise.all([1, 2, 3, 4].map(numbered))
  const listening = new Set<Socket>()
  let given = 0
  const server: Server = createServer((client) => {
    listening.add(client)
    client.on('error', () => client.destroy())
    client.on('close', () => listening.delete(client))
    client.write(pictures[0]!)
  })
  await new Promise<void>((resolve) => server.listen(path, resolve))
  const timer = setInterval(() => {
    given += 1
    for (const client of listening) client.write(pictures[given % pictures.length]!)
  }, 1_000 / wanted.framesPerSecond)
  return {
    address: `unix:${path}`,
    breakIt: () => {
      for (const client of listening) client.destroy()
    },
    left: () => listening.size,
    async close() {
      clearInterval(timer)
      for (const client of listening) client.destroy()
      await new Promise((resolve) => server.close(resolve))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function folder(): Promise<Stage> {
  const dir = newFolder()
  const pictures = join(dir, 'pictures')
  mkdirSync(pictures)
  for (const number of [1, 2, 3, 4]) writeFileSync(join(pictures, `${number}.jpg`), await numbered(number))
  return {
    address: `file:${pictures}`,
    breakIt() {
      renameSync(pictures, `${pictures}.away`)
      setTimeout(() => existsSync(`${pictures}.away`) && renameSync(`${pictures}.away`, pictures), 600)
    },
    left: () => 0,
    close: async () => rmSync(dir, { recursive: true, force: true }),
  }
}

async function mjpeg(): Promise<Stage> {
  const dir = newFolder()
  const file = join(dir, 'visit.mjpeg')
  writeFileSync(file, Buffer.concat(await Promise.all([1, 2, 3, 4].map(numbered))))
  return { address: `file:${file}`, breakIt: null, left: () => 0, close: async () => rmSync(dir, { recursive: true }) }
}

export const stages: Readonly<Record<string, () => Stage | Promise<Stage>>> = {
  'rpicam-vid': () => program(() => 'rpicam:0', 'rpicam-vid'),
  'a V4L2 device': () => program(() => 'v4l2:/dev/video0', 'ffmpeg'),
  ffmpeg,
  'the virtual fridge': socket,
  'a folder': folder,
  'an MJPEG file': mjpeg,
}
