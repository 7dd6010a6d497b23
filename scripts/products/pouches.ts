/**
 * Pouches: film that bulges. One has a spout for small hands, one is a pillow with crimped ends and a window. Called by
 * scripts/products.ts.
 */
import { Canvas, n, p, scatter } from './canvas.ts'

/** Fruit to squeeze: the pouch has a face, the cap is its hat. */
function pippa(): string {
  const [w, h] = [86, 152]
  const c = new Canvas('pippa-mango', w, h)
  // The spout first: the film is welded round it.
  c.path('M35 20H51V32H35Z', c.linear('0 #c8ced4, .3 #fff, 1 #b1b8bf'))
  c.path(
    'M29.5 3.6Q29.5 1 32 1H54Q56.5 1 56.5 3.6V20.5Q43 23.5 29.5 20.5Z',
    c.linear('0 #c95a12, .25 #ffa04a, .5 #f4812a, 1 #b54a0a'),
  )
  c.line(
    Array.from({ length: 7 }, (_, i) => p`M${43 + 13 * Math.sin(((i - 3) / 7) * Math.PI)} 5v13`).join(''),
    '#7a2f00',
    0.8,
    'opacity=".25"',
  )
  c.rect(33, 3.5, 4, 16, '#fff', 'rx="2" opacity=".4"')
  const film =
    'M8 33Q8 29.5 12 29.5H33Q43 25.5 53 29.5H74Q78 29.5 78 33C80 60 85.4 90 83 126 82.5 138 81.5 146 78 149.5 60 152.5 26 152.5 8 149.5 4.5 146 3.5 138 3 126 .6 90 6 60 8 33Z'
  c.path(film, c.down('0 #ffd66b, .55 #ffb638, 1 #f48f1c'))
  c.clip(film, () => {
    c.path('M0 104C16 92 30 104 46 98S72 92 90 100V156H0Z', '#8cc152').path(
      'M0 112C18 101 32 112 48 106S74 101 90 108V156H0Z',
      '#6fab3d',
    )
    c.word('round', 'pippa', {
      x: 43,
      y: 60,
      size: 25,
      fill: '#fff',
      more: 'stroke="#d4690c" stroke-width="14" paint-order="stroke" stroke-linejoin="round"',
    })
    // A mango leans on an apple.
    c.path(
      'M49 118C46 100 56 84 69 87 81 91 79 112 69 122 61 129 51 127 49 118Z',
      c.radial('0 #ffe08a, .5 #ffb02e, 1 #e8552f', 0.4, 0.25, 0.85),
    )
    c.path(
      'M33 92C24 86 10 90 11 106 12 120 22 130 29 128 31 127.3 34 127.3 36 128 45 130 55 118 54 104 53 90 41 86 33 92Z',
      c.radial('0 #ff9a86, .5 #ea3f3f, 1 #b01c2e', 0.34, 0.28, 0.8),
    )
    c.line('M33 93Q33 86 37 82', '#6b4021', 2, 'stroke-linecap="round"').path(
      'M36 87C39 80 46 79 51 81 48 88 42 90 36 87Z',
      '#3f8f3a',
    )
    c.ellipse(19.5, 101, 3, 5.5, '#fff', 'opacity=".55" transform="rotate(18 19.5 101)"').ellipse(
      60,
      95,
      2.4,
      4.6,
      '#fff',
      'opacity=".5" transform="rotate(24 60 95)"',
    )
    c.ellipse(27, 108, 1.9, 2.5, '#4a0e16')
      .ellipse(39, 108, 1.9, 2.5, '#4a0e16')
      .line('M28.5 114.5Q33 119 37.5 114.5', '#4a0e16', 1.5, 'stroke-linecap="round"')
    c.word('round', 'apple', { x: 41, y: 74, size: 9.4, fill: '#b01c2e', anchor: 'end' })
    c.word('round', 'mango', { x: 44, y: 74, size: 9.4, fill: '#3d7a25', anchor: 'start' })
    c.word('small', '110 g', { x: 43, y: 142.5, size: 6.4, fill: '#fff' })
    // Welded seams, the bulge between them, creases where the film turns.
    c.path('M0 26H11C9 60 5.5 92 7.5 152H0ZM86 26H75C77 60 80.5 92 78.5 152H86Z', '#fff', 'opacity=".26"')
    c.rect(
      0,
      26,
      w,
      h,
      c.linear('0 #000 .14, .1 #000 .12, .2 #fff .22, .34 #fff .06, .7 #000 0, .9 #000 .24, .93 #000 .1, 1 #000 .16'),
    )
    c.path('M8 36H78V29H8Z', '#fff', 'opacity=".2"')
    c.path(
      'M16 42C24 38 30 36 33 30 31 42 24 50 14 62ZM70 42C62 38 56 36 53 30 55 42 62 50 72 62Z',
      '#fff',
      'opacity=".24"',
    )
    c.path('M4 138Q43 122 82 138V154H4Z', c.down('0 #000 .02, 1 #000 .26'))
    c.line('M5 139Q43 123.5 81 139', '#fff', 0.8, 'opacity=".4"')
  })
  return c.svg('Pippa apple and mango puree, 110 g pouch')
}

/** Almonds: dark film, crimped ends, and a window so that one sees what one buys. */
function casca(): string {
  const [w, h] = [112, 164]
  const c = new Canvas('casca-almonds', w, h)
  const teeth = (deep: number, from: number, to: number) => {
    const count = 16
    const wide = (to - from) / count
    return Array.from({ length: count }, () => p`l${wide / 2} ${deep}l${wide / 2} ${-deep}`).join('')
  }
  const film =
    `M4 2.8${teeth(-2.2, 4, 108)}V14C109 20 111.6 30 111.4 82 111.6 132 109 144 108 150V161.2` +
    `${teeth(2.2, 108, 4)}V150C3 144 .4 132 .6 82 .4 30 3 20 4 14Z`
  c.clip(film, () => {
    c.rect(0, 0, w, h, c.down('0 #33426b, .5 #263357, 1 #1b2542'))
    c.path('M0 17H112V20Q56 26 0 20Z', '#f0a35a').path('M0 147H112V144Q56 138 0 144Z', '#f0a35a')
    c.word('casca', 'Casca', { x: 56, y: 55, size: 26.5, fill: '#ffe9cc' })
    c.word('caps', 'ROASTED ALMONDS', { x: 56, y: 66, size: 6.8, fill: '#f0a35a' })
    c.word('caps', 'SEA SALT', { x: 56, y: 75, size: 5.6, fill: '#ffe9cc', more: 'opacity=".8"' })
    const window = 'M56 80C76 80 90 92 90 109S76 138 56 138 22 126 22 109 36 80 56 80Z'
    c.path(window, '#5a3318')
    c.clip(window, () => {
      const almond = c.define(
        (id) =>
          `<g id="${id}"><path d="M0-9C5-6 6.5 0 5 5 3.5 8.5-3.5 8.5-5 5-6.5 0-5-6 0-9Z" fill="${c.linear('0 #d9975a, .5 #b56f35, 1 #85491d')}"/><path d="M-2.4-3Q-3.6 2-2.2 6M.2-6Q-.4 1 .3 7M2.6-3Q3.4 2 2.4 6" fill="none" stroke="#6b3812" stroke-width=".5" opacity=".6"/></g>`,
      )
      const next = scatter(17)
      for (let row = 0; row < 5; row += 1)
        for (let column = 0; column < 6; column += 1)
          c.put(
            `<use href="#${almond}" transform="translate(${n(24 + column * 13 + (row % 2) * 6 + next() * 3)} ${n(86 + row * 11 + next() * 3)}) rotate(${n(next() * 170)})"/>`,
          )
      c.path('M22 84H52C38 96 30 116 32 140H22Z', '#fff', 'opacity=".2"')
    })
    c.line(window, '#f0a35a', 1.2)
    c.word('small', '60 g', { x: 96, y: 140, size: 6, fill: '#ffe9cc', anchor: 'end' })
    // Light on a pillow: bright upper left, dark right, creases from the crimps.
    c.rect(
      0,
      0,
      w,
      h,
      c.linear('0 #000 .3, .06 #fff .04, .16 #fff .3, .26 #fff .06, .7 #000 .04, .92 #000 .4, 1 #000 .2'),
    )
    c.path(
      'M14 20C20 28 17 40 20 54 14 42 10 32 14 20ZM30 20C32 26 31 32 33 40 29 34 27 28 30 20ZM92 20C88 30 92 42 89 56 97 44 98 32 92 20ZM16 144C21 136 19 124 22 112 14 122 11 134 16 144ZM94 144C89 134 92 124 90 114 99 124 100 136 94 144Z',
      '#fff',
      'opacity=".07"',
    )
    for (const y of [0, 150]) {
      c.rect(0, y, w, 14, c.down('0 #fff .2, .5 #fff .04, 1 #000 .18'))
      c.line(Array.from({ length: 5 }, (_, i) => p`M0 ${y + 2.6 + i * 2.4}H112`).join(''), '#fff', 0.6, 'opacity=".22"')
    }
  })
  return c.svg('Casca roasted almonds with sea salt, 60 g bag')
}

export const pouches = (): Readonly<Record<string, string>> => ({ 'pippa-mango': pippa(), 'casca-almonds': casca() })
