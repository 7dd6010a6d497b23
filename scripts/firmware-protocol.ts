/**
 * Makes the C and the TypeScript of the link's messages from firmware/protocol/messages.json.
 *
 * `node scripts/firmware-protocol.ts` writes the generated files; a test regenerates them in memory and compares, so
 * that the committed ones are never edited by hand or left behind.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { format, resolveConfig } from 'prettier'
import { generateHeader, generatePrinter, generateSource } from './firmware-protocol-c.ts'
import { parseProtocol } from './firmware-protocol-definition.ts'
import { generateTypeScript } from './firmware-protocol-ts.ts'

const root = new URL('../', import.meta.url)
const definition = new URL('firmware/protocol/messages.json', root)

/** The generated files: path from the project's root -> text. */
export async function generateAll(text = readFileSync(definition, 'utf8')): Promise<ReadonlyMap<string, string>> {
  const protocol = parseProtocol(text)
  const typescript = fileURLToPath(new URL('src/device/messages.gen.ts', root))
  const style = await resolveConfig(typescript, { editorconfig: false })
  return new Map([
    ['firmware/core/messages.gen.h', generateHeader(protocol)],
    ['firmware/core/messages.gen.c', generateSource(protocol)],
    ['firmware/host/print.gen.h', generatePrinter(protocol)],
    ['src/device/messages.gen.ts', await format(generateTypeScript(protocol), { ...style, parser: 'typescript' })],
  ])
}

if (import.meta.main) {
  for (const [path, text] of await generateAll()) {
    writeFileSync(new URL(path, root), text)
    console.log(`wrote ${path}`)
  }
}
