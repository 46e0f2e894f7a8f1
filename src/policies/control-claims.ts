import { NONE } from '../base/id.ts'
import { quotaBlocker } from '../core/blocker.ts'
import { leastCapW } from '../core/caps.ts'
import { gpusOn, leastNodesOf } from '../core/demand.ts'
import { searchFor, type Found } from '../core/fit.ts'
import { pendingCandidate, type PowerCandidate } from '../core/power-view.ts'
import { eachDeviation } from '../core/spread.ts'
import type { State } from '../core/state.ts'
import { nodeRange } from '../core/within.ts'
import type { Placement } from '../model/index.ts'
import { headsOf, nextLane, type IsBefore } from './pending.ts'
import type { BackfillPolicy, Blocked, PlacePolicy } from './policy.ts'
import { poolsFor } from './pools.ts'
import { sizeNow } from './size.ts'

/** Most heads of lanes that room is made for at a time. */
const CLAIMANTS_MOST = 8

/** What is charged and drawn under limits and targets of the next moments. */
const NOTHING = { chargeW: 0, drawW: 0, sdW: 0, stepW: 0 } as const

/** A job that claims watts, and which of the claimants before it go first. */
export type Claim = PowerCandidate & { readonly behind: readonly number[] }

/**
 * Jobs that are first in their turn and lack watts and nothing else, each where it would go: those
 * for which there are watts wait for their turn, as do those that would delay one that lacks nodes:
 * room for them would be made and, since they do not start, be given back, for ever. Whoever waits
 * for nodes that should have been free by now may wait for a job that is paused: watts that are
 * kept for those behind it would keep all of them for ever.
 */
export function claimants(view: State, { place, backfill, isBefore }: Turns): Claim[] {
  const heads = headsOf(view)
  const found: Claim[] = []
  const closed = new Set<number>()
  const blocked: Blocked[] = []
  const fullQueues = new Set<number>()
  const unfed: Blocked[] = []
  while (found.length < CLAIMANTS_MOST) {
    const lane = nextLane(view, heads, isBefore)
    if (lane < 0) break
    const job = heads[lane]!
    heads[lane] = NONE
    const queue = view.tables.jobs.queue[job]!
    if (quotaBlocker(view, job) !== undefined) {
      fullQueues.add(queue)
      continue
    }
    const pools = poolsFor(view, job, place)
    const isQueueFull = fullQueues.has(queue)
    const isBehind = isQueueFull || pools.every((pool) => closed.has(pool))
    // What overtakes others does so at its full size.
    const size = isBehind ? sizeNow(view, job) : leastSizeOf(view, job)
    const fed = placeIfFed(view, job, size, place)
    if (fed === undefined) continue
    if (!('placement' in fed)) {
      if (isQueueFull) continue
      if (!isBehind) blocked.push({ job, pools, found: fed })
      if (fed.missing !== 'window') for (const pool of pools) closed.add(pool)
      continue
    }
    const { placement } = fed
    const start = { job, placement, isQueueFull }
    const mayPass = (before: readonly Blocked[]) =>
      backfill.mayPass(view, before, start, isBefore, place)
    if (view.tables.jobs.gpus[job] === 0 || !mayPass(blocked)) continue
    const lacks = isBehindLate(view, job, placement, place) ? undefined
      : lackOf(view, job, size, place)
    if (lacks === undefined) continue
    const gpus = gpusOn(view, job, size)
    const behind = unfed.flatMap((each, at) => mayPass([each]) ? [] : [at])
    found.push({ ...pendingCandidate(view, job, placement, gpus), behind })
    unfed.push({ job, pools, found: lacks })
  }
  return found
}

/** Those whose turn it is once some are given watts: who goes behind one that is not waits. */
export function inTurn(
  claims: readonly Claim[], isGiven: (at: number) => boolean): readonly Claim[] {
  const isFirst = claims.map(() => true)
  claims.forEach(({ behind }, at) => {
    isFirst[at] = behind.every((before) => isFirst[before] === true && isGiven(before))
  })
  return isFirst.includes(false) ? claims.filter((_, at) => isFirst[at]) : claims
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
  if (node < first || node >= end) return false
  const fed = placeIfFed(view, holder, leastSizeOf(view, holder), place)
  return fed === undefined || !('placement' in fed)
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

/** Where a job would go if no watts were granted to others, its floors being met; or its lack. */
function placeIfFed(
  view: State, job: number, size: number, place: PlacePolicy): Found | undefined {
  let first: Blocked['found'] | undefined
  for (const pool of poolsFor(view, job, place)) {
    const search = searchFor(view, job, pool, size)
    if (search === undefined) continue
    const found = place.place(view, { ...search, power: { ...search.power!, ...NOTHING } })
    if ('placement' in found) return found
    if (first === undefined || first.missing === 'window') first = found
  }
  return first
}

/** What a job lacks to start at its lowest cap, in the first of its pools; or undefined. */
function lackOf(
  view: State, job: number, size: number, place: PlacePolicy): Blocked['found'] | undefined {
  let first: Blocked['found'] | undefined
  for (const pool of poolsFor(view, job, place)) {
    const layout = view.layout.pools[pool]!
    if (layout.system.device === NONE) continue
    const search = searchFor(view, job, pool, size, leastCapW(view, job, layout))
    if (search === undefined) continue
    const found = place.place(view, search)
    if ('placement' in found) return undefined
    if (first === undefined || first.missing === 'window') first = found
  }
  return first
}

function leastSizeOf(view: State, job: number): number {
  return leastNodesOf(view, job) || view.tables.jobs.nodes[job]!
}
