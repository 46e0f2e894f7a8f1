import { unreachable } from '../base/assert.ts'
import { formatDuration, formatRatio } from '../base/units.ts'
import { LIMIT_KINDS, PHASE } from '../model/index.ts'
import { PAUSED_W, speedOfJob } from './caps.ts'
import { plannedRunMs } from './demand.ts'
import type { PowerChange } from './remedy-change.ts'
import { jobName, type State } from './state.ts'
import { wattsOf } from './why-power.ts'

/** A change of caps or of limits over time, as an order to whoever may give it. */
export function powerChangeText(state: State, job: number, change: PowerChange): string {
  const { nowMs } = state.totals
  switch (change.type) {
    case 'cap': return listed(change.caps.map(({ job: other, capW }) =>
      capText(state, job, other, capW)))
    case 'pause': return listed(change.jobs.map((other) => pauseText(state, job, other)))
    case 'delay': return `let the ${limitText(state, change.limit)} begin `
      + `${formatDuration(change.byMs)} later`
    case 'drop': return `drop the ${listed(change.limits.map((row) => limitText(state, row)))}`
    case 'wait': return `wait ${formatDuration(change.untilMs - nowMs)}, until the `
      + `${limitText(state, change.limit)} ends`
    default: return unreachable(change)
  }
}

/** Changes of one kind that a sentence names before it only counts. */
const NAMED_MOST = 3

function listed(texts: readonly string[]): string {
  if (texts.length <= NAMED_MOST) return texts.join(', and ')
  return `${texts.slice(0, NAMED_MOST).join(', ')}, and ${texts.length - NAMED_MOST} more`
}

function capText(state: State, job: number, other: number, capW: number): string {
  const pool = state.layout.pools[state.tables.jobs.pool[other]!]!
  const speed = speedOfJob(state, other, pool, capW)
  return `cap ${jobName(state, other)} at ${capW} W a GPU (${formatRatio(speed)} of its `
    + `throughput), which costs it ${formatDuration(longerMs(state, job, other, capW))}`
}

function pauseText(state: State, job: number, other: number): string {
  return `pause ${jobName(state, other)}, which costs it `
    + formatDuration(longerMs(state, job, other, PAUSED_W))
}

/**
 * How much longer a running job is expected to run when it has another cap until the job that
 * waits has run, or until its own end. O(seen).
 */
function longerMs(state: State, job: number, other: number, capW: number): number {
  const { jobs } = state.tables
  const pool = state.layout.pools[jobs.pool[other]!]!
  const nowSpeed = speedOfJob(state, other, pool, jobs.capW[other]!)
  if (nowSpeed === 0 || jobs.phase[other]! < PHASE.starting) return 0
  const speed = speedOfJob(state, other, pool, capW)
  const restMs = Math.max(0, jobs.expectedEndAtMs[other]! - state.totals.nowMs)
  const underMs = Math.min(speed === 0 ? Infinity : restMs / speed,
    plannedRunMs(state, job, jobs.gpus[job]!))
  return Math.max(0, underMs * (nowSpeed - speed) / nowSpeed)
}

/** "budget of 20 MW at lab": a row of the limits. */
function limitText(state: State, row: number): string {
  const { limits } = state.tables
  const { name } = state.layout.plant.feeders[limits.feeder[row]!]!
  return `${LIMIT_KINDS[limits.kind[row]!]} of ${wattsOf(limits.watts[row]!)} at ${name}`
}
