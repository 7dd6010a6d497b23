/**
 * Run: other programs, started and stopped. Whatever was started here is stopped when this process is.
 */
import { spawn } from 'node:child_process'
import { Plain } from './say.mjs'

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set()
let stopping = false

/**
 * Starts a program that is stopped with this one.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 */
export function start(command, args, options = {}) {
  const child = spawn(command, args, options)
  running.add(child)
  child.on('close', () => running.delete(child))
  child.on('error', () => running.delete(child))
  return child
}

/**
 * Resolves with the exit status when a child has ended: 128 + 15 or so after a signal, 127 when it never started.
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<number>}
 */
export function ended(child) {
  return new Promise((resolve) => {
    child.on('error', () => resolve(127))
    child.on('close', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 143)))
  })
}

/**
 * Runs a program to its end and gives what it wrote; its words are shown only when it failed.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv, failed: string }} options `failed` opens the message of a failure
 * @returns {Promise<string>}
 */
export async function runQuietly(command, args, { cwd, env, failed }) {
  const child = start(command, args, { cwd, env: env ?? process.env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  child.stdout?.on('data', (chunk) => (output += String(chunk)))
  child.stderr?.on('data', (chunk) => (output += String(chunk)))
  child.on('error', (error) => (output += error.message))
  const status = await ended(child)
  if (status !== 0) throw new Plain(`${failed} (${command} ended with ${status}):\n${output.trim()}`)
  return output
}

/** Asks every child to stop, and insists after five seconds. Resolves when all are gone. */
export async function stopAll() {
  if (stopping) return
  stopping = true
  const children = [...running]
  const insist = setTimeout(() => {
    for (const child of children) child.kill('SIGKILL')
  }, 5_000)
  for (const child of children) child.kill('SIGTERM')
  const alive = children.filter((child) => child.exitCode === null && child.signalCode === null)
  await Promise.all(alive.map((child) => ended(child)))
  clearTimeout(insist)
}

/** Ctrl-C, a closed terminal or a polite kill stop the children first. */
export function stopWithSignals() {
  for (const [signal, status] of /** @type {const} */ ([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ])) {
    process.on(signal, () => void stopAll().then(() => process.exit(status)))
  }
}
