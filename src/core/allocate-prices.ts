import { lineSearch, makeLine, type Line } from './allocate-line.ts'
import type { PowerJobs } from './allocate-input.ts'
import type { Rows } from './allocate-rows.ts'

/**
 * Prices of the rows: the dual of the allocation on the concave hull. A job's cost of a watt on
 * each device is the sum of the prices above it; it takes the segments of its hull that are worth
 * more than they cost. A segment whose worth is within `blur` of its cost is taken in part, so that
 * loads change smoothly with prices and moving one price at a time leads to the optimum. The blur
 * shrinks from pass to pass; what it costs in the end is below a quarter of it, of those segments.
 */
export type Prices = {
  readonly jobs: PowerJobs
  readonly rows: Rows
  /** Value for a watt at the row's feeder. */
  readonly price: Float64Array
  /** What a job pays for a watt of grant, and of draw, on each device. */
  readonly grantCost: Float64Array
  readonly drawCost: Float64Array
  /** Where a job is on its hull: watts for each device, not whole. */
  readonly grantW: Float64Array
  readonly drawW: Float64Array
  readonly line: Line
  /** Rows directly below a row, and scratch for the weights of a direction. */
  readonly below: readonly (readonly number[])[]
  readonly scratch: Float64Array
  blur: number
  sweeps: number
}

/** Relative widths of the ramps, pass by pass; finer steps where the first do not settle. */
const BLURS = [0.05, 0.002]
const FINE_BLURS = [0.05, 0.02, 0.01, 0.005, 0.002]
/** Sweeps at most in each pass. */
const SWEEPS = 40
/** The last pass ends when prices times what is left or missing is this part of the value. */
const ENOUGH = 1e-4
/** A price that moves by less than this part of it does not move: what is left is rounding. */
const STILL = 1e-12
/** A row is at its limit within this part of it. */
const NEAR = 1e-6

/** All prices zero; where jobs are is not known before `settleAll`. O(jobs). */
export function makePrices(jobs: PowerJobs, rows: Rows): Prices {
  const count = jobs.pointStart.length - 1
  const below: number[][] = Array.from(rows.feeder, () => [])
  for (let row = 0; row < below.length; row++) {
    if (rows.above[row]! >= 0) below[rows.above[row]!]!.push(row)
  }
  return {
    jobs, rows, price: new Float64Array(rows.feeder.length),
    grantCost: new Float64Array(count), drawCost: new Float64Array(count),
    grantW: new Float64Array(count), drawW: new Float64Array(count),
    line: makeLine(jobs), below, scratch: new Float64Array(count), blur: BLURS[0]!, sweeps: 0,
  }
}

/** Moves the prices to their optimum. O(sweeps x (entries of the rows that bind x points)). */
export function solvePrices(prices: Prices): void {
  if (!solveWith(prices, BLURS)) solveWith(prices, FINE_BLURS)
}

/**
 * Of a feeder's limit and its target most often one alone binds, and they are so much alike that a
 * sweep would take from one price and give to the other for long. So each is tried alone first.
 */
function startPairs(prices: Prices): void {
  const { rows, price } = prices
  for (let draw = 0; draw < price.length; draw++) {
    if (rows.isDraw[draw] === 0) continue
    const grant = rows.feeder.indexOf(rows.feeder[draw]!)
    if (rows.isDraw[grant] === 1) continue
    settleAll(prices)
    if (isAtRest(prices, draw) && isAtRest(prices, grant)) continue
    if (bindsAlone(prices, draw, grant)) continue
    const most = price[draw]!
    if (!bindsAlone(prices, grant, draw)) splitPrice(prices, draw, grant, most)
  }
}

/** Halvings with which the price of a target beside that of a limit is found: to a millionth. */
const SPLITS = 20

/** Where both bind, the price of the target at which both are full, from 0 to what it is alone. */
function splitPrice(prices: Prices, draw: number, grant: number, most: number): void {
  const { price, rows } = prices
  let low = 0
  let high = most
  for (let split = 0; split < SPLITS && !isAtRest(prices, draw); split++) {
    price[draw] = low + (high - low) / 2
    settleAll(prices)
    shift(prices, grant)
    if (loadOf(prices, draw) > rows.roomW[draw]!) low = price[draw]!
    else high = price[draw]!
  }
}

/** Whether with one row at its limit another has room without a price. Moves their prices. */
function bindsAlone(prices: Prices, row: number, other: number): boolean {
  prices.price[other] = 0
  settleAll(prices)
  shift(prices, row)
  return isAtRest(prices, other)
}

/** Whether the last pass settled. */
function solveWith(prices: Prices, blurs: readonly number[]): boolean {
  let isDone = false
  for (const blur of blurs) {
    prices.blur = blur
    startPairs(prices)
    settleAll(prices)
    isDone = false
    for (let sweep = 0; sweep < SWEEPS && !isDone; sweep++) {
      const hasMoved = sweepOnce(prices)
      prices.sweeps++
      isDone = isSettled(prices)
      if (!hasMoved) break
    }
  }
  return isDone
}

/** One visit of each row, deepest first; false where nothing moved. */
function sweepOnce(prices: Prices): boolean {
  const { rows } = prices
  let hasMoved = false
  for (let row = rows.feeder.length - 1; row >= 0; row--) {
    if (isAtRest(prices, row)) continue
    if (shiftShielded(prices, row)) hasMoved = true
    if (shift(prices, row)) hasMoved = true
  }
  return hasMoved
}

/** Whether a row is full, or not and free. O(jobs of the row). */
function isAtRest(prices: Prices, row: number): boolean {
  const room = prices.rows.roomW[row]!
  const near = NEAR * Math.max(1, Math.abs(room))
  const load = loadOf(prices, row)
  return load <= room + near && (prices.price[row] === 0 || load >= room - near)
}

/** Watts at a row's feeder for where the jobs are. O(jobs of the row). */
function loadOf({ rows, grantW, drawW }: Prices, row: number): number {
  const { start, job, weight } = rows
  const at = rows.isDraw[row] === 0 ? grantW : drawW
  const end = start[row + 1]!
  let load = 0
  for (let i = start[row]!; i < end; i++) load += weight[i]! * at[job[i]!]!
  return load
}

/** Moves one price to where its row is full, or to zero; whether it moved. */
function shift(prices: Prices, row: number): boolean {
  if (isAtRest(prices, row)) return false
  const { rows, price, line } = prices
  const from = rows.start[row]!
  const end = rows.start[row + 1]!
  line.count = end - from
  line.job.set(rows.job.subarray(from, end))
  line.weight.set(rows.weight.subarray(from, end))
  const by = lineSearch(prices, rows.isDraw[row]!, rows.roomW[row]!, -price[row]!, Infinity)
  if (Math.abs(by) <= STILL * price[row]!) return false
  price[row] = by === -price[row]! ? 0 : price[row]! + by
  pay(prices, rows.isDraw[row]!, by)
  return true
}

/**
 * Moves a price and takes the same from the prices next below it, so that what they hold stays
 * where it is. Else a row and one that has most of its load would take turns for long.
 * Returns whether it moved.
 */
function shiftShielded(prices: Prices, row: number): boolean {
  const { rows, price, line, scratch } = prices
  const shields: number[] = []
  findPriced(prices, row, shields)
  if (shields.length === 0) return false
  const from = rows.start[row]!
  const end = rows.start[row + 1]!
  for (let i = from; i < end; i++) scratch[rows.job[i]!] = rows.weight[i]!
  let room = rows.roomW[row]!
  let most = Infinity
  for (const shield of shields) {
    const ratio = rows.toRoot[shield]! / rows.toRoot[row]!
    room -= ratio * rows.roomW[shield]!
    most = Math.min(most, price[shield]! / ratio)
    for (let i = rows.start[shield]!; i < rows.start[shield + 1]!; i++) {
      const job = rows.job[i]!
      scratch[job] = scratch[job]! - ratio * rows.weight[i]!
    }
  }
  line.count = 0
  for (let i = from; i < end; i++) {
    const job = rows.job[i]!
    if (scratch[job]! <= 1e-9 * rows.weight[i]!) continue
    line.job[line.count] = job
    line.weight[line.count++] = scratch[job]!
  }
  const by = lineSearch(prices, rows.isDraw[row]!, room, -price[row]!, most)
  if (Math.abs(by) <= STILL * price[row]!) return false
  price[row] = by === -price[row]! ? 0 : price[row]! + by
  for (const shield of shields) {
    const ratio = rows.toRoot[shield]! / rows.toRoot[row]!
    price[shield] = by === price[shield]! / ratio ? 0 : Math.max(0, price[shield]! - by * ratio)
  }
  pay(prices, rows.isDraw[row]!, by)
  return true
}

/** Nearest rows below that have a price. */
function findPriced(prices: Prices, row: number, found: number[]): void {
  for (const child of prices.below[row]!) {
    if (prices.price[child]! > 0) found.push(child)
    else findPriced(prices, child, found)
  }
}

/** Charges the jobs of the line for a price that moved, and lets each move on its hull. */
function pay(prices: Prices, isDraw: number, by: number): void {
  const { line } = prices
  const cost = isDraw === 0 ? prices.grantCost : prices.drawCost
  for (let i = 0; i < line.count; i++) {
    const job = line.job[i]!
    cost[job] = Math.max(0, cost[job]! + by * line.weight[i]!)
    settle(prices, job)
  }
}

/** Whether prices times what is left or missing at their rows is next to nothing. */
function isSettled(prices: Prices): boolean {
  const { rows, price, jobs, grantW, blur } = prices
  let lost = 0
  for (let row = 0; row < price.length; row++) {
    const over = loadOf(prices, row) - rows.roomW[row]!
    if (price[row] === 0 && over > NEAR * Math.max(1, Math.abs(rows.roomW[row]!))) return false
    lost += price[row]! * Math.abs(over)
  }
  let paid = 0
  for (let job = 0; job < grantW.length; job++) {
    paid += jobs.value[jobs.pointStart[job + 1]! - 1]!
  }
  return lost <= Math.max(ENOUGH, blur / 20) * paid
}

/** Costs anew from the prices, without the errors of many small steps, and everyone's place. */
export function settleAll(prices: Prices): void {
  const { rows, price, grantCost, drawCost } = prices
  grantCost.fill(0)
  drawCost.fill(0)
  for (let row = 0; row < price.length; row++) {
    if (price[row] === 0) continue
    const cost = rows.isDraw[row] === 0 ? grantCost : drawCost
    for (let i = rows.start[row]!; i < rows.start[row + 1]!; i++) {
      const job = rows.job[i]!
      cost[job] = cost[job]! + price[row]! * rows.weight[i]!
    }
  }
  for (let job = 0; job < grantCost.length; job++) settle(prices, job)
}

/** Points of a job's hull of value over cost, in `line.hull`; their number. O(points). */
export function hullOf(prices: Prices, job: number): number {
  const { grantW, drawW, value, pointStart } = prices.jobs
  const { hull, x } = prices.line
  const grantCost = prices.grantCost[job]!
  const drawCost = prices.drawCost[job]!
  const end = pointStart[job + 1]!
  let size = 0
  for (let k = pointStart[job]!; k < end; k++) {
    const cost = grantCost * grantW[k]! + drawCost * drawW[k]!
    if (size > 0 && value[k]! <= value[hull[size - 1]!]!) continue
    while (size > 0) {
      const top = hull[size - 1]!
      if (cost > x[size - 1]!) {
        if (size === 1) break
        const low = hull[size - 2]!
        const rise = (value[top]! - value[low]!) * (cost - x[size - 1]!)
        if (rise > (value[k]! - value[top]!) * (x[size - 1]! - x[size - 2]!)) break
      }
      size--
    }
    hull[size] = k
    x[size++] = cost
  }
  return size
}

/** Where a job is for its costs. O(points). */
function settle(prices: Prices, job: number): void {
  const { jobs, line, blur } = prices
  const size = hullOf(prices, job)
  const { hull, x } = line
  const { grantW, drawW, value } = jobs
  let grant = grantW[hull[0]!]!
  let draw = drawW[hull[0]!]!
  for (let i = 1; i < size; i++) {
    const low = hull[i - 1]!
    const high = hull[i]!
    const worth = value[high]! - value[low]!
    const part = 0.5 + (worth - (x[i]! - x[i - 1]!)) / (2 * blur * worth)
    if (part <= 0) break
    const taken = Math.min(1, part)
    grant += taken * (grantW[high]! - grantW[low]!)
    draw += taken * (drawW[high]! - drawW[low]!)
  }
  prices.grantW[job] = grant
  prices.drawW[job] = draw
}

/** Upper bound of the value under every limit: the dual at these prices. O(points + rows). */
export function boundOf({ jobs, rows, price, grantCost, drawCost }: Prices): number {
  let bound = 0
  for (let row = 0; row < price.length; row++) bound += price[row]! * rows.roomW[row]!
  for (let job = 0; job < grantCost.length; job++) {
    let best = -Infinity
    for (let k = jobs.pointStart[job]!; k < jobs.pointStart[job + 1]!; k++) {
      const cost = grantCost[job]! * jobs.grantW[k]! + drawCost[job]! * jobs.drawW[k]!
      best = Math.max(best, jobs.value[k]! - cost)
    }
    bound += best
  }
  return bound
}
