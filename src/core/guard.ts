import { NONE } from '../base/id.ts'
import type { Decision, JobReserved, JobStarted, Step } from '../model/index.ts'
import { PHASE } from '../model/index.ts'
import { fullMask, placementOf } from './allocation.ts'
import { isQueued } from './apply.ts'
import { poolsOf } from './blocker.ts'
import { coresOf, gpusOn, leastNodesOf, nodesIn, plannedRunMs, shapeOfJob } from './demand.ts'
import { freeCpusOf, freeDevicesOf, freeMemoryOf, isIdle } from './holder.ts'
import { checkCap, checkPower, wrongPrices } from './guard-power.ts'
import { chargeQuota, quotaRoom, RESOURCES, type Resource } from './quota.ts'
import type { Shape } from './shape.ts'
import type { State } from './state.ts'
import { closedNodes } from './windows.ts'

/**
 * Checks a decision against the invariants before it becomes an event: all of its steps or none.
 * Returns what it would break, or undefined. A bad policy can waste time, never overload a feeder.
 */
export function guard(state: State, decision: Decision): string | undefined {
  const { steps } = decision
  if (steps.length === 1 && steps[0]!.type !== 'job.preempted') return check(state, steps[0]!)
  const isStarting = steps.some((step) => step.type === 'job.started')
  const freed = new Overlay(state)
  for (const step of steps) {
    if (step.type === 'job.preempted' && !isStarting) {
      return 'I10 a job is preempted only for a start in the same decision'
    }
    const problem = check(state, step, freed)
    if (problem !== undefined) return problem
    freed.add(step)
  }
  return undefined
}

/** What earlier steps of the same decision free and take, before they are so. */
class Overlay {
  readonly devices = new Map<number, number>()
  readonly cpus = new Map<number, number>()
  readonly memoryGiB = new Map<number, number>()
  /** What each queue would hold. */
  readonly used: Readonly<Record<Resource, Int32Array>>
  /** Jobs that were started, and those that were stopped and not started again. */
  readonly started = new Set<number>()
  readonly stopped = new Set<number>()
  readonly steps: Step[] = []
  private readonly state: State

  constructor(state: State) {
    this.state = state
    const { queues } = state.tables
    this.used = { gpus: queues.usedGpus.slice(), cores: queues.usedCores.slice() }
  }

  add(step: Step): void {
    this.steps.push(step)
    if (step.type !== 'job.started' && step.type !== 'job.preempted') return
    const { jobs } = this.state.tables
    const isStart = step.type === 'job.started'
    const placement = isStart ? step : placementOf(this.state, step.job)
    const sign = isStart ? -1 : 1
    if (isStart) this.started.add(step.job)
    else this.stopped.add(step.job)
    const shape = shapeOfJob(this.state, step.job, placement.pool)!
    const { system } = this.state.layout.pools[placement.pool]!
    const isWhole = (mask: number) => mask === 0 && jobs.gpus[step.job]! > 0
    for (let at = 0; at < placement.spans.length; at += 3) {
      const mask = placement.spans[at + 2]!
      const devices = isWhole(mask) ? fullMask(system.gpus) : mask
      for (let node = placement.spans[at]!; node < placement.spans[at + 1]!; node++) {
        const bits = this.devices.get(node) ?? freeDevicesOf(this.state, node)
        this.devices.set(node, sign > 0 ? bits | devices : bits & ~devices)
        bump(this.cpus, node, sign * (isWhole(mask) ? system.cpus : shape.partCpus))
        bump(this.memoryGiB, node,
          sign * (isWhole(mask) ? system.memoryGiB : shape.partMemoryGiB))
      }
    }
    const { quotas } = this.state.layout
    const gpus = isStart ? gpusOn(this.state, step.job, sizeOf(this.state, step))
      : jobs.heldGpus[step.job]!
    const queue = jobs.queue[step.job]!
    chargeQuota(quotas, this.used.gpus, queue, 'gpus', -sign * gpus)
    chargeQuota(quotas, this.used.cores, queue, 'cores', -sign * coresOf(this.state, step.job))
  }
}

function bump(map: Map<number, number>, key: number, by: number): void {
  map.set(key, (map.get(key) ?? 0) + by)
}

function check(state: State, step: Step, freed?: Overlay): string | undefined {
  if (step.type === 'round.due' || step.type === 'power.due') {
    const isAhead = Number.isSafeInteger(step.atMs) && step.atMs > state.totals.nowMs
    return isAhead ? undefined : `I1 ${step.type} is later than now, not at ${step.atMs} ms`
  }
  if (step.type === 'power.priced') return wrongPrices(state, step)
  const { job } = step
  const { jobs } = state.tables
  if (job < 0 || job >= state.totals.jobRows) return `there is no job row ${job}`
  const isWaiting = jobs.phase[job] === PHASE.pending
  switch (step.type) {
    case 'job.started':
      if (freed?.started.has(job) || !(isWaiting || freed?.stopped.has(job))) {
        return 'I2 only a pending job starts'
      }
      if (!isQueued(state, job)) return 'a job that is held or waits for another does not start'
      return checkStart(state, step, freed)
    case 'job.preempted': return checkPreempted(state, job, freed)
    case 'job.capped':
      return freed?.stopped.has(job) ? 'only a placed job is capped'
        : checkCap(state, step, freed?.steps)
    case 'job.reserved':
      if (!isWaiting || !isQueued(state, job) || freed?.started.has(job)) {
        return 'only a pending job holds a reservation'
      }
      return checkReservation(state, step)
  }
}

/** A job is preempted once, and not before it has run for as long as it was promised. */
function checkPreempted(state: State, job: number, freed?: Overlay): string | undefined {
  const { jobs } = state.tables
  if (jobs.phase[job]! < PHASE.starting) return 'only a placed job is preempted'
  if (freed?.stopped.has(job)) return 'a job is preempted once'
  return state.totals.nowMs < safeUntilMs(state, job)
    ? 'I10 a job is not preempted before its least run time' : undefined
}

/** Until when a placed job may not be preempted: its own least run time, or its queue's. */
export function safeUntilMs(state: State, job: number): number {
  const { jobs } = state.tables
  const queue = state.layout.plant.queues[jobs.queue[job]!]!
  return jobs.startAtMs[job]! + Math.max(jobs.leastRunMs[job]!, queue.leastRunMs)
}

/** Nodes that an elastic job would run on; those it asks for, for all others. */
function sizeOf(state: State, step: JobStarted): number {
  return leastNodesOf(state, step.job) > 0 ? nodesIn(step.spans)
    : state.tables.jobs.nodes[step.job]!
}

function checkReservation(
  state: State, { job, domain, startAtMs }: JobReserved): string | undefined {
  const pool = state.layout.domainPool[domain]
  if (pool === undefined) return `there is no domain ${domain}`
  if (!poolsOf(state, job).includes(pool)) return 'its queue or device type excludes that pool'
  if (!Number.isSafeInteger(startAtMs)) return `${startAtMs} ms is not a whole millisecond`
  return startAtMs < state.totals.nowMs ? 'I1 a reservation lies ahead' : undefined
}

function checkStart(state: State, step: JobStarted, freed?: Overlay): string | undefined {
  const { jobs } = state.tables
  const { job, pool } = step
  if (!poolsOf(state, job).includes(pool)) return 'its queue or device type excludes that pool'
  const size = sizeOf(state, step)
  const least = leastNodesOf(state, job)
  if (least > 0 && (size < least || size > jobs.nodes[job]!)) return 'I3 the gang has a wrong size'
  const gpus = gpusOn(state, job, size)
  const shape = shapeOfJob(state, job, pool, size)
  if (shape === undefined) return 'a node of that pool cannot hold its part'
  return checkQuota(state, job, gpus, freed) ?? checkNodes(state, step, shape, freed)
    ?? checkWindows(state, step, gpus) ?? checkPower(state, step, freed?.steps)
}

/** I6: neither its queue nor one above would hold more than it may. */
function checkQuota(
  state: State, job: number, gpus: number, freed?: Overlay): string | undefined {
  const { quotas, plant } = state.layout
  if (!quotas.isLimited) return undefined
  const { queues, jobs } = state.tables
  const queue = jobs.queue[job]!
  const used = freed?.used ?? { gpus: queues.usedGpus, cores: queues.usedCores }
  const needs = { gpus, cores: coresOf(state, job) }
  for (const resource of RESOURCES) {
    if (needs[resource] === 0) continue
    if (needs[resource] > quotaRoom(quotas, used[resource], queue, resource)) {
      return `I6 queue ${plant.queues[queue]!.name} would hold more ${resource} than it may`
    }
  }
  return undefined
}

/** I14: the job does not run into a window that is not its queue's. */
function checkWindows(state: State, step: JobStarted, gpus: number): string | undefined {
  const endAtMs = state.totals.nowMs + plannedRunMs(state, step.job, gpus, step.pool)
  const closed = closedNodes(state, state.tables.jobs.queue[step.job]!, endAtMs)
  for (let range = 0; range < closed.length; range += 2) {
    for (let at = 0; at < step.spans.length; at += 3) {
      if (step.spans[at]! < closed[range + 1]! && step.spans[at + 1]! > closed[range]!) {
        return `I14 nodes ${step.spans[at]} to ${step.spans[at + 1]! - 1} are kept by a window`
      }
    }
  }
  return undefined
}

/** I2, I3 and I7: the gang is complete, and each of its nodes serves and is free for it. */
function checkNodes(
  state: State, step: JobStarted, shape: Shape, freed?: Overlay): string | undefined {
  const { layout, tables } = state
  const { nodes, jobs } = tables
  const { spans } = step
  const gpus = jobs.gpus[step.job]!
  const all = fullMask(layout.pools[step.pool]!.system.gpus)
  let whole = 0
  let parts = 0
  let lastEnd = -1
  let isApart = false
  for (let at = 0; at < spans.length; at += 3) {
    const first = spans[at]!
    const end = spans[at + 1]!
    const mask = spans[at + 2]!
    const isWhole = mask === 0 && gpus > 0
    if (first < 0 || end <= first || end > layout.plant.nodes) return `I3 bad span ${first}-${end}`
    isApart ||= first < lastEnd
    lastEnd = end
    if (isWhole && freed === undefined) {
      const problem = checkIdle(state, step.pool, first, end)
      if (problem !== undefined) return problem
      whole += end - first
      continue
    }
    for (let node = first; node < end; node++) {
      if (nodes.flags[node] !== 0) return `I7 node ${node} is down or drained`
      if (layout.poolOfRack[layout.rackOfNode[node]!] !== step.pool) return 'I3 spans two pools'
      const free = freed?.devices.get(node) ?? freeDevicesOf(state, node)
      if (isWhole ? free !== all || !isUnused(state, node, freed) : (mask & ~free) !== 0) {
        return `I2 node ${node} is not free`
      }
      if (!isWhole && !isRoomy(state, node, shape, freed)) return `I2 node ${node} lacks cores`
    }
    if (isWhole) whole += end - first
    else parts += end - first
    if (!isWhole && countOf(mask) !== shape.partDevices) return 'I3 a part has other devices'
  }
  if (whole !== shape.whole || parts !== shape.parts) return 'I3 the gang is not complete'
  if (isApart && hasOverlap(spans)) return 'I2 a node is named twice'
  return checkDomain(state, step)
}

/** Whole nodes where nothing was freed before: a walk along two columns, rack by rack. */
function checkIdle(state: State, pool: number, first: number, end: number): string | undefined {
  const { layout } = state
  const { flags, holder } = state.tables.nodes
  for (let from = first; from < end;) {
    const rack = layout.rackOfNode[from]!
    const to = Math.min(end, layout.endNodeOfRack[rack]!)
    if (layout.poolOfRack[rack] !== pool) return 'I3 spans two pools'
    for (let node = from; node < to; node++) {
      if (flags[node] !== 0) return `I7 node ${node} is down or drained`
      if (holder[node] !== NONE) return `I2 node ${node} is not free`
    }
    from = to
  }
  return undefined
}

function isUnused(state: State, node: number, freed?: Overlay): boolean {
  if (freed === undefined) return isIdle(state, node)
  const { system } = state.layout.pools[state.layout.poolOfRack[state.layout.rackOfNode[node]!]!]!
  return freeCpusOf(state, node) + (freed.cpus.get(node) ?? 0) === system.cpus
    && freeMemoryOf(state, node) + (freed.memoryGiB.get(node) ?? 0) === system.memoryGiB
}

function isRoomy(state: State, node: number, shape: Shape, freed?: Overlay): boolean {
  return freeCpusOf(state, node) + (freed?.cpus.get(node) ?? 0) >= shape.partCpus
    && freeMemoryOf(state, node) + (freed?.memoryGiB.get(node) ?? 0) >= shape.partMemoryGiB
}

function countOf(mask: number): number {
  let count = 0
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++
  return count
}

function hasOverlap(spans: readonly number[]): boolean {
  const order = [...spans.keys()].filter((at) => at % 3 === 0)
  order.sort((a, b) => spans[a]! - spans[b]!)
  return order.some((at, index) => index > 0 && spans[order[index - 1]! + 1]! > spans[at]!)
}

/** The gang lies in one domain of the level that it requires, and never across sites. */
function checkDomain(state: State, step: JobStarted): string | undefined {
  const { layout } = state
  const required = state.tables.jobs.level[step.job]!
  if (required === 0 && step.spans[1]! - step.spans[0]! + step.spans.length > 4) {
    return 'I3 the gang leaves its node'
  }
  const level = Math.max(1, required)
  let domain: number = NONE
  for (let at = 0; at < step.spans.length; at += 3) {
    for (const node of [step.spans[at]!, step.spans[at + 1]! - 1]) {
      let here = layout.domainOfRack[layout.rackOfNode[node]!]!
      for (let up = 1; up < level; up++) here = layout.parent[here]!
      if (domain !== NONE && here !== domain) return 'I3 the gang leaves its topology domain'
      domain = here
    }
  }
  return undefined
}
