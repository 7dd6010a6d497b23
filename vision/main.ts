/**
 * `npm run vision -- COMMAND`: the vision tools on files.
 *
 *   detect PICTURE|DIR... [--json] [--out DIR]          products and hands in each picture; --out: drawn on copies
 *   embed PICTURE...                                     the embedding of each picture, as JSON lines
 *   teach --gallery FILE --product NAME PICTURE...       learn a product from 1 to 20 pictures
 *   identify --gallery FILE|DIR PICTURE... [--json]      which product each picture shows, or none of these
 *   identify --gallery FILE|DIR --queries DIR [--json]   the same for folders, judged by their names
 *   verdicts DIR [--out GALLERY]                         what people decided; --out: cut out, to teach by
 *   replay DIR [VISIT] [--json] [--page]                 kept visits again: scripts/vision.ts knows it, since it asks fusion too
 *
 * A gallery’s DIR has one sub-folder a product. Exit status: 0 done, 1 a fault that was told on stderr, 2 used wrongly.
 */
import { detectCommand } from './command/detect.ts'
import { embedCommand } from './command/embed.ts'
import { identifyCommand } from './command/identify.ts'
import { Told, readArguments, type Command } from './command/arguments.ts'
import { teachCommand } from './command/teach.ts'
import { verdictsCommand } from './command/verdicts.ts'

const usage = `npm run vision -- detect PICTURE|DIR... [--json] [--out DIR]
npm run vision -- embed PICTURE...
npm run vision -- teach --gallery FILE --product NAME PICTURE...
npm run vision -- identify --gallery FILE|DIR [--queries DIR] [--json] [PICTURE...]
npm run vision -- verdicts DIR [--out GALLERY]
npm run vision -- replay DIR [VISIT] [--json] [--page] [--cameras FILE] [--gallery DIR|FILE]
`

const commands: Readonly<Record<string, Command>> = {
  detect: detectCommand,
  embed: embedCommand,
  teach: teachCommand,
  identify: identifyCommand,
  verdicts: verdictsCommand,
}

const [name, ...rest] = process.argv.slice(2)
const command = commands[name ?? '']
if (command === undefined) {
  process.stderr.write(name === undefined || name === '--help' ? usage : `no such command: ${name}\n${usage}`)
  process.exitCode = name === '--help' ? 0 : 2
} else {
  try {
    await command(readArguments(rest))
  } catch (error) {
    if (!(error instanceof Told)) throw error
    process.stderr.write(`vision ${name}: ${error.message}\n`)
    process.exitCode = error.exitCode
  }
}
