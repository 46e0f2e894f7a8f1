import type { State } from '../core/state.ts'
import { headroomW } from '../core/ledger.ts'
import { chargeQuota, quotaRoom, usedOf, type Resource } from '../core/quota.ts'
import { PHASE } from '../model/index.ts'
import type { Capacity } from './future.ts'

/**
 * Whole nodes of a pool's site: those that are free, then those in use when they are expected to
 * be. A node that serves parts is counted once all of them are over, and one that is drained as if
 * it would serve again. O(log of the runs) a look.
 */
export function nodeCapacity(view: State, site: number): Capacity {
  const { freeNodes } = view.tables.domains
  const { releases } = view
  const overdue = () => releases.upTo(view, site, view.totals.nowMs)
  return {
    at: (atMs) => freeNodes[site]! + releases.upTo(view, site, atMs) - overdue(),
    reaching: (need) => {
      const rest = need - freeNodes[site]!
      if (rest <= 0) return view.totals.nowMs
      return releases.reaching(view, site, rest + overdue())
    },
    overdue,
    isLive: true,
  }
}

/** Domains of sites below one feeder, and the watts that a released node of each gives back. */
export type Sources = readonly { readonly site: number, readonly nodeW: number }[]

/**
 * Watts of a site's root feeder: its headroom, then what the nodes in use give back. Each is
 * counted at the rating of all its devices and at the least loss, so where only some of them are
 * in use, or losses differ, it is too much.
 */
export function wattCapacity(view: State, feeder: number, sources: Sources): Capacity {
  const { releases } = view
  const { nowMs } = view.totals
  const upTo = (atMs: number) => sources.reduce((sum, { site, nodeW }) =>
    sum + nodeW * releases.upTo(view, site, atMs), 0)
  const overdue = () => upTo(nowMs)
  const at = (atMs: number) => headroomW(view, feeder) + upTo(atMs) - overdue()
  return {
    at,
    reaching: (need) => {
      const restW = need - headroomW(view, feeder)
      if (restW <= 0) return nowMs
      if (sources.length > 1) return reachingOfSeveral(view, sources, need, at)
      const { site, nodeW } = sources[0]!
      return releases.reaching(view, site, restW / nodeW + releases.upTo(view, site, nowMs))
    },
    overdue,
    isLive: true,
  }
}

/** The least whole millisecond at which all of them together give as much: a search by halves. */
function reachingOfSeveral(
  view: State, sources: Sources, need: number, at: (atMs: number) => number): number {
  let lateMs = sources.reduce((latest, { site }) =>
    Math.max(latest, lastReleaseMs(view, site)), view.totals.nowMs)
  if (at(lateMs) < need) return Infinity
  let earlyMs = view.totals.nowMs
  while (lateMs - earlyMs > 1) {
    const middleMs = Math.floor((earlyMs + lateMs) / 2)
    if (at(middleMs) >= need) lateMs = middleMs
    else earlyMs = middleMs
  }
  return lateMs
}

function lastReleaseMs(view: State, site: number): number {
  const nodes = view.releases.upTo(view, site, Infinity)
  return nodes === 0 ? 0 : view.releases.reaching(view, site, nodes)
}

/**
 * What a queue may still take of its quota and of what it may borrow, if jobs end when expected and
 * no other job of its tree starts. O(job rows × depth of the tree).
 */
export function quotaCapacity(view: State, queue: number, resource: Resource): Capacity {
  const { tables, layout, totals } = view
  const { jobs } = tables
  const tree = layout.quotas
  const amounts = resource === 'gpus' ? jobs.heldGpus : jobs.heldCores
  const ending: number[] = []
  for (let job = 0; job < totals.jobRows; job++) {
    if (jobs.phase[job]! >= PHASE.starting && amounts[job]! > 0) ending.push(job)
  }
  ending.sort((a, b) => jobs.expectedEndAtMs[a]! - jobs.expectedEndAtMs[b]! || a - b)
  const used = usedOf(view, resource).slice()
  const free = quotaRoom(tree, used, queue, resource)
  const held: Held[] = []
  let room = free
  for (const job of ending) {
    chargeQuota(tree, used, jobs.queue[job]!, resource, -amounts[job]!)
    const after = quotaRoom(tree, used, queue, resource)
    if (after > room) held.push({ amount: after - room, atMs: jobs.expectedEndAtMs[job]! })
    room = after
  }
  return listCapacity(totals.nowMs, free, held)
}

type Held = { readonly amount: number, readonly atMs: number }

/** What is free and what is held until when, as it is now. O(n log n), then O(log n) a look. */
function listCapacity(nowMs: number, free: number, held: readonly Held[]): Capacity {
  const ahead = held.filter((each) => each.atMs > nowMs).sort((a, b) => a.atMs - b.atMs)
  const overdue = held.reduce((sum, each) => each.atMs > nowMs ? sum : sum + each.amount, 0)
  const times = [nowMs, ...ahead.map((each) => each.atMs)]
  const sums = [free]
  for (const { amount } of ahead) sums.push(sums.at(-1)! + amount)
  return {
    at: (atMs) => sums[countBelow(times, atMs + 1) - 1] ?? free,
    reaching: (need) => times[countBelow(sums, need)] ?? Infinity,
    overdue: () => overdue,
    isLive: false,
  }
}

/** How many of a sorted list are below a value. O(log n). */
export function countBelow(sorted: ArrayLike<number>, value: number): number {
  let first = 0
  let end = sorted.length
  while (first < end) {
    const middle = (first + end) >> 1
    if (sorted[middle]! < value) first = middle + 1
    else end = middle
  }
  return first
}
