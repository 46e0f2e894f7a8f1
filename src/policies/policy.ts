import type { StartPrices } from '../core/allocate.ts'
import type { Allotment } from '../core/allocate-allotment.ts'
import type { PowerJobs, PowerTree } from '../core/allocate-input.ts'
import type { Found, Wanted } from '../core/fit.ts'
import type { State } from '../core/state.ts'
import type { Decision, JobRequest, Placement } from '../model/index.ts'
import type { IsBefore } from './pending.ts'

/** The policies of a run by name. */
export type PolicyNames = {
  readonly order: string
  readonly backfill: string
  readonly place: string
  /** Without a name, reclaim. */
  readonly preempt?: string | undefined
  /** Without a name, none. */
  readonly consolidate?: string | undefined
  /** Without a name, none. */
  readonly power?: string | undefined
}

/** In which order pending jobs are looked at: smaller ranks first, then by number. */
export type OrderPolicy = {
  readonly name: string
  readonly summary: string
  readonly rank: (view: State, request: JobRequest) => number
  /** Where ranks alone do not say it: must agree with them inside a queue. */
  readonly isBefore?: IsBefore
}

/** Where a gang goes among the places that hold it. */
export type PlacePolicy = {
  readonly name: string
  readonly summary: string
  readonly place: (view: State, search: Wanted) => Found
  /** The pools of a job in the order in which they are tried; without it, the queue's. */
  readonly pools?: (view: State, job: number) => readonly number[]
}

/** What may overtake jobs that are blocked. */
export type BackfillPolicy = {
  readonly name: string
  readonly summary: string
  /** The same with another number of jobs that hold reservations, where there is such a number. */
  readonly withDepth?: (depth: number) => BackfillPolicy
  readonly fill: (
    view: State, blocked: readonly Blocked[], place: PlacePolicy, isBefore: IsBefore,
  ) => Generator<Decision, void, boolean>
  /** Whether a job that lacks nothing may start at a place, as far as blocked ones before it go. */
  readonly mayPass: (
    view: State, blocked: readonly Blocked[], start: PossibleStart, isBefore: IsBefore,
    place: PlacePolicy,
  ) => boolean
}

/** A job and where it would go, and whether one before it in its queue lacks quota. */
export type PossibleStart = {
  readonly job: number, readonly placement: Placement, readonly isQueueFull: boolean
}

/** Whose nodes a blocked job may take. */
export type PreemptPolicy = {
  readonly name: string
  readonly summary: string
  /** Says for a job which placed ones it may take, as things are; undefined where none. */
  readonly takes: (view: State, job: number) => IsTakable | undefined
}

export type IsTakable = (view: State, victim: number) => boolean

/** Whether running jobs are moved so that free nodes come together. */
export type ConsolidatePolicy = {
  readonly name: string
  readonly summary: string
  readonly isOn: boolean
}

/** Who gets which watts where there are too few. */
export type PowerPolicy = {
  readonly name: string
  readonly summary: string
  /** Whether caps are set at all. */
  readonly isOn: boolean
  readonly allocate: (tree: PowerTree, jobs: PowerJobs, start?: StartPrices) => Allotment
  /** It prices watts, so that what was decided can be kept while prices hold. */
  readonly hasPrices?: boolean
}

/** A job that is first in its turn and cannot start. */
export type Blocked = {
  readonly job: number
  readonly pools: readonly number[]
  readonly found: Exclude<Found, { placement: unknown }>
}
