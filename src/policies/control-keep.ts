import type { Allotment } from '../core/allocate-allotment.ts'
import type { PowerJobs } from '../core/allocate-input.ts'
import { stick } from '../core/allocate-stick.ts'
import { grantFor, powerTree, type PowerCandidate } from '../core/power-view.ts'
import type { State } from '../core/state.ts'
import { PHASE } from '../model/index.ts'
import { RESERVE_RATIO, SOLVE_RATIO } from './control-hold.ts'

/** An allotment, of what, and up to when its limits hold. */
type Solved = {
  readonly rows: PowerJobs, readonly allotment: Allotment, readonly aheadMs: number,
}

/** Grants that are worth as much and move fewer jobs, where there are such. */
export function keepCaps(
  view: State, all: readonly PowerCandidate[], { rows, allotment, aheadMs }: Solved,
): Float64Array | undefined {
  if (view.totals.targets > 0 || allotment.shorts.length > 0) return undefined
  const { nowMs } = view.totals
  const { orderedW, phase } = view.tables.jobs
  const nowW = Float64Array.from(all, (each, at) => phase[each.job]! < PHASE.starting
    ? allotment.grantW[at]! : grantFor(each, orderedW[each.job]!))
  const { boundValue } = allotment
  return stick(powerTree(view, nowMs, nowMs + aheadMs), rows, nowW, allotment, {
    reserve: RESERVE_RATIO * boundValue, mostGap: SOLVE_RATIO * boundValue,
    list: all.map((each) => each.row),
  })
}
