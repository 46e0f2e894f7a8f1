import type { Allotment } from '../core/allocate-allotment.ts'
import { totalValue } from '../core/allocate-curve.ts'
import { lower } from '../core/allocate-finish.ts'
import { excessOf, isFeasible, makeGrants, raise, type Grants } from '../core/allocate-grants.ts'
import type { PowerJobs, PowerTree } from '../core/allocate-input.ts'
import { rowsOf } from '../core/allocate-rows.ts'
import { stick } from '../core/allocate-stick.ts'
import { doubtAhead } from '../core/doubt-ahead.ts'
import { grantFor, powerTree, type PowerCandidate } from '../core/power-view.ts'
import type { State } from '../core/state.ts'
import { PHASE } from '../model/index.ts'
import { RESERVE_RATIO, SOLVE_RATIO } from './control-hold.ts'
import type { Solution } from './control-solve.ts'
import { SAFE_MS } from './control-times.ts'

/** An allotment, of what, and up to when its limits hold. */
type Solved = {
  readonly rows: PowerJobs, readonly allotment: Allotment, readonly aheadMs: number,
}

/** In a target jobs may be off the best by this part of the value for the sake of fewer orders. */
const FEW_GAP_RATIO = 5e-3
/** Room under a target that is not worth an order, of the target. */
export const ROOM_RATIO = 5e-4
/** Where what jobs come to in the end is not low enough, some come down so much further. */
const DEEPER = 0.9

/**
 * Grants that are worth as much, or nearly, and move fewer jobs, where there are such. In a target
 * those that move go at once to where they come to in the end: down to `deepW`, what is held in the
 * coming day; up to what they have without a target (`freeW`).
 */
export function keepCaps(
  view: State, all: readonly PowerCandidate[], solved: Solved,
  { areMany, deepW, freeW }: {
    readonly areMany: boolean, readonly deepW: Float64Array, readonly freeW: () => Float64Array,
  },
): Float64Array | undefined {
  const { rows, allotment, aheadMs } = solved
  if (allotment.shorts.length > 0) return undefined
  const { nowMs } = view.totals
  const { orderedW, phase } = view.tables.jobs
  const nowW = Float64Array.from(all, (each, at) => phase[each.job]! < PHASE.starting
    ? allotment.grantW[at]! : grantFor(each, orderedW[each.job]!))
  const tree = powerTree(view, nowMs, nowMs + aheadMs)
  const { boundValue } = allotment
  if (!hasTarget(view, tree)) {
    return stick(tree, rows, nowW, allotment, {
      reserve: RESERVE_RATIO * boundValue, mostGap: SOLVE_RATIO * boundValue,
      list: all.map((each) => each.row),
    })
  }
  if (!areMany) return undefined
  const grants = makeGrants(tree, rows, rowsOf(tree, rows), nowW)
  lowerFew(grants, deepW)
  if (!raiseFew(grants, freeW)) return undefined
  const gap = boundValue - totalValue(rows, nowW)
  return gap <= FEW_GAP_RATIO * boundValue ? nowW : undefined
}

function hasTarget({ totals, tables: { limits } }: State, { targetW }: PowerTree): boolean {
  for (let row = 0; row < totals.limitRows; row++) {
    if (targetW[limits.feeder[row]!]! < Infinity) return true
  }
  return false
}

/** Lowers jobs one after another, to `deepW` or somewhat further, until all is within its limit. */
function lowerFew(grants: Grants, deepW: Float64Array): void {
  const { rows, jobs, grantW } = grants
  for (let row = rows.feeder.length - 1; row >= 0; row--) {
    for (const share of [1, DEEPER]) {
      for (let i = rows.start[row]!; i < rows.start[row + 1]!; i++) {
        const excess = excessOf(grants, row)
        if (excess <= 0) break
        const job = rows.job[i]!
        const first = jobs.pointStart[job]! + jobs.canPause[job]!
        // Nobody is paused who is not in the end.
        const toW = share === 1 ? deepW[job]!
          : Math.max(jobs.grantW[first]!, Math.floor(deepW[job]! * share))
        if (toW < grantW[job]!) lower(grants, row, job, toW, excess)
      }
    }
  }
}

/** Raises jobs one after another while there is much room; whether all is within its limit. */
function raiseFew(grants: Grants, freeW: () => Float64Array): boolean {
  const { rows, tree, grantW } = grants
  const isFull = (row: number) => rows.isDraw[row] === 0
    || excessOf(grants, row) > -ROOM_RATIO * tree.targetW[rows.feeder[row]!]!
  for (let row = 0; row < rows.feeder.length; row++) {
    if (excessOf(grants, row) > 0) return false
    if (isFull(row)) continue
    const upW = freeW()
    for (let i = rows.start[row]!; i < rows.start[row + 1]! && !isFull(row); i++) {
      const job = rows.job[i]!
      if (grantW[job]! < upW[job]!) raise(grants, job, upW[job]!, false)
    }
  }
  return true
}

/** Safe caps that are worth this part of the value less than the best stay as they are. */
const SAFE_GAP_RATIO = 1e-2
/** A safe cap that is off the best by less than this part of it stays. */
const SAFE_RATIO = 0.02

/**
 * Safe grants that stay as they are where all of them keep what is known of the coming day; else
 * those that are too high come down, one after another. Where much is lost by it only those stay
 * that are near what was solved for.
 */
export function keepSafe(
  view: State, all: readonly PowerCandidate[], rows: PowerJobs, solved: Solution,
): Float64Array {
  const { safeW, phase } = view.tables.jobs
  const heldW = Float64Array.from(all, (each, at) => phase[each.job]! < PHASE.starting
    ? solved.grantW[at]! : grantFor(each, safeW[each.job]!))
  const few = heldW.slice()
  const { tree } = solved
  const laid = rowsOf(tree, rows)
  if (!isFeasible(makeGrants(tree, rows, laid, few))) {
    // With some room, or the next job that starts would move others again.
    const inside = (watts: Float64Array) => watts.map((most) => most * (1 - ROOM_RATIO))
    const inner = { ...tree, limitW: inside(tree.limitW), targetW: inside(tree.targetW) }
    lowerFew(makeGrants(inner, rows, laid, few), solved.grantW)
  }
  const gap = solved.boundValue - totalValue(rows, few)
  const isWorth = solved.shorts.length === 0 && gap <= SAFE_GAP_RATIO * solved.boundValue
  if (isWorth && isFeasible(makeGrants(tree, rows, laid, few))) return few
  const kept = heldW.map((watts, at) => Math.abs(watts - solved.grantW[at]!)
    <= SAFE_RATIO * solved.grantW[at]! ? watts : solved.grantW[at]!)
  lowerFew(makeGrants(tree, rows, laid, kept), solved.grantW)
  return kept
}

/** Safe caps that leave no more than this part of what they must keep are not solved for anew. */
const LEFT_RATIO = 0.01

/**
 * The safe grants that are held, with those of `now` for jobs that wait, where they keep what is
 * known of the coming day, what is in doubt counted, and leave little of it: then nothing is to be
 * solved. Undefined where they do not. O(racks of jobs + feeders).
 */
export function heldSafe(
  view: State, all: readonly PowerCandidate[], rows: PowerJobs, now: Solution,
): Solution | undefined {
  const { totals, tables: { jobs } } = view
  if (totals.targets === 0) return undefined
  const grantW = new Float64Array(all.length)
  const caps: { job: number, capW: number }[] = []
  for (let at = 0; at < all.length; at++) {
    const { job } = all[at]!
    const isPlaced = jobs.phase[job]! >= PHASE.starting
    grantW[at] = isPlaced ? grantFor(all[at]!, jobs.safeW[job]!) : now.grantW[at]!
    if (isPlaced) caps.push({ job, capW: jobs.safeW[job]! })
  }
  const tree = powerTree(view, totals.nowMs, totals.nowMs + SAFE_MS, doubtAhead(view, caps))
  const grants = makeGrants(tree, rows, rowsOf(tree, rows), grantW)
  if (!isFeasible(grants)) return undefined
  const { isDraw, feeder } = grants.rows
  const isFull = isDraw.some((is, row) => is === 1
    && excessOf(grants, row) >= -LEFT_RATIO * tree.targetW[feeder[row]!]!)
  return isFull ? { ...now, grantW, tree } : undefined
}
