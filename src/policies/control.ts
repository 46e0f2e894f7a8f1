import { falls } from '../core/aims.ts'
import type { Allotment } from '../core/allocate-allotment.ts'
import { columnsOf, type PowerJobs } from '../core/allocate-input.ts'
import { PAUSED_W } from '../core/caps.ts'
import type { Policy } from '../core/decide.ts'
import { isRamping, nextFallMs } from '../core/limits.ts'
import { feedersOver } from '../core/open-orders.ts'
import { placedCandidates, powerTree, type PowerCandidate } from '../core/power-view.ts'
import { POWER, type State } from '../core/state.ts'
import { NEVER_MS } from '../core/windows.ts'
import type { Decision } from '../model/index.ts'
import { claimants } from './control-claims.ts'
import { order, publish } from './control-orders.ts'
import { isQuiet, lookAgain, SAFE_MS, TICK_MS } from './control-times.ts'
import type { IsBefore } from './pending.ts'
import type { PlacePolicy, PowerPolicy } from './policy.ts'

/**
 * Sets caps so that what the feeders grant and what is drawn stays under all that limits them, now
 * and by the time an order could act. First what must come down is ordered down; what may go up
 * goes up as far as there is room, the rest when the lower caps are confirmed. Jobs at the head
 * of their lanes that lack nothing but watts count as claimants, so room is made for them where
 * they are worth more than what others lose. Costs nothing where nothing binds and nothing is
 * capped.
 */
export function control(policy: PowerPolicy, place: PlacePolicy, isBefore: IsBefore): Policy {
  return { name: 'power', run: (view) => setCaps(view, { policy, place, isBefore }) }
}

type Parts = {
  readonly policy: PowerPolicy, readonly place: PlacePolicy, readonly isBefore: IsBefore
}

const NONE_OVER: ReadonlySet<number> = new Set()

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
  if (!isQuiet(view)) {
    const placed = placedCandidates(view)
    const waiting = claimants(view, parts.place, parts.isBefore)
    const rows = columnsOf([...placed, ...waiting].map((each) => each.row))
    // On a ramp an order must hold until the next one could act.
    const lateMs = isRamping(view, totals.nowMs + capMs) ? TICK_MS : 0
    // A pause takes longer than a cap: where one is needed, it is ordered so much earlier.
    let aheadMs = pauseMs + lateMs
    let allotment = solve(view, parts.policy, rows, aheadMs)
    if (!hasNewPause(view, placed, allotment)) {
      aheadMs = capMs + lateMs
      allotment = solve(view, parts.policy, rows, aheadMs)
    }
    const isFalling = nextFallMs(view, totals.nowMs) !== NEVER_MS || isRamping(view, totals.nowMs)
    const safe = isFalling ? solve(view, parts.policy, rows, SAFE_MS) : allotment
    const untilMs = totals.nowMs + aheadMs
    const most = falls(view, totals.nowMs, untilMs)
    const over = most.length === 0 ? NONE_OVER : feedersOver(view, totals.nowMs, untilMs)
    yield* order(view, placed, allotment, safe, { most, over })
    yield* publish(view, allotment)
  }
  yield* lookAgain(view)
}

function solve(
  view: State, policy: PowerPolicy, rows: PowerJobs, aheadMs: number): Allotment {
  const { nowMs } = view.totals
  return policy.allocate(powerTree(view, nowMs, nowMs + aheadMs), rows)
}

function hasNewPause(
  view: State, placed: readonly PowerCandidate[], { isPaused }: Allotment): boolean {
  const { orderedW } = view.tables.jobs
  return placed.some(({ job }, at) => isPaused[at] === 1 && orderedW[job] !== PAUSED_W)
}
