import { alikeOf } from './allocate-alike.ts'
import { allotmentOf, type Allotment } from './allocate-allotment.ts'
import { cut, fill, roundDown } from './allocate-finish.ts'
import { makeGrants } from './allocate-grants.ts'
import { improve } from './allocate-improve.ts'
import { boundOf, makePrices, settleAll, solvePrices, type Prices } from './allocate-prices.ts'
import { rowsOf, type Rows } from './allocate-rows.ts'
import type { PowerJobs, PowerTree } from './allocate-input.ts'

/** Prices by feeder from which a search begins: those of an earlier allotment. */
export type StartPrices = Pick<Allotment, 'grantPrice' | 'drawPrice'>

/**
 * Watts for jobs so that their values add up to the most that every limit and target allows, by
 * prices on the concave hull of their curves. Feasible to the watt where that is possible at all;
 * deterministic. O(sweeps x points below the feeders that bind).
 */
export function allocate(tree: PowerTree, jobs: PowerJobs, start?: StartPrices): Allotment {
  const rows = rowsOf(tree, jobs)
  const kinds = pricesFor(jobs, rows, start)
  const prices = kinds.jobs === jobs ? kinds : { ...makePrices(jobs, rows), price: kinds.price }
  prices.blur = kinds.blur
  settleAll(prices)
  const grants = makeGrants(tree, jobs, rows, roundDown(prices))
  cut(prices, grants)
  fill(prices, grants)
  const boundValue = boundOf(prices)
  improve(prices, grants, boundValue)
  return allotmentOf(grants, boundValue, prices.price)
}

/** Prices of grants by feeder alone, without watts for anybody. O(jobs x points + sweeps). */
export function pricesOf(tree: PowerTree, jobs: PowerJobs, start: StartPrices): Float64Array {
  const rows = rowsOf(tree, jobs)
  const { price } = pricesFor(jobs, rows, start)
  const grantPrice = new Float64Array(tree.parent.length)
  for (let row = 0; row < rows.feeder.length; row++) {
    if (rows.isDraw[row] === 0) grantPrice[rows.feeder[row]!] = price[row]!
  }
  return grantPrice
}

/** Prices at their optimum: of jobs that are alike put together, where they are of few kinds. */
function pricesFor(jobs: PowerJobs, rows: Rows, start: StartPrices | undefined): Prices {
  const alike = alikeOf(jobs, rows)
  const prices = makePrices(alike?.jobs ?? jobs, alike?.rows ?? rows)
  if (start !== undefined) {
    for (let row = 0; row < rows.feeder.length; row++) {
      const column = rows.isDraw[row] === 0 ? start.grantPrice : start.drawPrice
      prices.price[row] = column[rows.feeder[row]!]!
    }
  }
  solvePrices(prices)
  return prices
}
