/** `vision embed PICTURE...`: one JSON line a picture, with its embedding or with what is wrong with it. */
import { readFile } from 'node:fs/promises'
import { embedderOrTold, Told, type Arguments } from './arguments.ts'

export async function embedCommand({ rest }: Arguments): Promise<void> {
  if (rest.length === 0) throw new Told('name at least one picture', 2)
  const embedder = await embedderOrTold()
  let faults = 0
  for (const path of rest) {
    const embedding = await embedder.embedFile(await bytesOf(path))
    if (!embedding.ok) faults += 1
    const told = embedding.ok
      ? { picture: path, embedding: [...embedding.value] }
      : { picture: path, fault: embedding.error }
    process.stdout.write(`${JSON.stringify(told)}\n`)
  }
  await embedder.close()
  if (faults > 0) throw new Told(`${faults} of ${rest.length} pictures could not be embedded`)
}

/** The bytes of a file; one that cannot be read ends the command. */
export async function bytesOf(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path)
  } catch (error) {
    throw new Told(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
}
