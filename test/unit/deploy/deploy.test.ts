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
import { readCommand, settingNames, usage } from '../../../sync/relay/settings.ts'

const promtool = ['/usr/bin/promtool', '/usr/local/bin/promtool'].find(existsSync)
const text = (path: string): string => readFileSync(path, 'utf8')
/** Of a file of `NAME=value` lines; a line that is commented out offers its variable too. */
const variablesIn = (path: string): Record<string, string> =>
  Object.fromEntries([...text(path).matchAll(/^#?([A-Z_]+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]))
const firstIn = (path: string): unknown => parse(text(path).split('\n---\n')[0] ?? '')
interface Variable {
  readonly name: string
  readonly value: string
}
const clusterSets = (): Variable[] =>
  (
    firstIn('sync/deploy/kubernetes/relay.yaml') as {
      spec: { template: { spec: { containers: { env: Variable[] }[] } } }
    }
  ).spec.template.spec.containers.flatMap(({ env }) => env)
const compositionSets = (): Record<string, string> =>
  (
    parse(text('docker-compose.yml'), { merge: true }) as {
      services: { relay: { environment: Record<string, string> } }
    }
  ).services.relay.environment

/** For a relay that is embedded in a fridge, or for tests: what runs in a container has no use for them. */
const notInContainers = ['RELAY_DATA', 'RELAY_PORT', 'RELAY_BANK_URL', 'RELAY_MQTT_PORT', 'GOOGLE_BASE_URL']
const wanted = settingNames.filter((name) => !notInContainers.includes(name)).toSorted()

test('every manifest can be read', () => {
  const files = globSync('{docker-compose.yml,sync/deploy/**/*.{yml,yaml}}')
  expect(files.length).toBeGreaterThan(8)
  for (const file of files)
    for (const document of parseAllDocuments(text(file))) expect([file, document.errors]).toEqual([file, []])
})

test('every setting of a relay is explained, and the composition and the cluster`s manifests set or offer each of them', () => {
  for (const name of settingNames) expect(usage, name).toContain(name)
  expect(Object.keys(compositionSets()).toSorted()).toEqual(wanted)
  const offered = Object.keys(variablesIn('sync/deploy/kubernetes/secrets.env.example'))
  const set = clusterSets().map(({ name }) => name)
  expect([...set, ...offered].toSorted()).toEqual(wanted)
})

test('a relay takes what .env.example and secrets.env.example say, once filled in', () => {
  const filled: Record<string, string> = {
    ...variablesIn('.env.example'),
    POSTGRES_PASSWORD: 'a',
    RABBITMQ_PASSWORD: 'b',
  }
  const composed = Object.entries(compositionSets()).map(([name, value]) => {
    const told = value.replace(/\$\{([A-Z_]+)[^}]*\}/g, (_, variable: string) => filled[variable] ?? '')
    return [name, told] as const
  })
  expect(readCommand([], Object.fromEntries(composed))).toMatchObject({ ok: true })
  const cluster = {
    ...variablesIn('sync/deploy/kubernetes/secrets.env.example'),
    ...Object.fromEntries(clusterSets().map(({ name, value }) => [name, value])),
  }
  expect(readCommand([], cluster)).toMatchObject({ ok: true })
})

test('the cluster`s door lets through what fridges, owners and phones ask for, and no metrics', () => {
  interface Rule {
    readonly path: string
    readonly pathType: 'Prefix' | 'Exact'
  }
  const { rules } = (
    firstIn('sync/deploy/kubernetes/network.yaml') as { spec: { rules: { http: { paths: Rule[] } }[] } }
  ).spec
  const open = rules.flatMap(({ http }) => http.paths)
  // As an ingress reads them: a prefix is one of whole parts.
  const reached = (path: string): boolean =>
    open.some((rule) => path === rule.path || (rule.pathType === 'Prefix' && `${path}/`.startsWith(rule.path.replace(/\/?$/, '/')))) // prettier-ignore
  const routes = ['routes-shopper.ts', 'phone/routes.ts', 'phone/stream.ts', 'phone/pages.ts']
    .flatMap((file) => [...text(join('sync/relay', file)).matchAll(/'(\/[a-z][\w/.:-]*)'/g)])
    .map(([, path = '']) => path)
  expect(routes).toEqual(expect.arrayContaining(['/f/:fridge', '/phone/', '/shop/me', '/transactions/:id', '/unlock']))
  for (const path of [...routes, '/sync/v1', '/api/v1', '/fleet/', '/assets/a.js'])
    expect([path, reached(path)]).toEqual([path, true])
  expect(reached('/metrics')).toBe(false)
})

test('.env.example explains every variable that docker-compose.yml wants, and gives no secret a value', () => {
  const variables = new Set([...text('docker-compose.yml').matchAll(/\$\{([A-Z_]+)/g)].map(([, name]) => name ?? ''))
  const example = text('.env.example')
  const explained = new Map<string, string>(
    [...example.matchAll(/^#.*\n(?:#.*\n)*([A-Z_]+)=(.*)$/gm)].map(
      ([, name = '', value = '']) => [name, value] as const,
    ),
  )
  expect([...explained.keys()].toSorted()).toEqual([...variables].toSorted())
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
