import { poolsOf } from '../core/blocker.ts'
import type { State } from '../core/state.ts'
import type { Blocked, PlacePolicy } from './policy.ts'

/** The pools that a job may use, in the order in which they are tried for it. */
export function poolsFor(view: State, job: number, place: PlacePolicy): readonly number[] {
  return place.pools === undefined ? poolsOf(view, job) : place.pools(view, job)
}

/**
 * The pools of a job by what each is worth to it, most first; equal ones, and those of a job
 * without GPUs, in the order of its queue. O(pools · log pools).
 */
export function poolsByWorth(
  view: State, job: number, worthOf: (pool: number) => number): readonly number[] {
  const pools = poolsOf(view, job)
  if (pools.length < 2 || view.tables.jobs.gpus[job] === 0) return pools
  const order = pools.map((pool, at) => ({ pool, at, worth: worthOf(pool) }))
  order.sort((a, b) => b.worth - a.worth || a.at - b.at)
  return order.map((each) => each.pool)
}

/** The pools that a job could use, and when it lacks power, all below the feeder that binds. */
export function poolsClosedBy(
  view: State, pools: readonly number[], found: Blocked['found']): readonly number[] {
  if (found.missing !== 'power') return pools
  const below = [...view.layout.pools.keys()].filter((pool) =>
    view.layout.pools[pool]!.feedersAbove.has(found.feeder))
  return [...pools, ...below]
}
