/**
 * SVG inspection: reads a drawing as strictly as a browser would and refuses what a picture has no need of.
 *
 * Holds always: what passes is well-formed XML whose root is <svg>, with a known size; it holds no script, no foreign
 * page content, no animation, no link, and names nothing outside itself. Every fault is told with its line. Pure; called
 * by picture.ts. The screens show pictures in <img>, where scripts would not run: this is the first wall, not the only.
 */
export interface SvgFault {
  /** broken: it can't be drawn; unsafe: it could be, and is refused all the same. */
  readonly code: 'broken' | 'unsafe'
  readonly line: number
  readonly message: string
}

export interface SvgFacts {
  readonly width: number
  readonly height: number
  readonly faults: readonly SvgFault[]
}

const svgSpace = 'http://www.w3.org/2000/svg'
const xlinkSpace = 'http://www.w3.org/1999/xlink'
/** Spaces whose elements mean something to a browser; all others (of drawing programs) lie there dead. */
const liveSpaces = new Set(['http://www.w3.org/1999/xhtml', 'http://www.w3.org/1998/Math/MathML'])

const drawing = new Set(
  (
    'svg g defs symbol use path rect circle ellipse line polyline polygon text tspan textPath title desc metadata style ' +
    'linearGradient radialGradient stop clipPath mask pattern marker image filter switch view'
  ).split(' '),
)

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

const name = String.raw`[A-Za-z_][\w.\-]*(?::[A-Za-z_][\w.\-]*)?`
const attribute = new RegExp(String.raw`\s+(${name})\s*=\s*(?:"([^"<]*)"|'([^'<]*)')`, 'y')
const openTag = new RegExp(String.raw`<(${name})`, 'y')
const closeTag = new RegExp(String.raw`</(${name})\s*>`, 'y')

const mostElements = 20_000
const deepest = 64
/** More say nothing new. */
const mostFaults = 20

interface Open {
  readonly tag: string
  readonly local: string
  readonly spaces: Readonly<Record<string, string>>
}

/** Reads `text` to its end or to the first place where it stops being XML. */
export function inspectSvg(text: string): SvgFacts {
  const faults: SvgFault[] = []
  const size = { width: 0, height: 0 }
  const tell = (code: SvgFault['code'], at: number, message: string) => {
    if (faults.length < mostFaults) faults.push({ code, line: text.slice(0, at).split('\n').length, message })
  }
  const broken = (at: number, message: string): SvgFacts => {
    tell('broken', at, `is not well-formed: ${message}`)
    return { ...size, faults }
  }

  const open: Open[] = []
  let [at, count, css] = [0, 0, '']
  while (at < text.length) {
    const inside = open.at(-1)
    const next = text.indexOf('<', at)
    const words = decoded(text.slice(at, next === -1 ? text.length : next))
    if (words === null) return broken(at, 'there is a & that begins no known entity')
    if (inside === undefined && words.replace('\uFEFF', '').trim() !== '')
      return broken(at, 'there is text outside <svg>')
    // A style sheet is judged whole at its end: comments between its pieces hide nothing.
    if (inside?.local === 'style') css += words
    if (next === -1) break
    at = next

    const special = specials.find(({ begins }) => text.startsWith(begins, at))
    if (special) {
      const end = text.indexOf(special.ends, at + special.begins.length)
      if (end === -1) return broken(at, `${special.begins} has no end`)
      const content = text.slice(at + special.begins.length, end)
      if (special.begins === '<?' && !/^xml\s/.test(content))
        tell('unsafe', at, 'an instruction (<?...?>) is not allowed')
      if (special.begins === '<!DOCTYPE' && content.includes('['))
        return broken(at, 'a DOCTYPE may not define entities')
      if (special.begins === '<![CDATA[' && inside === undefined) return broken(at, 'there is text outside <svg>')
      if (special.begins === '<![CDATA[' && inside?.local === 'style') css += content
      at = end + special.ends.length
    } else if (text.startsWith('</', at)) {
      closeTag.lastIndex = at
      const tag = closeTag.exec(text)?.[1]
      if (tag === undefined || tag !== inside?.tag) return broken(at, `<${inside?.tag ?? '?'}> is not closed here`)
      if (inside.local === 'style') {
        judgeStyle(css, (message) => tell('unsafe', at, `<style> ${message}`))
        css = ''
      }
      open.pop()
      at = closeTag.lastIndex
    } else {
      const read = readTag(text, at)
      if (read === null) return broken(at, "a tag can't be read (is every value in quotes, each attribute there once?)")
      if (inside === undefined && count > 0) return broken(at, 'there is more than one root')
      count += 1
      if (count > mostElements || open.length >= deepest)
        return broken(at, `more than ${mostElements} elements, or more than ${deepest} inside each other`)
      const spaces = spacesOf(inside?.spaces ?? { xml: 'http://www.w3.org/XML/1998/namespace' }, read.attributes)
      const [prefix, local] = split(read.tag)
      const space = spaces[prefix]
      if (space === undefined && prefix !== '') return broken(at, `nothing says what "${prefix}:" is`)
      if (count === 1) {
        if (space !== svgSpace || local !== 'svg') return broken(at, `the root is not <svg xmlns="${svgSpace}">`)
        Object.assign(size, sizeOf(read.attributes))
        if (size.width === 0) tell('broken', at, 'has no size: give the root a viewBox="0 0 width height"')
      }
      judgeElement(space, local, (message) => tell('unsafe', at, message))
      for (const [key, value] of read.attributes)
        judgeAttribute(local, key, value, spaces, (message) => tell('unsafe', at, `<${read.tag} ${key}> ${message}`))
      if (!read.closed) open.push({ tag: read.tag, local: space === svgSpace ? local : '', spaces })
      at = read.end
    }
  }
  const left = open.at(-1)
  if (left) return broken(text.length, `it ends inside <${left.tag}>: was it cut off?`)
  if (count === 0) return broken(0, 'there is no <svg> in it')
  return { ...size, faults }
}

const specials = [
  { begins: '<!--', ends: '-->' },
  { begins: '<![CDATA[', ends: ']]>' },
  { begins: '<?', ends: '?>' },
  { begins: '<!DOCTYPE', ends: '>' },
] as const

interface Tag {
  readonly tag: string
  readonly attributes: ReadonlyMap<string, string>
  readonly closed: boolean
  readonly end: number
}

function readTag(text: string, from: number): Tag | null {
  openTag.lastIndex = from
  const tag = openTag.exec(text)?.[1]
  if (tag === undefined) return null
  let at = openTag.lastIndex
  const attributes = new Map<string, string>()
  for (;;) {
    attribute.lastIndex = at
    const found = attribute.exec(text)
    if (!found) break
    const [, key = '', double, single] = found
    const value = decoded(double ?? single ?? '')
    if (value === null || attributes.has(key)) return null
    attributes.set(key, value)
    at = attribute.lastIndex
  }
  const end = /^\s*(\/?)>/.exec(text.slice(at, at + 1000))
  return end ? { tag, attributes, closed: end[1] === '/', end: at + end[0].length } : null
}

/** Text with its entities read, or null when one is unknown. */
function decoded(text: string): string | null {
  const strange: string[] = []
  const plain = text.replaceAll(
    /&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(\w{1,8}));|&/g,
    (whole, decimal?: string, hex?: string, word?: string) => {
      const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal)
      const letter =
        word === undefined ? (code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : undefined) : entities[word]
      if (letter === undefined) strange.push(whole)
      return letter ?? ''
    },
  )
  return strange.length === 0 ? plain : null
}

const split = (tag: string): readonly [prefix: string, local: string] => {
  const colon = tag.indexOf(':')
  return colon === -1 ? ['', tag] : [tag.slice(0, colon), tag.slice(colon + 1)]
}

function spacesOf(
  around: Readonly<Record<string, string>>,
  attributes: ReadonlyMap<string, string>,
): Readonly<Record<string, string>> {
  const spaces = { ...around }
  for (const [key, value] of attributes) {
    const [prefix, local] = split(key)
    if (key === 'xmlns') spaces[''] = value
    else if (prefix === 'xmlns') spaces[local] = value
  }
  return spaces
}

function sizeOf(attributes: ReadonlyMap<string, string>): { width: number; height: number } {
  const box = (attributes.get('viewBox') ?? '')
    .trim()
    .split(/[\s,]+/)
    .map(Number)
  const [, , width = 0, height = 0] = box
  if (box.length === 4 && width > 0 && height > 0) return { width, height }
  const sides = [attributes.get('width'), attributes.get('height')].map((side) =>
    Number((side ?? '').replace(/px$|mm$/, '')),
  )
  const [across = 0, up = 0] = sides
  return across > 0 && up > 0 ? { width: across, height: up } : { width: 0, height: 0 }
}

type Tell = (message: string) => void

function judgeElement(space: string | undefined, local: string, tell: Tell): void {
  if (space !== undefined && liveSpaces.has(space)) tell(`<${local}> of a web page is not allowed in a picture`)
  else if (space === svgSpace && !drawing.has(local) && !/^fe[A-Z]\w+$/.test(local))
    tell(`<${local}> is not allowed in a picture: it may only draw`)
  else if (space === undefined) tell(`<${local}> stands in no namespace: the root needs xmlns="${svgSpace}"`)
}

function judgeAttribute(
  local: string,
  key: string,
  value: string,
  spaces: Readonly<Record<string, string>>,
  tell: Tell,
): void {
  const [prefix, bare] = split(key)
  if (prefix === 'xmlns' || key === 'xmlns') return
  if (prefix === 'xml' && bare === 'base') return tell('is not allowed')
  const plain = prefix === ''
  if (plain && /^on/i.test(bare)) return tell('a script is not allowed in a picture')
  if (bare === 'href' && (plain || spaces[prefix] === xlinkSpace)) {
    const own = value.trim().startsWith('#')
    const picture =
      (local === 'image' || local === 'feImage') && /^data:image\/(?:png|jpeg|webp);base64,[\w+/=\s]*$/.test(value)
    if (!own && !picture) tell(`names something outside the picture (${JSON.stringify(value.slice(0, 40))})`)
    return
  }
  if (plain && !/^(?:id|class|data-.*|aria-.*)$/.test(bare)) judgeStyle(value, tell)
}

/** CSS, or an attribute that may hold some: it may point only at the picture's own ids. */
function judgeStyle(css: string, tell: Tell): void {
  if (/url\((?!\s*(?:["']\s*)?#)/i.test(css)) tell('names something outside the picture: url(...)')
  if (
    /@(?:import|font-face|namespace|document)|(?:image-set|image|src|expression)\(|(?:javascript|vbscript):/i.test(css)
  )
    tell('asks for something outside the picture')
  if (/\\\w/.test(css)) tell('may not write letters behind a backslash')
}
