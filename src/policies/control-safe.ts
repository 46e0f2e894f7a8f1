import { safeDrawW } from '../core/aims.ts'
import { biasW } from '../core/doubt.ts'
import { leastOfCourseW } from '../core/limits.ts'
import type { State } from '../core/state.ts'
import { LIMIT_KINDS } from '../model/index.ts'
import { SAFE_MS } from './control-times.ts'

/** Caps that nodes set by themselves when nobody is heard any more. */

const TARGET = LIMIT_KINDS.indexOf('target')

/**
 * Whether the safe caps of all jobs keep the targets of the coming day. They are solved for with
 * what is in doubt taken off; that much a job that started since may take. O(targets x jobs).
 */
export function isSafe(view: State): boolean {
  const { totals, tables: { limits } } = view
  if (totals.targets === 0) return true
  for (let row = 0; row < totals.limitRows; row++) {
    if (limits.kind[row] !== TARGET) continue
    const feeder = limits.feeder[row]!
    const leastW = leastOfCourseW(view, row, totals.nowMs, totals.nowMs + SAFE_MS)
    if (leastW < Infinity && safeDrawW(view, feeder) > leastW - biasW(view, feeder)) return false
  }
  return true
}

/** The safe cap beside a cap: as it was where a target is to come, else the cap itself. */
export function safeFor({ totals, tables: { jobs } }: State, job: number, capW: number): number {
  return totals.targets === 0 ? capW : Math.min(capW, jobs.safeW[job]!)
}
