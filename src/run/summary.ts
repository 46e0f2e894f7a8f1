import type { Supply } from '../model/index.ts'
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
  /** Useful work, as GPU-hours at each run's full speed, and as a share of what was held. */
  readonly workDelivered: { readonly gpuHours: number, readonly ratio: number }
  /** What the energy cost; null where no price is known. */
  readonly cost: Cost | null
  /** What the grid or the operator asked for, and what was drawn. */
  readonly events: readonly EventSummary[]
  readonly feederBreaches: FeederBreaches
  /** What the supplies of each site came to that names some. */
  readonly supplies: readonly SiteSupplies[]
  /** What a megawatt more was worth at the feeders that were ever short of it. */
  readonly price: readonly FeederPrice[]
  /** What could not be as it was asked, and why. */
  readonly warnings: readonly string[]
  readonly eventCount: number
  readonly decisions: number
  readonly invariantsBroken: number
  readonly stateHash: string
  readonly journalHash: string
  readonly cpuMs: number
  readonly wallMs: number
  readonly peakRssBytes: number
}

export type Cost = {
  readonly dollars: number
  readonly bySite: readonly { readonly site: string, readonly dollars: number }[]
  /** Energy of times for which there is no price. */
  readonly unpricedMWh: number
}

/** What the supplies of a site gave and cost. Energy and fuel in MWh; dollars with all charges. */
export type SiteSupplies = {
  readonly site: string
  readonly bySupply: readonly {
    readonly supply: string
    readonly type: Supply['type']
    readonly energyMWh: number
    /** What a battery took. */
    readonly takenMWh: number
    readonly fuelMWh: number
    /** Energy, fuel, upkeep and wear; without demand charges. */
    readonly dollars: number
    readonly starts: number
  }[]
  readonly drawnMWh: number
  readonly lossesMWh: number
  /** Given and not taken, and drawn and not given; the most of that over a control step. */
  readonly surplusMWh: number
  readonly unservedMWh: number
  readonly worstUnservedW: number
  readonly dollars: number
  readonly demandChargeDollars: number
  /** Of all batteries together: full cycles, states of charge, and most right after a step. */
  readonly battery: {
    readonly cycles: number, readonly lowestRatio: number, readonly highestRatio: number
    readonly mostGivenW: number, readonly mostTakenW: number
  } | null
  /** Changes of grids at once, beyond their ramp: the largest, and all together. */
  readonly rampBreaches: { readonly worstW: number, readonly sumW: number }
}

/** One curtailment. Draw is the true mean of the feeder, without its swings. */
export type EventSummary = {
  readonly cause: string
  readonly feeder: string
  readonly noticeAtMs: number
  readonly holdAtMs: number
  readonly holdEndAtMs: number
  readonly baselineW: number
  /** What may be drawn, and the share of the baseline that is cut by it. */
  readonly asked: { readonly watts: number, readonly ratio: number }
  /** The mean over the hold; null where the run ended before. */
  readonly held: { readonly watts: number, readonly ratio: number } | null
  /** What was held less what was asked, as a share of the baseline; below 0: too little. */
  readonly errorRatio: number | null
  /** Most that was drawn above the target in the hold, and least below it. */
  readonly overshootW: number
  readonly dipW: number
  /** Most that the draw fell, and then rose, within any minute. */
  readonly rampWorstWPerMin: { readonly in: number, readonly out: number }
  /** From the start of the hold until the draw stayed at the target or below. */
  readonly settledMs: number
  /** Lost to caps and pauses from its notice until its end. */
  readonly gpuHoursLost: number
  /** The least that could be drawn, where that is more than was asked. */
  readonly floorW?: number
}

/** Samples of the draw of feeders against the limits of their time. */
export type FeederBreaches = {
  readonly samples: number
  readonly breaches: number
  readonly worstOverW: number
  /** Time in which the mean draw was above the limit, and the most watts that it was. */
  readonly overMs: number
  readonly meanOverW: number
  /** Only those that were ever above. */
  readonly byFeeder: readonly {
    readonly feeder: string, readonly samples: number, readonly breaches: number
    readonly worstOverW: number, readonly overMs: number, readonly meanOverW: number
  }[]
}

/** GPUs' worth of work that a megawatt more would do, of grants and draw together. */
export type FeederPrice = {
  readonly feeder: string
  /** Mean over the whole run, and the most. */
  readonly meanGpusPerMW: number
  readonly worstGpusPerMW: number
  readonly bindingHours: number
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

/** Where the capacity of the run went. allocated = useful + the seven losses (to rounding). */
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
  /** What power caps made slower, and what stood paused. */
  readonly lostCapped: number
  readonly lostPaused: number
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
  /** What may be drawn by the targets of the root feeders, the limit where there is none. */
  readonly targetW?: readonly number[]
  readonly peakDrawW: readonly number[]
  /** Where sites name supplies: what they gave, below 0 where a battery took, and its charge. */
  readonly supplies?: {
    readonly gridW: readonly number[]
    readonly generatorsW: readonly number[]
    readonly batteryW: readonly number[]
    readonly solarW: readonly number[]
    readonly heldRatio: readonly number[]
  }
}
