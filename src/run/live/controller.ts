import type { Progress } from '../../engines/engine.ts'
import type { Store } from '../../journal/store.ts'
import type { State } from '../../core/state.ts'
import type {
  Dependency, Event, Intent, JobRequest, OwnedSpec, Refusal,
} from '../../model/index.ts'
import type { PolicyNames } from '../../policies/policy.ts'
import type { Curtailment } from '../scenario.ts'
import type { LiveClock } from './clock.ts'

/** One factory that is run: its state, its engine, its journal, on a clock that goes by itself. */
export type Controller = {
  readonly name: string
  readonly engine: string
  readonly policies: PolicyNames
  readonly clock: LiveClock
  readonly store: Store
  /** As it is now, perhaps one batch ahead of the disk. Never write to it; it may be replaced. */
  readonly state: () => State
  /** Whether it decides, and if not, why not: a broken invariant, a disk that fails. */
  readonly health: () => Health
  /** Carries out what somebody asks. Resolves when the answer is durable. */
  readonly ask: (request: Ask, by: Asker) => Promise<Answer>
  /** What `ask` would answer, and what would start or stop at once, on a fork. Nothing changes. */
  readonly dryRun: (request: Ask, by: Asker) => Promise<DryAnswer>
  readonly progressOf: (number: number) => Progress | undefined
  /** Called after each durable batch; returns what ends it. */
  readonly onBatch: (listener: (batch: DurableBatch) => void) => () => void
  /** Stops to decide, keeps a snapshot and closes; jobs run on. */
  readonly close: () => Promise<void>
}

/** What people can ask of a live factory, beyond the intents of the core. */
export type Ask =
  /** What it waits for is named by number, and `request.after` is empty. */
  | { readonly type: 'submit', readonly request: JobRequest, readonly spec: OwnedSpec
      readonly after?: readonly Wait[] }
  /** Jobs by number: rows are used again. */
  | { readonly type: 'cancel' | 'hold' | 'release' | 'checkpoint', readonly number: number }
  | { readonly type: 'requeue', readonly number: number, readonly reason: string }
  /** An event of the grid; the baseline is what is known when it is carried out. */
  | { readonly type: 'curtail', readonly curtailment: Curtailment }
  | { readonly type: 'other', readonly intent: Intent }

/** A job that is to end first, by number. */
export type Wait = { readonly number: number, readonly on: Dependency['on'] }

export type Asker = {
  readonly who: string
  readonly from: string
  /** Idempotency key; '' for none. */
  readonly key: string
  /**
   * Digest of what was asked, as it was written: "from now on" is another moment when it comes
   * again. Without it, that of the ask.
   */
  readonly digest?: string
}

export type Answer =
  | { readonly isDone: true, readonly seq: number, readonly event: Event
      /** The job's number, where it is about one; -1 otherwise. */
      readonly number: number }
  | Refusal

export type DryAnswer = {
  readonly answer: Answer
  /** Jobs by number that the policies would start or stop in the same turn. */
  readonly starts: readonly number[]
  readonly stops: readonly number[]
}

export type DurableBatch = {
  readonly seq: number
  readonly fromMs: number
  readonly atMs: number
  readonly events: readonly { readonly atMs: number, readonly event: Event }[]
}

export type Health = {
  readonly isDeciding: boolean
  /** '' while it decides; else what happened and what to do. */
  readonly problem: string
  readonly turns: number
  readonly lastTurnAtMs: number
  /** Milliseconds from the start of a batch to its durability, the last ones. */
  readonly commitMs: number
  /** Date of the last check of all invariants; 0 where there was none yet. */
  readonly invariantsAtMs: number
  /** How far the run is behind its clock, in ms of the run: more than a turn after a stall. */
  readonly behindMs: number
}
