import type { PowerJobs } from './allocate-input.ts'
import type { Prices } from './allocate-prices.ts'

/** Scratch of a search along one direction of prices: who pays it, and where each segment goes. */
export type Line = {
  /** Jobs on the line, and the watts of each at the row for a watt on each of its devices. */
  count: number
  readonly job: Int32Array
  readonly weight: Float64Array
  segments: number
  /** Segments: the middle and half the width of the ramp in which they go, and their watts. */
  readonly middle: Float64Array
  readonly half: Float64Array
  readonly watts: Float64Array
  /** Points of the hull at hand, and their coordinates. */
  readonly hull: Int32Array
  readonly x: Float64Array
  readonly y: Float64Array
}

export function makeLine({ pointStart }: PowerJobs): Line {
  const jobs = pointStart.length - 1
  const points = pointStart[jobs]!
  let most = 1
  for (let job = 0; job < jobs; job++) {
    most = Math.max(most, pointStart[job + 1]! - pointStart[job]!)
  }
  return {
    count: 0, segments: 0, job: new Int32Array(jobs), weight: new Float64Array(jobs),
    middle: new Float64Array(points), half: new Float64Array(points),
    watts: new Float64Array(points),
    hull: new Int32Array(most), x: new Float64Array(most), y: new Float64Array(most),
  }
}

/**
 * How far the price of the line must move, from `least` to `most`, for its load to be `roomW`; the
 * nearest to that where it cannot be. O(points of its jobs), most of it once.
 */
export function lineSearch(
  prices: Prices, isDraw: number, roomW: number, least: number, most: number): number {
  const { line } = prices
  const fixed = gather(prices, isDraw)
  let upper = least
  for (let i = 0; i < line.segments; i++) {
    upper = Math.max(upper, line.middle[i]! + line.half[i]!)
  }
  // Where all of them gone is still too much, only the price of what is shielded can give way.
  if (fixed > roomW && most < Infinity) return most
  return bisect(line, roomW - fixed, least, Math.min(most, upper))
}

/** Segments of the jobs of the line by the price at which they go; returns what always stays. */
function gather(prices: Prices, isDraw: number): number {
  const { line, jobs, blur } = prices
  const { hull, x, y } = line
  const watts = isDraw === 0 ? jobs.grantW : jobs.drawW
  let fixed = 0
  let count = 0
  for (let i = 0; i < line.count; i++) {
    const job = line.job[i]!
    const size = hullOnLine(prices, job, line.weight[i]!, watts)
    fixed += x[0]!
    for (let at = 1; at < size; at++) {
      const run = x[at]! - x[at - 1]!
      line.middle[count] = (y[at]! - y[at - 1]!) / run
      line.half[count] = blur * (jobs.value[hull[at]!]! - jobs.value[hull[at - 1]!]!) / run
      line.watts[count++] = run
    }
  }
  line.segments = count
  return fixed
}

/** Hull of a job's value less its costs over its watts on the line; the number of its points. */
function hullOnLine(prices: Prices, job: number, weight: number, watts: Float64Array): number {
  const { grantW, drawW, value, pointStart } = prices.jobs
  const { hull, x, y } = prices.line
  const grantCost = prices.grantCost[job]!
  const drawCost = prices.drawCost[job]!
  const end = pointStart[job + 1]!
  let size = 0
  for (let k = pointStart[job]!; k < end; k++) {
    const at = weight * watts[k]!
    const worth = value[k]! - grantCost * grantW[k]! - drawCost * drawW[k]!
    if (size > 0 && value[k]! <= value[hull[size - 1]!]!) continue
    let isKept = true
    while (size > 0) {
      const run = at - x[size - 1]!
      if (run > 0) {
        if (size === 1) break
        const rise = (y[size - 1]! - y[size - 2]!) * run
        if (rise > (worth - y[size - 1]!) * (x[size - 1]! - x[size - 2]!)) break
      } else if (worth <= y[size - 1]!) {
        isKept = false
        break
      }
      size--
    }
    if (!isKept) continue
    hull[size] = k
    x[size] = at
    y[size++] = worth
  }
  return size
}

/** Halvings at most: the range is then as narrow as numbers allow. */
const STEPS = 100

/**
 * Narrows the range around the price at which the segments take `room`, keeping only those that
 * are neither all in nor all out, until what is left goes evenly: then the price is a division.
 */
function bisect(line: Line, room: number, least: number, most: number): number {
  const narrow = { low: least, high: most, inside: 0, load: 0, mean: 0, isEven: false }
  // Most often the price moves little, so the first cut is where it is.
  let pivot = least < 0 && most > 0 ? 0 : least + (most - least) / 2
  for (let step = 0; step < STEPS; step++) {
    squeeze(line, narrow, pivot)
    if (narrow.isEven) break
    if (narrow.load > room) narrow.low = pivot
    else narrow.high = pivot
    const { low, high, mean } = narrow
    const isMean = step % 2 === 0 && mean > low && mean < high
    pivot = isMean ? mean : low + (high - low) / 2
  }
  const { low, high, inside } = narrow
  const lowLoad = inside + taken(line, low)
  const highLoad = inside + taken(line, high)
  if (lowLoad <= room) return low
  if (highLoad >= room) return high
  return low + ((lowLoad - room) / (lowLoad - highLoad)) * (high - low)
}

type Narrow = {
  low: number
  high: number
  /** Watts of dropped segments that are taken all over the range. */
  inside: number
  /** Watts at the pivot, and the mean of the middles of the segments that are left. */
  load: number
  mean: number
  /** Whether each segment left goes evenly over all of the range. */
  isEven: boolean
}

/** Drops the segments that the range has decided, and adds up the rest at a price within it. */
function squeeze(line: Line, narrow: Narrow, pivot: number): void {
  const { middle, half, watts } = line
  const { low, high } = narrow
  let { inside } = narrow
  let kept = 0
  let sum = 0
  let load = 0
  let isEven = true
  for (let i = 0; i < line.segments; i++) {
    const at = middle[i]!
    const width = half[i]!
    if (at - width >= high) {
      inside += watts[i]!
      continue
    }
    if (at + width <= low) continue
    const part = 0.5 + (at - pivot) / (2 * width)
    if (part >= 1) load += watts[i]!
    else if (part > 0) load += part * watts[i]!
    if (at - width > low || at + width < high) isEven = false
    sum += at
    middle[kept] = at
    half[kept] = width
    watts[kept++] = watts[i]!
  }
  line.segments = kept
  narrow.inside = inside
  narrow.load = inside + load
  narrow.mean = kept === 0 ? low : sum / kept
  narrow.isEven = isEven
}

/** Watts of the segments at a price. */
function taken({ middle, half, watts, segments }: Line, price: number): number {
  let sum = 0
  for (let i = 0; i < segments; i++) {
    const part = 0.5 + (middle[i]! - price) / (2 * half[i]!)
    if (part >= 1) sum += watts[i]!
    else if (part > 0) sum += part * watts[i]!
  }
  return sum
}
