/** The virtual fridge's one operator: a PIN made by chance at the first start, kept beside the fridge's other secrets. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { Random } from '../core/ports.ts'
import { keepOperator } from '../gateway/operators.ts'
import { writeSecret } from '../gateway/secrets.ts'

const operatorSchema = z.object({ name: z.string(), pin: z.string().regex(/^\d{6}$/) })
export type VirtualOperator = z.infer<typeof operatorSchema>

export function keptOperator(dir: string, random: Random): VirtualOperator {
  const file = join(dir, 'virtual-operator.json')
  if (existsSync(file)) return operatorSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
  const digits = [...random.bytes(6)].map((byte) => byte % 10).join('')
  const operator = { name: 'operator', pin: digits }
  keepOperator(dir, operator.name, operator.pin)
  writeSecret(file, `${JSON.stringify(operator)}\n`)
  return operator
}
