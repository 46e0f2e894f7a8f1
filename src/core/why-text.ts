import { unreachable } from '../base/assert.ts'
import { formatCount, formatDuration } from '../base/units.ts'
import { LEVELS } from '../model/index.ts'
import type { Link } from './blocker-chain.ts'
import { quotaShort } from './blocker.ts'
import { borrowedBy, usedOf } from './quota.ts'
import type { Change } from './remedy-change.ts'
import { nodesOfRanges } from './remedy-least.ts'
import { windowsOf } from './remedy-removal.ts'
import { powerChangeText } from './remedy-power-text.ts'
import { jobName, type State } from './state.ts'
import { powerSentence, wattsOf } from './why-power.ts'

/** Sentences for people about what keeps a job from starting and what would let it start. */

/** One cause: what is needed, what there is, and where. */
export function sentenceOf(state: State, job: number, link: Link): string {
  const { reason, need, have, unit, at } = link.blocker
  switch (reason) {
    case 'held': return 'A person holds it.'
    case 'dependency': return dependencySentence(state, job, need)
    case 'quota': return quotaSentence(state, job, need, have, at)
    case 'power': return powerSentence(link)
    case 'topology': return `It needs ${counted(need, 'node')} in one `
      + `${levelName(link)}; the best ${levelName(link)} of pool ${at} has ${have} free.`
    case 'nodes': return `It needs ${counted(need, 'free node')} in pool ${at}; `
      + `${placeWith(link)} has ${have}.`
    case 'devices': return unit === 'nodes' ? `It needs ${counted(need, 'node')} with enough free `
      + `GPUs in pool ${at}; there are ${have}.`
      : `It needs ${need} GPUs of one node; the best node of pool ${at} has ${have} free.`
    case 'cpus': return cpusSentence(need, have, unit, at)
    case 'window': return windowSentence(state, job, link)
    case 'order': return need === 0 ? 'The policies pass it over for other jobs.'
      : `${counted(need, 'job')} ${need === 1 ? 'goes' : 'go'} before it; the first is ${at}.`
    case 'reservation': return reservationSentence(state, link)
    default: return unreachable(reason)
  }
}

function dependencySentence(state: State, job: number, waits: number): string {
  if (state.tables.jobs.doomed[job] === 0) return `It waits for ${counted(waits, 'job')} to end.`
  return 'It waits for the success of a job that ended without it, and will wait until a person '
    + 'releases or cancels it.'
}

function quotaSentence(
  state: State, job: number, need: number, have: number, at: string): string {
  const short = quotaShort(state, job)!
  const unit = short.resource === 'gpus' ? 'GPU' : 'core'
  const { quotas } = state.layout
  const borrowed = borrowedBy(quotas, usedOf(state, short.resource), short.queue, short.resource)
  const borrows = borrowed > 0 ? `, which borrows ${formatCount(borrowed)} already` : ''
  return `It needs ${counted(need, unit)} of quota; queue ${at}${borrows} leaves it `
    + `${formatCount(Math.max(0, have))}.`
}

function cpusSentence(need: number, have: number, unit: string, at: string): string {
  if (unit === 'nodes') {
    return `It needs ${counted(need, 'node')} with enough free cores and memory in pool ${at}; `
      + `there are ${have}.`
  }
  const what = unit === 'GiB' ? 'GiB of memory' : 'cores'
  return `It needs ${formatCount(need)} ${what} on a node; the best node of pool ${at} that has `
    + `the rest has ${formatCount(Math.max(0, have))} free.`
}

function windowSentence(state: State, job: number, link: Link): string {
  const { windows } = state.tables
  const [window] = link.search === undefined ? [] : windowsOf(state, job, link.search)
  const { need, have, at } = link.blocker
  if (window === undefined) return `It would run into a window in pool ${at}.`
  const queue = windows.queue[window]!
  const what = queue < 0 ? 'maintenance' : `the reservation of queue `
    + state.layout.plant.queues[queue]!.name
  const beginMs = windows.startAtMs[window]! - state.totals.nowMs
  const leftMs = windows.endAtMs[window]! - state.totals.nowMs
  const when = beginMs <= 0 ? `lasts ${formatDuration(leftMs)}`
    : `begins in ${formatDuration(beginMs)}`
  return `It would run into ${what}, which ${when}; beside it pool ${at} has ${have} of the `
    + `${counted(need, 'node')} free.`
}

function reservationSentence(state: State, link: Link): string {
  const startMs = state.tables.pools.reservedAtMs[link.pool]! - state.totals.nowMs
  const when = startMs > 0 ? `from ${formatDuration(startMs)} from now` : 'from now on'
  return `It may not delay job ${link.blocker.at}, which has reserved nodes of pool `
    + `${state.layout.plant.pools[link.pool]!.name} ${when}.`
}

/** One change, as an order to whoever may give it. */
export function changeText(state: State, job: number, change: Change): string {
  const { plant } = state.layout
  const { jobs } = state.tables
  switch (change.type) {
    case 'release': return 'release it'
    case 'detach': return 'take its dependencies away'
    case 'quota': return `give queue ${plant.queues[change.queue]!.name} `
      + `${counted(change.by, change.resource === 'gpus' ? 'GPU' : 'core')} more of quota`
    case 'limit': return limitText(state, change)
    case 'cap':
    case 'pause':
    case 'delay':
    case 'drop':
    case 'wait': return powerChangeText(state, job, change)
    case 'end': return endText(state, change.jobs)
    case 'serve': return `let ${counted(nodesOfRanges(change.ranges), 'node')} serve again that `
      + `${nodesOfRanges(change.ranges) === 1 ? 'is' : 'are'} down or drained `
      + `(${rangesText(change.ranges)})`
    case 'clear': return `clear ${counted(change.windows.length, 'window')} `
      + `(${change.windows.join(', ')})`
    case 'level': return `let it span a ${LEVELS[change.level]} instead of one `
      + LEVELS[jobs.level[job]!]!
    case 'size': return jobs.gpus[job] === 0 ? `ask for ${counted(change.nodes, 'node')}`
      : `ask for ${counted(change.gpus, 'GPU')} instead of ${formatCount(jobs.gpus[job]!)}`
    case 'device': return change.device < 0 ? 'let it run on any device type'
      : `let it run on ${plant.devices[change.device]}`
    case 'queue': return `move it to queue ${plant.queues[change.queue]!.name}`
    case 'duration': return `declare a limit of at most ${exactDuration(change.limitMs)}`
    case 'priority': return `raise its priority from ${jobs.priority[job]} to ${change.priority}`
    case 'hold': return `hold ${jobList(state, change.jobs)}`
    case 'first': return 'let it go before all others'
    default: return unreachable(change)
  }
}

/** Jobs that a sentence names before it only counts. */
const NAMED_MOST = 3

function jobList(state: State, jobs: readonly number[]): string {
  const names = jobs.slice(0, NAMED_MOST).map((job) => jobName(state, job)).join(', ')
  const rest = jobs.length - NAMED_MOST
  const word = jobs.length === 1 ? 'job' : 'jobs'
  return rest > 0 ? `${jobs.length} jobs (${names} and ${rest} more)` : `${word} ${names}`
}

function limitText(
  state: State, { feeder, byW, fromMs, untilMs }: Extract<Change, { type: 'limit' }>): string {
  const { nowMs } = state.totals
  const from = fromMs <= nowMs ? '' : `, from ${formatDuration(fromMs - nowMs)} from now`
  const until = untilMs === 0 ? '' : `${from === '' ? ', from now' : ''} until `
    + `${formatDuration(untilMs - nowMs)} from now`
  return `raise the limit of feeder ${state.layout.plant.feeders[feeder]!.name} by ${wattsOf(byW)}`
    + from + until
}

function endText(state: State, jobs: readonly number[]): string {
  const { expectedEndAtMs, heldGpus } = state.tables.jobs
  const lastMs = jobs.reduce((most, job) => Math.max(most, expectedEndAtMs[job]!), 0)
  const gpus = jobs.reduce((sum, job) => sum + heldGpus[job]!, 0)
  const leftMs = lastMs - state.totals.nowMs
  const when = leftMs > 0 ? `expected in ${formatDuration(leftMs)}` : 'overdue'
  return `wait for ${jobList(state, jobs)} to end, or stop ${jobs.length === 1 ? 'it' : 'them'} `
    + `(${counted(gpus, 'GPU')}, ${when})`
}

/** Ranges that a sentence names. */
const RANGES_MOST = 4

function rangesText(ranges: readonly number[]): string {
  const texts: string[] = []
  for (let at = 0; at < ranges.length && texts.length < RANGES_MOST; at += 2) {
    const first = ranges[at]!
    const last = ranges[at + 1]! - 1
    texts.push(first === last ? `${first}` : `${first}-${last}`)
  }
  return `n[${texts.join(',')}${ranges.length > RANGES_MOST * 2 ? ',…' : ''}]`
}

function levelName({ search }: Link): string {
  return LEVELS[Math.max(1, search?.level ?? 1)]!
}

function placeWith(link: Link): string {
  return `the best ${levelName(link)}`
}

function counted(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`
}

/** A time that may be typed as it is: no rounding up. */
function exactDuration(ms: number): string {
  return `${formatCount(ms)} ms (${formatDuration(ms)})`
}
