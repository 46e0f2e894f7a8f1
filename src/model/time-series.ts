/**
 * Values at equal steps, each in force until the next: a price, a temperature, a demand. Before
 * the first and after the last the nearest value holds.
 */
export type TimeSeries = {
  readonly startMs: number
  readonly everyMs: number
  readonly values: Float64Array
}

/** The value in force at a moment. O(1). */
export function inForceAt({ startMs, everyMs, values }: TimeSeries, atMs: number): number {
  const at = Math.floor((atMs - startMs) / everyMs)
  return values[Math.max(0, Math.min(values.length - 1, at))]!
}
