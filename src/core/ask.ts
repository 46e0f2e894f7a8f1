import { unreachable } from '../base/assert.ts'
import { formatCount, formatPower } from '../base/units.ts'
import type {
  Event, Intent, JobRequest, NodeIntent, Refusal, WindowIntent,
} from '../model/index.ts'
import { drawAt, drawSdAt, LEVELS, PHASE, refusal, speedAt } from '../model/index.ts'
import { isQueued, nextJobRow } from './apply.ts'
import { askClear, askLimit, askRatio } from './ask-power.ts'
import { askLoss, askSupplies } from './ask-supplies.ts'
import { chargeAt, leastFor, PAUSED_W, withHostW } from './caps.ts'
import { usablePools, type Layout } from './layout.ts'
import { isSoldOver } from './ledger.ts'
import { isPossible, largestPossible, type LeastNeed } from './possible.ts'
import { RESOURCES, type Resource } from './quota.ts'
import { nodesOf, shapeOn } from './shape.ts'
import { WINDOWS_MOST, type State } from './state.ts'
import { freeWindow } from './windows.ts'

/** Rank of a new job: smaller goes first, equal ranks go by number. Given by the order policy. */
export type RankOf = (state: State, request: JobRequest) => number

/** Largest whole number that a request may hold: it must fit a 32-bit column. */
const COUNT_MOST = 2_000_000_000

/** Longest declared run time, some 300 years: with it, times stay whole numbers below 2^53. */
const LIMIT_MS_MOST = 10_000_000_000_000

/** Largest throughput by device type: tokens a second fit, and ratios of two stay exact enough. */
const SPEED_MOST = 1_000_000_000

/** Largest worth of a device's hour against that of others. */
const WORTH_MOST = 1_000_000

/** Most jobs that one job may wait for, so that a request stays small. */
const DEPENDENCIES_MOST = 1000

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
    case 'requeue':
    case 'checkpoint': return askRun(state, intent)
    case 'clock': return askClock(intent.epochMs)
    case 'drain':
    case 'resume': return drain(state, intent)
    case 'reserve': return reserve(state, intent)
    case 'clear': return clear(state, intent.window)
    case 'limit': return askLimit(state, intent.course)
    case 'clear-limit': return askClear(state, intent.limit)
    case 'supplies': return askSupplies(state, intent.reading)
    case 'lose-supply': return askLoss(state, intent)
    case 'ratio': return askRatio(state, intent.feeder, intent.ratioPer10k)
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
  const { classes } = plant.curves
  if (classes[request.curve] === undefined) {
    return refusal('no-such-class', `There is no class of work ${request.curve}. Use one of: `
      + `${classes.map((name, at) => `${at} (${name})`).join(', ')}.`)
  }
  const speed = wrongSpeed(state.layout, request)
  if (speed !== undefined) return speed
  const above = aboveQuota(state, request) ?? unknownDependency(state, request)
  if (above !== undefined) return above
  const usable = usablePools(state.layout, request.queue, request.device)
  if (usable.length === 0) {
    return refusal('no-such-device', `Queue ${queue.name} has no `
      + `${plant.devices[request.device] ?? 'such device'}. Ask for another device type or queue.`)
  }
  if (!usable.some((pool) => canEverRun(state, pool, request))) {
    return tooLarge(state.layout, usable, request)
  }
  const number = state.totals.jobsSeen + 1
  const rank = rankOf(state, request)
  return { ...request, type: 'job.submitted', job: nextJobRow(state), number, rank }
}

function outOfRange(request: JobRequest): Refusal | undefined {
  const problem = outOfCount('gpus', request.gpus, COUNT_MOST)
    ?? outOfCount('nodes', request.nodes, COUNT_MOST)
    ?? outOfCount('cpusPerNode', request.cpusPerNode, COUNT_MOST)
    ?? outOfCount('memoryPerNodeGiB', request.memoryPerNodeGiB, COUNT_MOST)
    ?? outOfCount('limitMs', request.limitMs, LIMIT_MS_MOST)
    ?? outOfCount('leastNodes', request.leastNodes, COUNT_MOST)
    ?? outOfCount('leastRunMs', request.leastRunMs, LIMIT_MS_MOST)
    ?? outOfCount('deadlineAtMs', request.deadlineAtMs, LIMIT_MS_MOST)
    ?? outOfCount('array', request.array, COUNT_MOST)
  if (problem !== undefined) return problem
  const { leastSpeed, worth } = request
  if (!(leastSpeed >= 0 && leastSpeed <= 1)) {
    return refusal('out-of-range', `leastSpeed is ${leastSpeed}; use 0 (it may be paused) to 1.`)
  }
  if (!(worth > 0 && worth <= WORTH_MOST)) {
    return refusal('out-of-range', `worth is ${worth}; use more than 0, at most ${WORTH_MOST}.`)
  }
  if (!Number.isInteger(request.priority) || Math.abs(request.priority) > COUNT_MOST) {
    return refusal('out-of-range',
      `priority is ${request.priority}; use a whole number within ±${COUNT_MOST}.`)
  }
  if (request.nodes > 0 && request.gpus % request.nodes !== 0) {
    return refusal('out-of-range', `${request.gpus} GPUs do not divide over ${request.nodes} `
      + 'nodes. Ask for a multiple, or leave the number of nodes open.')
  }
  const { leastNodes } = request
  if (leastNodes > request.nodes || (leastNodes > 0 && request.gpus === 0)) {
    return refusal('out-of-range', `leastNodes is ${leastNodes} of ${request.nodes} nodes and `
      + `${request.gpus} GPUs. A job with GPUs that names its nodes may run on 1 to all of them.`)
  }
  if (LEVELS[request.level] === undefined) {
    return refusal('out-of-range', `level is ${request.level}; use 0 to ${LEVELS.length - 1}.`)
  }
  return undefined
}

function wrongSpeed(layout: Layout, { speeds }: JobRequest): Refusal | undefined {
  const types = layout.plant.devices.length
  const wrong = speeds.find((speed) => !(speed >= 0 && speed <= SPEED_MOST))
  if (wrong === undefined && speeds.length <= types) return undefined
  return refusal('out-of-range', `The speeds are ${speeds.join(', ')}; give at most ${types}, one `
    + `for each device type, from 0 (as the catalogue says) to ${SPEED_MOST}.`)
}

/** Even the least that it can run on must fit what its queue may ever hold. */
function aboveQuota(state: State, request: JobRequest): Refusal | undefined {
  const { quotas, plant } = state.layout
  const { gpus, nodes, leastNodes, cpusPerNode } = request
  const least: Record<Resource, number> = {
    gpus: leastNodes > 0 ? (gpus / nodes) * leastNodes : gpus,
    cores: gpus > 0 ? 0 : Math.max(1, nodes) * Math.max(1, cpusPerNode),
  }
  for (const resource of RESOURCES) {
    for (let at = request.queue; at >= 0; at = quotas.parent[at]!) {
      const { subtree, borrow } = quotas[resource]
      const most = subtree[at]! + (quotas.parent[at]! < 0 ? 0 : borrow[at]!)
      if (least[resource] <= most) continue
      const unit = resource === 'gpus' ? 'GPUs' : 'cores'
      return refusal('too-large', `${formatCount(least[resource])} ${unit} are more than the quota `
        + `of queue ${plant.queues[at]!.name} and what it may borrow, ${formatCount(most)}. `
        + 'Ask for fewer or raise the quota.',
      { need: `${formatCount(least[resource])} ${unit}`, have: `${formatCount(most)} ${unit}` })
    }
  }
  return undefined
}

function unknownDependency(state: State, { after }: JobRequest): Refusal | undefined {
  if (after.length > DEPENDENCIES_MOST) {
    return refusal('out-of-range', `The job waits for ${after.length} others; at most `
      + `${DEPENDENCIES_MOST} would do. Let it wait for one that waits for them.`)
  }
  for (const { job } of after) {
    const problem = missingJob(state, job)
    if (problem !== undefined) return problem
  }
  return undefined
}

function outOfCount(name: string, value: number, most: number): Refusal | undefined {
  if (Number.isInteger(value) && value >= 0 && value <= most) return undefined
  return refusal('out-of-range', `${name} is ${value}; use a whole number from 0 to ${most}.`,
    { need: `0 to ${most}`, have: `${value}` })
}

function canEverRun(state: State, pool: number, request: JobRequest): boolean {
  const { layout } = state
  const { levels, system } = layout.pools[pool]!
  const nodes = request.leastNodes || request.nodes
  const gpus = nodes === request.nodes ? request.gpus : (request.gpus / request.nodes) * nodes
  const shape = shapeOn(system, { ...request, nodes, gpus })
  if (shape === undefined) return false
  if (request.level === 0 && nodesOf(shape) > 1) return false
  return nodesOf(shape) <= levels[Math.max(1, request.level) - 1]!.mostNodes
    && isPossible(layout, pool, shape, request.level, leastNeedOf(state, pool, request))
}

/** What one device needs at the least at which the job can start: it keeps its promise. */
function leastNeedOf(state: State, poolId: number, { curve, leastSpeed }: JobRequest): LeastNeed {
  const pool = state.layout.pools[poolId]!
  const { chargeW, system } = pool
  if (state.totals.isPowered === 0 || system.device < 0) return { chargeW }
  const { byClass } = state.layout.plant.curves
  const own = byClass[curve]![system.device]!
  const capW = leastFor(own, leastSpeed, (watts) => speedAt(own, watts))
  const chargeAtLeastW = capW - system.deviceIdleW
  const drawn = !isSoldOver(state) ? undefined : {
    floorW: leastSpeed > 0 ? chargeAtLeastW : chargeAt(pool, state, PAUSED_W),
    drawW: withHostW(own, pool, { capW, deviceW: drawAt(own, capW) }),
    sdW: Math.round(drawSdAt(own, capW)),
  }
  return { chargeW: chargeAtLeastW, drawn }
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
    + 'Ask for fewer.',
  { need: `${formatCount(request.gpus)} GPUs`, have: `${formatCount(most)} GPUs` })
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
  if (isHold ? jobs.held[job] === 1 : jobs.held[job] === 0 && jobs.doomed[job] === 0) {
    return refusal('not-possible-now', isHold ? 'The job is already held.'
      : `The job is not held${isQueued(state, job) ? '' : '; it waits for another job to end'}.`)
  }
  return { type: isHold ? 'job.held' : 'job.released', job }
}

/** What can only be asked of a job that has its nodes. */
function askRun(
  state: State, intent: Extract<Intent, { type: 'requeue' | 'checkpoint' }>): Event | Refusal {
  const { job } = intent
  const problem = missingJob(state, job)
  if (problem !== undefined) return problem
  if (state.tables.jobs.phase[job] === PHASE.pending) {
    return refusal('not-possible-now', `The job is pending; only one that runs can ${
      intent.type === 'requeue' ? 'go back to its queue' : 'save its work'}.`)
  }
  return intent.type === 'requeue' ? { type: 'job.requeued', job, cause: intent.reason }
    : { type: 'job.checkpoint', job }
}

function askClock(epochMs: number): Event | Refusal {
  if (Number.isSafeInteger(epochMs) && epochMs >= 0) return { type: 'clock.set', epochMs }
  return refusal('out-of-range', `The clock is ${epochMs}; use whole milliseconds since 1970.`)
}

function reserve(state: State, intent: WindowIntent): Event | Refusal {
  const { first, end, startAtMs, endAtMs, queue, reason } = intent
  const problem = missingNodes(state, first, end)
  if (problem !== undefined) return problem
  const { nowMs } = state.totals
  const isTime = Number.isSafeInteger(startAtMs) && Number.isSafeInteger(endAtMs)
  if (!isTime || endAtMs <= startAtMs || endAtMs <= nowMs || endAtMs > LIMIT_MS_MOST * 2) {
    return refusal('out-of-range', `The window is from ${startAtMs} to ${endAtMs} ms and it is `
      + `${nowMs} ms now; it must end after it begins, and later than now.`)
  }
  if (queue !== -1 && state.layout.plant.queues[queue] === undefined) {
    return refusal('no-such-queue', `There is no queue ${queue}. Use -1 to keep the nodes free.`)
  }
  const window = freeWindow(state)
  if (window < 0) {
    return refusal('not-possible-now', `There are ${WINDOWS_MOST} windows already; clear one that `
      + 'is not needed, or make one that holds several ranges of neighbouring nodes.')
  }
  return { type: 'window.set', window, first, end, startAtMs, endAtMs, queue, cause: reason }
}

function clear(state: State, window: number): Event | Refusal {
  const { endAtMs } = state.tables.windows
  if ((endAtMs[window] ?? 0) > state.totals.nowMs) return { type: 'window.cleared', window }
  return refusal('no-such-window', `There is no window ${window}. It may be over.`)
}

function drain(state: State, intent: NodeIntent): Event | Refusal {
  const { first, end } = intent
  const problem = missingNodes(state, first, end)
  if (problem !== undefined) return problem
  const type = intent.type === 'drain' ? 'nodes.drained' : 'nodes.resumed'
  return { type, first, end, cause: intent.reason }
}

function missingNodes(state: State, first: number, end: number): Refusal | undefined {
  const { nodes } = state.layout.plant
  const isRange = Number.isInteger(first) && Number.isInteger(end)
  if (isRange && first >= 0 && end > first && end <= nodes) return undefined
  return refusal('no-such-node',
    `Nodes ${first} to ${end - 1} are not all here; the nodes are 0 to ${nodes - 1}.`,
    { need: `${first} to ${end - 1}`, have: `0 to ${nodes - 1}` })
}
