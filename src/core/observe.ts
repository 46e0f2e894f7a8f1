import { unreachable } from '../base/assert.ts'
import { NONE } from '../base/id.ts'
import type { CapReport, Event, JobReport, Report } from '../model/index.ts'
import { PHASE } from '../model/index.ts'
import { SHARED } from './holder.ts'
import { DOWN, type State } from './state.ts'

const NO_EVENTS: readonly Event[] = []

/**
 * Turns a report into events. A report may come late or twice: one that is about an earlier job
 * of a row, an earlier start, or something known already becomes none.
 */
export function observe(state: State, report: Report): readonly Event[] {
  switch (report.type) {
    case 'job.up':
    case 'job.done':
    case 'job.lost':
    case 'job.stopped': return observeJob(state, report)
    case 'nodes.lost': return observeLoss(state, report)
    case 'nodes.healthy': {
      const { flags } = state.tables.nodes
      const { first, end } = report
      return isAny(first, end, (node) => (flags[node]! & DOWN) !== 0)
        ? [{ type: 'nodes.up', first, end, cause: 'repaired' }] : NO_EVENTS
    }
    case 'cap': return observeCap(state, report)
    case 'job.measured': {
      const { job, number, capW, speed, drawW } = report
      const { jobs } = state.tables
      const isKnown = jobs.number[job] === number && jobs.phase[job]! >= PHASE.starting
      return isKnown ? [{ type: 'job.measured', job, capW, speed, drawW }] : NO_EVENTS
    }
    case 'meter': {
      const { feeder, drawW, observedAtMs } = report
      if (observedAtMs <= state.tables.feeders.meteredAtMs[feeder]!) return NO_EVENTS
      return [{ type: 'feeder.metered', feeder, drawW, observedAtMs }]
    }
    default: return unreachable(report)
  }
}

function observeJob(state: State, report: JobReport): readonly Event[] {
  const { jobs } = state.tables
  const { job, attempt } = report
  if (jobs.number[job] !== report.number) return NO_EVENTS
  const phase = jobs.phase[job]!
  const starts = jobs.starts[job]!
  if (report.type === 'job.stopped') {
    // A job that moved is stopped and started at once: the report is of the run before.
    const isLast = phase === PHASE.pending ? attempt === starts : attempt === starts - 1
    if (phase === PHASE.free || !isLast || jobs.keptMs[job] === report.keptMs) return NO_EVENTS
    return [{ type: 'job.credited', job, keptMs: report.keptMs }]
  }
  if (phase < PHASE.starting || attempt !== starts) return NO_EVENTS
  if (report.type === 'job.up') {
    return phase === PHASE.starting ? [{ type: 'job.running', job }] : NO_EVENTS
  }
  if (report.type === 'job.done') return [{ type: 'job.ended', job, outcome: report.outcome }]
  return [{ type: 'job.interrupted', job, cause: report.cause, keptMs: report.keptMs }]
}

/**
 * A cap is in force. An answer to an order that another followed says nothing: the later one will
 * be answered. What nodes set by themselves (order 0) is believed where it is less than is charged.
 */
function observeCap(state: State, report: CapReport): readonly Event[] {
  const { jobs } = state.tables
  const { job, capW, order, isOwn } = report
  if (jobs.number[job] !== report.number || jobs.starts[job] !== report.attempt) return NO_EVENTS
  if (jobs.phase[job]! < PHASE.starting) return NO_EVENTS
  // What came before the last order is over when that one acts.
  if (order !== jobs.capOrders[job]) return NO_EVENTS
  const isNew = isOwn ? capW < jobs.capW[job]! : jobs.capAtMs[job] !== 0
  return isNew ? [{ type: 'cap.confirmed', job, capW }] : NO_EVENTS
}

/** Nodes are gone. Jobs that still hold them are interrupted with the work known so far. */
function observeLoss(
  state: State, report: Extract<Report, { type: 'nodes.lost' }>): readonly Event[] {
  const { first, end, cause } = report
  const { flags } = state.tables.nodes
  if (!isAny(first, end, (node) => (flags[node]! & DOWN) === 0)) return NO_EVENTS
  const events: Event[] = []
  for (const job of jobsOn(state, first, end)) {
    const keptMs = state.tables.jobs.keptMs[job]!
    events.push({ type: 'job.interrupted', job, cause, keptMs })
  }
  events.push({ type: 'nodes.down', first, end, cause })
  return events
}

/** Jobs that hold a device of the nodes, or cores of them, each once, in the order found. */
export function jobsOn(state: State, first: number, end: number): number[] {
  const { devices, nodes, jobs, spans } = state.tables
  const { firstDevice } = state.layout
  const found: number[] = []
  const add = (job: number) => {
    if (job !== NONE && found.at(-1) !== job && !found.includes(job)) found.push(job)
  }
  for (let node = first; node < end; node++) {
    const holder = nodes.holder[node]!
    if (holder !== SHARED) {
      add(holder)
      continue
    }
    const endDevice = firstDevice[node + 1]!
    for (let device = firstDevice[node]!; device < endDevice; device++) add(devices.job[device]!)
  }
  if (!isAny(first, end, (node) => nodes.cpuJobs[node]! > 0)) return found
  // Jobs without devices leave no mark on a device, so their spans are looked through.
  for (let job = 0; job < state.totals.jobRows; job++) {
    if (jobs.phase[job]! < PHASE.starting || jobs.gpus[job] !== 0) continue
    for (let at = jobs.firstSpan[job]!; at !== NONE; at = spans.next[at]!) {
      if (spans.first[at]! < end && spans.end[at]! > first) {
        found.push(job)
        break
      }
    }
  }
  return found
}

function isAny(first: number, end: number, test: (node: number) => boolean): boolean {
  for (let node = first; node < end; node++) if (test(node)) return true
  return false
}
