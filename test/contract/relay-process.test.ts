/** The relay as a process: what it says, what it makes, what it refuses, and how it ends. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'

const dir = mkdtempSync(join(tmpdir(), 'relay-process-'))
const data = join(dir, 'data')
const env = (given: Record<string, string>) => ({
  PATH: process.env['PATH'] ?? '',
  RELAY_DATA: data,
  RELAY_PORT: '0',
  ...given,
})
const run = (args: readonly string[], given: Record<string, string> = {}) =>
  spawnSync(process.execPath, ['sync/relay/main.ts', ...args], { env: env(given), encoding: 'utf8' })

let relay: ChildProcess | null = null
afterAll(() => {
  relay?.kill('SIGKILL')
  rmSync(dir, { recursive: true, force: true })
})

test('starts alone, keeps its owner`s key to itself, lets no second one in, and ends when it is told to', async () => {
  const child = spawn(process.execPath, ['sync/relay/main.ts'], { env: env({}), stdio: ['ignore', 'pipe', 'inherit'] })
  relay = child
  const line = await new Promise<string>((resolve) =>
    child.stdout.once('data', (bytes: Buffer) => resolve(bytes.toString())),
  )
  const said = JSON.parse(line) as { relay: string; store: string; ownerKeyFile: string }
  expect(said).toMatchObject({ store: 'embedded', ownerKeyFile: join(data, 'owner.key') })
  const page = await fetch(said.relay)
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
  expect(await page.text()).toContain('good for a first look, not for money')
  // The first start makes the database: seconds of work, more on a busy machine.
  for (;;) {
    if ((await fetch(`${said.relay}/health/ready`)).ok) break
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  expect(statSync(said.ownerKeyFile).mode & 0o777).toBe(0o600)
  const authorization = `Bearer ${readFileSync(said.ownerKeyFile, 'utf8').trim()}`
  const fridges = await fetch(`${said.relay}/api/v1/fridges`, { headers: { authorization } })
  expect(await fridges.json()).toEqual({ fridges: [] })

  const second = run([])
  expect([second.status, second.stderr]).toEqual([1, `${data} is in use by another relay\n`])

  const ended = new Promise((resolve) => void child.once('exit', (code) => resolve(code)))
  child.kill('SIGTERM')
  expect(await ended).toBe(0)

  const made = run(['key', 'a till', '--role', 'viewer'])
  expect(made.stdout).toMatch(/^vv_[0-9a-f]{12}_[\w-]{43}\n$/)
}, 240_000)

test('settings that make no sense are told all at once', () => {
  const bad = run([], { DATABASE_URL: 'mysql://x', RELAY_PORT: '99999' })
  expect(bad.status).toBe(2)
  expect(bad.stderr).toMatch(/DATABASE_URL: begins with postgres:\/\/\nRELAY_PORT: /)
  expect(run(['key', 'somebody', '--role', 'king']).stderr).toContain('Usage: npm run relay')
}, 60_000)
