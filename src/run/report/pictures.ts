import { formatCount, formatRatio } from '../../base/units.ts'
import type { Summary } from '../summary.ts'
import { escapeHtml, escapeSentence } from './escape.ts'
import { counted, failureClasses, failurePace, goodputSteps, share, wholePercent,
  type GoodputStep } from './figures.ts'
import { limiterPlace, reasonSentence } from './verdict.ts'

/** Pictures of shares: tables with a bar in each row, so that they read well without the bar. */

/** One row: what it is, its bar, its number. All text is escaped here. */
type BarRow = {
  readonly look: string
  readonly label: string
  readonly note: string
  readonly startRatio: number
  readonly ratio: number
  readonly numbers: readonly string[]
}

/** What held waiting jobs back, as shares of the time in which one waited. */
export function limitsPicture(summary: Summary): string {
  const rows = [...summary.limitedBy].sort((a, b) => b.ratio - a.ratio)
  if (rows.length === 0) return '<p class="none">No job waited, so nothing limited the factory.</p>'
  return barTable('limits', 'What held the first waiting job back', ['Cause', 'Share of time'],
    rows.map((limiter) => ({
      look: limiter.reason === 'power' ? 'power' : 'unused',
      label: limiter.reason,
      note: [reasonSentence(limiter.reason), limiterPlace(limiter)]
        .filter((part) => part !== '').join(' Most often: '),
      startRatio: 0,
      ratio: limiter.ratio,
      numbers: [formatRatio(limiter.ratio)],
    })))
}

/** From capacity to useful work: each loss takes its part from the right end of what was left. */
export function goodputPicture(summary: Summary): string {
  const steps = goodputSteps(summary.gpuHours)
  return `<p>${escapeSentence(goodputSentence(steps))}</p>`
    + barTable('', 'From capacity to useful work', ['Where it went', 'GPU-hours', 'Share'],
      steps.map((step) => ({
        look: step.kind,
        label: step.label,
        note: step.meaning,
        startRatio: step.startRatio,
        ratio: step.ratio,
        numbers: [formatCount(step.gpuHours), formatRatio(step.ratio)],
      })))
}

export function failuresPicture(summary: Summary): string {
  const classes = failureClasses(summary)
  if (summary.failures === 0) return '<p class="none">Nothing failed in this run.</p>'
  const most = classes[0]?.[1] ?? 0
  const restarts = `${counted(summary.restarts, 'restart')} and`
    + ` ${counted(summary.preemptions, 'preemption')} of jobs.`
  return `<p>${counted(summary.failures, 'failure')}, ${failurePace(summary)}; ${restarts}</p>`
    + barTable('', 'Failures by class', ['Class', 'Failures', 'Share'],
      classes.map(([name, count]) => ({
        look: 'lost', label: name, note: '', startRatio: 0, ratio: share(count, most),
        numbers: [formatCount(count), formatRatio(share(count, summary.failures))],
      })))
}

function goodputSentence(steps: readonly GoodputStep[]): string {
  const useful = steps.at(-1)
  const losses = steps.filter((step) => step.kind === 'unused' || step.kind === 'lost')
  const worst = losses.reduce((most, step) => (step.ratio > most.ratio ? step : most))
  const head = `${wholePercent(useful?.ratio ?? 0)} of the capacity became useful work.`
  if (worst.ratio <= 0) return head
  return `${head} The largest loss: ${worst.label.toLowerCase()}, ${wholePercent(worst.ratio)}.`
}

/**
 * A table whose first heading is of the labels and whose others are of the numbers. Roles are
 * named because a narrow screen folds its rows, and folding takes a table's own roles away.
 */
function barTable(
  look: string, caption: string, heads: readonly string[], rows: readonly BarRow[]): string {
  const [first, ...others] = heads.map((head) => escapeHtml(head))
  const numbers = others.map((head) =>
    `<th scope="col" role="columnheader" class="number">${head}</th>`).join('')
  return `<table class="bars ${look}" role="table"><caption>${escapeHtml(caption)}</caption>
<thead role="rowgroup"><tr role="row"><th scope="col" role="columnheader">${first}</th>
<td role="cell"></td>${numbers}</tr></thead>
<tbody role="rowgroup">${rows.map(barRow).join('\n')}</tbody></table>`
}

function barRow(row: BarRow): string {
  const note = row.note === '' ? '' : `<small>${escapeHtml(row.note)}</small>`
  const numbers = row.numbers.map((text) => 
    `<td class="number" role="cell">${escapeHtml(text)}</td>`)
  return `<tr role="row"><th scope="row" role="rowheader">${escapeHtml(row.label)}${note}</th>`
    + `<td class="bar" role="cell">${bar(row)}</td>${numbers.join('')}</tr>`
}

/** Percent coordinates: the bar stretches with its cell, and needs no style of its own. */
function bar(row: BarRow): string {
  const start = Math.min(1, Math.max(0, row.startRatio))
  const width = Math.min(1 - start, Math.max(0, row.ratio))
  const part = width > 0
    ? `<rect class="${escapeHtml(row.look)}" x="${percent(start)}" width="${percent(width)}"`
      + ' height="16"/>'
    : ''
  return '<svg width="100%" height="16" aria-hidden="true">'
    + `<rect class="track" width="100%" height="16"/>${part}</svg>`
}

function percent(ratio: number): string {
  return `${Number((ratio * 100).toFixed(2))}%`
}
