/** Readings of a power over time, measured or simulated. */
export type PowerTrace = {
  /** When each was read, ms since 1970 or since a start; rising. */
  readonly atMs: Float64Array
  readonly powerW: Float64Array
}
