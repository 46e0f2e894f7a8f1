import { rampOf } from '../base/units.ts'
import { valueBetween, type Stretch } from './stretch.ts'

/** Takes what a window that ends at a time comes to. */
export type Take = (value: number, endMs: number, stepMs: number) => void

/**
 * Mean ramp over each rolling window: the change from its first moment to its last, in watts a
 * minute, up above zero. A window's first moment may lie between two readings. O(n).
 */
export function rollingRamp(stretch: Stretch, windowMs: number, take: Take): void {
  const { atMs, valueW } = stretch
  const firstMs = atMs[0]!
  let before = 0
  for (let at = 1; at < atMs.length; at++) {
    const endMs = atMs[at]!
    const startMs = endMs - windowMs
    if (startMs < firstMs - SLACK_MS) continue
    while (before + 1 < at && atMs[before + 1]! <= startMs) before++
    const change = valueW[at]! - valueBetween(stretch, before, startMs)
    take(rampOf(change, windowMs), endMs, endMs - atMs[at - 1]!)
  }
}

/**
 * Largest minus smallest value within each rolling window, by two queues of candidates. O(n).
 * Windows at the start are shorter; what they show is in the full ones as well.
 */
export function rollingSwing(
  { atMs, valueW }: Stretch, windowMs: number, take: Take): void {
  const count = atMs.length
  const highs = new Int32Array(count)
  const lows = new Int32Array(count)
  let highFrom = 0
  let highTo = 0
  let lowFrom = 0
  let lowTo = 0
  for (let at = 0; at < count; at++) {
    const value = valueW[at]!
    while (highTo > highFrom && valueW[highs[highTo - 1]!]! <= value) highTo--
    highs[highTo++] = at
    while (lowTo > lowFrom && valueW[lows[lowTo - 1]!]! >= value) lowTo--
    lows[lowTo++] = at
    const startMs = atMs[at]! - windowMs - SLACK_MS
    while (atMs[highs[highFrom]!]! < startMs) highFrom++
    while (atMs[lows[lowFrom]!]! < startMs) lowFrom++
    const swing = valueW[highs[highFrom]!]! - valueW[lows[lowFrom]!]!
    take(swing, atMs[at]!, at === 0 ? 0 : atMs[at]! - atMs[at - 1]!)
  }
}

/** Times of 5.000000001 s are 5 s. */
const SLACK_MS = 1e-6
