import type { Found, Wanted } from '../core/fit.ts'
import type { State } from '../core/state.ts'
import type { Decision, JobRequest } from '../model/index.ts'
import type { IsBefore } from './pending.ts'

/** In which order pending jobs are looked at: smaller ranks first, then by number. */
export type OrderPolicy = {
  readonly name: string
  readonly summary: string
  readonly rank: (view: State, request: JobRequest) => number
}

/** Where a gang goes among the places that hold it. */
export type PlacePolicy = {
  readonly name: string
  readonly summary: string
  readonly place: (view: State, search: Wanted) => Found
}

/** What may overtake jobs that are blocked. */
export type BackfillPolicy = {
  readonly name: string
  readonly summary: string
  readonly fill: (
    view: State, blocked: readonly Blocked[], place: PlacePolicy, isBefore: IsBefore,
  ) => Generator<Decision, void, boolean>
}

/** A job that is first in its turn and cannot start. */
export type Blocked = {
  readonly job: number
  readonly pools: readonly number[]
  readonly found: Exclude<Found, { placement: unknown }>
}
