import type { Outcome } from './job.ts'

/**
 * What an engine says, in its own words, perhaps late or twice. A job is named by row and number:
 * a number that is no longer in the row makes the report one about the past.
 */
export type Report =
  | JobReport
  | { readonly type: 'nodes.lost'; readonly first: number; readonly end: number
      readonly cause: string }
  | { readonly type: 'nodes.healthy'; readonly first: number; readonly end: number }
  | CapReport
  | { readonly type: 'job.measured'; readonly job: number; readonly number: number
      readonly capW: number; readonly speed: number; readonly drawW: number }
  | { readonly type: 'meter'; readonly feeder: number; readonly drawW: number
      readonly observedAtMs: number }

/** A cap is in force: the answer to an order, or the safe one that nodes set by themselves. */
export type CapReport = {
  readonly type: 'cap'
  readonly job: number
  readonly number: number
  readonly attempt: number
  /** Which order is answered: the job's count of them. */
  readonly order: number
  /** Nodes acted by themselves, after that order and none that followed it. */
  readonly isOwn: boolean
  readonly capW: number
}

export type JobReport = {
  readonly type: 'job.up' | 'job.done' | 'job.lost' | 'job.stopped'
  readonly job: number
  readonly number: number
  /** Which start of the job is meant: its count of starts. */
  readonly attempt: number
  readonly outcome: Outcome
  readonly cause: string
  /** Work in all that a restart need not repeat; for lost and stopped runs. */
  readonly keptMs: number
}
