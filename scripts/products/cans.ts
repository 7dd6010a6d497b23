/**
 * Cans: drawn aluminium seen a little from above, so that the lid shows. Two colas and two sodas are twins in look: the
 * same drawing in other colours, as on a real shelf. Called by scripts/products.ts.
 */
import { Canvas, drops, p, roundLight } from './canvas.ts'

interface CanShape {
  readonly name: string
  readonly width: number
  readonly height: number
  /** The lid's radius as a part of the width: slim cans narrow less. */
  readonly lid: number
  readonly seed: number
}

/** The can itself; `print` paints what is on it, already cut to its outline. */
function can(shape: CanShape, print: (canvas: Canvas) => void): Canvas {
  const { width: w, height: h } = shape
  const canvas = new Canvas(shape.name, w, h)
  const cx = w / 2
  const lidX = w * shape.lid
  const lidY = w * 0.066
  const lidAt = lidY + 0.4
  const shoulder = lidAt + w * 0.17
  const heel = h - w * 0.15
  const footX = w * 0.385
  const footY = w * 0.05
  const foot = h - footY - 0.4
  const body =
    p`M${cx - lidX + 0.5} ${lidAt + 1.2}C${cx - lidX + 0.4} ${lidAt + w * 0.07} 0.4 ${lidAt + w * 0.085} 0.4 ${shoulder}V${heel}` +
    p`C0.4 ${h - w * 0.08} ${cx - footX - w * 0.05} ${foot - w * 0.03} ${cx - footX} ${foot}A${footX} ${footY} 0 0 0 ${cx + footX} ${foot}` +
    p`C${cx + footX + w * 0.05} ${foot - w * 0.03} ${w - 0.4} ${h - w * 0.08} ${w - 0.4} ${heel}V${shoulder}` +
    p`C${w - 0.4} ${lidAt + w * 0.085} ${cx + lidX - 0.4} ${lidAt + w * 0.07} ${cx + lidX - 0.5} ${lidAt + 1.2}Z`
  const metal = canvas.linear('0 #8b939c, .12 #dfe4e8, .24 #ffffff, .4 #b4bbc3, .62 #d9dee3, .85 #8f98a1, 1 #b9c0c7')
  canvas.clip(body, () => {
    print(canvas)
    // Bare metal at the foot, then the light: on the shoulder from above, on the round from the left.
    const ring = h - w * 0.088
    canvas.path(p`M0 ${ring}Q${cx} ${ring + w * 0.1} ${w} ${ring}V${h}H0Z`, metal)
    canvas.rect(0, 0, w, h, canvas.linear(roundLight()))
    canvas.rect(0, lidAt, w, w * 0.19, canvas.down('0 #fff .1, .35 #fff .34, .8 #fff .12, 1 #fff 0'))
    canvas.rect(0, heel - w * 0.1, w, h, canvas.down('0 #000 0, .12 #000 .16, 1 #000 .5'))
    canvas.path(
      p`M${w * 0.19} ${shoulder + 1}C${w * 0.2} ${shoulder - w * 0.04} ${w * 0.22} ${lidAt + w * 0.1} ${w * 0.25} ${lidAt + w * 0.08}C${w * 0.24} ${shoulder - 2} ${w * 0.235} ${shoulder} ${w * 0.235} ${shoulder + 4}V${heel - 6}Q${w * 0.21} ${heel} ${w * 0.19} ${heel - 6}Z`,
      '#fff',
      'opacity=".32"',
    )
    drops(canvas, shape.seed, 26, [w * 0.08, shoulder + 3, w * 0.82, heel - shoulder - 4])
  })
  // Lid: rolled rim, countersink, panel, tab.
  canvas.ellipse(cx, lidAt + 0.9, lidX, lidY, '#6d757e')
  canvas.ellipse(cx, lidAt, lidX, lidY, metal)
  canvas.ellipse(cx, lidAt + 0.25, lidX - 1.7, lidY - 0.95, canvas.linear('0 #737b84, .5 #a9b0b8, 1 #e9edf0'))
  canvas.ellipse(cx, lidAt + 0.7, lidX - 3.2, lidY - 1.5, canvas.linear('0 #f4f6f8, .5 #ccd2d8, 1 #9fa7af'))
  canvas.ellipse(cx, lidAt + 1.3, w * 0.12, lidY * 0.36, '#9aa2ab')
  canvas.ellipse(cx, lidAt + 0.15, w * 0.1, lidY * 0.34, canvas.linear('0 #fff, 1 #b3bac2'))
  canvas.ellipse(cx, lidAt - 0.1, w * 0.045, lidY * 0.14, '#868e97')
  return canvas
}

interface Cola {
  readonly name: string
  readonly title: string
  readonly seed: number
  readonly ground: readonly [string, string, string]
  readonly sun: readonly [string, string]
  readonly moon: string
  readonly ink: string
  readonly kind: string
}

/** Ombra is a shadow: the moon before the sun, and the name across both. */
function ombra(cola: Cola): string {
  const shape = { name: cola.name, width: 66, height: 115, lid: 0.415, seed: cola.seed }
  const canvas = can(shape, (c) => {
    const [top, middle, bottom] = cola.ground
    c.rect(0, 0, 66, 115, c.down(`0 ${top}, .5 ${middle}, 1 ${bottom}`))
    c.ellipse(33, 51, 31, 31, c.radial(`.62 ${cola.sun[0]} .55, 1 ${cola.sun[0]} 0`))
    c.ellipse(33, 51, 21.5, 21.5, c.linear(`0 ${cola.sun[0]}, 1 ${cola.sun[1]}`, [0, 0, 0.8, 1]))
    c.ellipse(36.6, 54, 20.2, 20.2, cola.moon)
    c.word('ombra', 'Ombra', { x: 33, y: 62.5, size: 15.8, fill: cola.ink, turn: -11 })
    c.word('caps', 'COLA', { x: 45.5, y: 69, size: 7, fill: cola.sun[0], turn: -11 })
    c.line(p`M0 87.5Q33 93.5 66 87.5`, cola.sun[0], 0.5)
    c.word('caps', cola.kind, { x: 33, y: 99, size: 5.6, fill: cola.ink })
    c.word('small', '330 ml', { x: 33, y: 27.5, size: 4, fill: cola.ink, more: 'opacity=".75"' })
  })
  return canvas.svg(cola.title)
}

interface Soda {
  readonly name: string
  readonly title: string
  readonly seed: number
  readonly ground: readonly [string, string]
  readonly rind: string
  readonly flesh: readonly [string, string]
  readonly ink: string
  readonly fruit: 'lemon' | 'lime'
}

/** Pling is loud: the name climbs the can, half a fruit shines below. */
function pling(soda: Soda): string {
  const shape = { name: soda.name, width: 53, height: 135, lid: 0.455, seed: soda.seed }
  const canvas = can(shape, (c) => {
    c.rect(0, 0, 53, 135, c.down(`0 ${soda.ground[0]}, 1 ${soda.ground[1]}`))
    for (const [x, y, r] of [
      [9, 22, 2.4],
      [45, 36, 3.4],
      [7, 52, 1.6],
      [47, 66, 1.8],
      [45.5, 18, 1.2],
      [9, 80, 3],
    ] as const)
      c.ellipse(x, y, r, r, '#fff', 'opacity=".45"')
    const [cx, cy, r] = [26.5, 108, 22]
    c.ellipse(cx, cy, r, r, soda.rind)
    c.ellipse(cx, cy, r - 1.7, r - 1.7, '#fffbe6')
    const flesh = c.radial(`0 ${soda.flesh[0]}, 1 ${soda.flesh[1]}`)
    const wedges = Array.from({ length: 9 }, (_, index) => {
      const spot = (angle: number, far: number) => [cx + Math.cos(angle) * far, cy + Math.sin(angle) * far] as const
      const from = (index / 9) * 2 * Math.PI - 1.75
      const [ax, ay] = spot(from + 0.35, 2.4)
      const [bx, by] = spot(from + 0.07, r - 4.6)
      const [dx, dy] = spot(from + 0.63, r - 4.6)
      const [ex, ey] = spot(from + 0.35, r - 1.2)
      return p`M${ax} ${ay}L${bx} ${by}Q${ex} ${ey} ${dx} ${dy}Z`
    }).join('')
    c.path(wedges, flesh, `stroke="${soda.flesh[1]}" stroke-width="1.2" stroke-linejoin="round"`)
    c.word('pling', 'Pling', {
      x: 36.2,
      y: 84,
      size: 28,
      fill: soda.ink,
      anchor: 'start',
      turn: -90,
      more: 'opacity=".9"',
    })
    c.word('pling', 'Pling', { x: 35.2, y: 83.4, size: 28, fill: '#fff', anchor: 'start', turn: -90 })
    c.word('pling', soda.fruit, { x: 43.6, y: 83.4, size: 7.4, fill: soda.ink, anchor: 'start', turn: -90 })
    c.word('small', '250 ml', { x: 43.4, y: 62, size: 4.4, fill: soda.ink, anchor: 'start', turn: -90 })
  })
  return canvas.svg(soda.title)
}

/** Knurl: the pattern cut into a tool's grip, and a plain label to hold it. */
function knurl(): string {
  const canvas = can({ name: 'knurl', width: 66, height: 152, lid: 0.415, seed: 5 }, (c) => {
    c.rect(0, 0, 66, 152, c.down('0 #12605c, 1 #0a3d40'))
    const lattice = c.define(
      (id) =>
        `<pattern id="${id}" width="8.25" height="9" patternUnits="userSpaceOnUse"><path d="M0 4.5L4.13 0 8.25 4.5 4.13 9Z" fill="none" stroke="#d99a5b" stroke-width=".7"/><path d="M4.13 3.3l1.1 1.2-1.1 1.2-1.1-1.2z" fill="#d99a5b"/></pattern>`,
    )
    c.rect(0, 0, 66, 152, `url(#${lattice})`)
    c.path('M0 46Q33 52 66 46V112Q33 118 0 112Z', '#f5ead6')
    c.line('M0 48.4Q33 54.4 66 48.4M0 109.6Q33 115.6 66 109.6', '#b8713a', 0.8)
    c.line('M0 44Q33 50 66 44M0 114Q33 120 66 114', '#d99a5b', 0.8)
    c.word('caps', 'FIERY', { x: 33, y: 62, size: 6, fill: '#b8713a' })
    c.word('knurl', 'Knurl', { x: 33, y: 83, size: 21.5, fill: '#0d4a49' })
    c.word('caps', 'GINGER BEER', { x: 33, y: 95.5, size: 5.2, fill: '#0d4a49' })
    c.word('small', '440 ml', { x: 33, y: 105, size: 4.4, fill: '#b8713a' })
  })
  return canvas.svg('Knurl ginger beer, 440 ml can')
}

export const cans = (): Readonly<Record<string, string>> => ({
  'ombra-cola': ombra({
    name: 'ombra-cola',
    title: 'Ombra cola classic, 330 ml can',
    seed: 3,
    ground: ['#a3262f', '#8c1c2b', '#641022'],
    sun: ['#ffc98a', '#f08a4b'],
    moon: '#7d1728',
    ink: '#fff3df',
    kind: 'CLASSIC',
  }),
  'ombra-zero': ombra({
    name: 'ombra-zero',
    title: 'Ombra cola zero sugar, 330 ml can',
    seed: 4,
    ground: ['#35323d', '#24212b', '#15131a'],
    sun: ['#ffc98a', '#f08a4b'],
    moon: '#211e28',
    ink: '#fff3df',
    kind: 'ZERO SUGAR',
  }),
  'pling-lemon': pling({
    name: 'pling-lemon',
    title: 'Pling lemon soda, 250 ml can',
    seed: 8,
    ground: ['#ffdf4f', '#f6b91f'],
    rind: '#f2b705',
    flesh: ['#fff2a0', '#ffd93b'],
    ink: '#b56a00',
    fruit: 'lemon',
  }),
  'pling-lime': pling({
    name: 'pling-lime',
    title: 'Pling lime soda, 250 ml can',
    seed: 9,
    ground: ['#c6df4e', '#7db92e'],
    rind: '#3f8f2c',
    flesh: ['#ecf7b0', '#b7da52'],
    ink: '#2f6d24',
    fruit: 'lime',
  }),
  knurl: knurl(),
})
