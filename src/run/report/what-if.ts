import {
  formatCount, formatDuration, formatRatio, fromSeconds, toSeconds,
} from '../../base/units.ts'
import type { Estimate, FigureName, MovedJob, WhatIf } from '../whatif.ts'
import { oneLine } from './escape.ts'
import { counted } from './figures.ts'
import { wrap } from './terminal.ts'

/** What was done, each as the subject of a sentence, and what to know of it. */
export type Story = { readonly doings: readonly string[], readonly notes: readonly string[] }

/** Jobs that the list names. */
const JOBS_MOST = 10

/** Columns of a line. */
const WIDTH = 100

/** A comparison for people: a sentence, the figures, who moves most, and what it rests on. */
export function renderWhatIf(result: WhatIf, story: Story): string {
  const parts = [
    wrap(verdict(result, story), WIDTH),
    ...story.notes.map((note) => wrap(oneLine(note), WIDTH)),
    figures(result),
    movers(result),
    wrap(basis(result), WIDTH),
  ]
  return `${parts.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'))
    .join('\n\n')}\n`
}

/** "Adding 40 nodes starts train-v8 6 h 10 min earlier; 212 jobs start earlier, none later." */
export function verdict(result: WhatIf, { doings }: Story): string {
  const doing = oneLine(doings.map((text, at) => at === 0 ? text : lowered(text)).join(' and '))
  const { jobs, earlier, later, submitted } = result
  const subject = doings.length === 1 ? '' : ': the new job'
  const own = submitted === undefined ? ''
    : `${subject} starts ${startText(result, submitted)};`
  const top = jobs[0]
  if (top === undefined || earlier + later === 0) {
    const rest = result.waiting === 0 ? `no ${own === '' ? '' : 'other '}job waits now.`
      : `of ${counted(result.waiting, 'waiting job')} none starts earlier or later.`
    return own === '' ? `${doing}: ${rest}` : `${doing}${own} ${rest}`
  }
  const others = `${many(earlier)} ${earlier === 1 ? 'starts' : 'start'} earlier, ${
    later === 0 ? 'none' : formatCount(later)} later.`
  if (own !== '') return `${doing}${own} ${others}`
  const verb = doings.length === 1 ? 'starts' : 'start'
  return `${doing} ${verb} ${titleOf(top)} ${shiftText(top, result.seeds)}; ${others}`
}

function many(jobs: number): string {
  return jobs === 0 ? 'no job' : counted(jobs, 'job')
}

/** Most jobs of traces have no name but their number. */
function titleOf({ name }: MovedJob): string {
  return /^[0-9]/.test(name) ? `job ${oneLine(name)}` : oneLine(name)
}

function lowered(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}

function startText(result: WhatIf, { waitMs, unseen }: NonNullable<WhatIf['submitted']>): string {
  const span = formatDuration(result.untilMs - result.atMs)
  if (unseen === result.seeds) return `not within ${span}`
  if (duration(waitMs.most) === '0 s') return 'at once'
  if (unseen > 0) return `in ${formatDuration(waitMs.least)} or later`
  if (waitMs.most - waitMs.least < 1) return `in ${formatDuration(waitMs.mean)}`
  return `in ${formatDuration(waitMs.mean)} (${formatDuration(waitMs.least)} to ${
    formatDuration(waitMs.most)})`
}

/** "6 h 10 min earlier"; where the horizon cuts one side off, it is at least that. */
function shiftText({ difference, unseenWithout, unseenWith }: MovedJob, seeds: number): string {
  const size = formatDuration(Math.abs(Math.round(difference.mean)))
  const isCut = (difference.mean < 0 ? unseenWithout : unseenWith) > 0
  const isBothCut = unseenWithout === seeds && unseenWith === seeds
  return `${isCut && !isBothCut ? 'at least ' : ''}${size} ${
    difference.mean < 0 ? 'earlier' : 'later'}`
}

type Row = readonly [FigureName, string, (value: number) => string]

/** To the second: less is no estimate. */
const duration = (ms: number) => formatDuration(fromSeconds(Math.round(toSeconds(ms))))
const tenths = (value: number) => Math.abs(value) >= 100 ? formatSigned(value) : value.toFixed(1)

const ROWS: readonly Row[] = [
  ['jobsStarted', 'jobs started', formatSigned],
  ['jobsFinished', 'jobs finished', formatSigned],
  ['waitingStarted', 'of those waiting now, started', formatSigned],
  ['meanWaitMs', 'wait from now, their mean', duration],
  ['p90WaitMs', 'wait from now, their p90', duration],
  ['usefulGpuHours', 'GPU-hours of work done', formatSigned],
  ['utilizationRatio', 'GPUs in use', formatRatio],
  ['energyMWh', 'energy, MWh', tenths],
]

function formatSigned(value: number): string {
  return value < 0 ? `-${formatCount(-value)}` : formatCount(value)
}

/** With a plus where it is more; nothing is less than none. */
function signed(value: number, format: (value: number) => string): string {
  const text = format(value)
  const isNone = /^-?0(\.0)?( |$)/.test(text)
  return isNone ? text.replace('-', '') : `${value > 0 ? '+' : ''}${text}`
}

function figures(result: WhatIf): string[] {
  const span = formatDuration(result.untilMs - result.atMs)
  const rows = ROWS.map(([name, label, format]) => {
    const { without, with: changed, difference } = result.figures[name]
    return [label, format(without.mean), format(changed.mean), signed(difference.mean, format),
      spreadText(difference, format)]
  })
  return table([[`in ${span}, estimated`, 'without', 'with', 'difference', 'spread'], ...rows])
}

function movers(result: WhatIf): string[] {
  const moved = result.jobs.filter((job) => duration(job.difference.mean) !== '0 s')
    .slice(0, JOBS_MOST)
  if (moved.length === 0) return []
  const wait = (value: Estimate, unseen: number) => unseen === result.seeds ? 'not seen'
    : `${unseen > 0 ? '> ' : ''}${duration(value.mean)}`
  return table([
    ['waiting jobs that move most', 'GPUs', 'without', 'with', 'difference', 'spread'],
    ...moved.map((job) => [
      cut(oneLine(job.name)), formatCount(job.gpus), wait(job.without, job.unseenWithout),
      wait(job.with, job.unseenWith), signed(job.difference.mean, duration),
      spreadText(job.difference, duration),
    ]),
  ])
}

function spreadText({ least, most }: Estimate, format: (value: number) => string): string {
  const [low, high] = [signed(least, format), signed(most, format)]
  return low === high ? '' : `${low} to ${high}`
}

/** Names come from outside and may be long. */
const NAME_MOST = 28

function cut(name: string): string {
  return name.length <= NAME_MOST ? name : `${name.slice(0, NAME_MOST - 1)}…`
}

/** The first column to the left, all others to the right. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, at) => Math.max(...rows.map((row) => row[at]!.length)))
  return rows.map((row) => row.map((text, at) =>
    at === 0 ? text.padEnd(widths[at]!) : text.padStart(widths[at]! + 2)).join('').trimEnd())
}

function basis(result: WhatIf): string {
  const { seeds, arrivals, atMs, untilMs } = result
  const futures = counted(seeds, 'future')
  return `Estimates for ${formatDuration(untilMs - atMs)} from ${formatDuration(atMs)} on, in ${
    futures}, the same without and with. `
    + 'Run times are drawn from how long jobs of each queue ran before against their limits, '
    + 'failures by their rates. '
    + (arrivals === 0 ? 'No more jobs come.'
      : `${counted(arrivals, 'job')} of the journal come${arrivals === 1 ? 's' : ''} meanwhile.`)
    + (result.isCut ? ' Some futures were stopped early: they had too many events. '
      + 'Look less far ahead with --for.' : '')
}
