import { NONE } from '../base/id.ts'
import { shapeOfJob } from '../core/allocation.ts'
import { poolsOf, quotaBlocker } from '../core/blocker.ts'
import type { Policy } from '../core/decide.ts'
import type { Found } from '../core/fit.ts'
import type { State } from '../core/state.ts'
import { firstItem } from '../core/tree.ts'
import type { Decision } from '../model/index.ts'
import type { BackfillPolicy, Blocked, PlacePolicy } from './policy.ts'

/**
 * Starts pending jobs in their order. A job that cannot start blocks the pools that it could use
 * for all behind it, and when it lacks power, every pool below the feeder that binds; a job whose
 * queue is at its quota blocks only its queue. Then backfill may start what delays none of them.
 * Costs the jobs started, plus one search for each pair of queue and device type.
 */
export function admit(place: PlacePolicy, backfill: BackfillPolicy): Policy {
  return {
    name: 'admit',
    *run(view) {
      const blocked: Blocked[] = []
      yield* startInOrder(view, place, blocked)
      if (blocked.length > 0) yield* backfill.fill(view, blocked, place)
    },
  }
}

/** The first place for a job among some pools, in their order, or what the first one lacks. */
function placeJob(
  view: State, job: number, pools: readonly number[], place: PlacePolicy): Found | undefined {
  let first: Found | undefined
  for (const pool of pools) {
    const shape = shapeOfJob(view, job, pool)
    if (shape === undefined) continue
    const found = place.place(view, { pool, shape, level: view.tables.jobs.level[job]! })
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
  view: State, place: PlacePolicy, blocked: Blocked[]): Generator<Decision, void, boolean> {
  const { totals, layout } = view
  const heads = new Int32Array(totals.lanes)
  for (let lane = 0; lane < heads.length; lane++) heads[lane] = headOf(view, lane)
  const isBlocked = new Uint8Array(layout.pools.length)
  for (;;) {
    const lane = nextLane(view, heads)
    if (lane < 0) return
    const job = heads[lane]!
    const pools = poolsOf(view, job)
    const isOpen = (pool: number) => isBlocked[pool] === 0
    if (!pools.some(isOpen)) {
      heads[lane] = NONE
      continue
    }
    if (quotaBlocker(view, job) !== undefined) {
      closeQueue(view, heads, view.tables.jobs.queue[job]!)
      continue
    }
    const open = pools.every(isOpen) ? pools : pools.filter(isOpen)
    const found = placeJob(view, job, open, place)
    if (found !== undefined && 'placement' in found && (yield startOf(job, found))) {
      heads[lane] = headOf(view, lane)
      continue
    }
    heads[lane] = NONE
    if (found === undefined || 'placement' in found) continue
    blocked.push({ job, pools, found })
    for (const pool of pools) isBlocked[pool] = 1
    if (found.missing !== 'power') continue
    layout.pools.forEach(({ feedersAbove }, pool) => {
      if (feedersAbove.has(found.feeder)) isBlocked[pool] = 1
    })
  }
}

function headOf(view: State, lane: number): number {
  const item = firstItem(view, view.tables.lanes.root[lane]!)
  return item === NONE ? NONE : item - view.layout.plant.nodes
}

/** The lane whose head goes first: by rank, then by number. */
function nextLane(view: State, heads: Int32Array): number {
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

function closeQueue(view: State, heads: Int32Array, queue: number): void {
  for (let lane = 0; lane < heads.length; lane++) {
    if (view.tables.lanes.queue[lane] === queue) heads[lane] = NONE
  }
}
