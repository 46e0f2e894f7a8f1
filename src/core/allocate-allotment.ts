import { totalValue } from './allocate-curve.ts'
import { excessOf, type Grants } from './allocate-grants.ts'
import type { PowerJobs } from './allocate-input.ts'

/** What each job gets, and what a watt is worth where. */
export type Allotment = {
  /** Whole watts above idle for each device of a job; that of the first point is floor or pause. */
  readonly grantW: Float64Array
  readonly isPaused: Uint8Array
  readonly value: number
  /**
   * No allotment under these limits has more value than this; Infinity where it is not known. It
   * means nothing where there are shorts.
   */
  readonly boundValue: number
  /** Whole watts granted at each feeder, and watts drawn there on average. */
  readonly loadW: Float64Array
  readonly drawW: Float64Array
  /** Value of one more watt at each feeder: of its limit, of its target. 0 where it has room. */
  readonly grantPrice: Float64Array
  readonly drawPrice: Float64Array
  /** Where even the floors do not fit, and by how much. Empty where everything fits. */
  readonly shorts: readonly Short[]
}

/** A feeder whose floors exceed its limit, or its target of draw. */
export type Short = { readonly feeder: number; readonly isDraw: boolean; readonly byW: number }

/** The result for grants; `price` by row, absent where nothing is priced. O(feeders + points). */
export function allotmentOf(
  grants: Grants, boundValue = Infinity, price?: Float64Array): Allotment {
  const { tree, jobs, rows, grantW, loadW, drawW } = grants
  const grantPrice = new Float64Array(tree.parent.length)
  const drawPrice = new Float64Array(tree.parent.length)
  if (price !== undefined) {
    for (let row = 0; row < rows.feeder.length; row++) {
      const column = rows.isDraw[row] === 0 ? grantPrice : drawPrice
      column[rows.feeder[row]!] = price[row]!
    }
  }
  return {
    grantW, isPaused: pausedOf(jobs, grantW), value: totalValue(jobs, grantW), boundValue,
    loadW, drawW, grantPrice, drawPrice, shorts: shortsOf(grants),
  }
}

function pausedOf(jobs: PowerJobs, grantW: Float64Array): Uint8Array {
  const isPaused = new Uint8Array(grantW.length)
  for (let job = 0; job < grantW.length; job++) {
    const isAtFirst = grantW[job] === jobs.grantW[jobs.pointStart[job]!]
    isPaused[job] = isAtFirst ? jobs.canPause[job]! : 0
  }
  return isPaused
}

function shortsOf(grants: Grants): Short[] {
  const shorts: Short[] = []
  const { feeder, isDraw } = grants.rows
  for (let row = 0; row < feeder.length; row++) {
    const byW = excessOf(grants, row)
    if (byW > 0) shorts.push({ feeder: feeder[row]!, isDraw: isDraw[row] === 1, byW })
  }
  return shorts
}
