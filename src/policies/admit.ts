import { NONE } from '../base/id.ts'
import { poolsOf, quotaBlocker } from '../core/blocker.ts'
import type { Policy } from '../core/decide.ts'
import type { Found } from '../core/fit.ts'
import type { State } from '../core/state.ts'
import type { Decision } from '../model/index.ts'
import { byRank, headOf, headsOf, nextLane, type IsBefore } from './pending.ts'
import type { BackfillPolicy, Blocked, PlacePolicy } from './policy.ts'
import { placeIn } from './size.ts'

/**
 * Starts pending jobs in their order. A job that cannot start blocks the pools that it could use
 * for all behind it, and when it lacks power, every pool below the feeder that binds; a job whose
 * queue is at its quota blocks only its queue. Then backfill may start what delays none of them.
 * Costs the jobs started, plus one search for each pair of queue and device type.
 */
export function admit(
  place: PlacePolicy, backfill: BackfillPolicy, isBefore: IsBefore = byRank): Policy {
  return {
    name: 'admit',
    run: (view) => startInOrder(view, place, backfill, isBefore),
  }
}

/** The first place for a job among its open pools, in their order, or what the first one lacks. */
function placeJob(
  view: State, job: number, pools: readonly number[], closed: readonly number[],
  place: PlacePolicy): Found | undefined {
  let first: Found | undefined
  for (const pool of pools) {
    if (closed.includes(pool)) continue
    const found = placeIn(view, job, pool, place)
    if (found === undefined) continue
    if ('placement' in found) return found
    first ??= found
  }
  return first
}

export function startOf(job: number, found: Extract<Found, { placement: unknown }>): Decision {
  const { pool, spans } = found.placement
  return { steps: [{ type: 'job.started', job, pool, spans }] }
}

function* startInOrder(
  view: State, place: PlacePolicy, backfill: BackfillPolicy, isBefore: IsBefore,
): Generator<Decision, void, boolean> {
  const heads = headsOf(view)
  const blocked: Blocked[] = []
  /** Pools in which nothing more may start in this round. */
  const closed: number[] = []
  for (;;) {
    const lane = nextLane(view, heads, isBefore)
    if (lane < 0) break
    const job = heads[lane]!
    const pools = poolsOf(view, job)
    if (pools.every((pool) => closed.includes(pool))) {
      heads[lane] = NONE
      continue
    }
    if (quotaBlocker(view, job) !== undefined) {
      closeQueue(view, heads, view.tables.jobs.queue[job]!)
      continue
    }
    const found = placeJob(view, job, pools, closed, place)
    if (found !== undefined && 'placement' in found && (yield startOf(job, found))) {
      heads[lane] = headOf(view, lane)
      continue
    }
    heads[lane] = NONE
    if (found === undefined || 'placement' in found) continue
    blocked.push({ job, pools, found })
    // A window is no capacity that others could take away: they may pass.
    if (found.missing !== 'window') closed.push(...poolsClosedBy(view, pools, found))
  }
  if (blocked.length > 0) yield* backfill.fill(view, blocked, place, isBefore)
}

/** The pools that a job could use, and when it lacks power, all below the feeder that binds. */
function poolsClosedBy(
  view: State, pools: readonly number[], found: Blocked['found']): readonly number[] {
  if (found.missing !== 'power') return pools
  const below = [...view.layout.pools.keys()].filter((pool) =>
    view.layout.pools[pool]!.feedersAbove.has(found.feeder))
  return [...pools, ...below]
}

function closeQueue(view: State, heads: number[], queue: number): void {
  for (let lane = 0; lane < heads.length; lane++) {
    if (view.tables.lanes.queue[lane] === queue) heads[lane] = NONE
  }
}
