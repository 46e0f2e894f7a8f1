import type { JobRequest, Outcome, Placement } from './job.ts'
import type { LimitCourse } from './power.ts'

/**
 * What is so. Events are journaled, replayed, and never refused; only `apply` changes the state,
 * and only from one of these. `job` is a row; `number` is the job's number for people.
 */
export type Event =
  | JobSubmitted
  | { readonly type: 'job.running'; readonly job: number }
  | JobInterrupted
  | JobEnded
  | { readonly type: 'job.credited'; readonly job: number; readonly keptMs: number }
  | { readonly type: 'job.held'; readonly job: number }
  | { readonly type: 'job.released'; readonly job: number }
  /** A person took its nodes away; it waits again. */
  | { readonly type: 'job.requeued'; readonly job: number; readonly cause: string }
  /** The engine is told to let the job save its work now. */
  | { readonly type: 'job.checkpoint'; readonly job: number }
  /** The wall clock's milliseconds since 1970 at the run's moment 0: of a start, or it was set. */
  | { readonly type: 'clock.set'; readonly epochMs: number }
  | NodesChanged
  | WindowSet
  | { readonly type: 'window.cleared'; readonly window: number }
  | LimitSet
  | { readonly type: 'limit.cleared'; readonly limit: number }
  | CapConfirmed
  | JobMeasured
  | FeederMetered
  /** Watts that a feeder takes for 10,000 W that it delivers: the weather, or another cooling. */
  | { readonly type: 'feeder.ratio'; readonly feeder: number; readonly ratioPer10k: number }
  | SuppliesRead
  | SupplyLost
  | Step

/** An event that a policy wants. The guard checks it before it becomes so. */
export type Step = JobStarted | JobPreempted | JobReserved | JobCapped | RoundDue | PowerDue
  | PowerPriced

/** Steps that happen together or not at all. */
export type Decision = { readonly steps: readonly Step[] }

export type JobSubmitted = JobRequest & {
  readonly type: 'job.submitted'
  readonly job: number
  readonly number: number
  /** Smaller goes first; equal ranks go by number. Set by the order policy when it is accepted. */
  readonly rank: number
}

/** The gang holds its nodes from now on; the engine is told to start it. */
export type JobStarted = { readonly type: 'job.started'; readonly job: number } & Placement & {
  /** Watts at which each of its devices is capped from the start; absent: their rating. */
  readonly capW?: number
}

/**
 * Each device of the job is to be capped at `capW`; 0: the job is to pause and stay loaded. Where
 * that is more than what is charged, it is charged at once; where it is less, when confirmed.
 */
export type JobCapped = {
  readonly type: 'job.capped'
  readonly job: number
  readonly capW: number
  /** What its nodes set by themselves when they hear no more from us. */
  readonly safeW: number
}

/** The power policy looks at the state again then. */
export type PowerDue = { readonly type: 'power.due'; readonly atMs: number }

/**
 * What one more watt is worth at the feeders that bind, of what may be granted there and of what
 * may be drawn: worth of the devices' work per watt. At all others it is worth nothing.
 */
export type PowerPriced = {
  readonly type: 'power.priced'
  readonly feeders: readonly number[]
  readonly prices: readonly number[]
  readonly drawPrices: readonly number[]
}

/** The engine says that a cap is in force; 0: the job is paused. */
export type CapConfirmed = {
  readonly type: 'cap.confirmed'
  readonly job: number
  readonly capW: number
}

/** What a job has shown under a cap: throughput against its full one, and watts of a device. */
export type JobMeasured = {
  readonly type: 'job.measured'
  readonly job: number
  readonly capW: number
  readonly speed: number
  readonly drawW: number
}

/** A meter's reading: facility watts that a feeder delivered at `observedAtMs`. */
export type FeederMetered = {
  readonly type: 'feeder.metered'
  readonly feeder: number
  readonly drawW: number
  readonly observedAtMs: number
}

/**
 * How the supplies of a site stand: cells that changed since they were told last, rising, and what
 * is in them now (see core/supply-cells.ts).
 */
export type SuppliesRead = {
  readonly type: 'supplies.read'
  readonly site: number
  readonly cells: readonly number[]
  readonly values: readonly number[]
}

/** Some units of a supply trip now, and are back at `untilMs`. Only a twin can make it so. */
export type SupplyLost = {
  readonly type: 'supply.lost'
  readonly site: number
  /** Of those that the site names. */
  readonly supply: number
  readonly units: number
  readonly untilMs: number
}

export type LimitSet = { readonly type: 'limit.set'; readonly limit: number } & LimitCourse

/**
 * The job gives up its nodes for a start in the same decision, and waits again; where that is a
 * start of its own, it moves or changes its size.
 */
export type JobPreempted = { readonly type: 'job.preempted'; readonly job: number }

/** The job will be able to start at that time; others may only use what it leaves. */
export type JobReserved = {
  readonly type: 'job.reserved'
  readonly job: number
  /** Topology domain in which it will start: of one pool, at most a site. */
  readonly domain: number
  readonly startAtMs: number
}

/** The policies look at the state again then, whether or not something happens before. */
export type RoundDue = { readonly type: 'round.due'; readonly atMs: number }

/** A fault ended the run; the job waits again with the work that its checkpoints kept. */
export type JobInterrupted = {
  readonly type: 'job.interrupted'
  readonly job: number
  readonly cause: string
  /** Work done in all, at full speed, that a restart need not repeat. */
  readonly keptMs: number
}

export type JobEnded = {
  readonly type: 'job.ended'
  readonly job: number
  readonly outcome: Outcome
}

export type NodesChanged = {
  readonly type: 'nodes.down' | 'nodes.up' | 'nodes.drained' | 'nodes.resumed'
  readonly first: number
  readonly end: number
  readonly cause: string
}

/**
 * Nodes [first, end) are kept from `startAtMs` to `endAtMs`: for the jobs of one queue, or for
 * nobody. Jobs that are expected to run into it do not start there.
 */
export type WindowSet = {
  readonly type: 'window.set'
  readonly window: number
  readonly first: number
  readonly end: number
  readonly startAtMs: number
  readonly endAtMs: number
  /** The queue that it is reserved for, or -1 for maintenance. */
  readonly queue: number
  readonly cause: string
}
