import type { Blocker } from '../model/index.ts'
import { leastCapW } from './caps.ts'
import { coresOf, gpusOn, leastNodesOf, shapeOfJob } from './demand.ts'
import { fit, freeNodesOf, searchFor, type Found, type Wanted } from './fit.ts'
import { usablePools } from './layout.ts'
import { bindingQueue, quotaRoom, RESOURCES, usedOf, type Resource } from './quota.ts'
import { nodesOf } from './shape.ts'
import { jobName, type State } from './state.ts'
import { firstItem } from './tree.ts'

/** Where a gang goes among the places that hold it: the place policy, as far as it is asked. */
export type Place = (state: State, search: Wanted) => Found

/** What a search did not find. */
export type Missing = Exclude<Found, { placement: unknown }>

/**
 * What keeps a pending job from starting now, from the same search and ledger that decide; or
 * undefined when nothing does. A pure function of the state, and cheap: `explain` says it all.
 */
export function blockerOf(state: State, job: number): Blocker | undefined {
  return personalBlocker(state, job) ?? ownBlocker(state, job) ?? turnBlocker(state, job)
}

/** What a person or another job does to it: it stands in no lane. */
export function personalBlocker(state: State, job: number): Blocker | undefined {
  const { jobs } = state.tables
  if (jobs.held[job] === 1) return { reason: 'held', need: 0, have: 0, unit: '', at: '' }
  const waits = jobs.waitsFor[job]!
  if (waits === 0) return undefined
  return { reason: 'dependency', need: waits, have: 0, unit: 'jobs', at: '' }
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
    const search = searchAtLeast(state, job, pool)
    if (search === undefined) continue
    const found = fit(state, { ...search, isSpread })
    if ('placement' in found) return undefined
    // What others could take says more than what a window keeps, as it does where jobs start.
    if (first === undefined || first.reason === 'window') {
      first = describe(state, job, pool, found)
    }
  }
  return first
}

/** Whose turn it is: an earlier job of its lane, else a reservation on one of its pools. */
function turnBlocker(state: State, job: number): Blocker | undefined {
  const first = firstItem(state, state.tables.lanes.root[state.tables.jobs.lane[job]!]!)
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

/** Quota that the queues above a job cannot give, even at the least size it can run at. */
export function quotaBlocker(state: State, job: number): Blocker | undefined {
  const short = quotaShort(state, job)
  if (short === undefined) return undefined
  const { resource, need, have, queue } = short
  const at = state.layout.plant.queues[queue]!.name
  return { reason: 'quota', need, have, unit: resource === 'gpus' ? 'GPUs' : 'cores', at }
}

export type QuotaShort = {
  readonly resource: Resource
  readonly need: number
  readonly have: number
  /** The queue on the way up that leaves least. */
  readonly queue: number
}

export function quotaShort(state: State, job: number): QuotaShort | undefined {
  const { jobs } = state.tables
  const { quotas } = state.layout
  if (!quotas.isLimited) return undefined
  const own = jobs.queue[job]!
  const gpus = gpusOn(state, job, leastNodesOf(state, job) || jobs.nodes[job]!)
  const needs = { gpus, cores: coresOf(state, job) }
  for (const resource of RESOURCES) {
    const need = needs[resource]
    const used = usedOf(state, resource)
    const have = quotaRoom(quotas, used, own, resource)
    if (need === 0 || need <= have) continue
    return { resource, need, have, queue: bindingQueue(quotas, used, own, resource) }
  }
  return undefined
}

/** Pools that a job may use, in the order of its queue. */
export function poolsOf(state: State, job: number): readonly number[] {
  const { jobs } = state.tables
  return usablePools(state.layout, jobs.queue[job]!, jobs.device[job]!)
}

/**
 * What a job looks for at the least size that it runs at and, where a power policy acts, the lowest
 * cap; undefined where a node cannot give it.
 */
export function searchAtLeast(state: State, job: number, pool: number): Wanted | undefined {
  const nodes = leastNodesOf(state, job) || undefined
  const layout = state.layout.pools[pool]!
  const isCapped = state.totals.isPowered === 1 && state.tables.jobs.gpus[job]! > 0
    && layout.system.device >= 0
  const capW = isCapped ? leastCapW(state, job, layout) : undefined
  return searchFor(state, job, pool, nodes, capW)
}

/** What a search did not find, as need against have. O(1). */
function describe(state: State, job: number, pool: number, found: Missing): Blocker {
  const at = state.layout.plant.pools[pool]!.name
  const shape = shapeOfJob(state, job, pool)!
  switch (found.missing) {
    case 'power': return {
      reason: 'power',
      need: found.needW,
      have: found.haveW,
      unit: 'W',
      at: state.layout.plant.feeders[found.feeder]!.name,
    }
    case 'nodes':
    case 'topology':
    case 'window': return {
      reason: found.missing,
      need: nodesOf(shape),
      have: freeNodesOf(state, pool),
      unit: 'nodes',
      at,
    }
    case 'devices': return {
      reason: 'devices', need: shape.partDevices, have: 0, unit: 'GPUs', at,
    }
    case 'cpus': return { reason: 'cpus', need: shape.partCpus, have: 0, unit: 'cores', at }
  }
}
