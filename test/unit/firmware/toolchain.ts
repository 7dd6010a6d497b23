/** Tells whether this machine has a compiler. Where CI=true a missing one is not skipped over: the test runs, and fails. */
import { spawnSync } from 'node:child_process'

const onPath = (program: string): boolean => spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined

export const lacks = (...programs: readonly string[]): boolean =>
  process.env['CI'] !== 'true' && !programs.every(onPath)

/** Runs scripts/firmware-build.sh; throws with what it said when it fails. */
export function build(what: 'wasm' | 'host' | 'check', out = '', name = '', env: Record<string, string> = {}): void {
  const args = [what, out, name].filter((word) => word !== '')
  const built = spawnSync('sh', ['scripts/firmware-build.sh', ...args], { encoding: 'utf8', env: { ...process.env, ...env } })
  if (built.status !== 0) throw new Error(`firmware-build.sh ${args.join(' ')}: ${built.stderr}`)
}
