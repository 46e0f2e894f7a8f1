import { NONE } from '../base/id.ts'
import { quotaBlocker, searchAtLeast } from '../core/blocker.ts'
import { gpusOn, leastNodesOf } from '../core/demand.ts'
import { searchFor } from '../core/fit.ts'
import { pendingCandidate, type PowerCandidate } from '../core/power-view.ts'
import { eachDeviation } from '../core/spread.ts'
import type { State } from '../core/state.ts'
import { nodeRange } from '../core/within.ts'
import type { Placement } from '../model/index.ts'
import { headsOf, nextLane, type IsBefore } from './pending.ts'
import type { BackfillPolicy, PlacePolicy } from './policy.ts'
import { poolsFor } from './pools.ts'

/** Most heads of lanes that room is made for at a time. */
const CLAIMANTS_MOST = 8

/** What is charged and drawn under limits and targets of the next moments. */
const NOTHING = { chargeW: 0, drawW: 0, sdW: 0, stepW: 0 } as const

/**
 * Jobs that are first in their turn and lack watts and nothing else, each where it would go: those
 * for which there are watts wait for their turn. Whoever waits for nodes that should have been free
 * by now may wait for a job that is paused: watts that are kept for those behind it would keep all
 * of them for ever.
 */
export function claimants(
  view: State, { place, backfill, isBefore }: Turns): PowerCandidate[] {
  const heads = headsOf(view)
  const found: PowerCandidate[] = []
  const closed = new Set<number>()
  while (found.length < CLAIMANTS_MOST) {
    const lane = nextLane(view, heads, isBefore)
    if (lane < 0) break
    const job = heads[lane]!
    heads[lane] = NONE
    if (quotaBlocker(view, job) !== undefined) continue
    const placement = placeIfFed(view, job, place)
    if (placement === undefined) {
      if (backfill.isStrict !== true) continue
      for (const pool of poolsFor(view, job, place)) closed.add(pool)
    } else if (view.tables.jobs.gpus[job]! > 0 && !closed.has(placement.pool)
      && !isBehindLate(view, job, placement, place) && !isFed(view, job, place)) {
      found.push(pendingCandidate(view, job, placement, gpusOn(view, job, leastSizeOf(view, job))))
    }
  }
  return found
}

/** Who goes where and in which turn. */
export type Turns = {
  readonly place: PlacePolicy, readonly backfill: BackfillPolicy, readonly isBefore: IsBefore
}

/** Whether the nodes of its pool are reserved from now on for a job that lacks more than watts. */
function isBehindLate(
  view: State, job: number, placement: Placement, place: PlacePolicy): boolean {
  const { reservedJob, reservedAtMs, reservedDomain } = view.tables.pools
  const holder = reservedJob[placement.pool]!
  // A time that was missed is reserved anew, for the next instant.
  const isLate = reservedAtMs[placement.pool]! <= view.totals.nowMs + 1
  if (holder === NONE || holder === job || !isLate) return false
  const [first, end] = nodeRange(view, reservedDomain[placement.pool]!)
  const node = placement.spans[0]!
  return node >= first && node < end && placeIfFed(view, holder, place) === undefined
}

/**
 * What the claimants that are given watts would draw, watts by feeder. O(feeders + racks of them).
 */
export function claimed(
  view: State, waiting: readonly PowerCandidate[], grantW: ArrayLike<number>): Float64Array {
  const watts = new Float64Array(view.layout.feederParent.length)
  waiting.forEach(({ placement, row: { options } }, at) => {
    if (!(grantW[at]! > 0)) return
    const point = options.grantW.findIndex((pointW) => pointW > 0)
    eachDeviation(view, placement, options.drawW[point]!, (feeder, drawW) => {
      watts[feeder] = watts[feeder]! + drawW
    })
  })
  return watts
}

/** Where a job would go if no watts were granted to others, its floors being met. */
function placeIfFed(view: State, job: number, place: PlacePolicy): Placement | undefined {
  for (const pool of poolsFor(view, job, place)) {
    const search = searchFor(view, job, pool, leastSizeOf(view, job))
    if (search === undefined) continue
    const found = place.place(view, { ...search, power: { ...search.power!, ...NOTHING } })
    if ('placement' in found) return found.placement
  }
  return undefined
}

/** Whether a job has all that it needs to start at its lowest cap. */
function isFed(view: State, job: number, place: PlacePolicy): boolean {
  return poolsFor(view, job, place).some((pool) => {
    const search = searchAtLeast(view, job, pool)
    return search !== undefined && 'placement' in place.place(view, search)
  })
}

function leastSizeOf(view: State, job: number): number {
  return leastNodesOf(view, job) || view.tables.jobs.nodes[job]!
}
