import { totalValue } from './allocate-curve.ts'
import { cut, fill, roundDown } from './allocate-finish.ts'
import { excessOf, makeGrants, type Grants } from './allocate-grants.ts'
import { improve } from './allocate-improve.ts'
import { boundOf, makePrices, settleAll, solvePrices, type Prices } from './allocate-prices.ts'
import { rowsOf } from './allocate-rows.ts'
import type { PowerJobs, PowerTree } from './allocate-input.ts'

/** What each job gets, and what a watt is worth where. */
export type Allotment = {
  /** Whole watts above idle for each device of a job; that of the first point is floor or pause. */
  readonly grantW: Float64Array
  readonly isPaused: Uint8Array
  readonly value: number
  /** No allotment under these limits has more value than this. */
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

/**
 * Watts for jobs so that their values add up to the most that every limit and target allows, by
 * prices on the concave hull of their curves. Feasible to the watt where that is possible at all;
 * deterministic. O(sweeps x points below the feeders that bind).
 */
export function allocate(tree: PowerTree, jobs: PowerJobs): Allotment {
  const prices = makePrices(jobs, rowsOf(tree, jobs))
  solvePrices(prices)
  settleAll(prices)
  return finish(tree, prices)
}

/** Whole watts for the prices. */
function finish(tree: PowerTree, prices: Prices): Allotment {
  const { jobs, rows } = prices
  const grants = makeGrants(tree, jobs, rows, roundDown(prices))
  cut(prices, grants)
  fill(prices, grants)
  const boundValue = boundOf(prices)
  const shorts = shortsOf(grants)
  if (shorts.length === 0) improve(prices, grants, boundValue)
  const grantPrice = new Float64Array(tree.parent.length)
  const drawPrice = new Float64Array(tree.parent.length)
  for (let row = 0; row < rows.feeder.length; row++) {
    const column = rows.isDraw[row] === 0 ? grantPrice : drawPrice
    column[rows.feeder[row]!] = prices.price[row]!
  }
  return {
    grantW: grants.grantW, isPaused: pausedOf(jobs, grants.grantW),
    value: totalValue(jobs, grants.grantW), boundValue,
    loadW: grants.loadW, drawW: grants.drawW, grantPrice, drawPrice, shorts,
  }
}

export function pausedOf(jobs: PowerJobs, grantW: Float64Array): Uint8Array {
  const isPaused = new Uint8Array(grantW.length)
  for (let job = 0; job < grantW.length; job++) {
    const atFirst = grantW[job] === jobs.grantW[jobs.pointStart[job]!]
    isPaused[job] = atFirst ? jobs.canPause[job]! : 0
  }
  return isPaused
}

export function shortsOf(grants: Grants): Short[] {
  const shorts: Short[] = []
  const { feeder, isDraw } = grants.rows
  for (let row = 0; row < feeder.length; row++) {
    const byW = excessOf(grants, row)
    if (byW > 0) shorts.push({ feeder: feeder[row]!, isDraw: isDraw[row] === 1, byW })
  }
  return shorts
}
