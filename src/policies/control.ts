import { NONE } from '../base/id.ts'
import type { Allotment } from '../core/allocate-allotment.ts'
import { columnsOf, type PowerJobs, type PowerTree } from '../core/allocate-input.ts'
import { quotaBlocker } from '../core/blocker.ts'
import { chargeAt, PAUSED_W } from '../core/caps.ts'
import type { Policy } from '../core/decide.ts'
import { gpusOn, leastNodesOf } from '../core/demand.ts'
import { searchFor } from '../core/fit.ts'
import { checkCap } from '../core/guard-power.ts'
import { isRamping, nextFallMs } from '../core/limits.ts'
import {
  capFor, pendingCandidate, placedCandidates, powerTree, type PowerCandidate,
} from '../core/power-view.ts'
import { POWER, type State } from '../core/state.ts'
import { NEVER_MS } from '../core/windows.ts'
import type { Decision, JobCapped, PowerPriced } from '../model/index.ts'
import { headsOf, nextLane, type IsBefore } from './pending.ts'
import type { PlacePolicy, PowerPolicy } from './policy.ts'
import { poolsFor } from './pools.ts'

/**
 * Sets caps so that what the feeders grant and what is drawn stays under all that limits them, now
 * and by the time an order could act. First what must come down is ordered down; what may go up goes
 * up as far as there is room, the rest when the lower caps are confirmed. Jobs at the head of their
 * lanes that lack nothing but watts count as claimants, so room is made for them where they are
 * worth more than what others lose. Costs nothing where nothing binds and nothing is capped.
 */
export function control(policy: PowerPolicy, place: PlacePolicy, isBefore: IsBefore): Policy {
  return { name: 'power', run: (view) => setCaps(view, { policy, place, isBefore }) }
}

type Parts = {
  readonly policy: PowerPolicy, readonly place: PlacePolicy, readonly isBefore: IsBefore
}

/** Most heads of lanes that room is made for at a time. */
const CLAIMANTS_MOST = 8

/** How far ahead the caps that nodes set by themselves must hold. */
const SAFE_MS = 86_400_000

function* setCaps(view: State, parts: Parts): Generator<Decision, void, boolean> {
  const { totals } = view
  if (totals.isPowered === 0) return
  const { capMs, pauseMs, meterEveryMs } = view.layout.plant.power
  if ((totals.powerNews & POWER.due) === 0) {
    // What changed may let caps up, or make room for a job that waits: with the next reading.
    const isOpen = totals.powerNews !== 0 && (totals.capped > 0 || totals.pending > 0)
    const atMs = totals.nowMs + meterEveryMs
    if (isOpen && atMs < totals.powerAtMs) yield { steps: [{ type: 'power.due', atMs }] }
    return
  }
  if (isQuiet(view, Math.max(capMs, pauseMs))) {
    yield* lookAgain(view)
    return
  }
  const placed = placedCandidates(view)
  const waiting = claimants(view, parts)
  const all = [...placed, ...waiting]
  const rows = columnsOf(all.map((each) => each.row))
  // A pause takes longer than a cap: where one is needed, it is ordered so much earlier.
  let allotment = solve(view, parts.policy, rows, pauseMs)
  if (!hasNewPause(view, placed, allotment)) allotment = solve(view, parts.policy, rows, capMs)
  const safe = nextFallMs(view, totals.nowMs) === NEVER_MS ? allotment
    : solve(view, parts.policy, rows, SAFE_MS)
  yield* order(view, placed, allotment, safe)
  yield* publish(view, allotment)
  yield* lookAgain(view)
}

/** Nothing is capped, nothing is over its limit or will be soon, and nobody waits for watts. */
function isQuiet(view: State, aheadMs: number): boolean {
  const { totals, tables } = view
  if (nextFallMs(view, totals.nowMs) <= totals.nowMs + aheadMs) return false
  if ((totals.powerNews & POWER.changed) === 0 && totals.targets === 0) return true
  if (totals.capped > 0 || totals.openCaps > 0 || totals.targets > 0) return false
  const { limitW, grantW } = tables.feeders
  for (let feeder = 0; feeder < limitW.length; feeder++) {
    if (grantW[feeder]! > limitW[feeder]!) return false
  }
  return totals.pending === 0 || !view.layout.pools.some((pool) => pool.canBind)
}

function solve(
  view: State, policy: PowerPolicy, rows: PowerJobs, aheadMs: number): Allotment {
  const { nowMs } = view.totals
  const tree: PowerTree = powerTree(view, nowMs, nowMs + aheadMs, () => 0)
  return policy.allocate(tree, rows)
}

function hasNewPause(
  view: State, placed: readonly PowerCandidate[], { isPaused }: Allotment): boolean {
  const { orderedW } = view.tables.jobs
  return placed.some(({ job }, at) => isPaused[at] === 1 && orderedW[job] !== PAUSED_W)
}

/** Orders of caps: those that come down, then those for which there is room to go up. */
function* order(
  view: State, placed: readonly PowerCandidate[], allotment: Allotment, safe: Allotment,
): Generator<Decision, void, boolean> {
  const { jobs } = view.tables
  const raises: JobCapped[] = []
  for (let at = 0; at < placed.length; at++) {
    const candidate = placed[at]!
    const { job } = candidate
    const capW = capFor(candidate, allotment.grantW[at]!)
    const safeW = Math.min(capW, capFor(candidate, safe.grantW[at]!))
    if (capW === jobs.orderedW[job] && safeW === jobs.safeW[job]) continue
    const step: JobCapped = { type: 'job.capped', job, capW, safeW }
    const pool = view.layout.pools[jobs.pool[job]!]!
    if (chargeAt(pool, view, capW) <= jobs.chargeW[job]!) yield { steps: [step] }
    else if (isWorthIt(view, step)) raises.push(step)
  }
  for (const step of raises) if (isRoomFor(view, step)) yield { steps: [step] }
}

/** A raise of less than a hundredth of the rating is not worth an order. */
const RAISE_LEAST_RATIO = 0.01

function isWorthIt(view: State, { job, capW }: JobCapped): boolean {
  const { orderedW, pool } = view.tables.jobs
  const { deviceRatedW } = view.layout.pools[pool[job]!]!.system
  return capW === deviceRatedW || capW - orderedW[job]! >= deviceRatedW * RAISE_LEAST_RATIO
}

function isRoomFor(view: State, step: JobCapped): boolean {
  return checkCap(view, step) === undefined
}

/** Prices at the feeders, where they are not what they were. */
function* publish(view: State, allotment: Allotment): Generator<Decision, void, boolean> {
  const { price, drawPrice } = view.tables.feeders
  const { grantPrice, drawPrice: prices } = allotment
  const feeders: number[] = []
  let isNew = false
  for (let feeder = 0; feeder < price.length; feeder++) {
    if (grantPrice[feeder] !== 0 || prices[feeder] !== 0) feeders.push(feeder)
    isNew ||= price[feeder] !== grantPrice[feeder] || drawPrice[feeder] !== prices[feeder]
  }
  if (!isNew) return
  const step: PowerPriced = {
    type: 'power.priced', feeders, prices: feeders.map((feeder) => grantPrice[feeder]!),
    drawPrices: feeders.map((feeder) => prices[feeder]!),
  }
  yield { steps: [step] }
}

/** While a target moves, caps follow it so often. */
const RAMP_TICK_MS = 30_000

function* lookAgain(view: State): Generator<Decision, void, boolean> {
  const { nowMs, powerAtMs } = view.totals
  const { capMs, pauseMs } = view.layout.plant.power
  let atMs = isRamping(view, nowMs) ? nowMs + RAMP_TICK_MS : NEVER_MS
  for (let fallMs = nextFallMs(view, nowMs); fallMs !== NEVER_MS;) {
    for (const aheadMs of [pauseMs, capMs]) {
      const dueMs = fallMs - aheadMs
      if (dueMs > nowMs) atMs = Math.min(atMs, dueMs)
    }
    if (atMs <= fallMs) break
    fallMs = nextFallMs(view, fallMs)
  }
  if (atMs < powerAtMs) yield { steps: [{ type: 'power.due', atMs }] }
}

/** Jobs that are first in their turn and lack nothing but watts, each where it would go. */
function claimants(view: State, { place, isBefore }: Parts): PowerCandidate[] {
  const heads = headsOf(view)
  const found: PowerCandidate[] = []
  while (found.length < CLAIMANTS_MOST) {
    const lane = nextLane(view, heads, isBefore)
    if (lane < 0) break
    const job = heads[lane]!
    heads[lane] = NONE
    if (view.tables.jobs.gpus[job] === 0 || quotaBlocker(view, job) !== undefined) continue
    const claim = claimOf(view, job, place)
    if (claim !== undefined) found.push(claim)
  }
  return found
}

/** Where a job would go if no watts were granted to others, its floors being met. */
function claimOf(view: State, job: number, place: PlacePolicy): PowerCandidate | undefined {
  const nodes = leastNodesOf(view, job) || view.tables.jobs.nodes[job]!
  for (const pool of poolsFor(view, job, place)) {
    const search = searchFor(view, job, pool, nodes)
    if (search === undefined) continue
    const found = place.place(view, { ...search, power: { ...search.power!, chargeW: 0 } })
    if ('placement' in found) {
      return pendingCandidate(view, job, found.placement, gpusOn(view, job, nodes))
    }
  }
  return undefined
}
