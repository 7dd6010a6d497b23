/**
 * Page: one replayed visit as a page without scripts: what was said then and today, the time line, the weights, the reasons, and
 * every kept picture with its boxes, tracks and looks. Text from files and ledger is escaped. Called by server.ts.
 */
import type { Sighting, Sights } from '../../src/core/sighting.ts'
import type { CountedSku, Resolution } from '../../src/fusion/evidence.ts'
import type { Difference } from './difference.ts'
import type { Cabinet, Grams, StoredVisit } from './stored.ts'
import type { Frame, Today } from './today.ts'
import { languages, words, type Language, type Words } from './words.ts'

export interface Replayed {
  readonly stored: StoredVisit
  readonly today: Today
  readonly apart: Difference | null
  readonly cabinet: Cabinet
}

export interface Shown {
  readonly token: string
  readonly language: Language
  readonly theme: 'light' | 'dark'
}

export function page({ stored, today, apart, cabinet }: Replayed, { token, language, theme }: Shown): string {
  const w = words[language]
  const link = (to: Language, look: string, text: string): string =>
    `<a href="/${token}/?language=${to}&amp;theme=${look}">${text}</a>`
  const choices = languages.map((one) =>
    one === language ? `<b>${one.toUpperCase()}</b>` : link(one, theme, one.toUpperCase()),
  )
  const other = theme === 'dark' ? 'light' : 'dark'
  return `<!doctype html>
<html lang="${language}" data-theme="${theme}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${w.title}</title><link rel="stylesheet" href="/${token}/page.css"></head><body>
<header><div><h1>${w.title}</h1><p>${escaped(stored.visit)} · ${new Date(stored.openedMs).toLocaleString(language)}</p></div>
<nav>${choices.join(' ')} ${link(language, other, theme === 'dark' ? '☀' : '☾')}</nav></header>
<p class="verdict" data-differs="${apart !== null && apart.basket !== null}">${apart === null ? w.same : apart.basket === null ? w.sameBasket : w.differs}</p>
<section class="baskets">
${basketCard(w.was, stored.said.lines, stored.said.probability, language, stored.said.reviewed ? w.review : '')}
${basketCard(w.now, today.resolution.lines, today.resolution.probability, language)}
${basketCard(w.scalesAlone, today.scalesAlone.lines, today.scalesAlone.probability, language)}
${stored.decided === null ? '' : basketCard(w.decided, stored.decided, null, language)}
</section>
<section><h2>${w.timeline}</h2>${timeline(stored, today, cabinet, w, language)}</section>
<div class="two"><section><h2>${w.weights}</h2>${weights(stored.before, stored.after, w, language)}</section>
<section><h2>${w.reasons}</h2>${reasons(today.resolution, w, language)}</section></div>
<section><h2>${w.told}</h2>${testimony(today.sights, w, language)}<p class="soft">${w.sparse}</p></section>
<section><h2>${w.pictures}</h2><div class="frames">${today.frames.map((frame, index) => figure(frame, index, stored, token, w, language)).join('')}</div></section>
</body></html>`
}

function basketCard(
  title: string,
  lines: readonly CountedSku[],
  probability: number | null,
  language: Language,
  mark = '',
): string {
  return `<article><h3>${title}</h3><p class="sure">${probability === null ? '' : percent(probability, language, 1)} ${mark}</p><ul>${basket(lines, words[language])}</ul></article>`
}

const basket = (lines: readonly CountedSku[], w: Words): string =>
  lines.length === 0
    ? `<li>${w.nothing}</li>`
    : lines.map(({ sku, count }) => `<li>${count} × ${escaped(sku)}</li>`).join('')

/** One row a camera, a mark for each kept picture that leads to it, and for what crossed; the door's open time behind. */
function timeline(
  { openedMs, closedMs }: StoredVisit,
  { frames, sights }: Today,
  { cameras }: Cabinet,
  w: Words,
  language: Language,
): string {
  const times = frames.map(({ picture }) => picture.atMs)
  const from = Math.min(openedMs, ...times) - 200
  const to = Math.max(closedMs, ...times) + 200
  const x = (atMs: number): string => (140 + (840 * (atMs - from)) / (to - from)).toFixed(1)
  const tall = 30 + cameras.length * 44
  const rows = cameras.map(({ id }, row) => {
    const y = 50 + row * 44
    const marks = frames.map(({ picture: { camera, atMs, why } }, index) =>
      camera === id
        ? `<a href="#p${index}"><circle class="${why}" cx="${x(atMs)}" cy="${y}" r="9"><title>${seconds(atMs - openedMs, language)} ${w.why[why]}</title></circle></a>`
        : '',
    )
    const crossed = sights.sightings.flatMap(({ witness, atMs, direction }) =>
      witness.startsWith(`${id}-`) && atMs !== null
        ? [
            `<path class="crossed" d="M${x(atMs)} ${y - 22} l7 -9 l-14 0 z"><title>${w.direction[direction]}</title></path>`,
          ]
        : [],
    )
    return `<text x="0" y="${y + 5}">${escaped(id)}</text><line x1="140" x2="980" y1="${y}" y2="${y}"/>${marks.join('')}${crossed.join('')}`
  })
  const door = `<rect x="${x(openedMs)}" y="22" width="${(Number(x(closedMs)) - Number(x(openedMs))).toFixed(1)}" height="${tall - 22}" rx="8"/><text class="door" x="${x(openedMs)}" y="14">${w.opened}</text><text class="door end" x="${x(closedMs)}" y="14">${w.closed} ${seconds(closedMs - openedMs, language)}</text>`
  const legend = (['before', 'during', 'crossing', 'after'] as const).map(
    (why) => `<li><i class="${why}"></i>${w.why[why]}</li>`,
  )
  return `<svg class="line" viewBox="0 0 1000 ${tall}" role="img" aria-label="${w.timeline}">${door}${rows.join('')}</svg><ul class="legend">${legend.join('')}</ul>`
}

function weights(before: Grams, after: Grams, w: Words, language: Language): string {
  const grams = (value: number | null | undefined, sign = false): string =>
    value == null
      ? `<em>${w.noCell}</em>`
      : `${value.toLocaleString(language, { maximumFractionDigits: 1, minimumFractionDigits: 1, ...(sign ? { signDisplay: 'exceptZero' as const } : {}) })} g`
  const rows = before.map((was, index) => {
    const is = after[index] ?? null
    const change = was === null || is === null ? null : is - was
    return `<tr data-moved="${change !== null && Math.abs(change) > 5}"><th>${w.shelf(index + 1)}</th><td>${grams(was)}</td><td>${grams(is)}</td><td>${grams(change, true)}</td></tr>`
  })
  return `<table><thead><tr><th></th>${w.grams.map((name) => `<th>${name}</th>`).join('')}</tr></thead><tbody>${rows.join('')}</tbody></table>`
}

function reasons({ lines, probability, runnerUp }: Resolution, w: Words, language: Language): string {
  const first = `<ul>${basket(lines, w)}</ul><p class="sure">${percent(probability, language, 2)}</p>`
  if (runnerUp === null) return first
  const most = Math.max(1, ...runnerUp.apart.map(({ nats }) => Math.abs(nats)))
  const bars = runnerUp.apart.map(({ by, nats }) => {
    const shelf = /^shelf (\d+)$/.exec(by)
    const name = shelf === null ? escaped(by) : w.shelf(shelf[1] ?? '')
    return `<tr><th>${name}</th><td><meter min="0" max="${most}" value="${Math.abs(nats)}" data-against="${nats < 0}"></meter></td><td>${nats.toLocaleString(language, { maximumFractionDigits: 1, signDisplay: 'exceptZero' })}</td></tr>`
  })
  return `${first}<h3>${w.runnerUp}</h3><ul>${basket(runnerUp.lines, w)}</ul><p class="sure">${percent(runnerUp.probability, language, 2)}</p><p class="soft">${w.speaks}</p><table>${bars.join('')}</table>`
}

function testimony({ witnesses, sightings }: Sights, w: Words, language: Language): string {
  const told = ({ direction, shelf, candidates, noneProbability }: Sighting): string => {
    const odds = [
      ...candidates.map(({ sku, probability }) => [escaped(sku), probability] as const),
      [`<em>${w.none}</em>`, noneProbability] as const,
    ]
    const rows = odds
      .filter(([, share]) => share >= 0.005)
      .map(
        ([name, share]) =>
          `<tr><th>${name}</th><td><meter min="0" max="1" value="${share}"></meter></td><td>${percent(share, language, 1)}</td></tr>`,
      )
    return `<div class="sighting"><p>${w.direction[direction]}, ${shelf === null ? '?' : w.shelf(shelf)}</p><table>${rows.join('')}</table></div>`
  }
  return witnesses
    .map(({ id, kind, blindShare, blindShelves }) => {
      const its = sightings.filter(({ witness }) => witness === id)
      const hidden =
        blindShelves.length === 0 ? '' : `; ${blindShelves.map((one) => w.shelf(one)).join(', ')}: ${w.hidden}`
      return `<article class="witness" data-blind="${blindShare > 0.5}"><h3>${escaped(id.replace(/-[^-]*$/, ''))}, ${w.witness[kind]}</h3><p class="soft">${w.saw(percent(1 - blindShare, language, 0))}${hidden}</p>${its.length === 0 ? `<p>${w.noSightings}</p>` : its.map(told).join('')}</article>`
    })
    .join('')
}

function figure(
  { picture, width, height, found, looks }: Frame,
  index: number,
  { openedMs }: StoredVisit,
  token: string,
  w: Words,
  language: Language,
): string {
  const rect = (
    kind: string,
    { left, top, width: wide, height: tall }: Frame['looks'][number]['box'],
    title: string,
    text: string,
    down = 24,
  ): string =>
    `<g class="${kind}"><rect x="${left.toFixed(0)}" y="${top.toFixed(0)}" width="${wide.toFixed(0)}" height="${tall.toFixed(0)}"><title>${title}</title></rect>${text === '' ? '' : `<text x="${(left + 6).toFixed(0)}" y="${(top + down).toFixed(0)}">${text}</text>`}</g>`
  const boxes = found.map(({ kind, box, score, track }) =>
    rect(
      kind,
      box,
      `${w[kind]} ${percent(score, language, 0)}${track === null ? '' : `, ${w.track} ${track}`}`,
      track === null ? '' : String(track),
    ),
  )
  const closer = looks.map(({ box, identification: { candidates, noneProbability } }) => {
    const [best] = candidates
    const named = best !== undefined && best.probability > noneProbability
    const text = named
      ? `${escaped(best.product)} ${percent(best.probability, language, 0)}`
      : `${w.none} ${percent(noneProbability, language, 0)}`
    return rect('look', box, text, text, box.height - 8)
  })
  const { atMs, camera, why } = picture
  return `<figure id="p${index}"><svg viewBox="0 0 ${width} ${height}"><image href="/${token}/${index}.jpg" width="${width}" height="${height}"/>${boxes.join('')}${closer.join('')}</svg><figcaption><b>${escaped(camera)}</b> ${seconds(atMs - openedMs, language)} · ${w.why[why]}</figcaption></figure>`
}

const percent = (share: number, language: Language, digits: number): string =>
  share.toLocaleString(language, { style: 'percent', maximumFractionDigits: digits })
/** To a tenth; never minus nought. */
const seconds = (ms: number, language: Language): string =>
  `${((Math.round(ms / 100) || 0) / 10).toLocaleString(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 })} s`

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escaped = (text: string): string => text.replace(/[&<>"]/g, (sign) => escapes[sign] ?? '')
