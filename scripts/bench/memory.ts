/** The edge runtime's resident memory, as a process of its own, after a purchase on the virtual fridge. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { rounded, type Figure } from './figures.ts'

export async function benchMemory(folder: string, program: string): Promise<Figure[]> {
  const dir = mkdtempSync(join(folder, 'bench-'))
  const host = spawn(process.execPath, [program, '--headless', '--no-relay', '--no-cameras', '--data', dir], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const gone = new Promise<void>((resolve) => host.once('exit', () => resolve()))
  try {
    const ready = await firstLine(host.stdout)
    const { virtual, token, pid } = JSON.parse(ready) as { virtual: string; token: string; pid: number }
    const post = async (path: string, body: unknown): Promise<void> => {
      await fetch(new URL(path, virtual), {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
    }
    await post('/virtual/card', { uid: '04A1B2C3' })
    await patiently(500)
    await post('/virtual/door', { open: true })
    await post('/virtual/door', { open: false })
    await patiently(3_000)
    const edge = childrenOf(pid)[0]
    if (edge === undefined) throw new Error('the edge runtime is not there')
    return [
      {
        name: 'edge runtime, resident after a visit',
        value: rounded(residentMegabytes(edge), 0),
        unit: 'MB',
        aim: '200 MB',
      },
    ]
  } finally {
    host.kill('SIGTERM')
    await gone
    rmSync(dir, { recursive: true, force: true })
  }
}

function firstLine(stream: NodeJS.ReadableStream): Promise<string> {
  return new Promise((resolve) => createInterface({ input: stream }).once('line', resolve))
}

function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        return Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${name}/stat`, 'utf8'))?.[1]) === pid
      } catch {
        return false // it ended while we looked
      }
    })
    .map(Number)
}

const residentMegabytes = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024

const patiently = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
