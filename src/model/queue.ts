export type Queue = {
  readonly name: string
  /** Pools that its jobs may use, by index, in order of preference. */
  readonly pools: readonly number[]
  /** Most GPUs that its running jobs may hold together; Infinity where there is no quota. */
  readonly quotaGpus: number
  /** Expected run time of a job that declares no limit. Such a job is not killed at it. */
  readonly defaultLimitMs: number
  /** Added to the priority of each of its jobs. */
  readonly priority: number
}
