/**
 * Display: an X server of the test's own, so that tests neither need a desktop nor disturb one.
 */
import { spawn } from 'node:child_process'

export interface Display {
  /** What DISPLAY must be. */
  readonly name: string
  close(): Promise<void>
}

/** Starts Xvfb with one screen of this size; it picks a free number itself. */
export async function openDisplay(width: number, height: number): Promise<Display> {
  const args = ['-displayfd', '3', '-screen', '0', `${width}x${height}x24`, '-nolisten', 'tcp', '-ac']
  const server = spawn('Xvfb', args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] })
  const number = await new Promise<string>((resolve, reject) => {
    server.on('error', (error) => reject(new Error(`Xvfb could not be started: ${error.message}`)))
    server.on('exit', (code) => reject(new Error(`Xvfb ended with ${code}`)))
    const pipe = server.stdio[3]
    if (pipe === null || pipe === undefined) throw new Error('Xvfb has no third pipe')
    pipe.on('data', (chunk: Buffer) => resolve(chunk.toString().trim()))
  })
  return {
    name: `:${number}`,
    close: async () => {
      if (server.exitCode !== null) return
      const gone = new Promise((resolve) => server.on('exit', resolve))
      server.kill()
      await gone
    },
  }
}
