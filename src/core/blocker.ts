import type { Blocker } from '../model/index.ts'
import { coresOf, leastNodesOf, shapeOfJob, gpusOn } from './demand.ts'
import { fit, freeNodesOf, searchFor, type Found } from './fit.ts'
import { usablePools } from './layout.ts'
import { headroomW } from './ledger.ts'
import { bindingQueue, quotaRoom, RESOURCES, usedOf } from './quota.ts'
import { nodesOf } from './shape.ts'
import { jobName, type State } from './state.ts'
import { firstItem } from './tree.ts'

/**
 * What keeps a pending job from starting now, from the same search and ledger that decide; or
 * undefined when nothing does. A pure function of the state.
 */
export function blockerOf(state: State, job: number): Blocker | undefined {
  const { jobs } = state.tables
  if (jobs.held[job] === 1) return { reason: 'held', need: 0, have: 0, unit: '', at: '' }
  const waits = jobs.waitsFor[job]!
  if (waits > 0) return { reason: 'dependency', need: waits, have: 0, unit: 'jobs', at: '' }
  const own = ownBlocker(state, job)
  if (own !== undefined) return own
  const first = firstItem(state, state.tables.lanes.root[jobs.lane[job]!]!)
  const head = first - state.layout.plant.nodes
  if (first >= 0 && head !== job) {
    return { reason: 'order', need: 0, have: 0, unit: '', at: jobName(state, head) }
  }
  for (const pool of poolsOf(state, job)) {
    const holder = state.tables.pools.reservedJob[pool]!
    if (holder < 0 || holder === job) continue
    return { reason: 'reservation', need: 0, have: 0, unit: '', at: jobName(state, holder) }
  }
  return undefined
}

/**
 * What the job would lack even if it were first: quota, nodes, devices, topology or power. Where
 * watts are short the answer may depend on which places are tried first: pack or spread.
 */
export function ownBlocker(state: State, job: number, isSpread = false): Blocker | undefined {
  const quota = quotaBlocker(state, job)
  if (quota !== undefined) return quota
  let first: Blocker | undefined
  for (const pool of poolsOf(state, job)) {
    const search = searchFor(state, job, pool, leastNodesOf(state, job) || undefined)
    if (search === undefined) continue
    const found = fit(state, { ...search, isSpread })
    if ('placement' in found) return undefined
    first ??= describe(state, job, pool, found)
  }
  return first
}

/** Quota that the queues above a job cannot give, even at the least size it can run at. */
export function quotaBlocker(state: State, job: number): Blocker | undefined {
  const { jobs } = state.tables
  const { quotas, plant } = state.layout
  if (!quotas.isLimited) return undefined
  const queue = jobs.queue[job]!
  const gpus = gpusOn(state, job, leastNodesOf(state, job) || jobs.nodes[job]!)
  const needs = { gpus, cores: coresOf(state, job) }
  for (const resource of RESOURCES) {
    const need = needs[resource]
    const used = usedOf(state, resource)
    const have = quotaRoom(quotas, used, queue, resource)
    if (need === 0 || need <= have) continue
    const at = plant.queues[bindingQueue(quotas, used, queue, resource)]!.name
    return { reason: 'quota', need, have, unit: resource === 'gpus' ? 'GPUs' : 'cores', at }
  }
  return undefined
}

/** Pools that a job may use, in the order of its queue. */
export function poolsOf(state: State, job: number): readonly number[] {
  const { jobs } = state.tables
  return usablePools(state.layout, jobs.queue[job]!, jobs.device[job]!)
}

function describe(
  state: State, job: number, pool: number, found: Exclude<Found, { placement: unknown }>): Blocker {
  const at = state.layout.plant.pools[pool]!.name
  const shape = shapeOfJob(state, job, pool)!
  switch (found.missing) {
    case 'power': return {
      reason: 'power',
      need: found.needW,
      have: headroomW(state, found.feeder),
      unit: 'W',
      at: state.layout.plant.feeders[found.feeder]!.name,
    }
    case 'nodes': return {
      reason: 'nodes', need: nodesOf(shape), have: freeNodesOf(state, pool), unit: 'nodes', at,
    }
    case 'topology': return {
      reason: 'topology', need: nodesOf(shape), have: freeNodesOf(state, pool), unit: 'nodes', at,
    }
    case 'devices': return {
      reason: 'devices', need: shape.partDevices, have: 0, unit: 'GPUs', at,
    }
    case 'window': return {
      reason: 'window', need: nodesOf(shape), have: freeNodesOf(state, pool), unit: 'nodes', at,
    }
    case 'cpus': return { reason: 'cpus', need: shape.partCpus, have: 0, unit: 'cores', at }
  }
}
