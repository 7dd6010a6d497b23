/**
 * Operators: who may sign for the fridge, by a PIN of their own. No default PIN, no shared one.
 *
 * `operators.json` in the data folder, mode 0600: name, salt, scrypt hash. Guessing is slowed: after five wrong tries each
 * further one waits, twice as long each time. Called by the gateway and the operators' command line.
 */
import { randomBytes, scryptSync, timingSafeEqual } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { Clock } from '../core/ports.ts'
import { hourMs, secondMs } from '../core/time.ts'
import { writeSecret } from './secrets.ts'

const operatorsSchema = z.array(
  z.object({
    name: z.string().min(1),
    salt: z.string().regex(/^[0-9a-f]{32}$/),
    hash: z.string().regex(/^[0-9a-f]{64}$/),
  }),
)
type Operators = z.infer<typeof operatorsSchema>

export type SignIn = 'ok' | 'wrong' | { readonly waitMs: number }
export interface OperatorDoor {
  signIn(name: string, pin: string): SignIn
}

const freeTries = 5

/** Checks PINs against the file, read anew at each try so that a dismissed operator is out at once. */
export function operatorDoor(dir: string, clock: Clock): OperatorDoor {
  let wrong = 0
  let closedUntilMs = 0
  return {
    signIn(name, pin) {
      const now = clock.nowMs()
      if (now < closedUntilMs) return { waitMs: closedUntilMs - now }
      const operator = readOperators(dir).find((one) => one.name === name)
      // Somebody unknown costs the same time as a wrong PIN, so that names can't be told apart by it.
      const expected = operator ?? { salt: '00'.repeat(16), hash: '00'.repeat(32) }
      if (timingSafeEqual(hashOf(pin, expected.salt), Buffer.from(expected.hash, 'hex')) && operator !== undefined) {
        wrong = 0
        return 'ok'
      }
      wrong++
      if (wrong >= freeTries) closedUntilMs = now + Math.min(hourMs, 15 * secondMs * 2 ** (wrong - freeTries))
      return 'wrong'
    },
  }
}

/** Adds an operator, or gives one a new PIN. */
export function keepOperator(dir: string, name: string, pin: string): void {
  const salt = randomBytes(16).toString('hex')
  const others = readOperators(dir).filter((one) => one.name !== name)
  const operators: Operators = [...others, { name, salt, hash: hashOf(pin, salt).toString('hex') }]
  writeSecret(join(dir, 'operators.json'), JSON.stringify(operators, null, 2) + '\n')
}

export function readOperators(dir: string): Operators {
  const file = join(dir, 'operators.json')
  if (!existsSync(file)) return []
  const parsed = operatorsSchema.safeParse(JSON.parse(readFileSync(file, 'utf8')))
  if (!parsed.success) throw new Error(`${file}: ${z.prettifyError(parsed.error)}`)
  return parsed.data
}

/** scrypt, N = 2^15, r = 8, p = 1 (RFC 7914; 32 MB, about 0.1 s on a Pi 4). */
const hashOf = (pin: string, salt: string): Buffer =>
  scryptSync(pin, Buffer.from(salt, 'hex'), 32, { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 })
