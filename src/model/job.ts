/**
 * Phase of a job's row. Rows of done jobs are free and used again; the job's number is not: it is
 * what people see, and what tells a late report about an earlier job of the row.
 */
export const PHASE = { free: 0, pending: 1, starting: 2, running: 3, suspended: 4 } as const

/** Topology levels, smallest first. A gang may require one; sites are never crossed. */
export const LEVELS = ['node', 'rack', 'row', 'hall', 'site'] as const

/** Why a job is over. */
export const OUTCOMES = ['completed', 'failed', 'cancelled'] as const
export type Outcome = (typeof OUTCOMES)[number]

/** What a job asks for. Everything that has a default may hold 0 or -1 as said. */
export type JobRequest = {
  /** Shown to people; empty means that its number is its name. */
  readonly name: string
  readonly queue: number
  /** Devices of the whole gang; 0 for a job without GPUs. */
  readonly gpus: number
  /** Nodes of the gang, each with the same devices; 0: as few nodes as hold them. */
  readonly nodes: number
  /** CPU cores on each node; 0: the share that goes with its devices. */
  readonly cpusPerNode: number
  /** Memory on each node in GiB; 0: the share that goes with its devices. */
  readonly memoryPerNodeGiB: number
  /** Index of a device type in the plant, or -1 for any. */
  readonly device: number
  /** Index in LEVELS of the largest domain the gang may span; the site where it does not care. */
  readonly level: number
  readonly priority: number
  /** Run time that the user expects, an estimate; 0 where none was declared. */
  readonly limitMs: number
  /** Fewest nodes that it can run on, slower; 0 where it needs all of its nodes. */
  readonly leastNodes: number
  /** How long it runs at least before it may be preempted, beside its queue's. */
  readonly leastRunMs: number
  /** When it should be done; 0 where it does not matter. For the order by deadline. */
  readonly deadlineAtMs: number
  /** Whether nodes are kept free for it as they become so, while it is first and blocked. */
  readonly isHero: boolean
  /** Number of the first job of its array; 0 where it is not part of one. */
  readonly array: number
  /** Jobs that must end before it may start. */
  readonly after: readonly Dependency[]
  /** Its throughput by device type, against the reference's; 0 or no entry: the catalogue's. */
  readonly speeds: readonly number[]
  /** Its class of work: an index in `Plant.curves.classes`. */
  readonly curve: number
  /** Share of its full throughput that it is promised while it runs; 0: it may be paused. */
  readonly leastSpeed: number
  /** What an hour of one of its devices is worth against that of others; 1 for most. */
  readonly worth: number
}

/** One job waits for another, by row: for its success, or for its end however it comes. */
export type Dependency = { readonly job: number, readonly on: 'completed' | 'ended' }

/** What a request has that asks for nothing special. */
export const PLAIN = {
  leastNodes: 0, leastRunMs: 0, deadlineAtMs: 0, isHero: false, array: 0, after: [], speeds: [],
  curve: 0, leastSpeed: 0, worth: 1,
} as const satisfies Partial<JobRequest>

/** Where a gang runs: ranges of nodes, each with the devices it takes of each node. */
export type Placement = {
  readonly pool: number
  /** first, end, mask, first, end, mask, …; mask 0 stands for all devices of whole nodes. */
  readonly spans: readonly number[]
}
