import { formatCount, formatDuration } from '../../base/units.ts'
import { REASONS, type Reason } from '../../model/reason.ts'
import type { Limiter, Summary } from '../summary.ts'
import { oneLine } from './escape.ts'
import { counted, spanMs, wholePercent } from './figures.ts'

/** How the factory did and what limited it, in two or three plain sentences. */
export function verdict(summary: Summary): string {
  const sentences = [work(summary), limits(summary)]
  if (summary.invariantsBroken > 0) {
    const broken = counted(summary.invariantsBroken, 'invariant')
    sentences.push(`${broken} broke: do not trust these numbers.`)
  }
  return sentences.filter((sentence) => sentence !== '').join(' ')
}

/** What each reason is called inside a sentence, and what kind of thing its place is. */
const CAUSES: Readonly<Record<Reason, { readonly cause: string; readonly place: string }>> = {
  order: { cause: 'The order of the queue', place: 'queue ' },
  reservation: { cause: 'A reservation for another job', place: '' },
  nodes: { cause: 'Too few free nodes', place: 'pool ' },
  devices: { cause: 'Too few free devices on one node', place: 'pool ' },
  cpus: { cause: 'Too few free cores or too little memory', place: 'pool ' },
  topology: { cause: 'Free nodes too far apart', place: 'pool ' },
  power: { cause: 'Power', place: 'feeder ' },
  quota: { cause: 'A quota', place: 'queue ' },
  held: { cause: 'A hold by a person', place: '' },
  dependency: { cause: 'Other jobs that must end first', place: '' },
  window: { cause: 'A reservation or maintenance window', place: 'pool ' },
}

/** "feeder memphis", or "" where the reason names no place. */
export function limiterPlace(limiter: Limiter): string {
  const at = oneLine(limiter.at)
  return at === '' || !isReason(limiter.reason) ? at : CAUSES[limiter.reason].place + at
}

/** The sentence that the interface promises for a reason; the code itself where it is unknown. */
export function reasonSentence(reason: string): string {
  return isReason(reason) ? REASONS[reason] : oneLine(reason)
}

/** "12 days 4 hours": formatDuration with its units written out. */
export function spelledDuration(ms: number): string {
  return formatDuration(ms).replace(/(\d+) (d|h|min|s)\b/g, (_, count: string, unit: string) => {
    const word = { d: 'day', h: 'hour', min: 'minute', s: 'second' }[unit]
    return `${count} ${word}${count === '1' ? '' : 's'}`
  })
}

function work(summary: Summary): string {
  const span = spelledDuration(spanMs(summary))
  const gpus = summary.gpus === 1 ? 'the one GPU' : `${formatCount(summary.gpus)} GPUs`
  if (summary.jobs.submitted === 0) return `No job came in ${span}, so ${gpus} stood idle.`
  if (summary.jobs.started === 0) {
    return `None of ${counted(summary.jobs.submitted, 'job')} started on ${gpus} in ${span}.`
  }
  const busy = wholePercent(summary.utilizationRatio)
  const head = summary.gpus === 1
    ? `The one GPU was busy ${busy} of ${span}`
    : `${busy[0]!.toUpperCase()}${busy.slice(1)} of ${gpus} were busy over ${span}`
  return `${head}; ${wholePercent(summary.goodputRatio)} of that was useful work.`
}

function limits(summary: Summary): string {
  const top = summary.limitedBy.reduce<Limiter | undefined>(
    (most, next) => (most === undefined || next.ratio > most.ratio ? next : most), undefined)
  if (top === undefined || top.ratio <= 0) {
    return summary.jobs.submitted === 0 ? '' : 'No job had to wait for anything.'
  }
  const cause = isReason(top.reason) ? CAUSES[top.reason].cause : `"${oneLine(top.reason)}"`
  const place = limiterPlace(top)
  const where = place === '' ? '' : `, most often at ${place}`
  return `${cause} held waiting jobs back ${wholePercent(top.ratio)} of the time`
    + ` that any waited${where}.`
}

function isReason(reason: string): reason is Reason {
  return Object.hasOwn(REASONS, reason)
}
