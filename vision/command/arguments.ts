/**
 * Arguments of the vision commands, and how a command tells a person what is wrong: by throwing Told, which main.ts
 * prints as one line. Called by every command.
 */
import { openEmbedder, type Embedder } from '../embed/embedder.ts'

export interface Arguments {
  readonly options: ReadonlyMap<string, string>
  readonly json: boolean
  /** What is no option: pictures. */
  readonly rest: readonly string[]
}

export type Command = (given: Arguments) => Promise<void>

/** A fault for a person's eyes; 1: the work could not be done, 2: the command was used wrongly. */
export class Told extends Error {
  readonly exitCode: 1 | 2

  constructor(message: string, exitCode: 1 | 2 = 1) {
    super(message)
    this.exitCode = exitCode
  }
}

const withValue = new Set(['--gallery', '--queries', '--product', '--out'])

export function readArguments(args: readonly string[]): Arguments {
  const options = new Map<string, string>()
  const rest: string[] = []
  let json = false
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? ''
    if (arg === '--json') {
      json = true
    } else if (withValue.has(arg)) {
      const value = args[index + 1]
      if (value === undefined || value.startsWith('--')) throw new Told(`${arg} wants a value`, 2)
      options.set(arg.slice(2), value)
      index += 1
    } else if (arg.startsWith('--')) {
      throw new Told(`no such option: ${arg}`, 2)
    } else {
      rest.push(arg)
    }
  }
  return { options, json, rest }
}

/** The value of an option that must be given. */
export function needed({ options }: Arguments, name: string): string {
  const value = options.get(name)
  if (value === undefined) throw new Told(`--${name} is missing`, 2)
  return value
}

/** The shipped embedder; a model that is missing or damaged ends the command with the reason. */
export async function embedderOrTold(): Promise<Embedder> {
  const embedder = await openEmbedder()
  if (!embedder.ok) throw new Told(embedder.error.says)
  return embedder.value
}
