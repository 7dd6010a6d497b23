/** Pictures at the door: what is not whole, not small or not harmless is refused with its line. */
import { deflateSync, crc32 } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { inspectPicture } from '../../../src/virtual/picture.ts'

const svg = (inside: string, root = 'viewBox="0 0 60 120"') =>
  Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" ${root}>${inside}</svg>`)
const faults = (bytes: Uint8Array, name = 'a.svg') =>
  inspectPicture(bytes, name).faults.map(({ code, path, message }) => `${code} ${path}: ${message}`)

function chunk(type: string, content: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), content])
  const frame = Buffer.alloc(8)
  frame.writeUInt32BE(content.length)
  frame.writeUInt32BE(crc32(named), 4)
  return Buffer.concat([frame.subarray(0, 4), named, frame.subarray(4)])
}

function png(width: number, height: number): Buffer {
  const size = Buffer.alloc(13)
  size.writeUInt32BE(width)
  size.writeUInt32BE(height, 4)
  size.set([8, 0, 0, 0, 0], 8)
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', size),
    chunk('IDAT', deflateSync(Buffer.alloc((width + 1) * height))),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

describe('a drawing that only draws', () => {
  test.each([
    [
      'gradients and uses of its own',
      '<defs><linearGradient id="a"/></defs><path fill="url(#a)" d="M0 0"/><use href="#b"/>',
    ],
    ['quotes and spaces in url()', `<g style="fill: url( '#a' )"><g filter='url("#b")'/></g>`],
    ['a style sheet of its own', '<style><![CDATA[.a{fill:url(#a)}]]></style>'],
    ['an embedded photo', '<image href="data:image/png;base64,AAAA"/>'],
    [
      "a drawing program's notes",
      '<m:note xmlns:m="urn:x" m:onload="x">5 &lt; 6 &#181; &amp;</m:note><!-- <script> -->',
    ],
    ['words', '<text>on sale = yes</text>'],
  ])('%s', (_, inside) => {
    expect(inspectPicture(svg(inside), 'a.svg')).toEqual({ width: 60, height: 120, faults: [] })
  })

  test('its size may come from width and height', () => {
    expect(inspectPicture(svg('', 'width="30px" height="40px"'), 'a.SVG')).toMatchObject({ width: 30, height: 40 })
    expect(faults(svg('', 'width="100%"'))).toEqual([expect.stringContaining('has no size')])
  })

  test('a heading, a plain DOCTYPE and a byte order mark do not matter', () => {
    const head = '\uFEFF<?xml version="1.0"?>\n<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x.dtd">\n<!-- hi -->\n'
    expect(faults(Buffer.concat([Buffer.from(head), svg('<g/>')]))).toEqual([])
  })
})

describe('a drawing that would do more', () => {
  test.each([
    ['<script>alert(1)</script>'],
    ['<g xmlns:s="http://www.w3.org/2000/svg"><s:script/></g>'],
    ['<h:img xmlns:h="http://www.w3.org/1999/xhtml" src="x"/>'],
    ['<foreignObject/>'],
    ['<a href="#x"/>'],
    ['<set attributeName="href" to="x"/>'],
    ['<g onclick="x()"/>'],
    ['<g OnLoad="x()"/>'],
    ['<image href="http://example.org/a.png"/>'],
    ['<image href="data:image/svg+xml;base64,AAAA"/>'],
    ['<use xmlns:q="http://www.w3.org/1999/xlink" q:href="b.svg#c"/>'],
    ['<use href="&#104;ttp://example.org/#a"/>'],
    ['<g fill="url(http://example.org/#a)"/>'],
    ['<g style="fill:u\\72l(x)"/>'],
    ['<g style="fill:url(&quot;//example.org&quot;)"/>'],
    ['<style>@import "a.css"</style>'],
    ['<style>a{fill:ur<!-- -->l(x)}</style>'],
    ['<style>a{fill:ur<![CDATA[l(x)]]>}</style>'],
    ['<style>a{b:image-set("x" 1x)}</style>'],
    ['<g xml:base="http://example.org/"/>'],
    ['<?xml-stylesheet href="a.css"?>'],
  ])('%s', (inside) => {
    const found = faults(svg(`\n${inside}`))
    expect(found).toHaveLength(1)
    expect(found[0]).toMatch(/^pictureUnsafe line 2: /)
  })
})

describe('a drawing that is none', () => {
  test.each([
    ['<g>', 'not closed'],
    ['<g></p>', 'not closed'],
    ['<g a="1" a="2"/>', 'each attribute'],
    ['<g a=1/>', 'in quotes'],
    ['&nbsp;', '&'],
    ['<i:g/>', '"i:"'],
    ['</svg><svg xmlns="http://www.w3.org/2000/svg">', 'more than one root'],
    ['</svg>text<svg>', 'outside'],
    ['<!-- ', 'no end'],
    ['<g>'.repeat(100), 'inside each other'],
  ])('%s', (inside, words) => {
    expect(faults(svg(inside))).toEqual([expect.stringMatching(new RegExp(`^pictureBroken line 1: .*${words}`))])
  })

  test('another root, another space, entities of its own, half a file, no UTF-8', () => {
    expect(faults(Buffer.from('<html xmlns="http://www.w3.org/1999/xhtml"/>'))).toEqual([
      expect.stringContaining('root'),
    ])
    expect(faults(Buffer.from('<svg viewBox="0 0 1 1"/>'))).toEqual([expect.stringContaining('root')])
    const bomb = '<!DOCTYPE svg [<!ENTITY a "aaaa">]><svg xmlns="http://www.w3.org/2000/svg">&a;</svg>'
    expect(faults(Buffer.from(bomb))).toEqual([expect.stringContaining('may not define entities')])
    expect(faults(svg('<g/>').subarray(0, -6))).toEqual([expect.stringContaining('cut off')])
    expect(faults(Buffer.concat([svg('').subarray(0, -6), Buffer.from([0xff])]))).toEqual([
      'pictureBroken : is not UTF-8 text',
    ])
  })

  test('ten thousand faults are told as twenty, and no megabyte takes long', () => {
    const from = performance.now()
    expect(faults(svg('<script/>'.repeat(10_000)))).toHaveLength(20)
    expect(faults(svg(`<style>url(${' '.repeat(1_000_000)}</style>`))).toHaveLength(1)
    expect(faults(svg('<g/>'.repeat(200_000)))).toHaveLength(1)
    expect(faults(svg(`<g${' '.repeat(1_000_000)}/>`))).toHaveLength(1)
    expect(performance.now() - from).toBeLessThan(5000)
  })
})

describe('a photo', () => {
  test('whole', () => {
    expect(inspectPicture(png(30, 60), 'a.png')).toEqual({ width: 30, height: 60, faults: [] })
  })

  test('cut off, damaged, too large, without pixels', () => {
    const whole = png(30, 60)
    expect(faults(whole.subarray(0, -5), 'a.png')).toEqual([expect.stringContaining('ends too early')])
    const damaged = Buffer.from(whole)
    damaged[50] = (damaged[50] ?? 0) ^ 1
    expect(faults(damaged, 'a.png')).toEqual([expect.stringContaining('checksum')])
    expect(faults(png(5000, 1), 'a.png')).toEqual([expect.stringMatching(/^pictureTooBig .*5000 x 1/)])
    const empty = Buffer.concat([whole.subarray(0, 33), chunk('IEND', Buffer.alloc(0))])
    expect(faults(empty, 'a.png')).toEqual([expect.stringContaining('no pixels')])
  })

  test.each([
    ['a.png', Buffer.from([0xff, 0xd8, 0xff, 0xe0]), 'a JPEG'],
    ['a.png', Buffer.from('RIFF....WEBPVP8 '), 'a WebP'],
    ['a.png', Buffer.alloc(0), 'empty'],
    ['a.png', svg(''), 'holds SVG'],
    ['a.svg', png(2, 2), 'holds PNG'],
    ['a.svg', Buffer.from([0x1f, 0x8b, 8]), 'compressed'],
    ['a.svg', Buffer.from('hello'), 'neither'],
  ])('%s that is something else', (name, bytes, words) => {
    expect(faults(bytes, name)).toEqual([expect.stringMatching(new RegExp(`^pictureKind : .*${words}`))])
  })
})
