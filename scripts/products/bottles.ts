/**
 * Bottles: what is clear shows what is in it. Each is turned from a profile (half-widths by height), so that glass, drink
 * and label share one outline. Called by scripts/products.ts.
 */
import { Canvas, drops, n, p, roundLight } from './canvas.ts'

/** Half-width at a height, from the top down; the curve runs smoothly through them. */
type Profile = readonly (readonly [y: number, half: number])[]

/** The closed outline of a profile about `cx`; at the foot it turns in by `corner`. */
function turned(cx: number, profile: Profile, corner: number): string {
  const right = profile.map(([y, half]) => [cx + half, y] as const)
  const left = profile.map(([y, half]) => [cx - half, y] as const).reverse()
  const [fx, fy] = right.at(-1) ?? [cx, 0]
  const [sx, sy] = right[0] ?? [cx, 0]
  const [inner, floor] = [fx - corner, fy + corner]
  return (
    p`M${sx} ${sy}` +
    smooth(right) +
    p`Q${fx} ${floor} ${inner} ${floor}Q${cx} ${floor + 1.6} ${2 * cx - inner} ${floor}Q${2 * cx - fx} ${floor} ${2 * cx - fx} ${fy}` +
    smooth(left) +
    'Z'
  )
}

/** Monotone in height: each piece leaves and arrives upright where the width stands still. */
function smooth(spots: readonly (readonly [number, number])[]): string {
  let text = ''
  for (let index = 1; index < spots.length; index += 1) {
    const [ax, ay] = spots[index - 1] ?? [0, 0]
    const [bx, by] = spots[index] ?? [0, 0]
    const middle = (ay + by) / 2
    text += ax === bx ? `V${n(by)}` : p`C${ax} ${middle} ${bx} ${middle} ${bx} ${by}`
  }
  return text
}

/** A label wrapped round: straight at the sides, sagging with the round in the middle. */
const wrapped = (width: number, top: number, bottom: number, sag: number): string =>
  p`M0 ${top}Q${width / 2} ${top + 2 * sag} ${width} ${top}V${bottom}Q${width / 2} ${bottom + 2 * sag} 0 ${bottom}Z`

/** A screw cap with its ribs. */
function cap(
  canvas: Canvas,
  cx: number,
  top: number,
  half: number,
  height: number,
  colours: readonly [string, string],
): void {
  const [light, dark] = colours
  canvas.path(
    p`M${cx - half} ${top + 1.6}Q${cx - half} ${top} ${cx - half + 1.6} ${top}H${cx + half - 1.6}Q${cx + half} ${top} ${cx + half} ${top + 1.6}V${top + height}Q${cx} ${top + height + 1.6} ${cx - half} ${top + height}Z`,
    canvas.linear(`0 ${dark}, .22 ${light}, .5 ${light}, 1 ${dark}`),
  )
  const ribs = Array.from({ length: 9 }, (_, index) => {
    const x = cx + half * Math.sin(((index - 4) / 9) * Math.PI)
    return p`M${x} ${top + 2.4}v${height - 3.2}`
  }).join('')
  canvas.line(ribs, '#000', 0.45, 'opacity=".16"')
  canvas.rect(cx - half * 0.62, top + 1.2, half * 0.26, height - 2, '#fff', 'rx="1" opacity=".35"')
}

/** Still water: nearly nothing but light. */
function fontelle(): string {
  const [w, h, cx] = [74, 262, 37]
  const c = new Canvas('fontelle-still', w, h)
  const profile: Profile = [
    [22, 13],
    [32, 13],
    [72, 35.5],
    [112, 36.4],
    [120, 35],
    [128, 36.4],
    [204, 36.4],
    [212, 34.6],
    [220, 36.4],
    [253, 36.4],
  ]
  const outline = turned(cx, profile, 7)
  c.path(outline, c.linear('0 #7fb4d6, .1 #c3e1f1, .5 #e6f4fb, .86 #b3d8ec, 1 #6fa8cd'), 'opacity=".9"')
  c.clip(outline, () => {
    // The water, to just below the shoulder; caustics at the foot.
    c.path('M0 52Q37 56 74 52V262H0Z', c.linear('0 #3f93c9 .5, .2 #8cc9ea .34, .6 #a9d9f2 .3, 1 #2f80b8 .55'))
    c.ellipse(37, 52.4, 26, 1.5, '#fff', 'opacity=".65"')
    c.ellipse(44, 240, 24, 16, c.radial('0 #fff .8, 1 #fff 0'))
    for (const y of [84, 93, 102, 226, 235, 244])
      c.line(p`M0 ${y}Q37 ${y + 4} 74 ${y}`, '#fff', 1.3, 'opacity=".5"').line(
        p`M0 ${y + 1.4}Q37 ${y + 5.4} 74 ${y + 1.4}`,
        '#2d78ab',
        0.7,
        'opacity=".3"',
      )
    const label = wrapped(w, 130, 202, 1.6)
    c.path(label, '#f7fbfd')
    c.clip(label, () => {
      c.path('M0 190L16 171 25 180 40 159 53 176 60 168 74 184V210H0Z', '#1f6fa8')
      c.path('M0 198L18 184 30 192 46 176 62 192 74 186V210H0Z', '#124e80')
      c.path('M40 159L33 169 37.5 172.5 41 168.5 45.5 171.5 46.4 167.4Z', '#fff')
    })
    c.line('M0 133Q37 136.2 74 133', '#1f6fa8', 0.6)
    c.word('fontelle', 'FONTELLE', { x: 37, y: 152.5, size: 8.8, fill: '#124e80' })
    c.word('caps', 'STILL', { x: 37, y: 142, size: 4.4, fill: '#2a7fb8' })
    c.word('small', '750 ml', { x: 37, y: 199.5, size: 4.2, fill: '#fff' })
    c.rect(0, 0, w, h, c.linear(roundLight(0.62)))
    c.rect(9, 74, 6, 172, '#fff', 'rx="3" opacity=".4"')
    drops(c, 21, 30, [8, 76, 60, 172])
  })
  c.rect(cx - 15.5, 27.5, 31, 3.4, c.linear('0 #79aed0, .25 #fff, 1 #86b8d6'), 'rx="1.7"')
  cap(c, cx, 8, 14, 18.5, ['#2f8fd0', '#17598f'])
  c.path('M27.5 8.6V4Q27.5 .6 31 .6H43Q46.5 .6 46.5 4V8.6Q37 10.2 27.5 8.6Z', c.linear('0 #cfe3f0, .3 #fff, 1 #a8c6da'))
  return c.svg('Fontelle still mineral water, 750 ml bottle')
}

/** Orange juice: the fruit is the picture, the label only signs it. */
function solita(): string {
  const [w, h, cx] = [64, 172, 32]
  const c = new Canvas('solita-orange', w, h)
  const profile: Profile = [
    [16, 15.5],
    [24, 15.5],
    [54, 31],
    [84, 31.5],
    [164, 31.5],
  ]
  const outline = turned(cx, profile, 6.5)
  c.path(outline, c.linear('0 #e9a23b, .2 #ffe7b0, .8 #ffd27a, 1 #d98a1e'))
  c.clip(outline, () => {
    c.path('M0 31Q32 34 64 31V172H0Z', c.linear('0 #e87a00, .25 #ffab1f, .6 #ff9a0a, 1 #cf6400'))
    c.ellipse(32, 31.2, 18, 1.3, '#ffd98c')
    c.path('M0 120Q32 124 64 120V172H0Z', c.down('0 #d95f00 0, 1 #b84a00 .6'))
    const label = wrapped(w, 70, 142, 1.5)
    c.path(label, '#fff8ea')
    c.clip(label, () => {
      c.ellipse(32, 134, 27, 27, '#ff9d1c')
      c.ellipse(32, 134, 25, 25, '#fff3d6')
      const wedges = Array.from({ length: 11 }, (_, index) => {
        const from = (index / 11) * 2 * Math.PI + 0.1
        const at = (angle: number, far: number) => [32 + Math.cos(angle) * far, 134 + Math.sin(angle) * far] as const
        const [ax, ay] = at(from + 0.285, 3)
        const [bx, by] = at(from + 0.06, 20.5)
        const [dx, dy] = at(from + 0.51, 20.5)
        const [ex, ey] = at(from + 0.285, 24)
        return p`M${ax} ${ay}L${bx} ${by}Q${ex} ${ey} ${dx} ${dy}Z`
      }).join('')
      c.path(wedges, c.radial('0 #ffc44d, 1 #ff8a00'), 'stroke="#ff9410" stroke-width="1.2" stroke-linejoin="round"')
    })
    c.word('solita', 'Solita', { x: 32, y: 94, size: 23, fill: '#1f7a3d' })
    c.word('caps', 'ORANGE JUICE', { x: 32, y: 103, size: 4.7, fill: '#d96a00' })
    c.word('small', '330 ml', { x: 32, y: 150.8, size: 4.4, fill: '#fff' })
    c.path('M46.5 77.5c3.6-3.8 8.5-3.6 11-1.3-3 3.2-7.5 4-11 1.3z', '#3fa653')
    c.rect(0, 0, w, h, c.linear(roundLight(0.75)))
    c.rect(8, 58, 5, 96, '#fff', 'rx="2.5" opacity=".36"')
    drops(c, 31, 24, [7, 56, 50, 104])
  })
  c.rect(cx - 17.5, 18.8, 35, 3.2, c.linear('0 #e09a3a, .25 #fff1cf, 1 #c97e1c'), 'rx="1.6"')
  cap(c, cx, 0.6, 16.5, 17, ['#3fae57', '#1c6b33'])
  return c.svg('Solita orange juice, 330 ml bottle')
}

/** Kombucha: brown glass, crown cap, a paper label with too much on it on purpose. */
function mossa(): string {
  const [w, h, cx] = [68, 214, 34]
  const c = new Canvas('mossa-kombucha', w, h)
  const profile: Profile = [
    [9, 12.6],
    [13, 13.2],
    [18, 12.2],
    [58, 14],
    [98, 33],
    [207, 33.4],
  ]
  const outline = turned(cx, profile, 5.5)
  c.path(outline, c.linear('0 #3a1708, .18 #9c5a26, .4 #6f3413, .75 #54230c, .93 #8a4a1f, 1 #2e1105'))
  c.clip(outline, () => {
    c.path('M0 46Q34 49 68 46V214H0Z', c.linear('0 #2a0f06 .7, .22 #c06a2c .45, .6 #7d2f14 .5, 1 #240b04 .7'))
    c.ellipse(34, 46.6, 12.5, 1, '#e2a468', 'opacity=".6"')
    c.path('M0 24Q34 27 68 24V40Q34 43 0 40Z', '#f3e7dc')
    c.ellipse(34, 34, 4.4, 4.4, '#d93a68').ellipse(34, 34, 1.5, 1.5, '#f7c64a')
    const label = wrapped(w, 108, 194, 1.6)
    c.path(label, '#f8ece2')
    c.clip(label, () => {
      // A hibiscus: five petals, one stamen.
      for (let index = 0; index < 5; index += 1)
        c.path(
          'M0 0C-13-5-15-19-5-24 0-26 3-24.5 6-22.5 15-17 11-5 0 0Z',
          index % 2 ? '#d93a68' : '#e4527b',
          `transform="translate(38 171) rotate(${index * 72 - 8})"`,
        )
      c.ellipse(38, 171, 4, 4, '#8f1740').line('M38 171Q47 162 52 151', '#f7c64a', 1.6, 'stroke-linecap="round"')
      for (const [x, y] of [
        [52, 151],
        [50.2, 153.6],
        [53.6, 153.4],
        [49, 156.6],
      ] as const)
        c.ellipse(x, y, 1.1, 1.1, '#f7c64a')
      c.path('M-2 188C8 176 14 178 18 184 10 192 4 194-2 194Z', '#4f7a4a').path(
        'M70 190C62 180 58 180 54 186 60 193 66 194 70 194Z',
        '#3f6a3d',
      )
    })
    c.word('mossa', 'mossa', { x: 34, y: 129, size: 11.4, fill: '#8f1740' })
    c.word('caps', 'KOMBUCHA', { x: 34, y: 137, size: 5, fill: '#3c1a10' })
    c.word('caps', 'HIBISCUS + GINGER', { x: 34, y: 143, size: 3.5, fill: '#c22b57' })
    c.word('small', '400 ml', { x: 62, y: 119, size: 3.8, anchor: 'end', fill: '#8f1740' })
    c.rect(0, 0, w, h, c.linear(roundLight(0.8)))
    c.path('M10 102Q12 84 22 70 18 88 15.5 102V198Q12 202 10 198Z', '#fff', 'opacity=".3"')
    drops(c, 41, 9, [6, 100, 56, 100])
  })
  // Crown cap: nine of its 21 teeth face you, drawn from right to left.
  const teeth = 'q-1.64 2.6 -3.28 0'.repeat(9)
  c.path(
    p`M${cx - 14.76} 9.5L${cx - 12.5} 2.6Q${cx} -1 ${cx + 12.5} 2.6L${cx + 14.76} 9.5` + teeth + 'Z',
    c.linear('0 #8f1740, .25 #f06d93, .5 #c22b57, 1 #6d0f30'),
  )
  return c.svg('Mossa kombucha hibiscus and ginger, 400 ml bottle')
}

export const bottles = (): Readonly<Record<string, string>> => ({
  'fontelle-still': fontelle(),
  'solita-orange': solita(),
  'mossa-kombucha': mossa(),
})
