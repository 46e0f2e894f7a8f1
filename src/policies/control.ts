import { falls } from '../core/aims.ts'
import type { Allotment } from '../core/allocate-allotment.ts'
import type { PowerJobs } from '../core/allocate-input.ts'
import { appendColumns } from '../core/allocate-patch.ts'
import { PAUSED_W } from '../core/caps.ts'
import type { Policy } from '../core/decide.ts'
import { isRamping, nextFallMs } from '../core/limits.ts'
import { feedersOver } from '../core/open-orders.ts'
import type { PowerCandidate } from '../core/power-view.ts'
import type { Candidates } from '../core/margins.ts'
import { POWER, type State } from '../core/state.ts'
import { NEVER_MS } from '../core/windows.ts'
import type { Decision } from '../model/index.ts'
import { claimants, claimed, inTurn, type Claim, type Turns } from './control-claims.ts'
import { hold } from './control-hold.ts'
import { heldSafe, keepCaps, keepSafe } from './control-keep.ts'
import { order, publish } from './control-orders.ts'
import { solverOf, solveSafe, type Solution, type Solve } from './control-solve.ts'
import { steer } from './control-steer.ts'
import { isPriced, isQuiet, isRising, lookAgain, TICK_MS } from './control-times.ts'
import type { PowerPolicy } from './policy.ts'

/**
 * Sets caps so that what the feeders grant and what is drawn stays under all that limits them, now
 * and by the time an order could act. First what must come down is ordered down; what may go up
 * goes up as far as there is room, the rest when the lower caps are confirmed. Jobs at the head
 * of their lanes that lack nothing but watts count as claimants, so room is made for them where
 * they are worth more than what others lose. Costs nothing where nothing binds and nothing is
 * capped.
 */
export function control(policy: PowerPolicy, turns: Turns, fewJobs: number): Policy {
  return { name: 'power', run: (view) => setCaps(view, { policy, turns, fewJobs }) }
}

type Parts = { readonly policy: PowerPolicy, readonly turns: Turns, readonly fewJobs: number }

const NONE_OVER: ReadonlySet<number> = new Set()

function* setCaps(view: State, parts: Parts): Generator<Decision, void, boolean> {
  const { totals } = view
  if (totals.isPowered === 0) return
  const { meterEveryMs } = view.layout.plant.power
  if ((totals.powerNews & POWER.due) === 0) {
    // What changed may let caps up, or make room for a job that waits: with the next reading. Who
    // came just after draw rose waits only until there is room for it to rise again.
    const isOpen = (totals.powerNews & POWER.changed) !== 0
      && (totals.capped > 0 || totals.pending > 0 || isPriced(view))
    const aheadMs = Math.min(
      isOpen ? meterEveryMs : NEVER_MS, isRising(view) ? TICK_MS : NEVER_MS)
    const atMs = totals.nowMs + aheadMs
    if (atMs < totals.powerAtMs) yield { steps: [{ type: 'power.due', atMs }] }
    return
  }
  if (!isQuiet(view) && !(yield* holds(view, parts))) yield* setAll(view, parts)
  yield* lookAgain(view)
}

/** Whether what was decided can be kept, with a few orders. */
function* holds(view: State, parts: Parts): Generator<Decision, boolean, boolean> {
  if (parts.policy.hasPrices !== true) return false
  const areMany = view.totals.running > parts.fewJobs
  const claimantsOf = () => claimants(view, parts.turns)
  return (yield* hold(view, areMany, claimantsOf))
    || (areMany && (yield* steer(view, claimantsOf)))
}

/** Solves all anew, with prices from those that are published. */
function* setAll(view: State, parts: Parts): Generator<Decision, void, boolean> {
  const { totals } = view
  const candidates = view.margins.candidates(view)
  const placed = candidates.list
  const { waiting, all, rows, solve, allotment, aheadMs } = solveAll(view, parts, candidates)
  const isFalling = nextFallMs(view, totals.nowMs) !== NEVER_MS || isRamping(view, totals.nowMs)
  const areMany = all.length > parts.fewJobs
  const held = isFalling && areMany ? heldSafe(view, all, rows, allotment) : undefined
  const safe = held ?? (isFalling ? solveSafe(view, solve, placed) : allotment)
  const untilMs = totals.nowMs + aheadMs
  const claims = claimed(view, waiting, allotment.grantW.subarray(placed.length))
  const most = falls(view, totals.nowMs, untilMs, claims)
  const over = most.length === 0 ? NONE_OVER : feedersOver(view, totals.nowMs, untilMs)
  const few = { areMany, deepW: safe.grantW, freeW: () => solve(aheadMs, 'free').grantW }
  const kept = parts.policy.hasPrices === true
    ? keepCaps(view, all, { rows, allotment, aheadMs }, few) : undefined
  const caps = kept === undefined ? allotment : { ...allotment, grantW: kept }
  const safeCaps = safe === allotment ? caps
    : held ?? (areMany ? { ...safe, grantW: keepSafe(view, all, rows, safe) } : safe)
  yield* order(view, placed, caps, safeCaps, { most, over, untilMs })
  yield* publish(view, allotment)
}

type Solved = {
  readonly waiting: readonly Claim[], readonly all: readonly PowerCandidate[]
  readonly rows: PowerJobs, readonly solve: Solve
  readonly allotment: Solution, readonly aheadMs: number
}

/**
 * Who has which watts, and from when on: without claimants behind one that is not worth its watts,
 * since they would not start and give theirs back, for ever.
 */
function solveAll(view: State, parts: Parts, placed: Candidates): Solved {
  for (let waiting: readonly Claim[] = claimants(view, parts.turns);;) {
    const solved = solveFor(view, parts, placed, waiting)
    const grantW = solved.allotment.grantW.subarray(placed.list.length)
    const first = inTurn(waiting, (at) => grantW[at]! > 0)
    if (first.length === waiting.length) return solved
    waiting = first
  }
}

function solveFor(
  view: State, parts: Parts, { list: placed, columns }: Candidates, waiting: readonly Claim[],
): Solved {
  const { totals } = view
  const { capMs, pauseMs } = view.layout.plant.power
  const all = waiting.length === 0 ? placed : [...placed, ...waiting]
  const rows = appendColumns(columns, waiting.map(({ row }) => row))
  // On a ramp an order must hold until the next one could act.
  const lateMs = isRamping(view, totals.nowMs + capMs) ? TICK_MS : 0
  // A pause takes longer than a cap: where one is needed, it is ordered so much earlier.
  let aheadMs = pauseMs + lateMs
  const solve = solverOf(view, parts.policy, rows)
  let allotment = solve(aheadMs)
  const isChanging = totals.limits > 0 || lateMs > 0
  if (isChanging && !hasNewPause(view, placed, allotment)) {
    aheadMs = capMs + lateMs
    allotment = solve(aheadMs)
  }
  return { waiting, all, rows, solve, allotment, aheadMs }
}

function hasNewPause(
  view: State, placed: readonly PowerCandidate[], { isPaused }: Allotment): boolean {
  const { orderedW } = view.tables.jobs
  return placed.some(({ job }, at) => isPaused[at] === 1 && orderedW[job] !== PAUSED_W)
}
