import { NONE } from '../base/id.ts'
import { poolsOf, quotaBlocker } from '../core/blocker.ts'
import type { Policy } from '../core/decide.ts'
import type { Found } from '../core/fit.ts'
import type { State } from '../core/state.ts'
import { firstItem } from '../core/tree.ts'
import type { Decision } from '../model/index.ts'
import type { BackfillPolicy, Blocked, PlacePolicy } from './policy.ts'
import { placeIn } from './size.ts'

/**
 * Starts pending jobs in their order. A job that cannot start blocks the pools that it could use
 * for all behind it, and when it lacks power, every pool below the feeder that binds; a job whose
 * queue is at its quota blocks only its queue. Then backfill may start what delays none of them.
 * Costs the jobs started, plus one search for each pair of queue and device type.
 */
export function admit(place: PlacePolicy, backfill: BackfillPolicy): Policy {
  return {
    name: 'admit',
    run: (view) => startInOrder(view, place, backfill),
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
  view: State, place: PlacePolicy, backfill: BackfillPolicy): Generator<Decision, void, boolean> {
  const heads: number[] = []
  for (let lane = 0; lane < view.totals.lanes; lane++) heads.push(headOf(view, lane))
  const blocked: Blocked[] = []
  /** Pools in which nothing more may start in this round. */
  const closed: number[] = []
  for (;;) {
    const lane = nextLane(view, heads)
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
  if (blocked.length > 0) yield* backfill.fill(view, blocked, place)
}

/** The pools that a job could use, and when it lacks power, all below the feeder that binds. */
function poolsClosedBy(
  view: State, pools: readonly number[], found: Blocked['found']): readonly number[] {
  if (found.missing !== 'power') return pools
  const below = [...view.layout.pools.keys()].filter((pool) =>
    view.layout.pools[pool]!.feedersAbove.has(found.feeder))
  return [...pools, ...below]
}

function headOf(view: State, lane: number): number {
  const item = firstItem(view, view.tables.lanes.root[lane]!)
  return item === NONE ? NONE : item - view.layout.plant.nodes
}

/** The lane whose head goes first: by rank, then by number. */
function nextLane(view: State, heads: readonly number[]): number {
  const { rank, number } = view.tables.jobs
  let best: number = NONE
  for (let lane = 0; lane < heads.length; lane++) {
    const job = heads[lane]!
    if (job === NONE) continue
    const other = best === NONE ? NONE : heads[best]!
    if (other === NONE || rank[job]! < rank[other]!
      || (rank[job] === rank[other] && number[job]! < number[other]!)) best = lane
  }
  return best
}

function closeQueue(view: State, heads: number[], queue: number): void {
  for (let lane = 0; lane < heads.length; lane++) {
    if (view.tables.lanes.queue[lane] === queue) heads[lane] = NONE
  }
}
