/**
 * One job of a trace: what a user asks, and behind it what really happens, which only the twin
 * sees. Times are from the start of the run.
 */
export type TraceJob = {
  /** The job's name in its trace; copies add ".1", ".2", … */
  readonly id: string
  readonly submitAtMs: number
  /** Devices of the whole gang; 0 for a job without GPUs. */
  readonly gpus: number
  /** Nodes it asks for, or 0 for as few as hold its devices. */
  readonly nodes: number
  /** CPU cores on each node, or 0 for the share of its devices. */
  readonly cpusPerNode: number
  /** Memory on each node in GiB, or 0 for the share of its devices. */
  readonly memoryPerNodeGiB: number
  /** Run time that the user declared, or 0. */
  readonly limitMs: number
  /** Name of a queue of the factory, or '' for its first one. */
  readonly queue: string
  /** Device type by name, or '' for any. */
  readonly device: string
  /** Largest topology level it may span: 'node', 'rack', 'row', 'hall', or '' for any. */
  readonly level: string
  readonly priority: number
  /** Fewest nodes that it can run on; 0 where it needs all of its nodes. */
  readonly leastNodes: number
  /** How long it runs at least before it may be preempted. */
  readonly leastRunMs: number
  /** When it should be done, or 0. */
  readonly deadlineAtMs: number
  readonly isHero: boolean
  /** Name of its array, or ''. */
  readonly array: string
  /** Jobs of the trace that it waits for, in Slurm's words: "afterok:12:13,afterany:14", or ''. */
  readonly after: string
  /** Its throughput by device type, "H100=1,B200=2.1", or a class of work by name, or ''. */
  readonly speeds: string
  /** Its class of work for power: "compute", "memory", …, or '' for the first. */
  readonly class: string
  /** Share of its full throughput that it is promised; 0 where it may be paused. */
  readonly leastSpeed: number
  /** What an hour of its devices is worth against that of others. */
  readonly worth: number
  /** Profile: its kind of workload by name, or '' for training where it has devices. */
  readonly workload: string
  /** Profile: time it works at full speed, without interruptions. Only the twin sees it. */
  readonly workMs: number
  /** Profile: checkpoint interval of work and stall; 0 and -1 leave both to the twin. */
  readonly checkpointEveryMs: number
  readonly checkpointStallMs: number
  /** Profile: how it ends by itself. */
  readonly outcome: 'completed' | 'failed' | 'cancelled'
}

/** What a job of a trace has where its format does not say otherwise. */
export const PLAIN_ARRIVAL = {
  leastNodes: 0, leastRunMs: 0, deadlineAtMs: 0, isHero: false, array: '', after: '', speeds: '',
  class: '', leastSpeed: 0, worth: 1,
} as const satisfies Partial<TraceJob>

export type Trace = {
  readonly format: string
  readonly path: string
  /** Sorted by submission; equal times in the order of the file. */
  readonly jobs: JobList
  /** Rows that are not jobs to run. */
  readonly skipped: readonly RowCount[]
  /** Jobs in the first queue because the factory has none of their queue's name, by that name. */
  readonly moved: readonly RowCount[]
}

/** Jobs by row. Each is made when it is asked for, so that a million of them take little memory. */
export type JobList = {
  readonly length: number
  readonly submitAtMs: (row: number) => number
  readonly at: (row: number) => TraceJob
  readonly [Symbol.iterator]: () => Iterator<TraceJob>
}

/** How many rows of a trace something is so of, by cause. */
export type RowCount = {
  readonly cause: string
  readonly count: number
  readonly firstLine: number
}
