import { formatCount, formatDuration, formatRatio } from '../../base/units.ts'
import type { Holder } from '../../core/why-holders.ts'
import type { Explanation, ToldBlocker } from '../../core/why.ts'
import type { ArrayHistory } from '../../journal/history.ts'
import type { StartSpread } from '../ahead.ts'
import { oneLine } from './escape.ts'
import { wrap } from './terminal.ts'

/** An array: what came and ended, and what is there by what keeps it. */
export type ArrayCounts = {
  readonly number: number
  readonly history: ArrayHistory
  readonly reasons: readonly { readonly reason: string, readonly tasks: number }[]
}

/** Columns of a terminal that everything fits in. */
const WIDTH = 100

/** An explanation for people. No line is longer than 100 columns. */
export function renderWhy(
  explanation: Explanation, expected?: StartSpread, array?: ArrayCounts): string {
  const { blockers, remedies, elsewhere, startsNext } = explanation
  const isPending = explanation.state === 'pending'
  return joined([
    wrap(headOf(explanation), WIDTH),
    !isPending ? [] : wrap(startsNext
      ? `Nothing keeps it: the next round of decisions starts it${startText(explanation)}.`
      : blockers[0]?.sentence ?? 'No pool of its queue has nodes that could give its part.', WIDTH),
    titled('What keeps it, in this order', blockers.flatMap((each, at) => {
      const isKnown = blockers.slice(0, at).some((other) =>
        other.reason === each.reason && other.at === each.at)
      return blockerLines(explanation, isKnown ? { ...each, holders: [] } : each, at + 1)
    })),
    titled('What would start it now, the smallest change first; each was tried on a copy',
      remedies.flatMap(({ sentence }, at) => numbered(at + 1, `${sentence}.`))),
    expected === undefined || startsNext ? [] : titled('When it starts otherwise (an estimate)',
      numbered(0, expectedText(explanation.atMs, expected))),
    isPending && !startsNext ? titled('What others would call it', [
      ...numbered(0, `Slurm: ${elsewhere.slurm}`),
      ...numbered(0, `Kueue: ${kueueText(elsewhere.kueue)}`),
    ]) : [],
    array === undefined ? [] : arrayLines(array),
  ])
}

/** The tasks of an array for people. */
export function renderArray(array: ArrayCounts): string {
  return joined([arrayLines(array)])
}

function joined(groups: readonly (readonly string[])[]): string {
  return `${groups.filter((group) => group.length > 0).map((group) => group.join('\n'))
    .join('\n\n')}\n`
}

function titled(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [title, ...lines]
}

/** A paragraph with a number before it, or none for 0. */
function numbered(number: number, text: string): string[] {
  return wrap(oneLine(text), WIDTH - 4).map((line, at) =>
    `${number > 0 && at === 0 ? `${number}`.padStart(3) : '   '} ${line}`)
}

function headOf({ job, state, atMs }: Explanation): string {
  const { gpus, nodes } = job
  const size = [gpus > 0 ? counted(gpus, 'GPU') : '', nodes > 0 ? counted(nodes, 'node') : '']
    .filter((part) => part !== '').join(' on ') || 'no GPUs'
  const number = job.name === `${job.number}` ? '' : ` (number ${job.number})`
  const who = `Job ${oneLine(job.name)}${number}, ${size}, queue ${oneLine(job.queue)}`
  const at = `At ${formatDuration(atMs)}: `
  if (state === 'pending') {
    const again = job.starts > 0 ? `; it ran before and waits again` : ''
    return `${at}${who}, waits; it was submitted ${formatDuration(atMs - job.submitAtMs)} ago`
      + `${again}.`
  }
  const leftMs = job.expectedEndAtMs - atMs
  const end = leftMs > 0 ? `expected to end in ${formatDuration(leftMs)}`
    : `expected to end ${formatDuration(-leftMs)} ago`
  const held = job.heldGpus > 0 && job.heldGpus < gpus
    ? `, on ${formatCount(job.heldGpus)} of its GPUs` : ''
  const doing = { running: 'runs', starting: 'is being started', paused: 'is paused for want of '
    + 'power and keeps its nodes' }[state]
  return `${at}${who}, ${doing}${held}${capText(job)}; it has had its nodes for `
    + `${formatDuration(atMs - job.startAtMs)} and is ${end} (its declared limit).`
    + job.scarce.map(({ feeder, gpusPerMW }) => ` Watts are scarce at feeder ${oneLine(feeder)}: `
      + `${worthText(gpusPerMW)}.`).join('')
}

function startText({ startCapW }: Explanation): string {
  return startCapW < 0 ? '' : `, its GPUs capped at ${startCapW} W each`
}

function capText({ capW, speed }: Explanation['job']): string {
  return capW <= 0 ? '' : `, capped at ${capW} W a GPU (${formatRatio(speed)} of its throughput)`
}

/** What a megawatt would buy: GPUs that work as fast as they can, of jobs that are worth 1. */
function worthText(gpusPerMW: number): string {
  const gpus = gpusPerMW < 10 ? gpusPerMW.toFixed(1) : formatCount(gpusPerMW)
  return `one more MW there is worth ${gpus} GPUs at work`
}

function blockerLines({ atMs }: Explanation, blocker: ToldBlocker, number: number): string[] {
  const { reason, need, have, unit, at, pool, holders } = blocker
  const where = reason === 'power' ? `${at}, for pool ${pool}` : at
  const steps = blocker.power?.steps.length ?? 0
  // These are told by their figures; a sentence would only repeat them.
  const isPlain = unit !== '' && reason !== 'order' && reason !== 'dependency'
    && reason !== 'window' && steps <= 1
  const text = isPlain ? `${reason} (${where}): ${amountText(need, unit)} needed, `
    + `${formatCount(Math.max(0, have))} there`
    : `${reason}${reason === 'power' ? ` (${where})` : ''}: ${blocker.sentence}`
  const gpusPerMW = blocker.power?.gpusPerMW ?? 0
  const points = [
    ...holders.map((holder) => holderText(atMs, holder)),
    ...gpusPerMW > 0 ? [worthText(gpusPerMW)] : [],
  ]
  return [...numbered(number, text), ...points.flatMap((point) =>
    wrap(oneLine(point), WIDTH - 8)
      .map((line, row) => `      ${row === 0 ? '- ' : '  '}${line}`))]
}

function holderText(atMs: number, holder: Holder): string {
  const { type, name, amount, unit, untilMs, fromMs, borrowed } = holder
  const size = amountText(amount, unit)
  const left = untilMs === 0 ? '' : untilMs > atMs ? `, expected to end in `
    + formatDuration(untilMs - atMs) : ', overdue'
  switch (type) {
    case 'job': {
      const from = fromMs === 0 ? '' : fromMs > atMs
        ? `, reserved from ${formatDuration(fromMs - atMs)} from now` : ', reserved'
      return `job ${name}${unit === 'jobs' ? '' : ` has ${size}`}${capOf(holder)}${from}${left}`
    }
    case 'queue': return `queue ${name} has ${size}`
      + (borrowed > 0 ? `, ${amountText(borrowed, unit)} of it borrowed` : '')
    case 'window': return `${name} keeps ${size}, ${fromMs > atMs
      ? `from ${formatDuration(fromMs - atMs)} from now` : 'from now'} until `
      + `${formatDuration(untilMs - atMs)} from now`
    case 'down': return `${size} ${amount === 1 ? 'is' : 'are'} down`
    case 'drained': return `${size} ${amount === 1 ? 'is' : 'are'} drained`
    case 'base':
    case 'others': return `${name}: ${size}`
  }
}

function capOf({ capW, orderedW }: Holder): string {
  const now = capW < 0 ? '' : capW === 0 ? ', paused' : `, capped at ${capW} W a GPU`
  if (orderedW < 0 || orderedW === capW) return now
  return `${now}, being ${orderedW === 0 ? 'paused' : `set to ${orderedW} W`}`
}

function expectedText(
  atMs: number, { p10AtMs, p50AtMs, p90AtMs, of, not }: StartSpread): string {
  const looks = `${of} looks ahead on what is believed of run times`
  if (not === of) return `In none of ${looks} it starts within 30 days.`
  const when = (at: number) => at === Infinity ? 'more than 30 d'
    : at <= atMs ? 'no time' : formatDuration(at - atMs)
  if (p10AtMs === p90AtMs) return `In ${when(p50AtMs)}, in each of ${looks}.`
  return `In ${when(p50AtMs)}; in eight of ten cases between ${when(p10AtMs)} and `
    + `${when(p90AtMs)}. From ${looks}.`
}

function kueueText({ reason, message }: Explanation['elsewhere']['kueue']): string {
  if (reason === '') return 'has no word for it'
  return `QuotaReserved=False, ${reason}${message === '' ? '' : `: ${message}`}`
}

function arrayLines({ number, history, reasons }: ArrayCounts): string[] {
  const { came, completed, failed, cancelled } = history
  const ended = [['completed', completed], ['failed', failed], ['cancelled', cancelled]] as const
  const parts = [
    ...reasons.map(({ reason, tasks }) => `${formatCount(tasks)} ${reason}`),
    ...ended.filter(([, tasks]) => tasks > 0)
      .map(([name, tasks]) => `${formatCount(tasks)} ${name}`),
  ]
  return wrap(`Array ${number}: ${counted(came, 'task')}; ${parts.join(', ')}.`, WIDTH)
}

function amountText(amount: number, unit: string): string {
  const word = amount === 1 && unit.endsWith('s') ? unit.slice(0, -1) : unit
  return `${formatCount(amount)} ${word}`
}

function counted(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`
}
