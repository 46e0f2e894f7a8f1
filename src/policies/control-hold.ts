import { bestOf as bestAt } from '../core/allocate-spot.ts'
import { chargeAt, PAUSED_W } from '../core/caps.ts'
import { checkCap } from '../core/guard-power.ts'
import { isSoldOver } from '../core/ledger.ts'
import { limitedFeeders } from '../core/limited.ts'
import { firstOverdueAtMs } from '../core/open-orders.ts'
import type { PowerCandidate } from '../core/power-view.ts'
import type { State } from '../core/state.ts'
import { LIMIT_KINDS, RATIO_ONE, type Decision, type JobCapped } from '../model/index.ts'
import { inTurn, type Claim } from './control-claims.ts'
import { isSafe, safeFor } from './control-safe.ts'
import { SAFE_MS, TICK_MS } from './control-times.ts'

const TARGET = LIMIT_KINDS.indexOf('target')

/**
 * Keeps what was decided while the prices of it hold. At those prices each job has caps that are
 * best for it, and the dual says how far what all have is from the best that limits allow: what
 * jobs lose by their caps, and what is left unused at its price. While that is little nothing is
 * ordered; where it is more, jobs for which two caps are worth the same take what is left or make
 * room. All of it follows from the state, so a replay decides the same.
 *
 * Returns whether that was enough; else all is to be solved anew. O(what changed).
 */
export function* hold(
  view: State, areMany: boolean, claimantsOf: () => readonly Claim[],
): Generator<Decision, boolean, boolean> {
  if (!isCalm(view, areMany)) return false
  const { limitW, grantW } = view.tables.feeders
  const limited = limitedFeeders(view)
  if (limited.some((feeder) => grantW[feeder]! > limitW[feeder]!)) return false
  const feeders = view.margins.pricedFeeders(view)
  // A price where nothing limits any more is of the past.
  if (!feeders.every((feeder) => limited.includes(feeder))) return false
  const { value, loss, farLoss } = view.margins.sums(view)
  const gap = loss + spareOf(view, feeders)
  // Those that are far off are helped here: they are no reason to solve all anew.
  if (gap > MOST_RATIO * value || gap - farLoss > SOLVE_RATIO * value) return false
  const waiting = view.totals.pending === 0 ? [] : claimantsOf()
  const worth = waiting.map(({ row }) => bestFor(view, row, feeders))
  const claims = inTurn(waiting, (at) => worth[at]!.net > 0)
  if (claims.length > 0 && feeders.length === 0) return false
  const isFarOff = view.margins.next(view, 'far', -1) >= 0
  if (gap <= REST_RATIO * value && !isFarOff && claims.length === 0) return true
  const needs = needsOf(view, feeders, claims)
  yield* helpFarOff(view)
  const reserve = RESERVE_RATIO * value
  if (view.totals.openCaps === 0 && needs.some((watts) => watts > 0)) {
    return yield* makeRoom(view, feeders, needs, reserve)
  }
  if (claims.length === 0) yield* fill(view, feeders, reserve)
  return true
}

/** Where more than this part of the value is missing, all is solved anew. */
export const SOLVE_RATIO = 9e-4
/** The same with jobs that are far off: what an allotment may be off the best. */
const MOST_RATIO = 1.2e-3
/** Where no more than this is missing, nothing is ordered. */
const REST_RATIO = 6e-4
/** What is left for jobs that are to start. */
export const RESERVE_RATIO = 3e-4
/** Most orders of a kind in a round; where more are needed, all is solved anew. */
const ORDERS_MOST = 256
/** Of the reserve: what is left at most where it takes many orders to use it. */
const MUCH = 1.9
/** With orders for about so many jobs what is needed is to be had, if they are large enough. */
const FEW = 64
/** So many jobs for which there is no room are tried when what is left is given away. */
export const MISSES_MOST = 4
/**
 * No target holds, nothing is sold over, no rule says how fast draw may move, no order is lost, and
 * no limit begins while the caps of now would be in force.
 */
function isCalm(view: State, areMany: boolean): boolean {
  const { totals, layout } = view
  if (layout.isRamped || isSoldOver(view)) return false
  if (firstOverdueAtMs(view) <= totals.nowMs) return false
  if (totals.limits === 0) return true
  if (totals.targets > 0 && !areMany) return false
  return areFar(view) && isSafe(view)
}

/**
 * Whether no limit begins in the coming day, and no target while orders of now are carried out:
 * what it asks of nodes by themselves their safe caps say. O(rows).
 */
function areFar({ layout, totals, tables: { limits } }: State): boolean {
  const { capMs, pauseMs } = layout.plant.power
  const soonMs = totals.nowMs + Math.max(capMs, pauseMs) + 2 * TICK_MS
  for (let row = 0; row < totals.limitRows; row++) {
    const startMs = limits.startAtMs[row]!
    if (limits.endAtMs[row]! <= totals.nowMs) continue
    if (limits.kind[row] === TARGET ? startMs <= soonMs
      : startMs > totals.nowMs && startMs <= totals.nowMs + SAFE_MS) return false
  }
  return true
}

/** What is left at feeders, at their prices. */
function spareOf(view: State, feeders: readonly number[]): number {
  const { limitW, grantW, price } = view.tables.feeders
  let worth = 0
  for (const feeder of feeders) worth += price[feeder]! * (limitW[feeder]! - grantW[feeder]!)
  return worth
}

/** Watts missing at each feeder for claimants that are worth them, and for jobs that lose much. */
function needsOf(
  view: State, feeders: readonly number[], claims: readonly PowerCandidate[]): number[] {
  const { limitW, grantW } = view.tables.feeders
  const needs = feeders.map(() => 0)
  for (const { row } of claims) {
    const best = bestFor(view, row, feeders)
    if (best.net <= 0) continue
    const watts = row.options.grantW[best.point]!
    feeders.forEach((feeder, at) => {
      needs[at] = needs[at]! + weightAt(view, row, feeder) * watts
    })
  }
  for (let job = view.margins.next(view, 'far', -1); job >= 0;
    job = view.margins.next(view, 'far', job)) {
    const byW = view.margins.bestOf(job).lowW - view.tables.jobs.orderedW[job]!
    if (byW <= 0) continue
    const { row } = view.margins.candidateOf(job)
    feeders.forEach((feeder, at) => {
      needs[at] = needs[at]! + weightAt(view, row, feeder) * byW
    })
  }
  return needs.map((watts, at) => {
    const feeder = feeders[at]!
    return watts === 0 ? 0 : Math.max(0, watts - (limitW[feeder]! - grantW[feeder]!))
  })
}

/** What is best for a job at the prices of feeders. */
function bestFor(view: State, row: PowerCandidate['row'], feeders: readonly number[]) {
  const { price } = view.tables.feeders
  const grantCost = feeders.reduce((sum, feeder) =>
    sum + weightAt(view, row, feeder) * price[feeder]!, 0)
  return bestAt(row.options, { grantCost, drawCost: 0 })
}

/** Jobs that lose much by their caps get better ones where there is room. */
function* helpFarOff(view: State): Generator<Decision, void, boolean> {
  const { margins } = view
  let orders = 0
  for (let job = margins.next(view, 'far', -1); job >= 0 && orders < ORDERS_MOST;
    job = margins.next(view, 'far', job)) {
    const orderedW = view.tables.jobs.orderedW[job]!
    const { lowW, highW } = margins.bestOf(job)
    const capW = orderedW < lowW ? lowW : Math.min(orderedW, highW)
    if (capW === orderedW || view.tables.jobs.capAtMs[job] !== 0) continue
    const step: JobCapped = { type: 'job.capped', job, capW, safeW: safeFor(view, job, capW) }
    if (capW > orderedW && checkCap(view, step) !== undefined) continue
    orders++
    yield { steps: [step] }
  }
}

/**
 * Jobs are capped lower until so many watts will be free: those that lose nothing by it first, then
 * those that lose little. All that is needed is ordered, or nothing: else what is solved for then
 * would take it back, for ever.
 */
function* makeRoom(
  view: State, feeders: readonly number[], needs: readonly number[], reserve: number,
): Generator<Decision, boolean, boolean> {
  const caps = new Map<number, number>()
  for (let at = 0; at < feeders.length; at++) {
    if (needs[at] === 0) continue
    const feeder = feeders[at]!
    const reserveW = reserve / view.tables.feeders.price[feeder]!
    const wantW = needs[at]! + reserveW
    let leftW = wantW
    for (const side of ['above', 'nearAbove'] as const) {
      leftW = lower(view, feeder, leftW, { side, leastW: wantW / FEW, caps })
    }
    // Small ones, of which it takes many, only make the room that is needed.
    leftW -= reserveW
    for (const side of ['above', 'nearAbove'] as const) {
      leftW = lower(view, feeder, leftW, { side, leastW: 0, caps })
    }
    if (leftW > 0) return false
  }
  for (const [job, capW] of caps) {
    yield { steps: [{ type: 'job.capped', job, capW, safeW: safeFor(view, job, capW) }] }
  }
  return true
}

/** Which jobs give way: those that free at least so many watts at a feeder; and their new caps. */
type Lowered = {
  readonly side: 'above' | 'nearAbove', readonly leastW: number
  readonly caps: Map<number, number>
}

/** Lowers jobs below a feeder by so many watts there; returns how many are missing. */
function lower(
  view: State, feeder: number, watts: number, { side, leastW, caps }: Lowered): number {
  const { margins } = view
  const { jobs } = view.tables
  let shortW = watts
  let orders = 0
  for (let job = margins.next(view, side, -1); job >= 0 && shortW > 0;
    job = margins.next(view, side, job)) {
    const weight = weightAt(view, margins.candidateOf(job).row, feeder)
    const { lowW } = side === 'above' ? margins.bestOf(job) : margins.nearOf(job)
    const orderedW = caps.get(job) ?? jobs.orderedW[job]!
    if (weight === 0 || lowW >= orderedW) continue
    // A pause is all or nothing.
    const capW = lowW === PAUSED_W ? lowW
      : Math.max(lowW, orderedW - Math.ceil(shortW / weight))
    // Larger jobs come first: those that follow free even less.
    if ((orderedW - lowW) * weight < leastW) return shortW
    if (++orders > ORDERS_MOST) return shortW
    const pool = view.layout.pools[jobs.pool[job]!]!
    shortW -= weight * (chargeAt(pool, view, orderedW) - chargeAt(pool, view, capW))
    caps.set(job, capW)
  }
  return shortW
}

/**
 * What is left goes to jobs to which it is worth its price, or nearly, but for a reserve: to large
 * ones, so that they are few.
 */
function* fill(
  view: State, feeders: readonly number[], reserve: number): Generator<Decision, void, boolean> {
  const few = (spareOf(view, feeders) - reserve) / FEW
  for (const side of ['below', 'nearBelow'] as const) {
    yield* raise(view, feeders, { reserve, side, least: few })
  }
  // Small ones, of which it takes many, only get what would be too much.
  for (const side of ['below', 'nearBelow'] as const) {
    yield* raise(view, feeders, { reserve: MUCH * reserve, side, least: 0 })
  }
}

/** Which jobs are raised: those that take at least so much of value, until no more is left. */
type Raised = {
  readonly reserve: number, readonly side: 'below' | 'nearBelow', readonly least: number,
}

function* raise(
  view: State, feeders: readonly number[], { reserve, side, least }: Raised,
): Generator<Decision, void, boolean> {
  const { margins } = view
  const { orderedW, capAtMs } = view.tables.jobs
  let misses = 0
  let orders = 0
  for (let job = margins.next(view, side, -1); job >= 0 && misses < MISSES_MOST;
    job = margins.next(view, side, job)) {
    if (spareOf(view, feeders) <= reserve || orders >= ORDERS_MOST) return
    const capW = (side === 'below' ? margins.bestOf(job) : margins.nearOf(job)).highW
    if ((capW - orderedW[job]!) * margins.costOfJob(job) < least) return
    if (capAtMs[job] !== 0) continue
    const step: JobCapped = { type: 'job.capped', job, capW, safeW: safeFor(view, job, capW) }
    if (checkCap(view, step) === undefined) {
      orders++
      yield { steps: [step] }
    } else {
      misses++
    }
  }
}

/** Watts at a feeder for a watt on each device of a job. O(its racks × depth). */
function weightAt(view: State, row: PowerCandidate['row'], feeder: number): number {
  const { feederParent } = view.layout
  const { ratioPer10k } = view.tables.feeders
  let weight = 0
  for (let share = 0; share < row.feeders.length; share++) {
    let watts = row.devices[share]!
    let at = row.feeders[share]!
    while (at > feeder) {
      watts *= ratioPer10k[at]! / RATIO_ONE
      at = feederParent[at]!
    }
    if (at === feeder) weight += watts
  }
  return weight
}
