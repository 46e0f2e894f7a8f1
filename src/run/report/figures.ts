import { energyOf, formatCount, formatDuration, formatEnergy, formatPower, fromHours, parseQuantity,
  toHours } from '../../base/units.ts'
import type { GpuHours, Summary, TraceSummary } from '../summary.ts'
import { oneLine } from './escape.ts'

/** Numbers that page, terminal and verdict derive from a summary in the same way. */

/** How long the run lasted in simulated time. */
export function spanMs(summary: Summary): number {
  const { horizonMs, makespanMs } = summary
  return Number.isFinite(horizonMs) && horizonMs > 0 ? horizonMs : makespanMs
}

/** "83 %" for sentences. A share that is not quite none or all is never shown as such. */
export function wholePercent(ratio: number): string {
  if (!(ratio > 0)) return '0 %'
  if (ratio < 0.005) return 'under 1 %'
  if (ratio < 1 && ratio >= 0.995) return 'over 99 %'
  return `${Math.round(ratio * 100)} %`
}

/** "1 job", "12 jobs". */
export function counted(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${Math.round(count) === 1 ? '' : 's'}`
}

/** A part of a whole; 0 where the whole is nothing. */
export function share(part: number, whole: number): number {
  return whole > 0 && Number.isFinite(part) ? part / whole : 0
}

export type GoodputStep = {
  readonly kind: 'whole' | 'unused' | 'lost' | 'useful'
  readonly label: string
  readonly meaning: string
  readonly gpuHours: number
  readonly ratio: number
  /** Where its bar begins, as a share of capacity: each loss takes its part from the right. */
  readonly startRatio: number
}

/** Losses that most runs do not have. */
const RARE = ['Slow', 'Capped', 'Paused']

/** From capacity down to useful work, one step for each loss. */
export function goodputSteps(hours: GpuHours): readonly GoodputStep[] {
  const idle = Math.max(0, hours.capacity - hours.down - hours.allocated)
  const losses = [
    ['unused', 'Down', 'under repair or test', hours.down],
    ['unused', 'Idle', 'up, but no job ran', idle],
    ['lost', 'Checkpoint', 'stalls for saving', hours.lostCheckpoint],
    ['lost', 'Detection', 'hung until a fault was seen', hours.lostDetection],
    ['lost', 'Restart', 'launching and loading', hours.lostRestart],
    ['lost', 'Rework', 'work done twice', hours.lostRework],
    ['lost', 'Slow', 'slowed devices', hours.lostSlow],
    ['lost', 'Capped', 'slower under power caps', hours.lostCapped],
    ['lost', 'Paused', 'paused for lack of power', hours.lostPaused],
  ] as const
  const steps: GoodputStep[] = [{
    kind: 'whole', label: 'Capacity', meaning: 'every GPU, all the time',
    gpuHours: hours.capacity, ratio: hours.capacity > 0 ? 1 : 0, startRatio: 0,
  }]
  let left = 1
  for (const [kind, label, meaning, gpuHours] of losses) {
    // Slow devices and caps are rare: a row that says zero tells nobody anything.
    if (RARE.includes(label) && gpuHours === 0) continue
    const ratio = share(gpuHours, hours.capacity)
    left = Math.max(0, left - ratio)
    steps.push({ kind, label, meaning, gpuHours, ratio, startRatio: left })
  }
  steps.push({
    kind: 'useful', label: 'Useful', meaning: 'work that counted', gpuHours: hours.useful,
    ratio: share(hours.useful, hours.capacity), startRatio: 0,
  })
  return steps
}

/** Classes of failures, the most frequent first, equal ones by name. */
export function failureClasses(summary: Summary): readonly (readonly [string, number])[] {
  return Object.entries(summary.failuresByClass)
    .filter(([, count]) => count > 0)
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
}

/** "41.2 a day" or, where that is less than one, "one in 9 d". */
export function failurePace(summary: Summary): string {
  const span = spanMs(summary)
  if (summary.failures === 0 || span <= 0) return 'none'
  const perDay = (summary.failures / toHours(span)) * 24
  if (perDay < 1) return `one in ${formatDuration(span / summary.failures)}`
  return `${perDay < 100 ? perDay.toFixed(1) : formatCount(perDay)} a day`
}

export function hasPowerLimit(summary: Summary): boolean {
  return Number.isFinite(summary.limitW) && summary.limitW > 0
}

export function powerLimit(summary: Summary): string {
  return hasPowerLimit(summary) ? formatPower(summary.limitW) : 'none'
}

/** One megawatt for as many hours as there are megawatt-hours. */
export function energy(megawattHours: number): string {
  return formatEnergy(energyOf(1e6, fromHours(megawattHours)))
}

/** "0.7 GB". */
export function memory(bytes: number): string {
  const parsed = parseQuantity('1 GB', 'memory')
  return `${(bytes / ('value' in parsed ? parsed.value : 1)).toFixed(1)} GB`
}

/** How a trace became this run's load, said plainly: a filled-up trace is not a measured one. */
export function traceSentence(trace: TraceSummary): string {
  const parts = [trace.copies > 1
    ? `A small trace, copied ${counted(trace.copies, 'time')} and laid over itself with`
      + ` ${trace.jitterMs > 0 ? `up to ${formatDuration(trace.jitterMs)} of` : 'no'} jitter`
      + ' to fill the factory.'
    : 'Played as recorded, once.']
  if (trace.copies <= 1 && trace.jitterMs > 0) {
    parts.push(`Submissions moved by up to ${formatDuration(trace.jitterMs)}.`)
  }
  if (trace.skipAheadMs > 0) {
    parts.push(`Its first ${formatDuration(trace.skipAheadMs)} were left out.`)
  }
  if (trace.moved !== undefined) {
    const list = trace.moved.map(({ queue, count }) =>
      `${formatCount(count)} of ${queue === '' ? 'others' : oneLine(queue)}`)
    parts.push(`Jobs whose queue this factory does not have went to its first: ${list.join(', ')}.`)
  }
  return parts.join(' ')
}

/** The policies of a run by kind; those that are seldom changed only where they were. */
export function policyFacts({ policies }: Summary): readonly (readonly [string, string])[] {
  const { order, backfill, place, preempt = 'reclaim', consolidate = 'none', power = 'none' }
    = policies
  return [
    ['order', order], ['backfill', backfill], ['place', place],
    ...(preempt === 'reclaim' ? [] : [['preempt', preempt] as const]),
    ...(consolidate === 'none' ? [] : [['consolidate', consolidate] as const]),
    ...(power === 'none' ? [] : [['power', power] as const]),
  ]
}
