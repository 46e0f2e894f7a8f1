import { assert } from './assert.ts'

/** Most intervals of a series: enough for any screen; the interval doubles when they run out. */
const INTERVALS_MOST = 2048

/**
 * Means and maxima of a value that is constant between changes, over equal intervals. The span of
 * the run need not be known: when it grows too long, neighbours merge and the interval doubles.
 */
export class Series {
  intervalMs: number
  private readonly sums = new Float64Array(INTERVALS_MOST)
  private readonly peaks = new Float64Array(INTERVALS_MOST)
  private value = 0
  private sinceMs = 0

  constructor(intervalMs: number) {
    this.intervalMs = intervalMs
  }

  /** The value from now on. O(1), but for long gaps one step an interval. */
  set(atMs: number, value: number): void {
    if (value === this.value) return
    this.advance(atMs)
    this.value = value
    const at = Math.floor(atMs / this.intervalMs)
    if (at < INTERVALS_MOST && value > this.peaks[at]!) this.peaks[at] = value
  }

  /** Accounts for the time up to `atMs` at the present value. */
  advance(atMs: number): void {
    assert(atMs >= this.sinceMs, 'a series goes forward in time')
    while (atMs > this.intervalMs * INTERVALS_MOST) this.merge()
    while (this.sinceMs < atMs) {
      const at = Math.floor(this.sinceMs / this.intervalMs)
      const endMs = Math.min(atMs, (at + 1) * this.intervalMs)
      this.sums[at] = this.sums[at]! + this.value * (endMs - this.sinceMs)
      if (this.value > this.peaks[at]!) this.peaks[at] = this.value
      this.sinceMs = endMs
    }
  }

  /** Makes the interval at least as long as another series', so that both have the same columns. */
  widen(intervalMs: number): void {
    while (this.intervalMs < intervalMs) this.merge()
  }

  /** Intervals that have begun. */
  count(): number {
    return Math.ceil(this.sinceMs / this.intervalMs)
  }

  /** Mean of each interval; the last one over the part that has passed. */
  means(): number[] {
    const count = this.count()
    return Array.from({ length: count }, (_, at) => {
      const spanMs = Math.min(this.sinceMs, (at + 1) * this.intervalMs) - at * this.intervalMs
      return this.sums[at]! / spanMs
    })
  }

  maxima(): number[] {
    return Array.from(this.peaks.subarray(0, this.count()))
  }

  /** Integral of the value over time, in value · ms. */
  total(): number {
    let sum = 0
    for (let at = 0; at < this.count(); at++) sum += this.sums[at]!
    return sum
  }

  private merge(): void {
    const half = INTERVALS_MOST / 2
    for (let at = 0; at < half; at++) {
      this.sums[at] = this.sums[2 * at]! + this.sums[2 * at + 1]!
      this.peaks[at] = Math.max(this.peaks[2 * at]!, this.peaks[2 * at + 1]!)
    }
    this.sums.fill(0, half)
    this.peaks.fill(0, half)
    this.intervalMs *= 2
  }
}
