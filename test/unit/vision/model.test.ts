import { createHash } from 'node:crypto'
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openModel, type ModelSpec } from '../../../vision/models/model.ts'

const vectors = new URL('../../vectors/vision/', import.meta.url)
const tiny: ModelSpec = {
  name: 'embedder',
  file: 'tiny.onnx',
  sha256: '639f9c0f635bda6bf670fa61cd56926bdb5a62f13e51b2dd3024a76f5e55ea66',
  input: { name: 'pixels', shape: [null, 3, 8, 8] },
  outputs: [{ name: 'embedding', shape: [null, 4] }],
}

const says = async (spec: ModelSpec, folder: URL | string = vectors): Promise<string> => {
  const opened = await openModel(spec, folder)
  return opened.ok ? 'opened' : `${opened.error.code}: ${opened.error.says}`
}

describe('a model', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vision-model-'))
  })
  afterAll(async () => rm(folder, { recursive: true }))

  test('[VIS6] that is what its manifest says is opened, and runs any batch', async () => {
    const opened = await openModel(tiny, vectors)
    if (!opened.ok) throw new Error(opened.error.says)
    const values = Float32Array.from({ length: 2 * 192 }, (_, index) => (index < 192 ? 0 : 1))
    const answers = await opened.value.run(values, 2)
    const embedding = answers.get('embedding')
    expect(embedding).toHaveLength(8)
    expect([...(embedding ?? [])].slice(0, 4)).toEqual([0, 0, 0, 0])
    await opened.value.close()
  })

  test('[VIS6] that is not there is told by its name', async () => {
    expect(await says({ ...tiny, file: 'gone.onnx' })).toMatch(/^missing: .*gone\.onnx/)
  })

  test('[VIS6] with one bit changed is not opened', async () => {
    await copyFile(new URL('tiny.onnx', vectors), join(folder, 'tiny.onnx'))
    const bytes = await readFile(join(folder, 'tiny.onnx'))
    bytes[1500] = (bytes[1500] ?? 0) ^ 1
    await writeFile(join(folder, 'tiny.onnx'), bytes)
    expect(await says(tiny, folder)).toMatch(/^checksum: /)
  })

  test('[VIS6] of another input or output is told with both shapes', async () => {
    const wider: ModelSpec = { ...tiny, input: { name: 'pixels', shape: [null, 3, 224, 224] } }
    expect(await says(wider)).toMatch(/^shape: .*pixels is batch x 3 x 8 x 8, and should be N x 3 x 224 x 224/)
    expect(await says({ ...tiny, input: { name: 'image', shape: [null, 3, 8, 8] } })).toMatch(/^shape: .*no image/)
    expect(await says({ ...tiny, outputs: [{ name: 'embedding', shape: [null, 128] }] })).toMatch(/^shape: .*128/)
  })

  test('[VIS6] of right checksum that is no ONNX is told', async () => {
    const words = Buffer.from('not a network')
    await writeFile(join(folder, 'words.onnx'), words)
    const sha256 = createHash('sha256').update(words).digest('hex')
    expect(await says({ ...tiny, file: 'words.onnx', sha256 }, folder)).toMatch(/^notOnnx: /)
  })
})
