import type { Fall } from '../core/aims.ts'
import { drawAims, orderedDrawW } from '../core/aims.ts'
import type { Allotment } from '../core/allocate-allotment.ts'
import { placementOf } from '../core/allocation.ts'
import { chargeAt, drawOf, leastCapW, PAUSED_W } from '../core/caps.ts'
import { checkCap, isCapShortAtRoots } from '../core/guard-power.ts'
import { limitedFeeders } from '../core/limited.ts'
import { isPlain, isSoldOver } from '../core/ledger.ts'
import { feedersAbove, feedersOver, isOverdue } from '../core/open-orders.ts'
import { capFor, type PowerCandidate } from '../core/power-view.ts'
import { devicesAt } from '../core/spread.ts'
import type { State } from '../core/state.ts'
import type { Decision, JobCapped, PowerPriced } from '../model/index.ts'

/**
 * How slowly caps come down in a target; but below a feeder that is over a limit all at once; and
 * up to when the limits hold that orders meet.
 */
export type Slow = {
  readonly most: readonly Fall[], readonly over: ReadonlySet<number>, readonly untilMs: number
}

/**
 * Orders of caps: first those that come down, then those that go up, as far as there is room. What
 * a job may not have now it gets with the next look: so a return goes up in steps.
 */
export function* order(
  view: State, placed: readonly PowerCandidate[], allotment: Allotment, safe: Allotment,
  slow: Slow): Generator<Decision, void, boolean> {
  const { jobs } = view.tables
  const raises: JobCapped[] = []
  const overLimit = overLimits(view, slow.untilMs)
  const isNeeded = neededIn(view, slow.untilMs)
  for (let at = 0; at < placed.length; at++) {
    const candidate = placed[at]!
    const { job } = candidate
    const capW = lowered(view, job, capFor(candidate, allotment.grantW[at]!), slow)
    // Where nothing is to fall, what is held is safe, however far caps have been exchanged.
    const safeW = safe === allotment ? capW : Math.min(capW, capFor(candidate, safe.grantW[at]!))
    const isSame = capW === jobs.orderedW[job] && safeW === jobs.safeW[job]
    const isLeft = isSame || (overLimit !== undefined && isAwaited(view, job, overLimit))
    if (isLeft && !isOverdue(view, job)) continue
    const step: JobCapped = { type: 'job.capped', job, capW, safeW }
    const pool = view.layout.pools[jobs.pool[job]!]!
    const orderedW = chargeAt(pool, view, jobs.orderedW[job]!)
    const isUp = chargeAt(pool, view, capW) > orderedW
    // What was lost is ordered again; more than that is ordered when it is answered.
    if (isUp && isOverdue(view, job)) {
      const same = again(view, job)
      if (checkCap(view, same) === undefined) yield { steps: [same] }
    } else if (!isUp) {
      if (isNeeded(step)) yield { steps: [step] }
    }
    else if (isWorthIt(view, step)) raises.push(step)
  }
  for (const step of raises) {
    const raise = raiseOf(view, step)
    if (raise !== undefined) yield { steps: [raise] }
  }
}

/** Feeders above their limits: until orders act that are on their way, and also after that. */
type Over = { readonly awaited: ReadonlySet<number>, readonly unmet: ReadonlySet<number> }

function overLimits(view: State, untilMs: number): Over | undefined {
  const { limitW, grantW } = view.tables.feeders
  if (view.totals.openCaps === 0 || isSoldOver(view)) return undefined
  const over = limitedFeeders(view).filter((feeder) => grantW[feeder]! > limitW[feeder]!)
  if (over.length === 0) return undefined
  const unmet = feedersOver(view, view.totals.nowMs, untilMs)
  return { awaited: new Set(over.filter((feeder) => !unmet.has(feeder))), unmet }
}

/**
 * Whether a lower cap of a job is on its way, is awaited, and is enough: another order would void
 * it, and draw would stay above the limit for as long again.
 */
function isAwaited(view: State, job: number, { awaited, unmet }: Over): boolean {
  const { jobs } = view.tables
  if (awaited.size === 0 || jobs.capAtMs[job] === 0) return false
  const pool = view.layout.pools[jobs.pool[job]!]!
  if (chargeAt(pool, view, jobs.orderedW[job]!) >= jobs.chargeW[job]!) return false
  const above = feedersAbove(view, placementOf(view, job))
  return above.some((feeder) => awaited.has(feeder)) && !above.some((feeder) => unmet.has(feeder))
}

/** A lower cap, or as much of it as may come down at a time; what may come down is less by it. */
function lowered(view: State, job: number, capW: number, { most, over }: Slow): number {
  const { jobs } = view.tables
  const orderedW = jobs.orderedW[job]!
  if (most.length === 0 || capW >= orderedW) return capW
  const pool = view.layout.pools[jobs.pool[job]!]!
  const byW = drawOf(view, job, pool, orderedW) - drawOf(view, job, pool, capW)
  const placement = placementOf(view, job)
  const falling = most.map((fall) => (
    { fall, watts: byW * devicesAt(view, placement, fall.feeder) }))
  const isMust = over.size > 0 && feedersAbove(view, placement).some((at) => over.has(at))
  const share = isMust ? 1 : falling.reduce((least, { fall, watts }) =>
    watts > fall.mostW ? Math.min(least, fall.mostW / watts) : least, 1)
  // A pause is all or nothing.
  const taken = share === 1 ? 1 : capW === PAUSED_W ? 0 : share
  for (const { fall, watts } of falling) fall.mostW = Math.max(0, fall.mostW - watts * taken)
  return taken === 1 ? capW : orderedW - Math.floor((orderedW - capW) * taken)
}

/** The last order, or what by now keeps what the job is promised. */
function again(view: State, job: number): JobCapped {
  const { jobs } = view.tables
  const leastW = leastCapW(view, job, view.layout.pools[jobs.pool[job]!]!)
  const kept = (capW: number) => capW === PAUSED_W ? capW : Math.max(capW, leastW)
  const capW = kept(jobs.orderedW[job]!)
  return { type: 'job.capped', job, capW, safeW: Math.min(capW, kept(jobs.safeW[job]!)) }
}

/** A raise of less than a hundredth of the rating is not worth an order. */
export const RAISE_LEAST_RATIO = 0.01

function isWorthIt(view: State, { job, capW }: JobCapped): boolean {
  const { orderedW, pool } = view.tables.jobs
  const { deviceRatedW } = view.layout.pools[pool[job]!]!.system
  // A target is held to a hundredth of all that is drawn: there smaller steps count.
  if (capW === deviceRatedW || view.totals.targets > 0) return true
  return capW - orderedW[job]! >= deviceRatedW * RAISE_LEAST_RATIO
}

/**
 * Whether a cap must come down. Where limits are sold over, what is solved for in fractions of a
 * watt and what is booked in whole ones may differ for ever by the last watt of a job, and it
 * swings less with it: so little comes down only where too much is booked.
 */
function neededIn(view: State, untilMs: number): (step: JobCapped) => boolean {
  if (!isSoldOver(view)) return () => true
  const { nowMs } = view.totals
  const aimW = new Float64Array(view.layout.feederParent.length)
  drawAims(view, nowMs, untilMs, 'middle', aimW)
  const isMuch = feedersOver(view, nowMs, untilMs).size > 0
    || aimW.some((watts, feeder) => watts < Infinity && orderedDrawW(view, feeder) > watts)
  return ({ job, capW }) => {
    const { orderedW, pool } = view.tables.jobs
    const { deviceRatedW } = view.layout.pools[pool[job]!]!.system
    return isMuch || orderedW[job]! - capW >= deviceRatedW * RAISE_LEAST_RATIO
  }
}

/** As much of a raise as there is room for now; undefined where that is not worth an order. */
function raiseOf(view: State, step: JobCapped): JobCapped | undefined {
  const { jobs } = view.tables
  const pool = view.layout.pools[jobs.pool[step.job]!]!
  // What is paused goes on at the least cap that its devices take, or not yet.
  let low = Math.max(jobs.orderedW[step.job]!, leastCapW(view, step.job, pool) - 1)
  const leastW = Math.min(step.capW, low + 1)
  if (isCapShortAtRoots(view, step.job, leastW)) return undefined
  if (checkCap(view, step) === undefined) return step
  if (isPlain(view)) return undefined
  let high = step.capW - 1
  let best: JobCapped | undefined
  while (low < high) {
    const capW = Math.ceil((low + high) / 2)
    const less = { ...step, capW, safeW: Math.min(capW, step.safeW) }
    if (checkCap(view, less) === undefined) {
      best = less
      low = capW
    } else {
      high = capW - 1
    }
  }
  return best !== undefined && isWorthIt(view, best) ? best : undefined
}

/** Prices at the feeders, where they are not what they were. */
export function* publish(view: State, allotment: Allotment): Generator<Decision, void, boolean> {
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
