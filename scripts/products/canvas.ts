/**
 * Canvas: what every package drawing is made with. One canvas is one SVG, in millimetres of the real package.
 *
 * Holds always: light comes from the top left; nothing is random (drops lie where `scatter` puts them); ids carry the
 * picture's name, so that pictures may be inlined beside each other; words are outlines from lettering.json, so that a
 * picture looks the same wherever it is shown. Called by the shapes beside it (cans, bottles, ...).
 */
import { readFileSync } from 'node:fs'

interface Outline {
  readonly em: number
  readonly width: number
  readonly d: string
}

const lettering = JSON.parse(readFileSync(new URL('lettering.json', import.meta.url), 'utf8')) as Readonly<
  Record<string, Outline>
>

/** A gradient's stops, as text: "offset colour opacity, ..."; opacity may be left out. `'0 #fff .5, 1 #fff 0'` */
type Stops = string

export interface Lettered {
  readonly x: number
  readonly y: number
  /** Font size in mm. */
  readonly size: number
  readonly fill: string
  readonly anchor?: 'start' | 'middle' | 'end'
  /** Degrees clockwise about (x, y). */
  readonly turn?: number
  /** Squeezes (below 1) or widens the word. */
  readonly stretch?: number
  readonly more?: string
}

/** Hundredths of a millimetre: finer than any screen shows. */
export const n = (value: number): string => String(Math.round(value * 100) / 100)

/** Joins numbers into path text: p`M${x} ${y}`. */
export const p = (parts: TemplateStringsArray, ...values: readonly number[]): string =>
  parts.reduce((text, part, index) => text + n(values[index - 1] ?? 0) + part)

/** The same spots for the same seed: a small generator is enough to lay drops and almonds. */
export function scatter(seed: number): () => number {
  let state = seed * 2654435761
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0
    let mixed = state ^ (state >>> 12)
    mixed = Math.imul(mixed, 0x297a2d39)
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 4294967296
  }
}

export class Canvas {
  readonly width: number
  readonly height: number
  readonly #name: string
  readonly #defs: string[] = []
  #ids = 0
  readonly #body: string[] = []

  constructor(name: string, width: number, height: number) {
    this.#name = name
    this.width = width
    this.height = height
  }

  put(...markup: readonly string[]): this {
    this.#body.push(...markup)
    return this
  }

  /** Adds a definition and gives its id. `make` may define more itself. */
  define(make: (id: string) => string): string {
    const id = `${this.#name}-${this.#ids.toString(36)}`
    this.#ids += 1
    this.#defs.push(make(id))
    return id
  }

  /** A gradient across the shape it fills, left to right unless told (in fractions of its box). */
  linear(stops: Stops, [x1, y1, x2, y2]: readonly [number, number, number, number] = [0, 0, 1, 0]): string {
    const ends = [x1 && ` x1="${n(x1)}"`, y1 && ` y1="${n(y1)}"`, x2 !== 1 && ` x2="${n(x2)}"`, y2 && ` y2="${n(y2)}"`]
    const id = this.define(
      (name) => `<linearGradient id="${name}"${ends.filter(Boolean).join('')}>${stopsOf(stops)}</linearGradient>`,
    )
    return `url(#${id})`
  }

  /** Top to bottom. */
  down(stops: Stops): string {
    return this.linear(stops, [0, 0, 0, 1])
  }

  radial(stops: Stops, cx = 0.5, cy = 0.5, r = 0.5): string {
    const id = this.define(
      (name) =>
        `<radialGradient id="${name}" cx="${n(cx)}" cy="${n(cy)}" r="${n(r)}">${stopsOf(stops)}</radialGradient>`,
    )
    return `url(#${id})`
  }

  /** Everything that `inside` puts is cut to the outline `d`. */
  clip(d: string, inside: () => void): this {
    const id = this.define((name) => `<clipPath id="${name}"><path d="${d}"/></clipPath>`)
    this.put(`<g clip-path="url(#${id})">`)
    inside()
    return this.put('</g>')
  }

  path(d: string, fill: string, more = ''): this {
    return this.put(`<path d="${d}" fill="${fill}"${more && ` ${more}`}/>`)
  }

  line(d: string, stroke: string, width: number, more = ''): this {
    return this.put(`<path d="${d}" fill="none" stroke="${stroke}" stroke-width="${n(width)}"${more && ` ${more}`}/>`)
  }

  ellipse(cx: number, cy: number, rx: number, ry: number, fill: string, more = ''): this {
    return this.put(p`<ellipse cx="${cx}" cy="${cy}" rx="${rx}" ry="${ry}" fill="` + `${fill}"${more && ` ${more}`}/>`)
  }

  rect(x: number, y: number, width: number, height: number, fill: string, more = ''): this {
    return this.put(
      p`<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="` + `${fill}"${more && ` ${more}`}/>`,
    )
  }

  word(style: string, text: string, at: Lettered): this {
    const outline = lettering[`${style}:${text}`]
    if (!outline) throw new Error(`lettering.json has no "${style}:${text}": add it to lettering.py and run that`)
    const scale = at.size / outline.em
    const shift = { start: 0, middle: -outline.width / 2, end: -outline.width }[at.anchor ?? 'middle']
    const turn = at.turn === undefined ? '' : ` rotate(${n(at.turn)})`
    const across = scale * (at.stretch ?? 1)
    const zoom = across === scale ? fine(scale) : `${fine(across)} ${fine(scale)}`
    const move = shift === 0 ? '' : ` translate(${n(shift)} 0)`
    return this.path(
      outline.d,
      at.fill,
      `transform="translate(${n(at.x)} ${n(at.y)})${turn} scale(${zoom})${move}"${at.more ? ` ${at.more}` : ''}`,
    )
  }

  svg(title: string): string {
    const size = p`viewBox="0 0 ${this.width} ${this.height}" width="${this.width * 4}" height="${this.height * 4}"`
    return [
      `<svg xmlns="http://www.w3.org/2000/svg" ${size}>`,
      '<!-- Made by scripts/products.ts: change that, not this. Our own art, MIT. -->',
      `<title>${title}</title>`,
      `<defs>${this.#defs.join('\n')}</defs>`,
      ...this.#body,
      '</svg>',
      '',
    ].join('\n')
  }
}

const fine = (value: number): string => String(Math.round(value * 10_000) / 10_000)

const stopsOf = (stops: Stops): string =>
  stops
    .split(', ')
    .map((stop) => {
      const [offset = '0', colour = '#000', opacity] = stop.split(' ')
      return `<stop offset="${offset}" stop-color="${colour}"${opacity === undefined ? '' : ` stop-opacity="${opacity}"`}/>`
    })
    .join('')

/**
 * The light on anything round and upright: dark rim, bright stripe on the left, shade and a little rim light right.
 * `inset` is how far from the picture's edges (as a part of its width) the round thing ends.
 */
export const roundLight = (strength = 1, inset = 0): Stops =>
  [
    [0, '#000', 0.42],
    [0.05, '#000', 0.16],
    [0.13, '#fff', 0.04],
    [0.2, '#fff', 0.34],
    [0.27, '#fff', 0.3],
    [0.36, '#fff', 0.03],
    [0.55, '#000', 0],
    [0.78, '#000', 0.16],
    [0.93, '#000', 0.4],
    [0.97, '#000', 0.3],
    [1, '#000', 0.22],
  ]
    .map(
      ([at, colour, opacity]) =>
        `${n(inset + Number(at) * (1 - 2 * inset))} ${colour} ${n(Number(opacity) * strength)}`,
    )
    .join(', ')

/** Drops of condensation inside a box: few, small, lit like everything else. */
export function drops(
  canvas: Canvas,
  seed: number,
  count: number,
  box: readonly [number, number, number, number],
): void {
  const [x, y, width, height] = box
  const next = scatter(seed)
  const id = canvas.define(
    (name) =>
      `<g id="${name}"><ellipse rx="1" ry="1.15" fill="#000" opacity=".16"/><ellipse cx="-.1" cy="-.12" rx=".86" ry="1" fill="#fff" opacity=".3"/><circle cx="-.36" cy="-.5" r=".3" fill="#fff" opacity=".85"/></g>`,
  )
  for (let index = 0; index < count; index += 1) {
    const size = 0.35 + next() ** 2 * 0.75
    canvas.put(
      `<use href="#${id}" transform="translate(${n(x + next() * width)} ${n(y + next() * height)}) scale(${n(size)})"/>`,
    )
  }
}
