/** Reads the golden vectors, which firmware/host/vectors.c reads too: `name hex hex ...`, `-` for no bytes, `#` a comment. */
import { readFileSync } from 'node:fs'

export interface Vector {
  readonly name: string
  readonly fields: readonly Uint8Array[]
}

const none = new Uint8Array()

export const readVectors = (file: string): Vector[] =>
  readFileSync(`test/vectors/link/${file}.txt`, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [name = '', ...fields] = line.split(' ')
      return { name, fields: fields.map((hex) => (hex === '-' ? none : Uint8Array.from(Buffer.from(hex, 'hex')))) }
    })

/** The field that a line must have. */
export function field({ name, fields }: Vector, index: number): Uint8Array {
  const bytes = fields[index]
  if (bytes === undefined) throw new Error(`${name}: no field ${index + 1}`)
  return bytes
}
