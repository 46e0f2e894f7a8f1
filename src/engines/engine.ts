import type { Command, OwnedSpec, Report } from '../model/index.ts'

/**
 * What carries out commands and reports back, in whatever process or machine the work is. It
 * reports late, twice or out of order as it must; the core sorts that out. Times are of the run.
 */
export type Engine = {
  readonly name: string
  /**
   * Whether what it does happens in this process and is gone with it: it is then ordered at once,
   * before the order is durable, since no trace of it can be left behind.
   */
  readonly isInside: boolean
  /** When it has something to do or to report by itself; Infinity where it calls `wake`. */
  readonly nextAtMs: () => number
  /** Does what is due by `atMs` and appends what it has to report. Never blocks. */
  readonly collect: (atMs: number, into: Report[]) => void
  /**
   * Carries out an order; the same one may come again. `spec` is of its job, and `gang` where it
   * runs as of the event that the order is derived from: a start needs both. Never blocks, and
   * never throws for what the outside does: it reports instead.
   */
  readonly send: (command: Command, spec: OwnedSpec | undefined, gang?: Gang) => void
  /**
   * After a restart: jobs that the state believes to be placed, each with the order that started
   * it. The engine reports what became of each of them, carries out the order where it never
   * arrived, and ends whatever runs that is not among them.
   */
  readonly reconcile: (placed: readonly Placed[]) => void
  /** A job that came into a row; only engines that play its work themselves care. */
  readonly accept?: (job: number, spec: OwnedSpec) => void
  /** What it knows of a job that the core does not: for people. */
  readonly progressOf?: (number: number) => Progress | undefined
  /** Ends the engine, not the jobs. */
  readonly close: () => Promise<void>
}

export type Placed = {
  readonly command: Command
  readonly spec: OwnedSpec | undefined
  readonly gang?: Gang
}

/** Where a job runs, and what an engine must know of it that the order does not say. */
export type Gang = {
  readonly name: string
  readonly nodes: readonly GangNode[]
  /** How long the run may take, in ms; 0: no limit. */
  readonly limitMs: number
  /** Work that earlier runs kept, in ms. */
  readonly keptMs: number
  /** Watts of a device without a cap. */
  readonly ratedW: number
}

export type GangNode = {
  readonly name: string
  /** Devices of the factory, by row. */
  readonly devices: readonly number[]
  /** Cores that it may use; 0: not told. */
  readonly cpus: number
}

/** What an engine can tell of a job's run. Wall-clock times. */
export type Progress = {
  readonly pid: number
  readonly upAtMs: number
  /** When it last said that its work is saved; 0 for never. */
  readonly savedAtMs: number
  /** What it says of itself, such as "step 120 of 400"; '' for nothing. */
  readonly says: string
  readonly logs: readonly string[]
}
