/**
 * Cups: yoghurt under foil. The two are twins in look and weight: they differ by fruit and colour alone. Called by
 * scripts/products.ts.
 */
import { Canvas, n, p, roundLight } from './canvas.ts'

interface Yoghurt {
  readonly name: string
  readonly title: string
  readonly fruit: 'strawberry' | 'blueberry'
  readonly swirl: readonly [string, string]
  readonly ink: string
  readonly lid: readonly [string, string]
  readonly paint: (c: Canvas) => void
}

function yoghurt(cup: Yoghurt): string {
  const [w, h, cx] = [80, 88, 40]
  const c = new Canvas(cup.name, w, h)
  const side = 'M5 13L11.5 82Q12 87 20 87.4 40 88.6 60 87.4 68 87 68.5 82L75 13Z'
  c.path(side, '#fdfbf8')
  c.clip(side, () => {
    // Fruit folded into white, then the words, then the fruit itself.
    c.path('M0 58C12 50 22 60 34 55S58 48 80 56V90H0Z', c.down(`0 ${cup.swirl[0]}, 1 ${cup.swirl[1]}`))
    c.path('M0 66C14 58 24 68 38 62S62 57 80 64V67C62 60 50 64 40 67S14 64 0 71Z', '#fff', 'opacity=".5"')
    c.word('almina', 'Almina', { x: cx, y: 36, size: 15.4, fill: cup.ink })
    c.word('script', cup.fruit, { x: cx, y: 47, size: 9.6, fill: cup.swirl[1] })
    cup.paint(c)
    c.rect(0, 0, w, h, c.linear(roundLight(0.8, 0.06)))
    c.path('M0 12H80V17Q40 23 0 17Z', c.down('0 #000 .34, 1 #000 .04'))
    c.path('M0 80Q40 88 80 80V90H0Z', c.down('0 #000 0, 1 #000 .3'))
    c.path('M15.5 22L21 80Q23 82 24.5 80L20 22Z', '#fff', 'opacity=".5"')
  })
  // Rim, and the foil with its tab turned down towards you.
  c.path('M2 10.6V13.5A38 6.6 0 0 0 78 13.5V10.6Z', c.linear('0 #b9bec6, .2 #fff, .6 #dfe3e8, 1 #9aa1aa'))
  c.ellipse(cx, 9.6, 39, 8.6, c.linear(`0 ${cup.lid[1]}, .3 ${cup.lid[0]}, 1 ${cup.lid[1]}`))
  c.ellipse(cx, 9.1, 35.5, 7.2, c.linear('0 #fff .65, .45 #fff .05, 1 #fff .35', [0, 0, 1, 1]))
  const pleats = Array.from({ length: 15 }, (_, index) => {
    const angle = ((index + 0.5) / 15) * Math.PI
    const [x, y] = [Math.cos(angle), Math.sin(angle)]
    return p`M${cx + 39 * x} ${9.6 + 8.6 * y}l${-1.8 * x} ${-0.9 * y}`
  }).join('')
  c.line(pleats, '#fff', 0.6, 'opacity=".7"')
  c.path('M55 15.8Q60 25 66.5 24.2 71 22 70 13.2Z', c.linear(`0 ${cup.lid[0]}, 1 ${cup.lid[1]}`, [0, 0, 1, 1]))
  c.path('M57 16.4Q61 22.5 66 22.6', 'none', 'stroke="#fff" stroke-width=".7" opacity=".6"')
  return c.svg(cup.title)
}

function strawberries(c: Canvas): void {
  const berry = c.define(
    (id) =>
      `<g id="${id}"><path d="M0 -9C8-12 14-6 12 1 10 9 4 14 0 15-4 14-10 9-12 1-14-6-8-12 0-9Z" fill="${c.radial(
        '0 #ff7a72, .5 #ef3340, 1 #b8142a',
        0.35,
        0.28,
        0.8,
      )}"/>` +
      `<path d="M-7-3v1.4M-1-4v1.4M5-3v1.4M-4 2v1.4M2 2v1.4M8 1v1.4M-7 6v1.2M-1 7v1.4M4 7v1.4" stroke="#ffd98a" stroke-width="1" stroke-linecap="round"/>` +
      `<path d="M0-8C-3-6-7-6-10-8-7-10-4-11-2-11L-1-14 1.5-14 2-11C5-11 8-10 10-8 6-6 3-6 0-8Z" fill="#4fa04a"/></g>`,
  )
  c.put(`<use href="#${berry}" transform="translate(53 66) rotate(24) scale(.86)"/>`)
  c.put(`<use href="#${berry}" transform="translate(33 68) rotate(-12) scale(1.06)"/>`)
}

function blueberries(c: Canvas): void {
  const berry = c.define(
    (id) =>
      `<g id="${id}"><circle r="8" fill="${c.radial('0 #a9b8f2, .4 #5a69c4, 1 #2b2f78', 0.34, 0.28, 0.8)}"/>` +
      `<path d="M0-5.2L1.5-2.8 4.2-3.2 3-.8 4.2 1.6 1.5 1.2 0 3.4-1.5 1.2-4.2 1.6-3-.8-4.2-3.2-1.5-2.8Z" fill="#232661"/><circle cy="-1" r="1.4" fill="#4a52a6"/></g>`,
  )
  for (const [x, y, turn, size] of [
    [44, 60, 40, 0.84],
    [30, 70, -20, 1.16],
    [58, 69, 60, 0.94],
    [45, 74, 10, 1.08],
  ] as const)
    c.put(`<use href="#${berry}" transform="translate(${n(x)} ${n(y)}) rotate(${turn}) scale(${size})"/>`)
  c.path('M60 60C64 52 71 51 75 53 73 60 67 63 60 60Z', '#5aa653')
}

export const cups = (): Readonly<Record<string, string>> => ({
  'almina-strawberry': yoghurt({
    name: 'almina-strawberry',
    title: 'Almina strawberry yoghurt, 150 g cup',
    fruit: 'strawberry',
    swirl: ['#ffb3bd', '#e8506a'],
    ink: '#1d4f8c',
    lid: ['#ff9fae', '#d8455f'],
    paint: strawberries,
  }),
  'almina-blueberry': yoghurt({
    name: 'almina-blueberry',
    title: 'Almina blueberry yoghurt, 150 g cup',
    fruit: 'blueberry',
    swirl: ['#c9bdf0', '#6a56b8'],
    ink: '#1d4f8c',
    lid: ['#b7a9ee', '#5b49a8'],
    paint: blueberries,
  }),
})
