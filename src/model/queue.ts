/**
 * A queue of the tree of queues: a team, a project, a product line. Quotas count GPUs, and cores
 * for jobs without GPUs. What a queue does not use of its own quota, the others of its tree may
 * borrow, up to what it lends and they may borrow; it comes back by preemption when it is needed.
 */
export type Queue = {
  readonly name: string
  /** The queue above it, by index, or -1. What it holds counts there too. */
  readonly parent: number
  /** Pools that its jobs may use, by index, in order of preference. */
  readonly pools: readonly number[]
  readonly quota: { readonly gpus: Quota, readonly cores: Quota }
  /** Its part of its parent, against its siblings' weights, where the order is by fair share. */
  readonly weight: number
  /** Expected run time of a job that declares no limit. Such a job is not killed at it. */
  readonly defaultLimitMs: number
  /** How long each of its jobs runs at least before it may be preempted. */
  readonly leastRunMs: number
  /** Added to the priority of each of its jobs. */
  readonly priority: number
}

/** Whole GPUs or cores; Infinity where there is no limit. */
export type Quota = {
  /** What is its own, by itself; its children have theirs. */
  readonly own: number
  /** Most that it and the queues below it may hold beyond their own quotas. */
  readonly borrow: number
  /** Most of what it does not use that others may borrow. */
  readonly lend: number
}

/** A queue without quota. */
export const NO_QUOTA: Quota = { own: Infinity, borrow: Infinity, lend: Infinity }
