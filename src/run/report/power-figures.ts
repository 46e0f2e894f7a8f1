import { formatCount, formatDuration, formatPower, formatRatio } from '../../base/units.ts'
import type { EventSummary, Summary } from '../summary.ts'
import { escapeHtml, oneLine } from './escape.ts'
import { counted } from './figures.ts'

/** What a run's power events, prices and breaches came to, for the terminal and the page. */

/** A sentence for each event. */
export function eventSentences({ events }: Summary): string[] {
  return events.map((event) => {
    const [asked, held, over, dip, settled, lost] = figures(event)
    return `${oneLine(`${event.cause} at ${event.feeder}`)}: asked ${asked}, held ${held}; above `
      + `by up to ${over}, below by up to ${dip}, settled after ${settled}; ${lost} GPU-h lost.`
      + floorSentence(event)
  })
}

/** Why an event could not be held, where that is so from its start. */
function floorSentence({ floorW }: EventSummary): string {
  if (floorW === undefined) return ''
  return ` All that ran could be held to ${formatPower(floorW)} and no lower: idle nodes, paused `
    + 'jobs, and jobs that were promised throughput.'
}

/** Rows of a table of the events, the heads first; none where there is no event. */
function eventCells({ events }: Summary): readonly (readonly string[])[] {
  if (events.length === 0) return []
  const heads = ['event', 'asked', 'held', 'over', 'dip', 'settled', 'GPU-h lost']
  return [heads, ...events.map((event) => [
    oneLine(`${event.cause} at ${event.feeder}`), ...figures(event)])]
}

/** Rows of a table of what a megawatt was worth; none where no feeder was ever short. */
export function priceCells({ price }: Summary): readonly (readonly string[])[] {
  if (price.length === 0) return []
  const dearest = [...price].sort((a, b) => b.worstGpusPerMW - a.worstGpusPerMW)
  const most = dearest.slice(0, FEEDERS_MOST)
  return [['feeder', 'GPUs a MW', 'at most', 'hours short'],
    ...most.map(({ feeder, meanGpusPerMW, worstGpusPerMW, bindingHours }) => [
      oneLine(feeder).slice(0, 28), formatCount(meanGpusPerMW), formatCount(worstGpusPerMW),
      bindingHours.toFixed(1)])]
}

/** Breaches and cost in a sentence; empty where there is nothing to say. */
export function powerNotes(summary: Summary): string {
  const { cost } = summary
  const parts = breachFacts(summary).map(([label, value]) => `${label}: ${value}.`)
  if (cost !== null) parts.push(`Energy cost ${dollars(cost.dollars)}.`)
  return parts.join(' ')
}

export function breachFacts({ feederBreaches }: Summary): (readonly [string, string])[] {
  const { samples, breaches, worstOverW, overMs, meanOverW, byFeeder } = feederBreaches
  if (samples === 0) return []
  if (byFeeder.length === 0) {
    return [['Above a limit', `never, in ${counted(samples, 'sample')}`]]
  }
  return [
    ['Above a limit', `${formatCount(breaches)} of ${counted(samples, 'sample')}, by up to `
      + formatPower(worstOverW)],
    ['Mean above a limit', `for ${formatDuration(overMs)}, by up to ${formatPower(meanOverW)}`],
  ]
}

export function dollars(amount: number): string {
  return `$ ${formatCount(amount)}`
}

/** The events and prices as tables of the page; nothing where there are none. */
export function eventSection(summary: Summary): string {
  const tables = [eventCells(summary), priceCells(summary)].filter((rows) => rows.length > 0)
  if (tables.length === 0) return ''
  return `<section><h2>What the grid asked, and what power was worth</h2>${
    tables.map(cellTable).join('\n')}${summary.warnings.map((warning) =>
    `<p>${escapeHtml(oneLine(warning))}</p>`).join('')}</section>\n`
}

/** Feeders that are shown, the dearest. */
const FEEDERS_MOST = 5

function figures({ asked, held, overshootW, dipW, settledMs, gpuHoursLost }: EventSummary) {
  return [
    `${formatPower(asked.watts)} (${formatRatio(asked.ratio)})`,
    held === null ? '-' : `${formatPower(held.watts)} (${formatRatio(held.ratio)})`,
    formatPower(overshootW), formatPower(dipW), formatDuration(settledMs),
    formatCount(gpuHoursLost),
  ]
}

/** A table of the page; the first row is its heads. */
export function cellTable(rows: readonly (readonly string[])[]): string {
  const [heads, ...body] = rows
  const cells = (row: readonly string[], tag: string) =>
    row.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join('')
  return `<table class="events"><thead><tr>${cells(heads!, 'th')}</tr></thead><tbody>${
    body.map((row) => `<tr>${cells(row, 'td')}</tr>`).join('')}</tbody></table>`
}
