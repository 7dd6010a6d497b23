/**
 * ZIP, written as it comes: each file deflated by Node's own zlib (off the event loop), its size and checksum behind it, so
 * that nothing is kept but a chunk. Source: PKWARE's APPNOTE 6.3, sections 4.3.7, 4.3.9, 4.3.12, 4.3.16.
 * Holds always: files of less than 4 GiB (ZIP64 is not spoken): a sheet of a million rows is a quarter of it.
 */
import { crc32, createDeflateRaw } from 'node:zlib'
import { invariant } from '../../../src/core/result.ts'

export interface ZipFile {
  readonly name: string
  readonly text: AsyncIterable<string> | Iterable<string>
}

const most = 0xffff_ffff
/** Sizes and checksum come behind the file; names are UTF-8. */
const flags = 0x0808
const deflated = 8
const version = 20
/** 1 January 1980: equal contents are equal files. */
const dosTime = 0
const dosDate = 0x21

export async function* zip(files: Iterable<ZipFile>): AsyncGenerator<Uint8Array> {
  const central: Buffer[] = []
  let offset = 0
  for (const { name, text } of files) {
    const nameBytes = Buffer.from(name, 'utf8')
    const local = Buffer.alloc(30)
    local.writeUInt32LE(0x0403_4b50, 0)
    local.writeUInt16LE(version, 4)
    local.writeUInt16LE(flags, 6)
    local.writeUInt16LE(deflated, 8)
    local.writeUInt16LE(dosTime, 10)
    local.writeUInt16LE(dosDate, 12)
    local.writeUInt16LE(nameBytes.length, 26)
    yield Buffer.concat([local, nameBytes])
    const sums = { crc: 0, size: 0, packed: 0 }
    for await (const chunk of deflate(text, sums)) {
      sums.packed += chunk.length
      yield chunk
    }
    invariant(sums.size <= most && offset + sums.packed <= most, `${name} is less than 4 GiB`)
    const behind = Buffer.alloc(16)
    behind.writeUInt32LE(0x0807_4b50, 0)
    writeSums(behind, 4, sums)
    yield behind
    const entry = Buffer.alloc(46)
    entry.writeUInt32LE(0x0201_4b50, 0)
    entry.writeUInt16LE(version, 4)
    entry.writeUInt16LE(version, 6)
    entry.writeUInt16LE(flags, 8)
    entry.writeUInt16LE(deflated, 10)
    entry.writeUInt16LE(dosTime, 12)
    entry.writeUInt16LE(dosDate, 14)
    writeSums(entry, 16, sums)
    entry.writeUInt16LE(nameBytes.length, 28)
    entry.writeUInt32LE(offset, 42)
    central.push(Buffer.concat([entry, nameBytes]))
    offset += local.length + nameBytes.length + sums.packed + behind.length
  }
  const directory = Buffer.concat(central)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x0605_4b50, 0)
  end.writeUInt16LE(central.length, 8)
  end.writeUInt16LE(central.length, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(offset, 16)
  yield Buffer.concat([directory, end])
}

interface Sums {
  crc: number
  size: number
  packed: number
}

function writeSums(into: Buffer, at: number, { crc, size, packed }: Sums): void {
  into.writeUInt32LE(crc, at)
  into.writeUInt32LE(packed, at + 4)
  into.writeUInt32LE(size, at + 8)
}

/** The packed bytes of a text; what goes in is summed up on its way. */
async function* deflate(text: ZipFile['text'], sums: Sums): AsyncGenerator<Uint8Array> {
  const packer = createDeflateRaw()
  const feed = async (): Promise<void> => {
    try {
      for await (const piece of text) {
        const bytes = Buffer.from(piece, 'utf8')
        sums.crc = crc32(bytes, sums.crc)
        sums.size += bytes.length
        if (!packer.write(bytes)) await new Promise((resolve) => packer.once('drain', resolve))
      }
      packer.end()
    } catch (error) {
      packer.destroy(error instanceof Error ? error : new Error(String(error)))
    }
  }
  const fed = feed()
  for await (const chunk of packer) yield chunk as Uint8Array
  await fed
}
