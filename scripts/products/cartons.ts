/**
 * Cartons: board, folded. Each shows its front and a sliver of its right side, in shade, so that the fold reads. Milk and
 * gazpacho stand under a gable; tea and oat drink are bricks. Called by scripts/products.ts.
 */
import { Canvas, p } from './canvas.ts'

interface Folded {
  readonly name: string
  readonly width: number
  readonly height: number
  /** Where the front face ends and the side begins. */
  readonly edge: number
  /** Top of the upright faces. */
  readonly eaves: number
}

/** The light on a flat front: brighter to the top left. */
const flatLight = '0 #fff .2, .4 #fff 0, 1 #000 .12'

const lidOf = (c: Canvas, cx: number, cy: number, r: number, colours: readonly [string, string]): void => {
  const [light, dark] = colours
  c.ellipse(cx, cy + 1.8, r + 1.6, (r + 1.6) * 0.62, '#000', 'opacity=".18"')
  c.path(
    p`M${cx - r} ${cy - 3}V${cy + 1}A${r} ${r * 0.6} 0 0 0 ${cx + r} ${cy + 1}V${cy - 3}Z`,
    c.linear(`0 ${dark}, .25 ${light}, .55 ${light}, 1 ${dark}`),
  )
  c.ellipse(cx, cy - 3, r, r * 0.6, light)
  c.ellipse(cx, cy - 3, r - 1.4, r * 0.6 - 1, c.linear('0 #fff .55, 1 #fff .05', [0, 0, 1, 1]))
}

/** A gable-top carton: fin, roof leaning back, front, side. `front` paints on the front face, cut to it. */
function gable(
  shape: Folded,
  board: { readonly front: string; readonly roof: string; readonly side: string; readonly fin: string },
  front: (c: Canvas) => void,
  lid: readonly [string, string],
): Canvas {
  const { width: w, height: h, edge, eaves } = shape
  const c = new Canvas(shape.name, w, h)
  const fin = 13
  const left = 0.6
  const foot = h - 0.6
  // The fin runs a little narrower than the eaves; behind it the side's folded triangle.
  const [fl, fr] = [left + 5, w - 5.6]
  c.path(p`M${edge} ${eaves}L${w - 0.6} ${eaves - 3}L${fr} ${fin - 1}L${edge - 4} ${fin}Z`, board.side)
  c.path(p`M${edge} ${eaves}L${w - 0.6} ${eaves - 3}L${fr - 4} ${eaves * 0.55}Z`, '#000', 'opacity=".16"')
  const roof = p`M${left} ${eaves}L${fl} ${fin}H${edge - 2}L${edge} ${eaves}Z`
  c.path(roof, board.roof)
  c.path(roof, c.down('0 #fff .04, .5 #fff .3, 1 #fff .14'))
  c.path(p`M${fl} 1.6Q${fl} .6 ${fl + 1} .6H${fr - 1}Q${fr} .6 ${fr} 1.6V${fin}H${fl}Z`, board.fin)
  c.path(
    p`M${fl} 1.6Q${fl} .6 ${fl + 1} .6H${fr - 1}Q${fr} .6 ${fr} 1.6V${fin}H${fl}Z`,
    c.down('0 #fff .45, .55 #fff .1, .6 #000 .14, 1 #000 .06'),
  )
  c.line(p`M${fl} 4.2H${fr}M${fl} 7.2H${fr}`, '#000', 0.3, 'opacity=".14"')
  c.path(p`M${edge} ${eaves}L${w - 0.6} ${eaves - 3}V${foot - 3}L${edge} ${foot}Z`, board.side)
  const face = p`M${left} ${eaves}H${edge}V${foot}H${left + 0.8}Q${left} ${foot} ${left} ${foot - 0.8}Z`
  c.path(face, board.front)
  c.clip(face, () => {
    front(c)
  })
  c.path(face, c.linear(flatLight, [0, 0, 1, 1]))
  c.path(p`M${edge} ${eaves}L${w - 0.6} ${eaves - 3}V${foot - 3}L${edge} ${foot}Z`, c.linear('0 #000 .2, 1 #000 .36'))
  c.line(p`M${left} ${eaves}H${edge}V${foot}`, '#fff', 0.5, 'opacity=".5"')
  lidOf(c, (left + edge) / 2, (fin + eaves) / 2 + 1.5, 11, lid)
  return c
}

/** Whole milk: a hill, a cow that looks at you, the rest is white. */
function milk(): string {
  const c = gable(
    { name: 'almina-milk', width: 92, height: 232, edge: 76, eaves: 58 },
    { front: '#fdfdfa', roof: '#2d6fb7', side: '#dfe6ea', fin: '#2d6fb7' },
    (on) => {
      on.rect(0, 58, 80, 12, '#2d6fb7')
      on.path('M0 73Q20 80 40 73T80 73V60H0Z', '#2d6fb7')
      on.word('almina', 'Almina', { x: 38.5, y: 104, size: 18.5, fill: '#1d4f8c' })
      on.word('caps', 'WHOLE MILK', { x: 38.5, y: 115, size: 6.6, fill: '#2d6fb7' })
      on.word('caps', '3.8 %', { x: 38.5, y: 124, size: 5.2, fill: '#8aa7c4' })
      on.path('M0 196Q26 174 52 190T80 186V240H0Z', '#8fce7a').path('M0 212Q30 196 80 206V240H0Z', '#5fb15a')
      // The cow.
      on.path('M23 146C15 140 10 146 13 152 16 157 22 156 25 153Z', '#f2b8a8').path(
        'M54 146C62 140 67 146 64 152 61 157 55 156 52 153Z',
        '#f2b8a8',
      )
      on.path(
        'M27 142C24 136 27 132 29 131 29 136 32 139 34 140ZM50 142C53 136 50 132 48 131 48 136 45 139 43 140Z',
        '#e3c48b',
      )
      on.path(
        'M23 152C23 140 30 137 38.5 137S54 140 54 152C54 166 50 176 50 184H27C27 176 23 166 23 152Z',
        '#fff',
        'stroke="#33404d" stroke-width="1"',
      )
      on.path(
        'M38.5 137.5C47 137.5 53.5 141 53.5 152 53.5 158 52 163 51 167 44 165 42 158 43 151 43.5 146 41 142 38.5 137.5Z',
        '#33404d',
      )
      on.ellipse(38.5, 178, 14.5, 10.5, '#f6c2b2', 'stroke="#33404d" stroke-width="1"')
      on.ellipse(33, 177, 1.9, 2.6, '#b87768').ellipse(44, 177, 1.9, 2.6, '#b87768')
      on.line('M33.5 183Q38.5 186.5 43.5 183', '#b87768', 1, 'stroke-linecap="round"')
      on.ellipse(31, 157, 2.2, 2.7, '#33404d')
        .ellipse(46, 157, 2.2, 2.7, '#fff')
        .ellipse(46.2, 157.3, 1.7, 2.2, '#1a222b')
      on.ellipse(30.3, 156, 0.7, 0.8, '#fff').ellipse(45.5, 156.3, 0.6, 0.7, '#fff')
      on.word('small', '1 litre', { x: 38.5, y: 225, size: 6.4, fill: '#fff' })
    },
    ['#5aa0e6', '#2a64a6'],
  )
  return c.svg('Almina whole milk, 1 litre carton')
}

/** Gazpacho: a tomato, cut by the edge of the pack. */
function gazpacho(): string {
  const c = gable(
    { name: 'rojita-gazpacho', width: 92, height: 232, edge: 76, eaves: 58 },
    { front: '#fff4e4', roof: '#d8342c', side: '#d8342c', fin: '#d8342c' },
    (on) => {
      on.rect(0, 58, 80, 180, on.down('0 #e2412f, 1 #c3261f'))
      on.word('rojita', 'Rojita', { x: 38, y: 92, size: 24, fill: '#fff4e4' })
      on.word('caps', 'GAZPACHO', { x: 38, y: 115, size: 8.4, fill: '#ffd9a0' })
      on.ellipse(40, 172, 43, 41, '#9e1712').ellipse(
        38,
        170,
        42,
        40,
        on.radial('0 #ff8a64, .45 #f2543a, 1 #cf2a20', 0.34, 0.3, 0.75),
      )
      on.ellipse(24, 152, 8, 5.5, '#fff', 'opacity=".5" transform="rotate(-32 24 152)"')
      on.path(
        'M38 137C30 126 18 130 12 124 16 138 26 142 33 141 27 148 27 156 30 160 33 152 37 148 40 144 46 152 53 154 60 152 54 149 49 145 47 141 54 140 62 136 65 128 56 131 46 128 42 136L45 122 40 121Z',
        '#3f8f43',
      )
      on.path('M38 137C30 126 18 130 12 124 20 133 30 136 40 141Z', '#62b35c')
      on.ellipse(13, 205, 13, 13, '#d7ecb2', 'stroke="#5f9d3f" stroke-width="2"')
      for (const [x, y] of [
        [9, 202],
        [15, 200],
        [18, 206],
        [12, 209],
        [7, 208],
      ] as const)
        on.ellipse(x, y, 1, 1.7, '#f3f8dc')
      on.word('small', '1 litre', { x: 52, y: 224, size: 6.4, fill: '#fff4e4' })
    },
    ['#57b158', '#2c7a35'],
  )
  return c.svg('Rojita gazpacho, 1 litre carton')
}

/** A brick with cut edges: a slim top, a front between two bevels. */
function brick(
  shape: Folded,
  board: { readonly front: string; readonly top: string; readonly bevel: string },
  front: (c: Canvas) => void,
): Canvas {
  const { width: w, height: h, edge, eaves } = shape
  const c = new Canvas(shape.name, w, h)
  const bevel = w - edge
  const foot = h - 0.6
  const face = p`M${bevel} ${eaves + bevel * 0.5}Q${w / 2} ${eaves - 1} ${edge} ${eaves + bevel * 0.5}L${edge + 1} ${foot - 2}Q${edge + 1} ${foot} ${edge - 1} ${foot}H${bevel + 1}Q${bevel - 1} ${foot} ${bevel - 1} ${foot - 2}Z`
  // Top, seen a little from above; then the whole outline in the bevels' colour; then the front.
  c.path(
    p`M${bevel * 0.8} ${eaves + 4}L${bevel + 3} ${eaves * 0.55}H${edge - 3}L${w - bevel * 0.8} ${eaves + 4}Z`,
    board.top,
  )
  c.path(
    p`M.6 ${eaves + bevel}L${bevel} ${eaves}H${edge}L${w - 0.6} ${eaves + bevel}V${foot - bevel * 0.7}L${edge} ${foot}H${bevel}L.6 ${foot - bevel * 0.7}Z`,
    board.bevel,
  )
  c.path(face, board.front)
  c.clip(face, () => {
    front(c)
  })
  c.path(
    p`M.6 ${eaves + bevel}L${bevel} ${eaves + bevel * 0.5}L${bevel - 1} ${foot}L.6 ${foot - bevel * 0.7}Z`,
    c.linear('0 #fff .1, 1 #fff .38'),
  )
  c.path(
    p`M${w - 0.6} ${eaves + bevel}L${edge} ${eaves + bevel * 0.5}L${edge + 1} ${foot}L${w - 0.6} ${foot - bevel * 0.7}Z`,
    c.linear('0 #000 .2, 1 #000 .42'),
  )
  c.path(
    p`M.6 ${eaves + bevel}L${bevel} ${eaves}H${edge}L${w - 0.6} ${eaves + bevel}L${edge} ${eaves + bevel * 0.5}Q${w / 2} ${eaves - 1} ${bevel} ${eaves + bevel * 0.5}Z`,
    '#fff',
    'opacity=".3"',
  )
  c.path(face, c.linear(flatLight, [0, 0, 1, 1]))
  return c
}

/** Iced tea: a peach in the sun, leaves of tea. */
function tea(): string {
  const c = brick(
    { name: 'sommo-peach', width: 76, height: 236, edge: 65, eaves: 27 },
    { front: '#ffd8a8', top: '#f6b27a', bevel: '#f3a469' },
    (on) => {
      on.rect(0, 20, 76, 220, on.down('0 #ffe9c9, .5 #ffc98d, 1 #f7924f'))
      on.word('sommo', 'Sommo', { x: 38, y: 66, size: 15.6, fill: '#8c3b14' })
      on.word('caps', 'ICED TEA', { x: 38, y: 77, size: 6.4, fill: '#8c3b14' })
      on.ellipse(38, 140, 33, 33, '#fff', 'opacity=".34"')
      on.ellipse(38, 142, 25, 24, on.radial('0 #ffd27a, .5 #ff9a56, 1 #e2553f', 0.32, 0.3, 0.8))
      on.line('M40 119C32 128 33 150 41 165', '#c9402f', 1.3, 'opacity=".55" stroke-linecap="round"')
      on.ellipse(27, 132, 6, 4, '#fff', 'opacity=".5" transform="rotate(-38 27 132)"')
      on.path('M39 120C40 106 52 100 66 103 64 116 52 123 39 120Z', '#4f9a4a').line(
        'M41 119Q51 108 63 105',
        '#2f6f33',
        0.8,
      )
      on.path('M38 120C36 110 27 105 17 108 19 117 28 122 38 120Z', '#6db560').line(
        'M37 119Q29 111 20 109.5',
        '#2f6f33',
        0.7,
      )
      on.line('M39 121Q38 114 41 109', '#7a4a22', 1.6, 'stroke-linecap="round"')
      on.word('script', 'peach', { x: 38, y: 194, size: 17, fill: '#fff' })
      on.word('small', '1 litre', { x: 38, y: 224, size: 6.2, fill: '#fff' })
    },
  )
  lidOf(c, 38, 14.5, 11, ['#8c3b14', '#5c230a'])
  return c.svg('Sommo peach iced tea, 1 litre carton')
}

/** Oat drink with cocoa: a small brick, a straw on its flank, a drop that splashes. */
function oat(): string {
  const c = brick(
    { name: 'hafra-choco', width: 58, height: 140, edge: 50, eaves: 16 },
    { front: '#f2e6d6', top: '#d8c2a6', bevel: '#6b3d22' },
    (on) => {
      on.rect(0, 10, 58, 140, '#f4e9da')
      on.word('round', 'hafra', { x: 29, y: 41, size: 15.5, fill: '#5a2f18' })
      on.word('caps', 'OAT DRINK', { x: 29, y: 49, size: 4.4, fill: '#a06a3e' })
      on.path(
        'M0 92C8 86 12 98 18 94 22 90 20 80 25 80S29 92 34 92 40 84 45 88 52 96 60 88V150H0Z',
        on.down('0 #7a4526, 1 #4a2412'),
      )
      on.ellipse(25.5, 72.5, 3, 3.6, '#7a4526')
        .ellipse(37, 79, 1.9, 2.3, '#7a4526')
        .ellipse(15, 83, 1.5, 1.8, '#7a4526')
      on.path(
        'M4 95C9 92 13 101 19 97 22 95 22 86 25 85',
        'none',
        'stroke="#fff" stroke-width="1.1" opacity=".45" stroke-linecap="round"',
      )
      // An ear of oats.
      on.line('M46 88Q46 74 41 65', '#c49a5a', 0.9)
      for (const [x, y, turn] of [
        [41, 64, -20],
        [44.6, 68.5, 40],
        [40.4, 70, -60],
        [46.4, 75, 48],
        [42.6, 76.5, -58],
      ] as const)
        on.path(
          'M0 0C-2.2-2.5-2-5.5 0-8 2-5.5 2.2-2.5 0 0Z',
          '#d9b26f',
          `transform="translate(${x} ${y}) rotate(${turn})"`,
        )
      on.word('round', 'choco', { x: 29, y: 116, size: 14, fill: '#f8e8cf' })
      on.word('small', '275 ml', { x: 29, y: 131, size: 5, fill: '#e0bf95' })
    },
  )
  lidOf(c, 29, 9.2, 7.5, ['#f3e7d8', '#bf9a72'])
  return c.svg('Hafra choco oat drink, 275 ml carton')
}

export const cartons = (): Readonly<Record<string, string>> => ({
  'hafra-choco': oat(),
  'sommo-peach': tea(),
  'almina-milk': milk(),
  'rojita-gazpacho': gazpacho(),
})
