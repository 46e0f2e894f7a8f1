import { isOnTarget, rises } from '../core/aims.ts'
import { leastSinceW, RAMP_WINDOW_MS } from '../core/history.ts'
import { courseW, isRamping, nextFallMs } from '../core/limits.ts'
import { isSoldOver } from '../core/ledger.ts'
import { limitedFeeders } from '../core/limited.ts'
import { firstOverdueAtMs } from '../core/open-orders.ts'
import { POWER, type State } from '../core/state.ts'
import { NEVER_MS } from '../core/windows.ts'
import { LIMIT_KINDS, type Decision } from '../model/index.ts'

/** When caps are looked at, and when there is nothing to do. */

const TARGET = LIMIT_KINDS.indexOf('target')

/** How far ahead the caps that nodes set by themselves must hold. */
export const SAFE_MS = 86_400_000

/** With so few jobs an order for each is no burden, and what is best is ordered. */
export const FEW_JOBS = 256

/** While a target moves, or draw returns, caps follow so often. */
export const TICK_MS = 30_000

/**
 * Nothing is over what limits it or will be soon, what is drawn is in the band of its targets,
 * nobody waits for watts, and nothing is capped that need not be. O(feeders + rows).
 */
export function isQuiet(view: State): boolean {
  const { totals } = view
  const { nowMs } = totals
  const { capMs, pauseMs } = view.layout.plant.power
  const fallMs = nextFallMs(view, nowMs)
  const isChanged = (totals.powerNews & POWER.changed) !== 0
  if (fallMs <= nowMs + Math.max(capMs, pauseMs) + TICK_MS || isRamping(view, nowMs)) return false
  if (isChanged && fallMs <= nowMs + SAFE_MS) return false
  if (firstOverdueAtMs(view) <= nowMs) return false
  // Nobody lacks watts, so none has a price any more.
  if (totals.capped === 0 && totals.pending === 0 && isPriced(view)) return false
  if (isTargeted(view)) {
    if (isOver(view) || !isOnTarget(view, nowMs, nowMs + capMs)) return false
    return !isChanged || totals.pending === 0
  }
  if (totals.capped > 0 && rises(view).length > 0) return false
  if (!isChanged) return !(totals.capped > 0 && totals.pending > 0 && isAnyLate(view))
  if (totals.capped > 0 || totals.openCaps > 0 || isOver(view)) return false
  return totals.pending === 0 || !view.layout.pools.some((pool) => pool.canBind)
}

/** Whether watts of some feeder have a price. O(1), O(feeders) after prices changed. */
export function isPriced(view: State): boolean {
  return view.margins.pricedFeeders(view).length > 0
}

/**
 * Whether nodes that are reserved should have been free by now: who has them may be paused for the
 * sake of others who wait for just that (see `claimants`). O(pools).
 */
function isAnyLate(view: State): boolean {
  const { reservedJob, reservedAtMs } = view.tables.pools
  return reservedJob.some((job, pool) => job >= 0 && reservedAtMs[pool]! <= view.totals.nowMs)
}

/** Whether a target holds now. O(rows). */
function isTargeted(view: State): boolean {
  const { totals, tables } = view
  if (totals.targets === 0) return false
  for (let row = 0; row < totals.limitRows; row++) {
    const isTarget = tables.limits.kind[row] === TARGET
    if (isTarget && courseW(view, row, totals.nowMs) < Infinity) return true
  }
  return false
}

/** Whether a feeder grants more than its limit. Where limits are sold over, every look looks. */
function isOver(view: State): boolean {
  const { limitW, grantW } = view.tables.feeders
  return isSoldOver(view)
    || limitedFeeders(view).some((feeder) => grantW[feeder]! > limitW[feeder]!)
}

/**
 * When to look again: before a limit falls, while something moves, when a meter has gone silent or
 * an order is not answered.
 */
export function* lookAgain(view: State): Generator<Decision, void, boolean> {
  const { nowMs, powerAtMs } = view.totals
  const { capMs, pauseMs } = view.layout.plant.power
  let atMs = isRamping(view, nowMs) || isRising(view) ? nowMs + TICK_MS : NEVER_MS
  for (let fallMs = nextFallMs(view, nowMs); fallMs !== NEVER_MS;) {
    for (const aheadMs of [SAFE_MS, pauseMs + TICK_MS, pauseMs, capMs + TICK_MS, capMs]) {
      const dueMs = fallMs - aheadMs
      if (dueMs > nowMs) atMs = Math.min(atMs, dueMs)
    }
    if (atMs <= fallMs) break
    fallMs = nextFallMs(view, fallMs)
  }
  atMs = Math.min(atMs, staleAtMs(view), Math.max(nowMs + 1, firstOverdueAtMs(view)))
  if (atMs < powerAtMs) yield { steps: [{ type: 'power.due', atMs }] }
}

/**
 * Whether room for draw grows by itself, for what is capped or waits: where draw has stood still
 * for a minute it does not. O(rows of limits + sites).
 */
export function isRising(view: State): boolean {
  const { nowMs, capped, pending } = view.totals
  return (capped > 0 || pending > 0) && rises(view).some(({ feeder }) =>
    leastSinceW(view, feeder, nowMs - RAMP_WINDOW_MS) < view.tables.feeders.drawW[feeder]!)
}

/** When the next meter of a feeder with a target counts as silent. O(rows). */
function staleAtMs(view: State): number {
  const { limits, feeders } = view.tables
  let atMs = NEVER_MS
  if (view.totals.targets === 0) return atMs
  for (let row = 0; row < view.totals.limitRows; row++) {
    if (limits.kind[row] !== TARGET || limits.endAtMs[row]! <= view.totals.nowMs) continue
    const meteredAtMs = feeders.meteredAtMs[limits.feeder[row]!]!
    const silentAtMs = meteredAtMs + view.layout.plant.power.staleMs + 1
    if (silentAtMs > view.totals.nowMs) atMs = Math.min(atMs, silentAtMs)
  }
  return atMs
}
