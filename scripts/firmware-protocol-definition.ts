/**
 * The definition of the link's messages, as firmware/protocol/messages.json writes it: read, and checked whole, with all
 * its faults listed at once. Called by the two generators and by firmware-protocol.ts.
 */
export interface Field {
  readonly name: string
  readonly type: string
  readonly doc?: string
}

export interface Message {
  readonly name: string
  readonly type: number
  readonly from: 'pi' | 'controller'
  readonly event: boolean
  readonly doc: string
  readonly fields: readonly Field[]
}

export interface Protocol {
  readonly protocolVersion: number
  readonly maxBody: number
  readonly constants: Readonly<Record<string, { readonly value: number; readonly doc: string }>>
  readonly enums: Readonly<Record<string, { readonly doc: string; readonly values: readonly string[] }>>
  readonly flags: Readonly<Record<string, { readonly doc: string; readonly bits: readonly string[] }>>
  readonly messages: readonly Message[]
}

/** How a field lies in the body. `count` is 1 for a single value; bytes are `count` of u8. */
export type Layout =
  | {
      readonly kind: 'number'
      readonly base: 'u8' | 'u16' | 'u32' | 'i16' | 'i32'
      readonly width: number
      readonly count: number
    }
  | { readonly kind: 'bytes'; readonly width: number }
  | { readonly kind: 'bool'; readonly width: 1 }
  | { readonly kind: 'enum'; readonly name: string; readonly width: 1 }
  | { readonly kind: 'flags'; readonly name: string; readonly width: 2 }

const widths = { u8: 1, u16: 2, u32: 4, i16: 2, i32: 4 } as const

/** The layout of a type as messages.json writes it (`u8`, `i32x4`, `bytes16`, `bool`, an enum or a set of flags), or null. */
export function layoutOf(protocol: Protocol, type: string): Layout | null {
  const number = /^(u8|u16|u32|i16|i32)(?:x([1-9]\d?))?$/.exec(type)
  if (number) {
    const base = number[1] as keyof typeof widths
    const count = number[2] === undefined ? 1 : Number(number[2])
    return { kind: 'number', base, width: widths[base] * count, count }
  }
  const bytes = /^bytes([1-9]\d?)$/.exec(type)
  if (bytes) return { kind: 'bytes', width: Number(bytes[1]) }
  if (type === 'bool') return { kind: 'bool', width: 1 }
  if (Object.hasOwn(protocol.enums, type)) return { kind: 'enum', name: type, width: 1 }
  if (Object.hasOwn(protocol.flags, type)) return { kind: 'flags', name: type, width: 2 }
  return null
}

/** The layout of a field of a protocol that `parseProtocol` has let through. */
export function fieldLayout(protocol: Protocol, field: Field): Layout {
  const layout = layoutOf(protocol, field.type)
  if (layout === null) throw new Error(`${field.name}: ${field.type} is no type`)
  return layout
}

export const bodyLength = (protocol: Protocol, message: Message): number =>
  message.fields.reduce((sum, field) => sum + fieldLayout(protocol, field).width, 0)

const eventFields: readonly Field[] = [
  { name: 'eventId', type: 'u32', doc: 'counts from 1 at each start; acknowledged by EventAck' },
  { name: 'atMs', type: 'u32', doc: 'controller uptime when it happened' },
]

/** Reads a definition. Throws one error that lists every fault in it. */
export function parseProtocol(text: string): Protocol {
  const raw = JSON.parse(text) as Omit<Protocol, 'messages'> & {
    messages: (Omit<Message, 'event'> & { event?: true })[]
  }
  const messages = raw.messages.map((message): Message => {
    const event = message.event ?? false
    return { ...message, event, fields: event ? [...eventFields, ...message.fields] : message.fields }
  })
  const protocol: Protocol = { ...raw, messages }
  const faults = faultsOf(protocol)
  if (faults.length > 0) throw new Error(`messages.json:\n  ${faults.join('\n  ')}`)
  return protocol
}

function faultsOf(protocol: Protocol): string[] {
  const faults: string[] = []
  const seen = new Set<string | number>()
  for (const [name, { values }] of Object.entries(protocol.enums))
    if (values.length === 0 || values.length > 255) faults.push(`enum ${name}: ${values.length} values`)
  for (const [name, { bits }] of Object.entries(protocol.flags))
    if (bits.length > 16) faults.push(`flags ${name}: ${bits.length} bits, 16 fit`)
  for (const message of protocol.messages) {
    const at = `message ${message.name}`
    if (!/^[a-z][A-Za-z]*$/.test(message.name)) faults.push(`${at}: a name is camelCase`)
    if (seen.has(message.name)) faults.push(`${at}: defined twice`)
    if (seen.has(message.type)) faults.push(`${at}: type ${message.type} is taken`)
    seen.add(message.name).add(message.type)
    const half =
      message.from === 'pi' ? message.type >= 1 && message.type <= 63 : message.type >= 64 && message.type <= 127
    if (!half) faults.push(`${at}: type ${message.type} is not one of the ${message.from}'s`)
    const fields = new Set<string>()
    for (const field of message.fields) {
      if (layoutOf(protocol, field.type) === null) faults.push(`${at}, field ${field.name}: ${field.type} is no type`)
      if (fields.has(field.name)) faults.push(`${at}, field ${field.name}: defined twice`)
      fields.add(field.name)
    }
    const length = message.fields.reduce((sum, field) => sum + (layoutOf(protocol, field.type)?.width ?? 0), 0)
    if (length > protocol.maxBody) faults.push(`${at}: ${length} bytes, at most ${protocol.maxBody} fit`)
  }
  return faults
}
