import { NONE } from '../base/id.ts'
import { placementOf } from '../core/allocation.ts'
import { quotaBlocker } from '../core/blocker.ts'
import { shapeOfJob } from '../core/demand.ts'
import { searchFor } from '../core/fit.ts'
import { busyUntilOf } from '../core/holder.ts'
import { siteDomainOf } from '../core/releases.ts'
import { nodesOf } from '../core/shape.ts'
import type { State } from '../core/state.ts'
import { LEVELS, type Decision, type Placement } from '../model/index.ts'
import { startOf } from './admit.ts'
import {
  expectedEndAtMs, hasFree, isHero, isPlainJob, LOOKED_AT_MOST, nodesForPower, recordOf,
  startedBehind,
} from './backfill.ts'
import { forEachServing } from './node-times.ts'
import { candidates, type IsBefore } from './pending.ts'
import type { BackfillPolicy, Blocked, PlacePolicy, PossibleStart } from './policy.ts'
import { poolsFor } from './pools.ts'
import { placeOn, sizeNow } from './size.ts'

/**
 * EASY backfill (Lifka, 1995): each blocked head gets a reservation, the earliest time at which
 * enough nodes will be free if every running job ends when expected; a later job may start now if
 * it is expected to end by then, or uses only nodes that the head will not need.
 */
export const easy: BackfillPolicy = {
  name: 'easy',
  summary: 'later jobs may start if they do not delay the reservation of a blocked one',
  *fill(view, blocked, place, isBefore) {
    if (blocked.length === 0) return
    const holds: Hold[] = []
    for (const head of blocked) {
      // Nobody can take away what only a window keeps.
      if (head.found.missing === 'window') continue
      const hold = reserve(view, head)
      if (hold === undefined) continue
      if (isHero(view, head.job)) hold.lent = lentBy(view, hold, isBefore)
      holds.push(hold)
      const record = recordOf(view, hold.job, hold.domain, hold.atMs)
      if (record !== undefined) yield record
    }
    yield* fillBehind(view, holds, new Set(blocked.map((head) => head.job)), place, isBefore)
  },
  mayPass,
}

/** Whether a job may start at a place now: it delays no blocked one. */
export function mayPass(
  view: State, blocked: readonly Blocked[], { job, placement }: PossibleStart, isBefore: IsBefore,
): boolean {
  const endAtMs = expectedEndAtMs(view, job)
  return blocked.every((head) => {
    const hold = head.found.missing === 'window' ? undefined : reserve(view, head)
    if (hold === undefined || endAtMs <= hold.lateMs) return true
    if (view.layout.pools[placement.pool]!.feedersAbove.has(hold.feeder)) return false
    if (hold.pool !== placement.pool) return true
    if (isHero(view, head.job)) hold.lent = lentBy(view, hold, isBefore)
    return costOf(view, hold, placement) <= spareOf(view, hold)
  })
}

/** A reservation as this round needs it. */
type Hold = {
  readonly job: number
  readonly pool: number
  readonly domain: number
  readonly atMs: number
  /** Whoever ends later outlasts the reservation; against a hero's everybody does. */
  readonly lateMs: number
  readonly need: number
  /** The feeder that lacks power, or -1: below it nothing that outlasts the hold may start. */
  readonly feeder: number
  /** Nodes that jobs behind a hero hold and are expected to give back by then. */
  lent: number
}

const NO_HOLDS: readonly Hold[] = []

function reserve(view: State, head: Blocked): Hold | undefined {
  const { found } = head
  const isPower = found.missing === 'power'
  let best: Hold | undefined
  for (const pool of head.pools) {
    const shape = shapeOfJob(view, head.job, pool)
    if (shape === undefined) continue
    const need = isPower ? nodesForPower(view, found, pool) : nodesOf(shape)
    const level = isPower ? LEVELS.length - 1 : Math.max(1, view.tables.jobs.level[head.job]!)
    const { firstDomain, endDomain } = view.layout.pools[pool]!.levels[level - 1]!
    for (let domain = firstDomain; domain < endDomain; domain++) {
      const atMs = timeOf(view, domain, level, need, head)
      if (atMs === Infinity || (best !== undefined && best.atMs <= atMs)) continue
      const feeder = isPower ? found.feeder : NONE
      const lateMs = isHero(view, head.job) ? -Infinity : atMs
      best = { job: head.job, pool, domain, atMs, lateMs, need, feeder, lent: 0 }
    }
  }
  return best
}

/**
 * When the domain will have `need` free nodes. Exact below a site, by sums for a whole site. Runs
 * that are over their expected time may end at any moment, or not for long: they are counted on
 * only where the others do not suffice.
 */
function timeOf(
  view: State, domain: number, level: number, need: number, head: Blocked): number {
  const { domains } = view.tables
  const soonMs = view.totals.nowMs + 1
  if (level < LEVELS.length - 1) {
    const until = busyTimes(view, domain)
    return until.length < need ? Infinity : Math.max(soonMs, until.sort()[need - 1]!)
  }
  // Free nodes do not help a head that lacks watts, or cores on the nodes that are free.
  const isFreeUseful = head.found.missing === 'nodes' || head.found.missing === 'devices'
  const free = isFreeUseful ? domains.freeNodes[domain]! : 0
  const rest = Math.max(1, need - free)
  const { releases, totals } = view
  const dueMs = releases.reaching(view, domain, rest + releases.upTo(view, domain, totals.nowMs))
  return dueMs < Infinity ? dueMs : Math.max(soonMs, releases.reaching(view, domain, rest))
}

/** When each serving node of a domain below the site is expected to be free. O(its nodes). */
function busyTimes(view: State, domain: number): Float64Array {
  const until: number[] = []
  forEachServing(view, domain, (node) => until.push(busyUntilOf(view, node)))
  return Float64Array.from(until)
}

function* fillBehind(
  view: State, holds: readonly Hold[], heads: ReadonlySet<number>, place: PlacePolicy,
  isBefore: IsBefore,
): Generator<Decision, void, boolean> {
  const open = view.layout.pools.map((_, pool) => hasFree(view, pool))
  if (!open.includes(true)) return
  /** Smallest gang that may not start, by lane and by how many holds it outlasts. */
  const tooLarge = new Map<number, number>()
  const firstHoldMs = holds.reduce((least, hold) => Math.min(least, hold.lateMs), Infinity)
  const powerHoldMs = view.layout.pools.map(({ feedersAbove }) => holds.reduce((least, hold) =>
    feedersAbove.has(hold.feeder) ? Math.min(least, hold.lateMs) : least, Infinity))
  for (const job of candidates(view, LOOKED_AT_MOST, isBefore)) {
    const endAtMs = expectedEndAtMs(view, job)
    const pools = poolsFor(view, job, place)
    if (heads.has(job) || pools.every((pool) => endAtMs > powerHoldMs[pool]!)) continue
    if (quotaBlocker(view, job) !== undefined) continue
    const { jobs } = view.tables
    const late = endAtMs > firstHoldMs ? holds.filter((hold) => endAtMs > hold.lateMs) : NO_HOLDS
    const key = jobs.lane[job]! * (holds.length + 1) + late.length
    const isPlain = isPlainJob(view, job)
    if (isPlain && jobs.gpus[job]! >= (tooLarge.get(key) ?? Infinity)) continue
    const isOpen = (pool: number) => open[pool]! && endAtMs <= powerHoldMs[pool]!
    const start = placeBehind(view, job, late, pools.filter(isOpen), place)
    if (start !== undefined && (yield start)) {
      for (const hold of late) if (isHero(view, hold.job)) hold.lent = lentBy(view, hold, isBefore)
      continue
    }
    if (isPlain) tooLarge.set(key, jobs.gpus[job]!)
  }
}

/** A place for a job that takes nothing from the holds that it outlasts. */
function placeBehind(
  view: State, job: number, late: readonly Hold[], pools: readonly number[], place: PlacePolicy,
): Decision | undefined {
  for (const pool of pools) {
    const search = searchFor(view, job, pool, sizeNow(view, job))
    if (search === undefined) continue
    const here = late.filter((hold) => hold.pool === pool)
    if (here.some((hold) => isHopeless(view, hold, nodesOf(search.shape)))) continue
    const found = placeOn(view, job, pool, sizeNow(view, job), place)
    if (found === undefined || !('placement' in found)) continue
    if (here.every((hold) => costOf(view, hold, found.placement) <= spareOf(view, hold))) {
      return startOf(job, found)
    }
  }
  return undefined
}

/** A gang of several nodes that outlasts a reservation without any spare node needs no search. */
function isHopeless(view: State, hold: Hold, nodes: number): boolean {
  const { levels } = view.layout.pools[hold.pool]!
  const isOnlySite = levels.at(-1)!.endDomain - levels.at(-1)!.firstDomain === 1
  return nodes > 1 && isOnlySite && hold.domain >= levels.at(-1)!.firstDomain
    && spareOf(view, hold) < nodes
}

/** Nodes of the reserved domain that the head will leave at its time. */
function spareOf(view: State, hold: Hold): number {
  const { domains } = view.tables
  const { levels } = view.layout.pools[hold.pool]!
  if (hold.domain >= levels.at(-1)!.firstDomain) {
    const { nowMs } = view.totals
    const overdue = hold.atMs > nowMs + 1 ? view.releases.upTo(view, hold.domain, nowMs) : 0
    return domains.freeNodes[hold.domain]!
      + view.releases.upTo(view, hold.domain, hold.atMs) - overdue - hold.need - hold.lent
  }
  let ready = 0
  for (const atMs of busyTimes(view, hold.domain)) if (atMs <= hold.atMs) ready++
  return ready - hold.need - hold.lent
}

/** What jobs behind a hero hold of its domain and should give back in time. */
function lentBy(view: State, hold: Hold, isBefore: IsBefore): number {
  const { expectedEndAtMs: endAtMs } = view.tables.jobs
  return startedBehind(view, hold.job, hold.pool, isBefore)
    .filter((job) => endAtMs[job]! <= hold.atMs)
    .reduce((sum, job) => sum + costOf(view, hold, placementOf(view, job)), 0)
}

/** Nodes that a placement takes from those which the head counts on. */
function costOf(view: State, hold: Hold, placement: Placement): number {
  const { layout } = view
  const isSite = hold.domain >= layout.pools[hold.pool]!.levels.at(-1)!.firstDomain
  let cost = 0
  for (let at = 0; at < placement.spans.length; at += 3) {
    for (let node = placement.spans[at]!; node < placement.spans[at + 1]!; node++) {
      const isHere = isSite ? siteDomainOf(layout, node) === hold.domain
        : isWithin(view, node, hold.domain)
      if (!isHere) continue
      if (busyUntilOf(view, node) <= hold.atMs) cost++
    }
  }
  return cost
}

function isWithin(view: State, node: number, domain: number): boolean {
  const { layout } = view
  let at = layout.domainOfRack[layout.rackOfNode[node]!]!
  while (at >= 0 && at !== domain) at = layout.parent[at]!
  return at === domain
}
