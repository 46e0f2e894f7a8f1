import { drawAims, orderedDrawW } from '../core/aims.ts'
import { pricesOf } from '../core/allocate.ts'
import { bestSpan } from '../core/allocate-spot.ts'
import { costOf, pathPrices } from '../core/allocate-stick.ts'
import { placementOf } from '../core/allocation.ts'
import { drawOf, PAUSED_W } from '../core/caps.ts'
import { checkCap } from '../core/guard-power.ts'
import { isSoldOver } from '../core/ledger.ts'
import { isRamping, leastOfCourseW, targetW } from '../core/limits.ts'
import { isStale } from '../core/meters.ts'
import { feedersOver, firstOverdueAtMs } from '../core/open-orders.ts'
import { devicesAt } from '../core/spread.ts'
import type { State } from '../core/state.ts'
import { LIMIT_KINDS, PHASE, type Decision, type JobCapped } from '../model/index.ts'
import type { Claim } from './control-claims.ts'
import { MISSES_MOST } from './control-hold.ts'
import { ROOM_RATIO } from './control-keep.ts'
import { RAISE_LEAST_RATIO } from './control-orders.ts'
import { isSafe, safeFor } from './control-safe.ts'
import { freeTree } from './control-solve.ts'
import { TICK_MS } from './control-times.ts'

const TARGET = LIMIT_KINDS.indexOf('target')

/**
 * Follows a target that moves with few orders, where jobs are many: what must come down goes to its
 * safe cap, job after job, which is where it comes to in the end; what may go up goes to what it
 * has without a target. Nothing is solved for that but the prices without one. At the edges of a
 * target, and where this is not enough, all is solved anew.
 *
 * Returns whether it was enough. O(jobs + racks of those that move).
 */
export function* steer(
  view: State, claimantsOf: () => readonly Claim[],
): Generator<Decision, boolean, boolean> {
  if (!canSteer(view)) return false
  const { nowMs } = view.totals
  const { capMs } = view.layout.plant.power
  const untilMs = nowMs + capMs + (isRamping(view, nowMs + capMs) ? TICK_MS : 0)
  const feeders = targeted(view, nowMs, untilMs)
  if (feeders.length === 0 && view.totals.returnUntilMs <= nowMs) return false
  // While all must come down room is made for nobody.
  const isFalling = feeders.some((feeder) => (
    targetW(view, feeder, untilMs) < targetW(view, feeder, nowMs)))
  if (!isFalling && view.totals.pending > 0 && claimantsOf().length > 0) return false
  if (feedersOver(view, nowMs, untilMs).size > 0 || !isSafe(view)) return false
  const aimW = new Float64Array(view.layout.feederParent.length)
  drawAims(view, nowMs, untilMs, 'middle', aimW)
  let roomW = Infinity
  for (const feeder of feeders) {
    const overW = orderedDrawW(view, feeder) - aimW[feeder]!
    if (overW > 0 && !(yield* lowerBy(view, feeder, overW))) return false
    roomW = Math.min(roomW, overW > -ROOM_RATIO * aimW[feeder]! ? 0 : -overW)
  }
  return roomW === 0 || (yield* raise(view, untilMs, feeders, roomW))
}

/** Jobs are many, no order is lost, each meter is heard, and no target begins or ends just now. */
function canSteer(view: State): boolean {
  const { totals, tables: { limits } } = view
  if (isSoldOver(view)) return false
  if (totals.targets === 0 && totals.returnUntilMs <= totals.nowMs) return false
  if (firstOverdueAtMs(view) <= totals.nowMs) return false
  for (let row = 0; row < totals.limitRows; row++) {
    if (limits.kind[row] !== TARGET) continue
    const edges = [limits.startAtMs, limits.holdAtMs, limits.holdEndAtMs, limits.endAtMs]
    if (edges.some((edge) => edge[row] === totals.nowMs)) return false
    if (limits.endAtMs[row]! > totals.nowMs && isStale(view, limits.feeder[row]!)) return false
  }
  return true
}

/** Feeders of which a target holds between two times, each once. O(rows). */
function targeted(view: State, fromMs: number, untilMs: number): number[] {
  const { limits } = view.tables
  const found = new Set<number>()
  for (let row = 0; row < view.totals.limitRows; row++) {
    const isTarget = limits.kind[row] === TARGET
    if (isTarget && leastOfCourseW(view, row, fromMs, untilMs) < Infinity) {
      found.add(limits.feeder[row]!)
    }
  }
  return [...found]
}

/**
 * Orders jobs below a feeder down to their safe caps until it draws so much less: those first that
 * have no order on its way, since another one would void it.
 */
function* lowerBy(
  view: State, feeder: number, overW: number): Generator<Decision, boolean, boolean> {
  // Nobody has priced what is to come down.
  if (view.tables.feeders.drawPrice[feeder] === 0) return false
  const { jobs } = view.tables
  // All of it or nothing: what is not enough would be taken back by what is solved anew.
  const steps: JobCapped[] = []
  let leftW = overW
  for (const isOpen of [false, true]) {
    for (let job = 0; job < view.totals.jobRows && leftW > 0; job++) {
      if (jobs.phase[job]! < PHASE.starting || (jobs.capAtMs[job] !== 0) !== isOpen) continue
      const orderedW = jobs.orderedW[job]!
      const safeW = jobs.safeW[job]!
      // A pause takes longer than a cap, so it is ordered earlier than we look ahead.
      if (safeW >= orderedW || safeW === PAUSED_W) continue
      const devices = devicesAt(view, placementOf(view, job), feeder)
      const pool = view.layout.pools[jobs.pool[job]!]!
      const fromW = drawOf(view, job, pool, orderedW)
      const byW = (fromW - drawOf(view, job, pool, safeW)) * devices
      if (byW <= 0) continue
      const part = Math.min(1, leftW / byW)
      const capW = part === 1 ? safeW : orderedW - Math.ceil((orderedW - safeW) * part)
      leftW -= (fromW - drawOf(view, job, pool, capW)) * devices
      steps.push({ type: 'job.capped', job, capW, safeW })
    }
  }
  if (leftW > 0) return false
  for (const step of steps) yield { steps: [step] }
  return true
}

/**
 * Orders jobs up towards what is best for them without targets, as far as there is room. Returns
 * false where nothing goes up though no target says so.
 */
function* raise(
  view: State, untilMs: number, feeders: readonly number[], roomW: number,
): Generator<Decision, boolean, boolean> {
  const { list, columns } = view.margins.candidates(view)
  const tree = freeTree(view, untilMs)
  const { price: grantPrice, drawPrice } = view.tables.feeders
  const prices = pricesOf(tree, columns, { grantPrice, drawPrice })
  const path = pathPrices(tree, prices)
  const { orderedW, capAtMs, pool } = view.tables.jobs
  let leftW = roomW
  let misses = 0
  let raised = 0
  for (const { job, row, caps, placement } of list) {
    if (misses === MISSES_MOST || leftW <= 0) break
    if (capAtMs[job] !== 0) continue
    const capW = caps[bestSpan(row.options, costOf(row, path)).low]!
    const own = view.layout.pools[pool[job]!]!
    const { deviceRatedW } = own.system
    const fromW = orderedW[job]!
    const leastW = capW === deviceRatedW ? 1 : deviceRatedW * RAISE_LEAST_RATIO
    if (capW - fromW < leastW) continue
    const step = { type: 'job.capped', job, capW, safeW: safeFor(view, job, capW) } as const
    if (checkCap(view, step) !== undefined) {
      misses++
      continue
    }
    raised++
    const perW = drawOf(view, job, own, capW) - drawOf(view, job, own, fromW)
    const byW = feeders.map((feeder) => perW * devicesAt(view, placement, feeder))
    leftW -= Math.max(0, ...byW)
    yield { steps: [step] }
  }
  return feeders.length > 0 || raised > 0
}
