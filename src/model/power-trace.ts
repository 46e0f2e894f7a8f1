/** Readings of a power over time, measured or simulated. */
export type PowerTrace = {
  /** When each was read, ms since 1970 or since a start; rising. */
  readonly atMs: Float64Array
  readonly powerW: Float64Array
  /** Of the grid at the same times, where it was read as well. */
  readonly voltagePu?: Float64Array
  readonly frequencyHz?: Float64Array
}
