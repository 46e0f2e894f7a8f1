import { unreachable } from '../base/assert.ts'
import { formatCount, formatPower } from '../base/units.ts'
import type { Event, Intent, JobRequest, NodeIntent, Refusal } from '../model/index.ts'
import { LEVELS, PHASE, refusal } from '../model/index.ts'
import { nextJobRow } from './apply.ts'
import { usablePools, type Layout } from './layout.ts'
import { isPossible, largestPossible } from './possible.ts'
import { nodesOf, shapeOn } from './shape.ts'
import type { State } from './state.ts'

/** Rank of a new job: smaller goes first, equal ranks go by number. Given by the order policy. */
export type RankOf = (state: State, request: JobRequest) => number

/** Largest whole number that a request may hold: it must fit a 32-bit column. */
const COUNT_MOST = 2_000_000_000

/** Longest declared run time, some 300 years: with it, times stay whole numbers below 2^53. */
const LIMIT_MS_MOST = 10_000_000_000_000

/** Turns an intent into the event that makes it so, or says why it is refused. Changes nothing. */
export function ask(state: State, intent: Intent, rankOf: RankOf): Event | Refusal {
  switch (intent.type) {
    case 'submit': return submit(state, intent.request, rankOf)
    case 'cancel': {
      const problem = missingJob(state, intent.job)
      return problem ?? { type: 'job.ended', job: intent.job, outcome: 'cancelled' }
    }
    case 'hold':
    case 'release': return hold(state, intent.job, intent.type === 'hold')
    case 'drain':
    case 'resume': return drain(state, intent)
    default: return unreachable(intent)
  }
}

function submit(state: State, request: JobRequest, rankOf: RankOf): Event | Refusal {
  const { plant } = state.layout
  const queue = plant.queues[request.queue]
  if (queue === undefined) {
    const known = plant.queues.map((each) => each.name).join(', ')
    return refusal('no-such-queue', `There is no queue ${request.queue}. Use one of: ${known}.`)
  }
  const problem = outOfRange(request)
  if (problem !== undefined) return problem
  if (request.gpus > queue.quotaGpus) {
    return refusal('too-large', `${formatCount(request.gpus)} GPUs are more than the quota of `
      + `queue ${queue.name}, ${formatCount(queue.quotaGpus)}. Ask for fewer or raise the quota.`)
  }
  const usable = usablePools(state.layout, request.queue, request.device)
  if (usable.length === 0) {
    return refusal('no-such-device', `Queue ${queue.name} has no `
      + `${plant.devices[request.device] ?? 'such device'}. Ask for another device type or queue.`)
  }
  if (!usable.some((pool) => canEverRun(state.layout, pool, request))) {
    return tooLarge(state.layout, usable, request)
  }
  const number = state.totals.jobsSeen + 1
  const rank = rankOf(state, request)
  return { ...request, type: 'job.submitted', job: nextJobRow(state), number, rank }
}

function outOfRange(request: JobRequest): Refusal | undefined {
  const counts = ['gpus', 'nodes', 'cpusPerNode', 'memoryPerNodeGiB', 'limitMs'] as const
  for (const name of counts) {
    const value = request[name]
    const most = name === 'limitMs' ? LIMIT_MS_MOST : COUNT_MOST
    if (Number.isInteger(value) && value >= 0 && value <= most) continue
    return refusal('out-of-range', `${name} is ${value}; use a whole number from 0 to ${most}.`)
  }
  if (!Number.isInteger(request.priority) || Math.abs(request.priority) > COUNT_MOST) {
    return refusal('out-of-range',
      `priority is ${request.priority}; use a whole number within ±${COUNT_MOST}.`)
  }
  if (request.nodes > 0 && request.gpus % request.nodes !== 0) {
    return refusal('out-of-range', `${request.gpus} GPUs do not divide over ${request.nodes} `
      + 'nodes. Ask for a multiple, or leave the number of nodes open.')
  }
  if (LEVELS[request.level] === undefined) {
    return refusal('out-of-range', `level is ${request.level}; use 0 to ${LEVELS.length - 1}.`)
  }
  return undefined
}

function canEverRun(layout: Layout, pool: number, request: JobRequest): boolean {
  const { levels, system } = layout.pools[pool]!
  const shape = shapeOn(system, request)
  if (shape === undefined) return false
  if (request.level === 0 && nodesOf(shape) > 1) return false
  return nodesOf(shape) <= levels[Math.max(1, request.level) - 1]!.mostNodes
    && request.gpus <= layout.pools[pool]!.mostGpusByPower
    && isPossible(layout, pool, shape, request.level)
}

function tooLarge(layout: Layout, usable: readonly number[], request: JobRequest): Refusal {
  const { plant, pools } = layout
  let most = 0
  let at = usable[0]!
  for (const pool of usable) {
    const gpus = largestPossible(layout, pool, request.level)
    if (gpus > most) at = pool
    most = Math.max(most, gpus)
  }
  const { system } = pools[at]!
  const limit = plant.feeders[plant.sites[0]!.feeder]!.limitW
  const asked = `${formatCount(request.gpus)} GPUs`
    + (request.nodes > 0 ? ` on ${formatCount(request.nodes)} nodes` : '')
    + (request.cpusPerNode > 0 ? ` with ${request.cpusPerNode} cores each` : '')
  return refusal('too-large', `${asked} within one ${LEVELS[request.level]} can never run here. `
    + `The largest gang that fits is ${formatCount(most)} GPUs of ${plant.pools[at]!.name} `
    + `(${system.gpus} a node, ${system.cpus} cores, site limit ${formatPower(limit)}). `
    + 'Ask for fewer.')
}

function missingJob(state: State, job: number): Refusal | undefined {
  const { jobs } = state.tables
  const isRow = Number.isInteger(job) && job >= 0 && job < state.totals.jobRows
  if (isRow && jobs.phase[job] !== PHASE.free) return undefined
  return refusal('no-such-job', `There is no job in row ${job}. It may have ended.`)
}

function hold(state: State, job: number, isHold: boolean): Event | Refusal {
  const { jobs } = state.tables
  const problem = missingJob(state, job)
  if (problem !== undefined) return problem
  if (jobs.phase[job] !== PHASE.pending) {
    return refusal('not-possible-now', 'The job already runs; only a pending job can be held.')
  }
  if ((jobs.held[job] === 1) === isHold) {
    return refusal('not-possible-now', `The job is ${isHold ? 'already' : 'not'} held.`)
  }
  return { type: isHold ? 'job.held' : 'job.released', job }
}

function drain(state: State, intent: NodeIntent): Event | Refusal {
  const { nodes } = state.layout.plant
  const { first, end } = intent
  const isRange = Number.isInteger(first) && Number.isInteger(end)
  if (!isRange || first < 0 || end <= first || end > nodes) {
    return refusal('no-such-node',
      `Nodes ${first} to ${end - 1} are not all here; the nodes are 0 to ${nodes - 1}.`)
  }
  const type = intent.type === 'drain' ? 'nodes.drained' : 'nodes.resumed'
  return { type, first, end, cause: intent.reason }
}
