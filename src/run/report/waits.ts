import { log } from '../../base/math.ts'
import { formatCount, formatDuration, formatRatio, fromHours, fromSeconds,
  toSeconds } from '../../base/units.ts'
import type { SizeWait, Summary } from '../summary.ts'
import { escapeHtml, escapeSentence } from './escape.ts'
import { share } from './figures.ts'

/** How long the jobs waited, in one sentence. */
export function waitSentence(summary: Summary): string {
  const { p50, p90, p99 } = summary.waitMs
  if (summary.jobs.started === 0) return 'No job started.'
  if (p99 <= 0) return 'At least 99 % of the jobs started at once.'
  const half = p50 <= 0 ? 'Half started at once' :
    `Half started within ${formatDuration(p50)}`
  return `${half}, 90 % within ${formatDuration(p90)}, 99 % within ${formatDuration(p99)}.`
}

/** "0 s" rather than "0 ms": jobs wait for seconds. */
export function waitText(ms: number): string {
  return ms <= 0 ? '0 s' : formatDuration(ms)
}

/** Waits by size of the gang on a log scale: the thicker the bar, the more usual the wait. */
export function waitsPicture(summary: Summary): string {
  const rows = summary.waitsBySize.filter((row) => row.jobs > 0)
  if (rows.length === 0) return '<p class="none">No job came, so none waited.</p>'
  const topMs = Math.max(fromSeconds(60), ...rows.map((row) => row.waitMs.p99)) * 1.15
  const allHours = rows.reduce((sum, row) => sum + row.gpuHours, 0)
  const scale: Scale = (ms) => (ms <= LEFT_END_MS ? 0 :
    log(toSeconds(ms)) / log(toSeconds(topMs)))
  return `<p>${escapeSentence(waitSentence(summary))}</p>
<p class="legend" aria-hidden="true">${key('half', 16)} half of the jobs started within (p50)
${key('most', 8)} 90 % (p90) ${key('nearly', 3)} 99 % (p99)</p>
<table class="bars waits" role="table"><caption>Waits by GPUs asked for; logarithmic</caption>
<thead role="rowgroup"><tr role="row">${HEADS.map(head).join('')}</tr></thead>
<tbody role="rowgroup">${rows.map((row) => waitRow(row, allHours, scale)).join('\n')}
<tr class="scale" aria-hidden="true"><td></td><td class="bar">${axis(topMs, scale)}</td></tr>
</tbody></table>`
}

/** Waits up to this are drawn at the left end: a log scale has no zero. */
const LEFT_END_MS = fromSeconds(1)

type Scale = (ms: number) => number

const HEADS = ['GPUs', '', 'p50', 'p90', 'p99', 'Jobs', 'GPU-hours'] as const

const TICKS_MS = [fromSeconds(1), fromSeconds(60), fromHours(1), fromHours(24),
  fromHours(168), fromHours(720), fromHours(8760)]

function head(text: string): string {
  if (text === '') return '<td role="cell"></td>'
  const look = text === 'GPUs' ? '' : ' class="number"'
  return `<th scope="col" role="columnheader"${look}>${text}</th>`
}

function waitRow(row: SizeWait, allHours: number, scale: Scale): string {
  const none = row.started === 0
  const { p50, p90, p99 } = row.waitMs
  const waits = [p50, p90, p99].map((ms, at) => number(HEADS[at + 2]!,
    none ? 'none started' : waitText(ms)))
  return `<tr role="row"><th scope="row" role="rowheader">${escapeHtml(row.gpus)}</th>`
    + `<td class="bar" role="cell">${none ? '' : bars(row, scale)}</td>${waits.join('')}`
    + `${number('jobs', formatCount(row.jobs))}`
    + `${number('of GPU-hours', formatRatio(share(row.gpuHours, allHours)))}</tr>`
}

/** The label shows only where a narrow screen folds the table and hides its head. */
function number(label: string, text: string): string {
  return `<td class="number" role="cell" data-label="${escapeHtml(label)}">${escapeHtml(text)}</td>`
}

function bars(row: SizeWait, scale: Scale): string {
  const { p50, p90, p99 } = row.waitMs
  const lines = TICKS_MS.filter((ms) => scale(ms) < 1).map((ms) =>
    `<line class="tick" x1="${percent(scale(ms))}" x2="${percent(scale(ms))}" y2="22"/>`)
  return `<svg width="100%" height="22" aria-hidden="true">${lines.join('')}`
    + `${mark('nearly', scale(p99), 3)}${mark('most', scale(p90), 8)}`
    + `${mark('half', scale(p50), 16)}</svg>`
}

/** Thickness tells the three apart without their colours; a wait of nothing is a stub. */
function mark(look: string, ratio: number, heightPx: number): string {
  const width = ratio <= 0 ? '3' : percent(Math.min(1, ratio))
  return `<rect class="${look}" y="${11 - heightPx / 2}" width="${width}" height="${heightPx}"/>`
}

function axis(topMs: number, scale: Scale): string {
  const labels = TICKS_MS.filter((ms) => ms < topMs).map((ms) => {
    const text = ms === LEFT_END_MS ? '≤ 1 s' : formatDuration(ms)
    const anchor = ms === LEFT_END_MS ? 'start' : scale(ms) > 0.93 ? 'end' : 'middle'
    return `<text x="${percent(scale(ms))}" y="13" text-anchor="${anchor}">${text}</text>`
  })
  return `<svg width="100%" height="18" aria-hidden="true">${labels.join('')}</svg>`
}

function key(look: string, heightPx: number): string {
  return '<svg width="26" height="16" aria-hidden="true"><rect '
    + `class="${look}" y="${8 - heightPx / 2}" width="26" height="${heightPx}"/></svg>`
}

function percent(ratio: number): string {
  return `${Number((ratio * 100).toFixed(2))}%`
}
