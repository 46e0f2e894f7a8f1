import type { SuppliesRead } from './event.ts'
import type { JobRequest } from './job.ts'
import type { LimitCourse } from './power.ts'

/** What a person or client asks. It may be refused. */
export type Intent =
  | { readonly type: 'submit'; readonly request: JobRequest }
  | { readonly type: 'cancel'; readonly job: number }
  | { readonly type: 'hold' | 'release'; readonly job: number }
  /** A job that is placed gives up its nodes and waits again. */
  | { readonly type: 'requeue'; readonly job: number; readonly reason: string }
  | { readonly type: 'checkpoint'; readonly job: number }
  /** The wall clock's milliseconds since 1970 at the run's moment 0, as they are known now. */
  | { readonly type: 'clock'; readonly epochMs: number }
  | NodeIntent
  | WindowIntent
  | { readonly type: 'clear'; readonly window: number }
  | { readonly type: 'limit'; readonly course: LimitCourse }
  | { readonly type: 'clear-limit'; readonly limit: number }
  | { readonly type: 'ratio'; readonly feeder: number; readonly ratioPer10k: number }
  /** Of whoever plays the supplies, never of a person: how they stand. */
  | { readonly type: 'supplies'; readonly reading: SuppliesRead }
  /** Units of a supply of a site trip now, for so long: to see what then becomes of the site. */
  | { readonly type: 'lose-supply'; readonly site: number; readonly supply: number
      readonly units: number; readonly untilMs: number }

export type NodeIntent = {
  readonly type: 'drain' | 'resume'
  readonly first: number
  readonly end: number
  readonly reason: string
}

/** Keeps nodes for a queue (an advance reservation), or for nobody (-1: maintenance). */
export type WindowIntent = {
  readonly type: 'reserve'
  readonly first: number
  readonly end: number
  readonly startAtMs: number
  readonly endAtMs: number
  readonly queue: number
  readonly reason: string
}
