import { unreachable } from '../base/assert.ts'
import { LEVELS, LIMIT_KINDS, type Queue, type Step } from '../model/index.ts'
import { advance, apply, isQueued } from './apply.ts'
import { PAUSED_W } from './caps.ts'
import { guard } from './guard.ts'
import type { Layout } from './layout.ts'
import { chargeQuota, quotaTreeOf, RESOURCES, type Resource } from './quota.ts'
import { forkState, laneOf, type State } from './state.ts'
import { raiseLimits } from './limits.ts'
import { insertItem, removeItem } from './tree.ts'
import { NEVER_MS } from './windows.ts'

/**
 * One thing that a person could change so that a job starts: about the job, about other jobs, or
 * about the plant. Jobs are rows.
 */
export type Change =
  | { readonly type: 'release' }
  /** Takes its dependencies away. */
  | { readonly type: 'detach' }
  | { readonly type: 'quota'; readonly queue: number; readonly resource: Resource
      readonly by: number }
  /** All that limits a feeder; it lacks watts from `fromMs` to `untilMs`, 0: as long as it runs. */
  | { readonly type: 'limit'; readonly feeder: number; readonly byW: number
      readonly fromMs: number; readonly untilMs: number }
  /** Other jobs end and give their nodes back. */
  | { readonly type: 'end'; readonly jobs: readonly number[] }
  /** Nodes that are down or drained serve again: first, end, first, end, … */
  | { readonly type: 'serve'; readonly ranges: readonly number[] }
  | { readonly type: 'clear'; readonly windows: readonly number[] }
  | { readonly type: 'level'; readonly level: number }
  | { readonly type: 'size'; readonly gpus: number; readonly nodes: number }
  | { readonly type: 'device'; readonly device: number }
  | { readonly type: 'queue'; readonly queue: number }
  | { readonly type: 'duration'; readonly limitMs: number }
  | { readonly type: 'priority'; readonly priority: number; readonly rank: number }
  | { readonly type: 'hold'; readonly jobs: readonly number[] }
  /** It goes before every other job. */
  | { readonly type: 'first' }
  | PowerChange

/** A change of caps, or of limits over time; `limit` is a row of them. */
export type PowerChange =
  /** Each device of other running jobs is capped, and the cap is in force. */
  | { readonly type: 'cap'; readonly caps: readonly Cap[] }
  /** Other running jobs are paused, and are so. */
  | { readonly type: 'pause'; readonly jobs: readonly number[] }
  | { readonly type: 'delay'; readonly limit: number; readonly byMs: number }
  | { readonly type: 'drop'; readonly limits: readonly number[] }
  /** Until a limit ends. Nothing else happens meanwhile. */
  | { readonly type: 'wait'; readonly limit: number; readonly untilMs: number }

/** `mostW` is the cap that it has. */
export type Cap = { readonly job: number, readonly capW: number, readonly mostW: number }

/**
 * A fork in which all of the changes are made and no policy has run. Rows stay what they are. A
 * `spare` that nobody uses any more saves most of the cost, one copy of the columns.
 */
export function changed(
  state: State, job: number, changes: readonly Change[], spare?: State): State {
  let fork = forkState(state, spare)
  // The policies look at every job, as if something had been freed.
  fork.totals.isFreed = 1
  for (const change of changes) fork = made(fork, job, change)
  return fork
}

function made(fork: State, job: number, change: Change): State {
  const { jobs } = fork.tables
  switch (change.type) {
    case 'release': apply(fork, { type: 'job.released', job }); return fork
    case 'detach': return detached(fork, job)
    case 'quota': return withQuota(fork, change.queue, change.resource, change.by)
    case 'limit': return withLimit(fork, change.feeder, change.byW)
    case 'end':
      for (const other of change.jobs) {
        apply(fork, { type: 'job.ended', job: other, outcome: 'completed' })
      }
      return fork
    case 'serve': return serving(fork, change.ranges)
    case 'clear':
      for (const window of change.windows) apply(fork, { type: 'window.cleared', window })
      return fork
    case 'level': jobs.level[job] = change.level; return fork
    case 'size': return resized(fork, job, change.gpus, change.nodes)
    case 'device': return moved(fork, job, () => { jobs.device[job] = change.device })
    case 'queue': return moved(fork, job, () => { jobs.queue[job] = change.queue })
    case 'duration': jobs.limitMs[job] = change.limitMs; return fork
    case 'priority': return moved(fork, job, () => {
      jobs.priority[job] = change.priority
      jobs.rank[job] = change.rank
    })
    case 'hold': return holding(fork, change.jobs)
    case 'first': return holding(fork, queuedBeside(fork, job))
    case 'cap':
    case 'pause':
    case 'delay':
    case 'drop':
    case 'wait': return powered(fork, change)
    default: return unreachable(change)
  }
}

function powered(fork: State, change: PowerChange): State {
  switch (change.type) {
    case 'cap':
      for (const cap of change.caps) capping(fork, cap)
      return fork
    case 'pause':
      for (const other of change.jobs) {
        capping(fork, { job: other, capW: PAUSED_W, mostW: PAUSED_W })
      }
      return fork
    case 'delay': return delayed(fork, change.limit, change.byMs)
    case 'drop':
      for (const limit of change.limits) apply(fork, { type: 'limit.cleared', limit })
      return fork
    case 'wait': advance(fork, Math.max(fork.totals.nowMs, change.untilMs)); return fork
    default: return unreachable(change)
  }
}

/** What the guard refuses does not happen. */
function capping(fork: State, { job, capW }: Cap): void {
  const step: Step = { type: 'job.capped', job, capW, safeW: capW }
  if (guard(fork, { steps: [step] }) !== undefined) return
  apply(fork, step)
  apply(fork, { type: 'cap.confirmed', job, capW })
}

function delayed(fork: State, limit: number, byMs: number): State {
  const { limits } = fork.tables
  apply(fork, {
    type: 'limit.set', limit, feeder: limits.feeder[limit]!,
    kind: LIMIT_KINDS[limits.kind[limit]!]!, watts: limits.watts[limit]!,
    fromW: limits.fromW[limit]!, startAtMs: limits.startAtMs[limit]! + byMs,
    holdAtMs: limits.holdAtMs[limit]! + byMs, cause: '',
    // What has no end has none later either.
    holdEndAtMs: Math.min(NEVER_MS, limits.holdEndAtMs[limit]! + byMs),
    endAtMs: Math.min(NEVER_MS, limits.endAtMs[limit]! + byMs),
  })
  return fork
}

/** As a person lets a job go that waits for a success which did not come. */
function detached(fork: State, job: number): State {
  const { jobs } = fork.tables
  const wasHeld = jobs.held[job] === 1
  jobs.doomed[job] = 1
  apply(fork, { type: 'job.released', job })
  if (wasHeld) apply(fork, { type: 'job.held', job })
  return fork
}

function withLimit(fork: State, feeder: number, byW: number): State {
  const { layout } = fork
  const feeders = layout.plant.feeders.map((each, at) =>
    at === feeder ? { ...each, limitW: each.limitW + byW } : each)
  const feederLimitW = layout.feederLimitW.slice()
  const { limits } = fork.tables
  const { limitW } = fork.tables.feeders
  raiseLimits({ feederLimitW, limitW, watts: limits.watts, feeder: limits.feeder }, feeder, byW)
  return { ...fork, layout: { ...layout, plant: { ...layout.plant, feeders }, feederLimitW } }
}

/** What queues hold is counted anew: how far it counts above them depends on the quotas. */
function withQuota(fork: State, queue: number, resource: Resource, by: number): State {
  const queues = fork.layout.plant.queues.map((each, at) =>
    at === queue ? largerQuota(each, resource, by) : each)
  const { layout } = fork
  const plant = { ...layout.plant, queues }
  const quotas = quotaTreeOf(queues)
  const { jobs, queues: used } = fork.tables
  used.usedGpus.fill(0)
  used.usedCores.fill(0)
  for (let job = 0; job < fork.totals.jobRows; job++) {
    if (jobs.firstSpan[job]! < 0) continue
    for (const each of RESOURCES) {
      const held = each === 'gpus' ? jobs.heldGpus[job]! : jobs.heldCores[job]!
      const column = each === 'gpus' ? used.usedGpus : used.usedCores
      chargeQuota(quotas, column, jobs.queue[job]!, each, held)
    }
  }
  const changedLayout: Layout = { ...layout, plant, quotas }
  return { ...fork, layout: changedLayout }
}

function largerQuota(queue: Queue, resource: Resource, by: number): Queue {
  const quota = queue.quota[resource]
  return {
    ...queue, quota: { ...queue.quota, [resource]: { ...quota, own: quota.own + by } },
  }
}

function serving(fork: State, ranges: readonly number[]): State {
  for (let at = 0; at < ranges.length; at += 2) {
    const nodes = { first: ranges[at]!, end: ranges[at + 1]!, cause: '' }
    apply(fork, { type: 'nodes.up', ...nodes })
    apply(fork, { type: 'nodes.resumed', ...nodes })
  }
  return fork
}

function resized(fork: State, job: number, gpus: number, nodes: number): State {
  const { jobs } = fork.tables
  fork.totals.waitingGpus += gpus - jobs.gpus[job]!
  jobs.gpus[job] = gpus
  jobs.nodes[job] = nodes
  jobs.leastNodes[job] = 0
  return fork
}

/** Changes what a lane is by, or the place in it. */
function moved(fork: State, job: number, change: () => void): State {
  const { jobs, lanes } = fork.tables
  const item = fork.layout.plant.nodes + job
  const isInLane = isQueued(fork, job)
  if (isInLane) {
    const lane = jobs.lane[job]!
    lanes.root[lane] = removeItem(fork, lanes.root[lane]!, item)
  }
  change()
  const lane = laneOf(fork, jobs.queue[job]!, jobs.device[job]!)
  jobs.lane[job] = lane
  if (isInLane) {
    lanes.root[lane] = insertItem(
      fork, lanes.root[lane]!, item, jobs.rank[job]!, jobs.number[job]!, 1)
  }
  return fork
}

function holding(fork: State, jobs: readonly number[]): State {
  for (const other of jobs) apply(fork, { type: 'job.held', job: other })
  return fork
}

/** Every other job that stands in a lane. */
function queuedBeside(state: State, job: number): number[] {
  const { phase } = state.tables.jobs
  const others: number[] = []
  for (let other = 0; other < state.totals.jobRows; other++) {
    if (other !== job && phase[other] === 1 && isQueued(state, other)) others.push(other)
  }
  return others
}

/** The largest topology level, which every gang may span. */
export const WIDEST = LEVELS.length - 1
