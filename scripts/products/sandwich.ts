/**
 * Sandwich: two halves in a wedge of card, from the same kitchen as the bowls. Called by scripts/products.ts.
 */
import { Canvas, p } from './canvas.ts'

/** Two halves, cut side to the window; the card's top is the wedge that gave it its name. */
export function sandwich(): string {
  const [w, h] = [128, 150]
  const c = new Canvas('midi-egg-cress', w, h)
  c.path('M3 40L64 3 125 40Z', c.linear('0 #f6f1e4, 1 #cfc5ab')).path('M64 3L125 40H64Z', '#000', 'opacity=".1"')
  c.line('M64 3V40', '#b9ad90', 0.7)
  c.ellipse(64, 28, 7, 3.5, '#8a7f66', 'opacity=".5"')
  const card = 'M2 42Q2 38 6 38H122Q126 38 126 42V145Q126 149 122 149H6Q2 149 2 145Z'
  c.path(card, '#fbf6e9')
  const window = 'M11 54Q11 48 17 48H111Q117 48 117 54V112Q117 118 111 118H17Q11 118 11 112Z'
  c.path(window, '#3b2f22')
  c.clip(window, () => {
    for (const x of [11, 65]) {
      // Bread, egg, cress, bread.
      c.rect(x, 46, 52, 74, '#f2e3bf')
      c.path(p`M${x} 46H${x + 15}V120H${x}Z`, c.linear('0 #b9833f, .16 #efd9a8, 1 #f7ead0'))
      c.path(p`M${x + 37} 46H${x + 52}V120H${x + 37}Z`, c.linear('0 #f7ead0, .84 #ecd4a0, 1 #a87434'))
      c.path(
        p`M${x + 14} 46C${x + 10} 58 ${x + 18} 64 ${x + 13} 76S${x + 17} 96 ${x + 13} 104 ${x + 15} 116 ${x + 14} 120H${x + 32}V46Z`,
        '#ffdf73',
      )
      for (const [dx, dy, r] of [
        [20, 54, 4.5],
        [25, 66, 5.2],
        [19, 78, 4.8],
        [26, 90, 5],
        [20, 101, 4.4],
        [26, 112, 4.6],
      ] as const)
        c.ellipse(x + dx, dy, r, r * 0.86, '#fffdf2', 'stroke="#f0cf62" stroke-width=".7"')
      for (const [dx, dy] of [
        [26, 57],
        [18, 66],
        [27, 78],
        [18, 90],
        [27, 102],
        [19, 111],
      ] as const)
        c.ellipse(x + dx, dy, 3.4, 3, '#ffb52e')
      c.path(
        p`M${x + 30} 46C${x + 35} 52 ${x + 30} 58 ${x + 36} 64S${x + 31} 76 ${x + 37} 82 ${x + 31} 96 ${x + 36} 102 ${x + 32} 112 ${x + 36} 120H${x + 40}C${x + 42} 112 ${x + 38} 104 ${x + 41} 96S${x + 38} 82 ${x + 41} 72 ${x + 38} 56 ${x + 40} 46Z`,
        '#4f9a3f',
      )
      c.line(
        p`M${x + 33} 50q3 3 2 7M${x + 38} 62q-4 3-3 8M${x + 34} 80q4 2 3 8M${x + 38} 98q-4 3-3 8`,
        '#a5d977',
        1.3,
        'stroke-linecap="round"',
      )
      c.path(
        [
          [5, 60],
          [9, 72],
          [6, 88],
          [10, 101],
          [5, 110],
          [42, 58],
          [46, 74],
          [43, 90],
          [47, 104],
        ]
          .map(([dx = 0, dy = 0]) => p`M${x + dx} ${dy}v1.6`)
          .join(''),
        'none',
        'stroke="#cfae6e" stroke-width="1.3" stroke-linecap="round"',
      )
    }
    c.rect(62.5, 46, 3, 74, '#2b2018', 'opacity=".55"')
    // Film over the window.
    c.path('M11 48H58L30 118H11Z', '#fff', 'opacity=".2"').path('M70 48H80L52 118H44Z', '#fff', 'opacity=".22"')
    c.rect(11, 48, 106, 10, c.down('0 #000 .3, 1 #000 0'))
  })
  c.line(window, '#d8ccb0', 0.8)
  c.word('midi', 'midi', { x: 12, y: 138, size: 18, fill: '#1f4d3a', anchor: 'start' })
  c.word('caps', 'EGG + CRESS', { x: 116, y: 131, size: 7.6, fill: '#1f4d3a', anchor: 'end' })
  c.word('small', '190 g', { x: 116, y: 140, size: 6, fill: '#7a8a72', anchor: 'end' })
  c.path(card, c.linear('0 #fff .16, .6 #000 0, 1 #000 .16', [0, 0, 1, 1]))
  c.path('M2 42Q2 38 6 38H122Q126 38 126 42L125 44H3Z', '#fff', 'opacity=".6"')
  return c.svg('midi egg and cress sandwich, 190 g')
}
