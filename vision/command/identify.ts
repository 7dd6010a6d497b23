/**
 * `vision identify`: which product pictures show, or none of these. With --queries, folders named by their product are
 * asked and judged: top-1, top-1 with rejection, and what was taken for what. A picture that cannot be read is listed
 * and left out, on either side; a product that the gallery lacks is a query for "none of these".
 */
import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { basename } from 'node:path'
import { err, type Result } from '../../src/core/result.ts'
import type { Embedder } from '../embed/embedder.ts'
import type { Embedding } from '../embed/vector.ts'
import { readCalibration } from '../gallery/calibration.ts'
import { emptyGallery, identify, mostPictures, teach, type Calibration, type Gallery } from '../gallery/gallery.ts'
import { readGallery } from '../gallery/store.ts'
import { embedderOrTold, needed, Told, type Arguments } from './arguments.ts'
import { bytesOf } from './embed.ts'
import { isFolder, picturesIn, productFolders, spread } from './folders.ts'
import { judge, type Answer, type Judgement } from './judgement.ts'

interface Unreadable {
  readonly picture: string
  readonly says: string
}

export async function identifyCommand(given: Arguments): Promise<void> {
  const galleryPath = needed(given, 'gallery')
  const queries = given.options.get('queries')
  if (queries === undefined && given.rest.length === 0) throw new Told('name pictures, or a folder by --queries', 2)
  const embedder = await embedderOrTold()
  const calibration = await readCalibration()
  const unreadable: Unreadable[] = []
  const startedMs = performance.now()
  const gallery = await galleryFrom(galleryPath, embedder, unreadable)
  const taughtMs = performance.now()
  if (queries === undefined) {
    await identifyPictures(given, embedder, gallery, calibration)
  } else {
    const answers = await askFolders(queries, embedder, gallery, calibration, unreadable)
    const askedMs = performance.now()
    const report = {
      gallery: gallery.products.map(({ product, pictures }) => ({ product, pictures: pictures.length })),
      ...judge(answers),
      unreadable,
      teachSeconds: round((taughtMs - startedMs) / 1000),
      msPerQuery: answers.length === 0 ? null : round((askedMs - taughtMs) / answers.length),
    }
    process.stdout.write(given.json ? `${JSON.stringify(report, null, 2)}\n` : told(report, gallery, unreadable))
  }
  await embedder.close()
}

/** A taught gallery's file, or a folder of product folders that is taught now. */
async function galleryFrom(path: string, embedder: Embedder, unreadable: Unreadable[]): Promise<Gallery> {
  if (!(await isFolder(path))) {
    const read = await readGallery(path, embedder.modelSha256, embedder.dimensions)
    if (!read.ok) throw new Told(read.error.says)
    return read.value
  }
  let gallery = emptyGallery(embedder.modelSha256)
  for (const { product, pictures } of await productFolders(path)) {
    const shown = spread(pictures, mostPictures)
    if (shown.length < pictures.length) {
      process.stderr.write(`${product}: ${shown.length} of ${pictures.length} pictures are used\n`)
    }
    const taught = teach(gallery, product, await embedAll(shown, embedder, unreadable))
    if (taught.ok) gallery = taught.value
    else process.stderr.write(`${taught.error.says}; the product is left out\n`)
  }
  if (gallery.products.length === 0) throw new Told(`${path} holds no sub-folder with pictures of a product`)
  return gallery
}

async function askFolders(
  folder: string,
  embedder: Embedder,
  gallery: Gallery,
  calibration: Calibration,
  unreadable: Unreadable[],
): Promise<readonly Answer[]> {
  if (!(await isFolder(folder))) throw new Told(`${folder} is no folder`)
  const known = new Set(gallery.products.map(({ product }) => product))
  const answers: Answer[] = []
  for (const { product, pictures } of await productFolders(folder)) {
    for (const embedding of await embedAll(pictures, embedder, unreadable)) {
      const answer = identify(gallery, embedding, calibration)
      answers.push({ truth: product, known: known.has(product), answer })
    }
  }
  if (answers.length === 0) throw new Told(`${folder} holds no sub-folder with pictures of a product`)
  return answers
}

/** Several pictures at once, one a core: a picture is decoded while another is in the network. */
async function embedAll(
  paths: readonly string[],
  embedder: Embedder,
  unreadable: Unreadable[],
): Promise<readonly Embedding[]> {
  const embeddings: Embedding[] = []
  const abreast = availableParallelism()
  for (let from = 0; from < paths.length; from += abreast) {
    const some = paths.slice(from, from + abreast)
    for (const [index, embedding] of (
      await Promise.all(some.map(async (path) => embedOne(path, embedder)))
    ).entries()) {
      if (embedding.ok) embeddings.push(embedding.value)
      else unreadable.push({ picture: some[index] ?? '', says: embedding.error })
    }
  }
  return embeddings
}

async function embedOne(path: string, embedder: Embedder): Promise<Result<Embedding, string>> {
  let bytes: Uint8Array
  try {
    bytes = await readFile(path)
  } catch (error) {
    return err(`cannot be read: ${String(error)}`)
  }
  const embedding = await embedder.embedFile(bytes)
  return embedding.ok ? embedding : err(embedding.error.says)
}

async function identifyPictures(
  { json, rest }: Arguments,
  embedder: Embedder,
  gallery: Gallery,
  calibration: Calibration,
): Promise<void> {
  const paths: string[] = []
  for (const path of rest) paths.push(...((await isFolder(path)) ? await picturesIn(path) : [path]))
  for (const path of paths) {
    const embedding = await embedder.embedFile(await bytesOf(path))
    const answer = embedding.ok ? identify(gallery, embedding.value, calibration) : null
    if (json) {
      const shown = answer === null ? { fault: embedding.ok ? null : embedding.error } : answer
      process.stdout.write(`${JSON.stringify({ picture: path, ...shown })}\n`)
    } else if (answer === null) {
      process.stdout.write(`${path}: ${embedding.ok ? '' : embedding.error.says}\n`)
    } else {
      const likely = answer.candidates.slice(0, 3).map((one) => `${one.product} ${percent(one.probability)}`)
      const verdict = answer.product ?? 'none of these, or not sure'
      process.stdout.write(
        `${path}: ${verdict} (${[...likely, `none ${percent(answer.noneProbability)}`].join(', ')})\n`,
      )
    }
  }
}

function told(report: Judgement, gallery: Gallery, unreadable: readonly Unreadable[]): string {
  const lines = [
    `${gallery.products.length} products, ${report.queries.known} queries of them and ${report.queries.unknown} of others`,
    `top-1                  ${percent(report.top1)}`,
    `top-1 with rejection   ${percent(report.top1WithRejection)}`,
    `  known: named rightly ${percent(report.acceptedRight)}, wrongly ${percent(report.acceptedWrong)}, not named ${percent(report.rejected)}`,
    `  unknown: named       ${percent(report.falseAccepts)}`,
    ...report.confusions
      .slice(0, 20)
      .map(({ product, takenFor, times }) => `${times} x ${product} taken for ${takenFor}`),
    ...unreadable.map(({ picture, says }) => `left out: ${basename(picture)}: ${says}`),
  ]
  return `${lines.join('\n')}\n`
}

const percent = (share: number | null): string => (share === null ? '-' : `${(share * 100).toFixed(1)} %`)
const round = (value: number): number => Math.round(value * 100) / 100
