import { formatCount, formatDuration, formatPower, formatRatio } from '../../base/units.ts'
import type { Summary } from '../summary.ts'
import { keepTogether, oneLine } from './escape.ts'
import { counted, energy, failureClasses, failurePace, goodputSteps, hasPowerLimit, memory,
  policyFacts, powerLimit, share, traceSentence, wholePercent } from './figures.ts'
import { eventSentences, powerNotes, priceCells } from './power-figures.ts'
import { supplyCells, supplySentences } from './supplies.ts'
import { usageCells } from './usage.ts'
import { limiterPlace, verdict } from './verdict.ts'
import { waitSentence, waitText } from './waits.ts'

export type TerminalOptions = {
  /** Columns of the terminal; lines are kept within it, down to 76. */
  readonly width: number
  readonly color: boolean
}

/** The run on a terminal: the verdict, then one group of lines for each question. */
export function renderSummary(summary: Summary, options: TerminalOptions): string {
  const width = Math.min(100, Math.max(76, options.width))
  const inner = width - INDENT
  const groups: readonly (readonly [string, readonly string[]])[] = [
    ['Factory', factory(summary, inner)],
    ['Load', load(summary, inner)],
    ['Jobs', jobs(summary)],
    ['Waits', waits(summary, inner)],
    ['Limits', wrap(limits(summary), inner)],
    ['Goodput', goodput(summary, inner)],
    ['Power', wrap(`${power(summary)} ${powerNotes(summary)}`.trim(), inner)],
    ['Events', eventSentences(summary).flatMap((each) => wrap(each, inner))],
    ['Prices', aligned(priceCells(summary))],
    ['Supplies', [...supplySentences(summary).flatMap((each) => wrap(each, inner)),
      ...aligned(supplyCells(summary))]],
    ['Use', aligned(usageCells(summary))],
    ['Faults', wrap(faults(summary), inner)],
    ['Run', run(summary, inner)],
  ]
  const style = options.color ? bold : plain
  const head = wrap(verdict(summary), width).map(style)
  const body = groups.flatMap(([title, lines]) => lines.map((line, at) =>
    (at === 0 ? style(title.padEnd(INDENT)) : ' '.repeat(INDENT)) + line))
  return `${[...head, '', ...body].join('\n')}\n`
}

/** Width of the column that names the groups. */
const INDENT = 10

/** Words into lines; a word longer than a line is cut, so nothing runs over. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of keepTogether(text).split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = ''
    }
    line = line === '' ? word : `${line} ${word}`
    while (line.length > width) {
      lines.push(line.slice(0, width))
      line = line.slice(width)
    }
  }
  return [...lines, line].map((each) => each.replaceAll('\u00a0', ' '))
}

function factory(summary: Summary, width: number): string[] {
  const policies = policyFacts(summary).map(([kind, name]) => `${kind} ${name}`)
  return [
    ...wrap(`${oneLine(summary.factory)}: ${counted(summary.gpus, 'GPU')} on`
      + ` ${counted(summary.nodes, 'node')}`, width),
    ...wrap(policies.join(', '), width),
  ]
}

function load(summary: Summary, width: number): string[] {
  if (summary.traces.length === 0) return ['no trace was played']
  return summary.traces.flatMap((trace) => {
    const skipped = trace.skipped.reduce((sum, { count }) => sum + count, 0)
    const left = skipped === 0 ? '' : ` ${counted(skipped, 'row')} skipped.`
    return wrap(`${oneLine(trace.file)} (${trace.format}), ${counted(trace.jobs, 'job')}.`
      + ` ${traceSentence(trace)}${left}`, width)
  })
}

function jobs(summary: Summary): string[] {
  const { jobs: counts } = summary
  const cells = [
    ['submitted', counts.submitted], ['completed', counts.completed], ['running', counts.running],
    ['started', counts.started], ['failed', counts.failed], ['waiting', counts.waiting],
    ['refused', counts.refused], ['cancelled', counts.cancelled],
  ] as const
  const lines = [cells.slice(0, 3), cells.slice(3, 6), cells.slice(6)]
  return lines.map((line) => line.map(([label, count]) =>
    label.padEnd(10) + formatCount(count).padStart(10)).join('  '))
}

function waits(summary: Summary, width: number): string[] {
  const rows = summary.waitsBySize.filter((row) => row.jobs > 0)
  const sentence = wrap(waitSentence(summary), width)
  if (rows.length === 0) return sentence
  const allHours = rows.reduce((sum, row) => sum + row.gpuHours, 0)
  const heads = ['GPUs', 'jobs', 'of GPU-h', 'p50', 'p90', 'p99']
  const cells = rows.map((row) => {
    const { p50, p90, p99 } = row.waitMs
    const times = [p50, p90, p99].map((ms) => (row.started === 0 ? '-' : waitText(ms)))
    const hours = formatRatio(share(row.gpuHours, allHours))
    return [row.gpus, formatCount(row.jobs), hours].concat(times)
  })
  return [...sentence, ...aligned([heads, ...cells])]
}

/** Columns as wide as their longest cell: the first to the left, the others to the right. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]!.length)))
  return rows.map((row) => row.map((cell, column) => (column === 0
    ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join('  ').trimEnd())
}

function limits(summary: Summary): string {
  if (summary.limitedBy.length === 0) return 'No job waited, so nothing limited the factory.'
  const [top, ...others] = [...summary.limitedBy].sort((a, b) => b.ratio - a.ratio).slice(0, 3)
  const place = limiterPlace(top!)
  const { stranded, capacity } = summary.gpuHours
  const apart = stranded > 0 ? `; idle because apart ${formatRatio(share(stranded, capacity))}`
    + ` of capacity (${formatCount(stranded)} GPU-h)` : ''
  const rest = others.map((each) => `${oneLine(each.reason)} ${wholePercent(each.ratio)}`)
  return `${oneLine(top!.reason)} ${wholePercent(top!.ratio)} of the time`
    + `${place === '' ? '' : ` (${place})`}${rest.length === 0 ? '' : `; ${rest.join(', ')}`}`
    + apart
}

/** Columns of a goodput line before its bar. */
const GOODPUT_TEXT = 41

function goodput(summary: Summary, width: number): string[] {
  const [, ...steps] = goodputSteps(summary.gpuHours)
  const barWidth = Math.min(40, width - GOODPUT_TEXT)
  return steps.reverse().map((step) => {
    const bar = '█'.repeat(Math.round(step.ratio * barWidth))
    const text = `${step.label.toLowerCase().padEnd(10)} ${formatRatio(step.ratio).padStart(7)}`
      + `  ${formatCount(step.gpuHours).padStart(13)} GPU-h`
    return `${text}  ${bar === '' && step.ratio > 0 ? '▏' : bar}`.trimEnd()
  })
}

function power(summary: Summary): string {
  const limit = hasPowerLimit(summary)
    ? `of a limit of ${powerLimit(summary)} (${formatRatio(share(summary.peakDrawW,
      summary.limitW))})`
    : 'without a limit'
  return `Drew ${formatPower(summary.meanDrawW)} on average and`
    + ` ${formatPower(summary.peakDrawW)} at peak ${limit}; granted at most`
    + ` ${formatPower(summary.peakGrantW)}; used ${energy(summary.energyMWh)}.`
}

function faults(summary: Summary): string {
  const classes = failureClasses(summary).map(([name, count]) =>
    `${oneLine(name)} ${formatCount(count)}`)
  const rework = `${counted(summary.restarts, 'restart')},`
    + ` ${counted(summary.preemptions, 'preemption')} of jobs.`
  if (summary.failures === 0) return `Nothing failed. ${rework}`
  return `${counted(summary.failures, 'failure')}, ${failurePace(summary)}`
    + `${classes.length === 0 ? '' : `: ${classes.join(', ')}`}. ${rework}`
}

function run(summary: Summary, width: number): string[] {
  const broken = summary.invariantsBroken === 0
    ? 'every invariant held' : `${counted(summary.invariantsBroken, 'invariant')} BROKEN`
  return [
    ...wrap(`${counted(summary.eventCount, 'event')}, ${counted(summary.decisions, 'decision')} in`
      + ` ${formatDuration(summary.cpuMs)} of CPU (${formatDuration(summary.wallMs)} of time),`
      + ` ${memory(summary.peakRssBytes)}; ${broken}.`, width),
    ...wrap(`seed ${summary.seed}  state ${summary.stateHash}  journal ${summary.journalHash}`,
      width),
  ]
}

function bold(text: string): string {
  return `\u001b[1m${text}\u001b[22m`
}

function plain(text: string): string {
  return text
}
