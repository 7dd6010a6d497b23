/**
 * Model: an ONNX file that is what its manifest says, or a fault that says what is wrong with it.
 *
 * Holds always: a session exists only for a file whose SHA-256, input and outputs were checked, so that a half-copied
 * or exchanged file is told at the start and never gives wrong numbers later. One thread, one after another: the other
 * cores belong to the lock, the money and the screens. Called by embed/embedder.ts.
 */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { err, ok, type Result } from '../../src/core/result.ts'

export interface TensorSpec {
  readonly name: string
  /** A number, or null where any size will do (the batch, and the sides of a network that takes any). */
  readonly shape: readonly (number | null)[]
}

/** What `vision/models/NAME.json` says of NAME.onnx. */
export interface ModelSpec {
  readonly name: string
  readonly file: string
  readonly sha256: string
  readonly input: TensorSpec
  readonly outputs: readonly TensorSpec[]
}

export type ModelFault = {
  readonly code: 'missing' | 'checksum' | 'notOnnx' | 'shape'
  /** One sentence for the operator: which file, what was expected, what was found. */
  readonly says: string
}

export interface Model {
  readonly spec: ModelSpec
  /**
   * Runs one batch; `values` is row by row, `batch` rows of the input's shape. `sides` are the sizes that the shape leaves
   * open beside the batch. Outputs by name.
   */
  run(values: Float32Array, batch: number, sides?: readonly number[]): Promise<ReadonlyMap<string, Float32Array>>
  close(): Promise<void>
}

/** Reads, checks and opens the model that `spec` describes; `folder` is where its file is (a file URL or a path). */
export async function openModel(spec: ModelSpec, folder: URL | string): Promise<Result<Model, ModelFault>> {
  const path = folder instanceof URL ? new URL(spec.file, folder) : `${folder}/${spec.file}`
  const shown = folder instanceof URL ? spec.file : path.toString()
  const session = await openSession(path, shown, spec.sha256)
  if (!session.ok) return session
  const { inputMetadata, outputMetadata } = session.value
  const wrong = shapeFault(inputMetadata, [spec.input]) ?? shapeFault(outputMetadata, spec.outputs)
  if (wrong !== undefined) {
    await session.value.release()
    return err({ code: 'shape', says: `the model ${shown} is not a ${spec.name}: ${wrong}` })
  }
  return ok(opened(session.value, spec))
}

/** Opens the ONNX file at `path`, `shown` so in faults; a null `sha256` takes any file, as of a model brought along. */
export async function openSession(
  path: URL | string,
  shown: string,
  sha256: string | null,
): Promise<Result<InferenceSession, ModelFault>> {
  let bytes: Uint8Array
  try {
    bytes = await readFile(path)
  } catch (error) {
    return err({ code: 'missing', says: `the model ${shown} cannot be read: ${reason(error)}` })
  }
  const found = createHash('sha256').update(bytes).digest('hex')
  if (sha256 !== null && found !== sha256) {
    const sums = `its checksum is ${found.slice(0, 12)}..., and should be ${sha256.slice(0, 12)}...`
    return err({ code: 'checksum', says: `the model ${shown} is damaged or another one: ${sums}` })
  }
  try {
    const session = await InferenceSession.create(bytes, {
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
      extra: { session: { x64quantprecision: (await mayOverflow()) ? '1' : '0' } },
    })
    return ok(session)
  } catch (error) {
    return err({ code: 'notOnnx', says: `the model ${shown} cannot be opened: ${reason(error)}` })
  }
}

function opened(session: InferenceSession, spec: ModelSpec): Model {
  return {
    spec,
    run: async (values, batch, sides = []) => {
      const open = [batch, ...sides]
      const shape = spec.input.shape.map((size) => size ?? open.shift() ?? 1)
      const answers = await session.run({ [spec.input.name]: new Tensor('float32', values, shape) })
      return new Map(
        spec.outputs.map(({ name }) => {
          const answer = answers[name]?.data
          if (!(answer instanceof Float32Array)) throw new Error(`${spec.name} gave no float32 ${name}`)
          return [name, answer]
        }),
      )
    },
    close: async () => session.release(),
  }
}

function shapeFault(
  tensors: readonly InferenceSession.ValueMetadata[],
  wanted: readonly TensorSpec[],
): string | undefined {
  for (const { name, shape } of wanted) {
    const tensor = tensors.find((known) => known.name === name)
    if (tensor === undefined) return `it has no ${name}, only ${tensors.map((known) => known.name).join(', ')}`
    if (!tensor.isTensor || tensor.type !== 'float32') return `its ${name} is not float32`
    const fits = tensor.shape.length === shape.length
    if (!fits || shape.some((size, axis) => size !== null && tensor.shape[axis] !== size)) {
      return `its ${name} is ${tensor.shape.join(' x ')}, and should be ${shape.map((size) => size ?? 'N').join(' x ')}`
    }
  }
  return undefined
}

/**
 * Whether fast products of eight bits may overflow here, untold: on x86 without VNNI. There slower ones are asked for, which take
 * as long as float32; asked for where they are not needed, they would take that time too.
 */
async function mayOverflow(): Promise<boolean> {
  if (process.arch !== 'x64') return false
  try {
    return !/\bavx(512)?_vnni\b/.test(await readFile('/proc/cpuinfo', 'utf8'))
  } catch {
    return true // another system than Linux: who knows
  }
}

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error))
