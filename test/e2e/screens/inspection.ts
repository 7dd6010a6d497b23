/**
 * Inspection: what is wrong with a screen, judged inside the page by its own boxes and colours. Text must lie inside
 * everything that holds it, every target be large enough for a thumb, every text stand out from whatever is behind it.
 */
import type { Page } from 'playwright-core'

export interface Findings {
  /** What is wrong, each with the text or target that it is about. */
  readonly faults: readonly string[]
  /** Every text a shopper can see or a screen reader can say. */
  readonly texts: readonly string[]
}

/** `targetPx`: the least side of anything to touch. */
export const inspect = (page: Page, targetPx: number): Promise<Findings> => page.evaluate(inspectHere, targetPx)

/** Runs in the page and so knows nothing of this file. */
function inspectHere(targetPx: number): Findings {
  const faults: string[] = []
  const texts: string[] = []
  type Rgb = readonly [number, number, number, number]

  const colours = (text: string): Rgb[] =>
    Array.from(text.matchAll(/rgba?\(([^)]+)\)/g), ([, parts]) => {
      const [red = 0, green = 0, blue = 0, alpha = 1] = (parts ?? '')
        .split(/[,/ ]+/)
        .filter(Boolean)
        .map(Number)
      return [red, green, blue, alpha] as const
    })
  const over = (top: Rgb, below: Rgb): Rgb => {
    const mix = (at: 0 | 1 | 2): number => top[at] * top[3] + below[at] * (1 - top[3])
    return [mix(0), mix(1), mix(2), 1]
  }
  const light = ([red, green, blue]: Rgb): number => {
    const linear = (value: number): number => {
      const part = value / 255
      return part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
    }
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
  }
  const contrast = (one: Rgb, other: Rgb): number => {
    const [high = 0, low = 0] = [light(one), light(other)].sort((a, b) => b - a)
    return (high + 0.05) / (low + 0.05)
  }
  /** Every colour that may lie behind an element: of a gradient each stop, for we do not know where the text falls. */
  const behind = (element: Element | null): Rgb[] => {
    if (!element) return [[255, 255, 255, 1]]
    const style = getComputedStyle(element)
    const own = colours(style.backgroundColor)[0] ?? [0, 0, 0, 0]
    const stops = style.backgroundImage === 'none' ? [] : colours(style.backgroundImage)
    const opaque = stops.length > 0 && stops.every((stop) => stop[3] === 1)
    if (opaque) return stops
    const below = own[3] === 1 ? [own] : behind(element.parentElement).map((colour) => over(own, colour))
    return stops.length === 0 ? below : below.flatMap((colour) => stops.map((stop) => over(stop, colour)))
  }
  const hidden = (element: Element): boolean => {
    const box = element.getBoundingClientRect()
    return box.width <= 1 || box.height <= 1 || !element.checkVisibility({ visibilityProperty: true })
  }
  const opacityOf = (element: Element | null): number =>
    element ? Number(getComputedStyle(element).opacity) * opacityOf(element.parentElement) : 1

  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const text = node.textContent?.trim() ?? ''
    const holder = node.parentElement
    if (text === '' || !holder || holder.tagName === 'OPTION' || holder.tagName === 'SCRIPT') continue
    texts.push(text)
    if (hidden(holder)) continue
    const style = getComputedStyle(holder)
    const range = document.createRange()
    range.selectNodeContents(node)
    const boxes = Array.from(range.getClientRects())
    // A line box may be lower than the letters' own box.
    const leadingPx = 0.3 * Number.parseFloat(style.fontSize)
    let scrollsX = false
    let scrollsY = false
    for (let around: Element | null = holder; around && around !== document.body; around = around.parentElement) {
      const outer = around.getBoundingClientRect()
      const aroundStyle = getComputedStyle(around)
      // What a list has scrolled away is out of its box by right, and of every box around it.
      scrollsX ||= /auto|scroll/.test(aroundStyle.overflowX) && around.scrollWidth > around.clientWidth
      scrollsY ||= /auto|scroll/.test(aroundStyle.overflowY) && around.scrollHeight > around.clientHeight
      if (aroundStyle.display !== 'inline') {
        for (const box of boxes) {
          if (!scrollsX && (box.left < outer.left - 1 || box.right > outer.right + 1))
            faults.push(`"${text}" is wider than .${around.className}`)
          if (!scrollsY && (box.top < outer.top - leadingPx || box.bottom > outer.bottom + leadingPx))
            faults.push(`"${text}" is higher than .${around.className}`)
        }
      }
      if (aroundStyle.position === 'absolute' || aroundStyle.position === 'fixed') break
    }
    const [red, green, blue, alpha] = colours(style.color)[0] ?? [0, 0, 0, 1]
    const ink: Rgb = [red, green, blue, alpha * opacityOf(holder)]
    const worst = Math.min(...behind(holder).map((colour) => contrast(over(ink, colour), colour)))
    if (worst < 4.5) faults.push(`"${text}" has a contrast of ${worst.toFixed(2)} to what is behind it`)
  }

  for (const target of document.querySelectorAll('button, a, input, select, [role="button"]')) {
    const name = target.getAttribute('aria-label') ?? target.textContent.trim()
    if (name === '') faults.push(`a target without a name: .${target.className}`)
    const label = target.getAttribute('aria-label')
    if (label !== null) texts.push(label)
    if (hidden(target)) continue
    const box = target.getBoundingClientRect()
    if (Math.min(box.width, box.height) < targetPx - 0.5)
      faults.push(`"${name}" is a target of ${box.width.toFixed(0)} x ${box.height.toFixed(0)} px`)
  }

  const page = document.documentElement
  if (page.scrollWidth > page.clientWidth) faults.push(`the page scrolls sideways: ${page.scrollWidth} px`)
  if (page.scrollHeight > page.clientHeight) faults.push(`the page scrolls: ${page.scrollHeight} px`)
  for (const image of document.images) if (image.naturalWidth === 0) faults.push(`a picture is not there: ${image.src}`)
  return { faults: [...new Set(faults)], texts }
}
