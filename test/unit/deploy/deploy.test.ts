/**
 * The files by which a relay is run for real. There is no container engine here: what can be read is read, and what can be
 * run without one is run (promtool on the rules; test/contract/relay-backup on the backup).
 */
import { execFileSync } from 'node:child_process'
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { usage } from '../../../sync/relay/settings.ts'

const promtool = ['/usr/bin/promtool', '/usr/local/bin/promtool'].find(existsSync)
const text = (path: string): string => readFileSync(path, 'utf8')
const settingsNamed = (path: string): string[] => [...new Set(text(path).match(/\b(RELAY|DATABASE)_[A-Z_]+\b/g))]

test('every manifest can be read', () => {
  const files = globSync('{docker-compose.yml,sync/deploy/**/*.{yml,yaml}}')
  expect(files.length).toBeGreaterThan(8)
  for (const file of files)
    for (const document of parseAllDocuments(text(file))) expect([file, document.errors]).toEqual([file, []])
})

test('what the manifests set is a setting of the relay, or of the composition itself', () => {
  const own = ['RELAY_DOMAIN']
  for (const file of [
    'docker-compose.yml',
    'sync/deploy/kubernetes/relay.yaml',
    'sync/deploy/kubernetes/secrets.env.example',
  ])
    for (const name of settingsNamed(file)) if (!own.includes(name)) expect(usage, `${file}: ${name}`).toContain(name)
})

test('.env.example explains every variable that docker-compose.yml wants, and gives no secret a value', () => {
  const wanted = new Set([...text('docker-compose.yml').matchAll(/\$\{([A-Z_]+)/g)].map(([, name]) => name ?? ''))
  const example = text('.env.example')
  const explained = new Map<string, string>(
    [...example.matchAll(/^#.*\n(?:#.*\n)*([A-Z_]+)=(.*)$/gm)].map(
      ([, name = '', value = '']) => [name, value] as const,
    ),
  )
  expect([...explained.keys()].toSorted()).toEqual([...wanted].toSorted())
  for (const [name, value] of explained) if (/PASSWORD|SECRET|KEY/.test(name)) expect([name, value]).toEqual([name, ''])
})

test('containers run as nobody, with nothing to write and no way to more', () => {
  const { services } = parse(text('docker-compose.yml'), { merge: true }) as {
    services: Record<string, { read_only?: boolean; cap_drop?: string[]; security_opt?: string[]; ports?: string[] }>
  }
  for (const [name, service] of Object.entries(services)) {
    expect([name, service.cap_drop, service.security_opt]).toEqual([name, ['ALL'], ['no-new-privileges:true']])
    if (name !== 'database') expect([name, service.read_only]).toEqual([name, true])
  }
  const seen = Object.entries(services).flatMap(([name, { ports = [] }]) => ports.map((port) => `${name} ${port}`))
  expect(seen.toSorted()).toEqual(['broker 8883:8883', 'grafana 127.0.0.1:3000:3000', 'proxy 443:443', 'proxy 80:80'])
  expect(text('Dockerfile')).toMatch(/^USER node$/m)
})

test('certificates are made once each, by an authority of the fleet`s own, and their keys are for one reader', () => {
  const dir = mkdtempSync(join(tmpdir(), 'certificates-'))
  const make = (...fridges: string[]): unknown =>
    execFileSync('sh', ['sync/deploy/certificates.sh', ...fridges], {
      env: { PATH: process.env['PATH'], RELAY_DOMAIN: 'relay.example.org', CERTIFICATES: dir },
      stdio: 'pipe',
    })
  make('one')
  const first = text(join(dir, 'broker.crt'))
  make('one', 'two')
  expect(text(join(dir, 'broker.crt'))).toBe(first)
  for (const name of ['broker', 'relay', 'fridge-one', 'fridge-two']) {
    const file = join(dir, name)
    expect(
      execFileSync('openssl', ['verify', '-CAfile', join(dir, 'ca.crt'), `${file}.crt`], { encoding: 'utf8' }),
    ).toContain('OK')
    expect(statSync(`${file}.key`).mode & 0o777).toBe(0o600)
  }
  const subject = ['x509', '-noout', '-subject', '-in', join(dir, 'fridge-two.crt')]
  expect(execFileSync('openssl', subject, { encoding: 'utf8' }).trim()).toMatch(/CN ?= ?two$/)
  expect(() => make('../evil')).toThrow(/no fridge's id/)
  rmSync(dir, { recursive: true, force: true })
})

test.runIf(promtool !== undefined || process.env['CI'] === 'true')(
  'each alert fires where it should, and none in a quiet fleet',
  () => {
    const run = (...args: string[]): string =>
      execFileSync(promtool ?? 'promtool', args, { cwd: 'sync/deploy/prometheus', encoding: 'utf8' })
    expect(run('check', 'rules', 'alerts.yml')).toContain('SUCCESS')
    expect(run('test', 'rules', 'alerts.test.yml')).toContain('SUCCESS')
    const names = [...text('sync/deploy/prometheus/alerts.yml').matchAll(/alert: (\w+)/g)].map(([, name]) => name ?? '')
    const tested = text('sync/deploy/prometheus/alerts.test.yml')
    expect(names.filter((name) => !tested.includes(`alertname: ${name}`))).toEqual([])
  },
)
