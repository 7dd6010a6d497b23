/**
 * Bowls: what one kitchen ("midi") made this morning, under a clear dome. The two pokes are twins in look; a scale tells
 * them apart. Called by scripts/products.ts.
 */
import { Canvas, n, p, scatter } from './canvas.ts'

interface Bowl {
  readonly name: string
  readonly title: string
  readonly dish: 'SALMON POKE' | 'TOFU POKE' | 'CAESAR SALAD'
  readonly grams: string
  readonly bowl: readonly [string, string]
  readonly sleeve: string
  readonly ink: string
  readonly food: (c: Canvas) => void
}

/** The bowl, its sleeve, the dome over the food. */
function bowl(meal: Bowl): string {
  const [w, h, cx] = [172, 104, 86]
  const c = new Canvas(meal.name, w, h)
  const dome = 'M8 52L19 16Q22 5 36 4 86 1 136 4 150 5 153 16L164 52Z'
  c.path(dome, '#eef4f4', 'opacity=".55"')
  c.clip(dome, () => {
    c.put('<g transform="translate(86 56) scale(1.2) translate(-86 -56)">')
    meal.food(c)
    c.put('</g>')
    // The dome's own light, over the food.
    c.rect(0, 0, w, 54, c.down('0 #fff .5, .2 #fff .1, .8 #fff 0, 1 #000 .14'))
    c.path('M20 46L30 16Q32 9 42 8.5L56 8Q44 10 41 20L33 46Z', '#fff', 'opacity=".5"')
    c.path('M62 7.6L72 7.3Q64 10 62 18L58 40H52L56 16Q57 9 62 7.6Z', '#fff', 'opacity=".3"')
    c.path('M150 46L141 16Q139 10 132 9Q146 9 149 18L157 46Z', '#fff', 'opacity=".3"')
  })
  c.line(dome, '#9fb4bb', 0.9, 'opacity=".8"').line('M33 6.5Q86 2.5 139 6.5', '#fff', 1.4, 'opacity=".9"')
  const side = 'M6 58L25 96Q27 101.5 34 102 86 104.5 138 102 145 101.5 147 96L166 58Z'
  c.path(side, c.down(`0 ${meal.bowl[0]}, 1 ${meal.bowl[1]}`))
  c.clip(side, () => {
    c.path('M40 56H132L124 106H48Z', meal.sleeve)
    c.word('midi', 'midi', { x: cx, y: 79, size: 17, fill: meal.ink })
    c.word('caps', meal.dish, { x: cx, y: 90, size: 7.2, fill: meal.ink })
    c.word('small', meal.grams, { x: cx, y: 98.5, size: 5.2, fill: meal.ink, more: 'opacity=".75"' })
    const light = '0 #000 .26, .12 #000 .05, .22 #fff .3, .34 #fff .05, .6 #000 0, .85 #000 .2, 1 #000 .38'
    c.rect(0, 56, w, 50, c.linear(light))
    c.rect(0, 56, w, 9, c.down('0 #000 .32, 1 #000 0'))
    c.rect(0, 92, w, 12, c.down('0 #000 0, 1 #000 .22'))
  })
  // Where lid and bowl snap together.
  c.rect(1, 49.5, 170, 5, c.linear('0 #a9bcc2, .2 #fff, .6 #dfe9ec, 1 #9bb0b7'), 'rx="2.5"')
  c.rect(3, 54, 166, 5.5, c.linear(`0 ${meal.bowl[1]}, .22 #fff, .6 ${meal.bowl[0]}, 1 ${meal.bowl[1]}`), 'rx="2.6"')
  return c.svg(meal.title)
}

const place = (
  c: Canvas,
  id: string,
  spots: readonly (readonly [x: number, y: number, turn: number, size?: number])[],
): void => {
  for (const [x, y, turn, size = 1] of spots)
    c.put(
      `<use href="#${id}" transform="translate(${n(x)} ${n(y)}) rotate(${turn})${size === 1 ? '' : ` scale(${size})`}"/>`,
    )
}

/** Rice, edamame, carrot, cucumber, cabbage, avocado, and cubes of whatever the bowl is named after. */
function poke(c: Canvas, cube: readonly [top: string, left: string, right: string]): void {
  // Rice: a mound, and the grains of its upper edge.
  c.path('M6 56C14 34 40 21 86 20S158 34 166 56Z', '#f0ede2')
  const next = scatter(29)
  const grains = Array.from({ length: 64 }, () => {
    const x = 44 + next() * 84
    const y = 22.5 + ((x - 86) / 42) ** 2 * 7 + next() * 13
    return p`M${x} ${y}l${2.2 - next() * 1.2} ${next() * 2.6 - 1.3}`
  })
  c.line(grains.slice(0, 22).join(''), '#d9d4c3', 2.1, 'stroke-linecap="round"')
  c.line(grains.slice(22).join(''), '#fff', 2, 'stroke-linecap="round"')
  // Cabbage, left; carrot, right; both in threads.
  c.path('M10 56C12 40 24 30 42 29 50 36 50 48 48 56Z', '#7a2f76')
  c.line(
    'M14 52C20 42 26 38 36 34M20 54C26 46 34 40 44 38M12 46C18 38 26 33 34 31M30 54C34 48 40 44 47 44',
    '#c985c4',
    1.6,
    'stroke-linecap="round"',
  )
  c.path('M124 56C122 42 128 32 138 31 152 35 160 45 163 56Z', '#e8791c')
  c.line(
    'M128 52C130 44 136 38 144 36M134 54C138 46 146 42 152 42M142 55C146 50 152 48 158 48M126 46C130 38 134 35 140 33M136 48C142 40 148 38 154 40',
    '#ffb25e',
    1.7,
    'stroke-linecap="round"',
  )
  const cucumber = c.define(
    (id) =>
      `<g id="${id}"><ellipse rx="8.5" ry="7.5" fill="#3d8a3f"/><ellipse rx="7.4" ry="6.4" fill="#dff0bd"/><ellipse rx="4" ry="3.4" fill="#c8e39a"/></g>`,
  )
  place(c, cucumber, [
    [116, 36, 10],
    [122, 42, 30],
    [127, 49, 40],
  ])
  const bean = c.define(
    (id) =>
      `<g id="${id}"><ellipse rx="5" ry="3.8" fill="#74b943"/><ellipse cx="-1.2" cy="-1" rx="2.6" ry="1.5" fill="#b4e07f"/></g>`,
  )
  place(c, bean, [
    [50, 36, 20],
    [58, 33, -30],
    [49, 44, 60],
    [57, 42, 10],
    [64, 37, 40],
    [52, 51, -20],
    [61, 49, 30],
    [68, 45, 0],
  ])
  const [top, left, right] = cube
  const block = c.define(
    (id) =>
      `<g id="${id}"><path d="M0-7L8-3.5 0 0-8-3.5Z" fill="${top}"/><path d="M-8-3.5L0 0V8.5L-8 4.5Z" fill="${left}"/><path d="M8-3.5L0 0V8.5L8 4.5Z" fill="${right}"/><path d="M-6.5 0L-1.5 2.6M-6.5 3L-1.5 5.6" stroke="#fff" stroke-width=".8" opacity=".35"/></g>`,
  )
  place(c, block, [
    [88, 26, 8],
    [76, 31, -14],
    [101, 31, 16],
    [88, 37, -6, 1.1],
    [72, 45, 10],
    [104, 45, -12],
    [88, 50, 14, 1.1],
  ])
  // Avocado in a fan, sesame over all.
  c.path('M96 58C92 44 104 38 112 44 118 48 118 54 116 58Z', '#4f8f3c').path(
    'M98 58C95 47 104 41 111 46 115 49 116 54 114 58Z',
    '#d9e89a',
  )
  const seeds = [
    [80, 26],
    [91, 22],
    [97, 28],
    [84, 33],
    [76, 28],
    [92, 34],
    [103, 30],
    [70, 42],
    [88, 46],
    [82, 40],
    [106, 42],
    [60, 28],
    [112, 30],
  ] as const
  c.path(
    seeds.map(([x, y], i) => p`M${x} ${y}l${1.3 - (i % 3)} ${1 - (i % 2) * 1.6}`).join(''),
    'none',
    'stroke="#2a2622" stroke-width="1.1" stroke-linecap="round"',
  )
}

/** Leaves, bread, chicken, cheese, a few tomatoes. */
function caesar(c: Canvas): void {
  c.path('M6 56C8 34 40 14 86 15S164 34 166 56Z', '#3f7f34')
  const leaf = c.define(
    (id) =>
      `<g id="${id}"><path d="M0 14C-5 12-13 10-13 3-17-2-12-7-9-8-7-14-1-14 1-12 6-15 12-10 11-6 16-3 15 4 12 6 11 12 4 13 0 14Z" fill="#7fbf4d"/><path d="M0 13C-4 10-9 6-9 1-8-5-3-9 1-8 6-8 9-3 9 1 8 7 4 10 0 13Z" fill="#a9d96c"/><path d="M0 13Q1 2 0-7M0 6L-5 1M0 3L5-2" fill="none" stroke="#e8f5c4" stroke-width="1"/></g>`,
  )
  place(c, leaf, [
    [28, 44, -50],
    [46, 30, -30],
    [70, 24, -10],
    [98, 23, 14],
    [124, 29, 32],
    [144, 43, 56],
    [60, 42, 20],
    [110, 42, -24],
    [84, 40, 0],
  ])
  const chicken = c.define(
    (id) =>
      `<g id="${id}"><rect x="-13" y="-5" width="26" height="10" rx="4.5" fill="#f0d3a0"/><path d="M-9-5l3 10M-2-5l3 10M5-5l3 10" stroke="#a8692f" stroke-width="2"/><rect x="-12" y="-4.4" width="24" height="2.4" rx="1.2" fill="#fff" opacity=".4"/></g>`,
  )
  place(c, chicken, [
    [72, 33, -24],
    [88, 37, -18],
    [103, 34, -28],
  ])
  const crouton = c.define(
    (id) =>
      `<g id="${id}"><rect x="-6" y="-6" width="12" height="12" rx="2.4" fill="#b9772e"/><rect x="-5" y="-5.4" width="9.6" height="9" rx="2" fill="#e6b163"/><path d="M-2.5-2.5v.1M1.5-1v.1M-1 1.5v.1" stroke="#b9772e" stroke-width="1.6" stroke-linecap="round"/></g>`,
  )
  place(c, crouton, [
    [40, 44, 20],
    [54, 49, -14],
    [118, 48, 30],
    [133, 45, -18],
    [86, 51, 8],
    [62, 30, 40, 0.8],
    [117, 33, 12, 0.8],
  ])
  const tomato = c.define(
    (id) =>
      `<g id="${id}"><circle r="7" fill="${c.radial(
        '0 #ff8a6a, .5 #e63b2e, 1 #a81a1a',
        0.34,
        0.3,
        0.8,
      )}"/><ellipse cx="-2.4" cy="-3" rx="2" ry="1.3" fill="#fff" opacity=".7"/></g>`,
  )
  place(c, tomato, [
    [27, 49, 0],
    [101, 49, 0],
    [146, 50, 0],
    [50, 37, 0, 0.8],
  ])
  c.path(
    'M64 40L78 44 76 47 63 43ZM94 27L108 25 108 28 95 30ZM110 40L124 38 123 41 111 43ZM38 33L50 28 51 30 40 36ZM72 52L80 47 82 49 74 55Z',
    '#fff6d8',
    'stroke="#e2cf95" stroke-width=".5"',
  )
}

export const bowls = (): Readonly<Record<string, string>> => ({
  'midi-salmon-poke': bowl({
    name: 'midi-salmon-poke',
    title: 'midi salmon poke bowl, 360 g',
    dish: 'SALMON POKE',
    grams: '360 g',
    bowl: ['#fbfaf6', '#d9d5c8'],
    sleeve: '#1f4d3a',
    ink: '#f6f1e4',
    food: (c) => poke(c, ['#ff9d78', '#f4764f', '#d9562f']),
  }),
  'midi-tofu-poke': bowl({
    name: 'midi-tofu-poke',
    title: 'midi tofu poke bowl, 300 g',
    dish: 'TOFU POKE',
    grams: '300 g',
    bowl: ['#fbfaf6', '#d9d5c8'],
    sleeve: '#1f4d3a',
    ink: '#f6f1e4',
    food: (c) => poke(c, ['#f6d9a0', '#e3b568', '#c08f42']),
  }),
  'midi-caesar': bowl({
    name: 'midi-caesar',
    title: 'midi Caesar salad, 410 g',
    dish: 'CAESAR SALAD',
    grams: '410 g',
    bowl: ['#d8b184', '#b5854f'],
    sleeve: '#f6f1e4',
    ink: '#1f4d3a',
    food: caesar,
  }),
})
