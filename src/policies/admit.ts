import { NONE } from '../base/id.ts'
import { quotaBlocker } from '../core/blocker.ts'
import { hasNews, type Policy } from '../core/decide.ts'
import type { Found } from '../core/fit.ts'
import type { State } from '../core/state.ts'
import type { Decision } from '../model/index.ts'
import { consolidateFor } from './consolidate.ts'
import { growthOf, shrinkFor } from './elastic.ts'
import { headOf, headsOf, nextLane, type IsBefore } from './pending.ts'
import type {
  BackfillPolicy, Blocked, ConsolidatePolicy, PlacePolicy, PreemptPolicy,
} from './policy.ts'
import { poolsClosedBy, poolsFor } from './pools.ts'
import { preemptFor } from './preempt.ts'
import { placeIn, startAt, type Placed } from './size.ts'

/**
 * Starts pending jobs in their order. A job that cannot start may get room: from elastic jobs that
 * can do with less, from jobs that it may preempt, by moving others aside. Else it blocks the pools
 * that it could use for all behind it, and when it lacks power, every pool below the feeder that
 * binds; a job whose queue is at its quota blocks only its queue. Then backfill may start what
 * delays none of them; and where nothing is blocked, elastic jobs grow. Costs the jobs started,
 * plus one search for each pair of queue and device type.
 */
export function admit(policies: Policies): Policy {
  return {
    name: 'admit',
    run: (view) => hasNews(view) ? startInOrder(view, policies) : nothing(),
  }
}

function* nothing(): Generator<Decision, void, boolean> {
  // Only caps are to be looked at.
}

export type Policies = {
  readonly isBefore: IsBefore
  readonly place: PlacePolicy
  readonly backfill: BackfillPolicy
  readonly preempt: PreemptPolicy
  readonly consolidate: ConsolidatePolicy
}

/**
 * The first place for a job among its open pools, in their order, or what the first one lacks: what
 * a window keeps only where no pool lacks what others could take, in whatever order they are tried.
 */
function placeJob(
  view: State, job: number, pools: readonly number[], closed: readonly number[],
  place: PlacePolicy): Found | undefined {
  let first: Blocked['found'] | undefined
  for (const pool of pools) {
    if (closed.includes(pool)) continue
    const found = placeIn(view, job, pool, place)
    if (found === undefined) continue
    if ('placement' in found) return found
    if (first === undefined || first.missing === 'window') first = found
  }
  return first
}

export function startOf(job: number, found: Placed): Decision {
  return { steps: [startAt(job, found)] }
}

function* startInOrder(
  view: State, policies: Policies): Generator<Decision, void, boolean> {
  const { isBefore, place, backfill } = policies
  // Where room was made, some may be left over; where there are quotas, a start of one may let
  // another pass a third that now lacks quota; where draw counts, it changes what readings say of
  // all that is drawn, and so of what is left: all are looked at again.
  for (;;) {
    const heads = yield* startHeads(view, policies)
    if (heads === undefined) continue
    const { blocked, isQuotaBound } = heads
    if (blocked.length === 0 && !isQuotaBound) break
    const { running } = view.totals
    yield* backfill.fill(view, blocked, place, isBefore)
    if (running !== view.totals.running && mayPass(view, blocked)) continue
    if (blocked.length === 0) break
    return
  }
  if (view.totals.shrunk === 0) return
  let grown = growthOf(view, place)
  while (grown !== undefined && (yield grown)) grown = growthOf(view, place)
}

/** What is left when no head can start: those that are blocked, and whether a quota is full. */
type Heads = { readonly blocked: readonly Blocked[], readonly isQuotaBound: boolean }

/** Starts the first of each lane while one can; what is blocked, or undefined to look again. */
function* startHeads(
  view: State, policies: Policies): Generator<Decision, Heads | undefined, boolean> {
  const { isBefore, place } = policies
  const heads = headsOf(view)
  const blocked: Blocked[] = []
  /** Pools in which nothing more may start in this round. */
  const closed: number[] = []
  let isChanged = false
  let isQuotaBound = false
  for (;;) {
    const lane = nextLane(view, heads, isBefore)
    if (lane < 0) return isChanged ? undefined : { blocked, isQuotaBound }
    const job = heads[lane]!
    const pools = poolsFor(view, job, place)
    if (closed.length > 0 && pools.every((pool) => closed.includes(pool))) {
      heads[lane] = NONE
      continue
    }
    if (quotaBlocker(view, job) !== undefined) {
      if (yield* makeWay(view, { job, found: undefined }, policies)) return undefined
      isQuotaBound = true
      closeQueue(view, heads, view.tables.jobs.queue[job]!)
      continue
    }
    const found = placeJob(view, job, pools, closed, place)
    if (found !== undefined && 'placement' in found && (yield startOf(job, found))) {
      heads[lane] = headOf(view, lane)
      isChanged = blocked.length > 0 && mayPass(view, blocked)
      continue
    }
    heads[lane] = NONE
    if (found === undefined || 'placement' in found) continue
    if (yield* makeWay(view, { job, found }, policies)) return undefined
    blocked.push({ job, pools, found })
    // A window is no capacity that others could take away: they may pass.
    if (found.missing !== 'window') closed.push(...poolsClosedBy(view, pools, found))
  }
}

/** Whether a start of others may be what lets a blocked job start. */
function mayPass(view: State, blocked: readonly Blocked[]): boolean {
  return view.layout.quotas.isLimited
    || blocked.some(({ found }) => found.missing === 'power' && found.ledger === 'drawW')
}

/** Room for a blocked job; says whether it started. Whoever had to stop waits again. */
function* makeWay(
  view: State, { job, found }: Head, { place, preempt, consolidate }: Policies,
): Generator<Decision, boolean, boolean> {
  const shrink = view.totals.elastic > 0 ? shrinkFor(view, job, place) : undefined
  if (shrink !== undefined && (yield shrink)) return true
  if (yield* preemptFor(view, job, place, preempt)) return true
  if (!consolidate.isOn || found === undefined) return false
  const moves = consolidateFor(view, job, found, place)
  return moves !== undefined && (yield moves)
}

type Head = {
  readonly job: number
  /** What it lacks; undefined where that is quota. */
  readonly found: Blocked['found'] | undefined
}

function closeQueue(view: State, heads: number[], queue: number): void {
  for (let lane = 0; lane < heads.length; lane++) {
    if (view.tables.lanes.queue[lane] === queue) heads[lane] = NONE
  }
}
