import { NONE } from '../base/id.ts'
import type { Decision, JobReserved, JobStarted, Step } from '../model/index.ts'
import { PHASE } from '../model/index.ts'
import { fullMask, placementOf, shapeOfJob } from './allocation.ts'
import { poolsOf } from './blocker.ts'
import { draftOf } from './fit.ts'
import { forEachRack, type Draft } from './ledger.ts'
import type { Shape } from './shape.ts'
import type { State } from './state.ts'

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
  readonly usedGpus = new Map<number, number>()
  readonly jobs = new Set<number>()
  readonly steps: Step[] = []
  private readonly state: State

  constructor(state: State) {
    this.state = state
  }

  add(step: Step): void {
    this.steps.push(step)
    if (step.type === 'job.reserved') return
    this.jobs.add(step.job)
    const { jobs } = this.state.tables
    const placement = step.type === 'job.started' ? step : placementOf(this.state, step.job)
    const sign = step.type === 'job.started' ? -1 : 1
    const shape = shapeOfJob(this.state, step.job, placement.pool)!
    const { system } = this.state.layout.pools[placement.pool]!
    const isWhole = (mask: number) => mask === 0 && jobs.gpus[step.job]! > 0
    for (let at = 0; at < placement.spans.length; at += 3) {
      const mask = placement.spans[at + 2]!
      const devices = isWhole(mask) ? fullMask(system.gpus) : mask
      for (let node = placement.spans[at]!; node < placement.spans[at + 1]!; node++) {
        const bits = this.devices.get(node) ?? this.state.tables.nodes.freeDevices[node]!
        this.devices.set(node, sign > 0 ? bits | devices : bits & ~devices)
        bump(this.cpus, node, sign * (isWhole(mask) ? system.cpus : shape.partCpus))
        bump(this.memoryGiB, node,
          sign * (isWhole(mask) ? system.memoryGiB : shape.partMemoryGiB))
      }
    }
    bump(this.usedGpus, jobs.queue[step.job]!, -sign * jobs.gpus[step.job]!)
  }
}

function bump(map: Map<number, number>, key: number, by: number): void {
  map.set(key, (map.get(key) ?? 0) + by)
}

function check(state: State, step: Step, freed?: Overlay): string | undefined {
  const { jobs } = state.tables
  if (step.job < 0 || step.job >= state.totals.jobRows) return `there is no job row ${step.job}`
  const phase = jobs.phase[step.job]!
  switch (step.type) {
    case 'job.started':
      if (phase !== PHASE.pending || freed?.jobs.has(step.job)) {
        return 'I2 only a pending job starts'
      }
      if (jobs.held[step.job] === 1) return 'a held job does not start'
      return checkStart(state, step, freed)
    case 'job.preempted':
      if (phase < PHASE.starting) return 'only a placed job is preempted'
      if (freed?.jobs.has(step.job)) return 'a job is preempted once'
      return undefined
    case 'job.reserved':
      if (phase !== PHASE.pending || jobs.held[step.job] === 1 || freed?.jobs.has(step.job)) {
        return 'only a pending job holds a reservation'
      }
      return checkReservation(state, step)
  }
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
  const queueId = jobs.queue[job]!
  const queue = state.layout.plant.queues[queueId]!
  const taken = state.tables.queues.usedGpus[queueId]! + (freed?.usedGpus.get(queueId) ?? 0)
  if (jobs.gpus[job]! + taken > queue.quotaGpus) {
    return `I6 queue ${queue.name} would hold more than its quota`
  }
  const shape = shapeOfJob(state, job, pool)
  if (shape === undefined) return 'a node of that pool cannot hold its part'
  return checkNodes(state, step, shape, freed) ?? checkPower(state, step, freed)
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
    for (let node = first; node < end; node++) {
      if (nodes.flags[node] !== 0) return `I7 node ${node} is down or drained`
      if (layout.poolOfRack[layout.rackOfNode[node]!] !== step.pool) return 'I3 spans two pools'
      const free = freed?.devices.get(node) ?? nodes.freeDevices[node]!
      if (isWhole ? free !== all || !isIdle(state, node, freed) : (mask & ~free) !== 0) {
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

function isIdle(state: State, node: number, freed?: Overlay): boolean {
  const { nodes } = state.tables
  if (freed === undefined) return nodes.jobs[node] === 0
  const { system } = state.layout.pools[state.layout.poolOfRack[state.layout.rackOfNode[node]!]!]!
  return nodes.freeCpus[node]! + (freed.cpus.get(node) ?? 0) === system.cpus
    && nodes.freeMemoryGiB[node]! + (freed.memoryGiB.get(node) ?? 0) === system.memoryGiB
}

function isRoomy(state: State, node: number, shape: Shape, freed?: Overlay): boolean {
  const { nodes } = state.tables
  return nodes.freeCpus[node]! + (freed?.cpus.get(node) ?? 0) >= shape.partCpus
    && nodes.freeMemoryGiB[node]! + (freed?.memoryGiB.get(node) ?? 0) >= shape.partMemoryGiB
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

/** I4a: no feeder grants more than its limit once the whole decision is so. */
function checkPower(state: State, step: JobStarted, freed?: Overlay): string | undefined {
  const pool = state.layout.pools[step.pool]!
  if (!pool.canBind || state.tables.jobs.gpus[step.job] === 0) return undefined
  const draft = draftOf(state)
  for (const earlier of freed?.steps ?? []) {
    if (earlier.type === 'job.reserved') continue
    const isStart = earlier.type === 'job.started'
    const placement = isStart ? earlier : placementOf(state, earlier.job)
    add(state, draft, earlier.job, placement, isStart ? 1 : -1)
  }
  add(state, draft, step.job, step, 1)
  const feeder = draft.overloaded(state)
  return feeder < 0 ? undefined
    : `I4a feeder ${state.layout.plant.feeders[feeder]!.name} would exceed its limit`
}

function add(
  state: State, draft: Draft, job: number, placement: { pool: number, spans: readonly number[] },
  sign: number): void {
  if (state.tables.jobs.gpus[job] === 0) return
  const { chargeW } = state.layout.pools[placement.pool]!
  forEachRack(state, placement, (rack, devices) => {
    draft.add(state, state.layout.feederOfRack[rack]!, sign * devices * chargeW)
  })
}
