import type { PolicyNames } from '../policies/policy.ts'

/**
 * What a run of the twin came to: `summary.json`, what `--json` prints, and what the report and
 * the terminal show. Units are in the names; ratios are 0 to 1.
 */
export type Summary = {
  readonly factory: string
  readonly gpus: number
  readonly nodes: number
  readonly seed: number
  readonly policies: PolicyNames
  readonly traces: readonly TraceSummary[]
  readonly jobs: JobCounts
  readonly gpuHours: GpuHours
  /** Allocated over capacity, and useful over allocated. */
  readonly utilizationRatio: number
  readonly goodputRatio: number
  readonly waitMs: Spread
  readonly jctMs: Spread
  /** Waits by size of the gang, smallest class first. */
  readonly waitsBySize: readonly SizeWait[]
  readonly makespanMs: number
  readonly horizonMs: number
  readonly energyMWh: number
  /** The part of it that no job drew: base loads and idle nodes, with losses and cooling. */
  readonly unassignedMWh: number
  /** What each queue and all below it used, each before those below it. */
  readonly usage: readonly QueueUsage[]
  readonly peakDrawW: number
  readonly meanDrawW: number
  /** Sum of the limits of the sites' root feeders. */
  readonly limitW: number
  readonly peakGrantW: number
  readonly failures: number
  readonly failuresByClass: Readonly<Record<string, number>>
  readonly preemptions: number
  readonly restarts: number
  /** What held the first waiting job, as shares of the time in which one waited. */
  readonly limitedBy: readonly Limiter[]
  readonly events: number
  readonly decisions: number
  readonly invariantsBroken: number
  readonly stateHash: string
  readonly journalHash: string
  readonly cpuMs: number
  readonly wallMs: number
  readonly peakRssBytes: number
}

export type TraceSummary = {
  readonly format: string
  readonly file: string
  readonly jobs: number
  /** How many copies of the trace were laid over one another, and their jitter; 1 and 0: as is. */
  readonly copies: number
  readonly jitterMs: number
  readonly skipAheadMs: number
  readonly skipped: readonly { readonly cause: string; readonly count: number }[]
  /**
   * Where the trace names queues of another system: those that the factory does not have, whose
   * jobs went to its first queue; '' counts the rest of a long list.
   */
  readonly moved?: readonly { readonly queue: string; readonly count: number }[]
}

export type JobCounts = {
  readonly submitted: number
  readonly started: number
  readonly completed: number
  readonly failed: number
  readonly cancelled: number
  readonly refused: number
  readonly running: number
  readonly waiting: number
}

/** Where the capacity of the run went. allocated = useful + the five losses (to rounding). */
export type GpuHours = {
  readonly capacity: number
  readonly down: number
  readonly allocated: number
  /**
   * Idle only because they are apart: free while the first waiting job lacked nodes, devices or
   * topology, and a site of one of its pools had as many as it asked for. As sampled.
   */
  readonly stranded: number
  readonly useful: number
  readonly lostCheckpoint: number
  readonly lostRework: number
  readonly lostDetection: number
  readonly lostRestart: number
  /** Time that slowed devices cost: what was done slower than at full speed. */
  readonly lostSlow: number
}

/**
 * What the jobs of a queue and of all below it used. The queues without a parent and
 * `unassignedMWh` add up to `energyMWh` (to rounding).
 */
export type QueueUsage = {
  readonly queue: string
  /** The queue above it, or ''. */
  readonly parent: string
  /** Held by its jobs, and the part of it that was useful. */
  readonly gpuHours: number
  readonly usefulGpuHours: number
  /** Held by jobs without GPUs. */
  readonly coreHours: number
  /** What its jobs drew above idle nodes, at the site. */
  readonly energyMWh: number
  readonly completed: number
  readonly meanWaitMs: number
  /** Of what it and its siblings used, and of their weights: equal where each has its share. */
  readonly shareRatio: number
  readonly weightRatio: number
}

export type Spread = {
  readonly mean: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
}

export type SizeWait = {
  /** "1", "2-7", "8", "9-63", … GPUs. */
  readonly gpus: string
  readonly jobs: number
  readonly started: number
  readonly waitMs: Spread
  readonly gpuHours: number
}

export type Limiter = {
  /** A reason of model/reason.ts. */
  readonly reason: string
  /** The pool, feeder or queue most often named. */
  readonly at: string
  readonly ratio: number
}

/** Columns of equal length, one entry for each interval of the run: `power.csv` and the charts. */
export type RunSeries = {
  readonly intervalMs: number
  /** Start of each interval. */
  readonly atMs: readonly number[]
  /** Means over the interval, whole factory. */
  readonly gpusUp: readonly number[]
  readonly gpusBusy: readonly number[]
  readonly gpusWaiting: readonly number[]
  readonly jobsWaiting: readonly number[]
  readonly grantW: readonly number[]
  readonly drawW: readonly number[]
  readonly limitW: readonly number[]
  readonly peakDrawW: readonly number[]
}
