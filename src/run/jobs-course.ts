/** What a look ahead by job comes to: plain data, which the page reads as well. */

/** Jobs at a feeder over the steps ahead: what each is expected to draw there. */
export type RowAhead = {
  readonly feeder: string
  /** By step: the least limit and target in it, and at its beginning the rest. */
  readonly limitW: readonly number[]
  readonly targetW: readonly number[]
  readonly floorW: readonly number[]
  /** What is drawn when nothing runs, by jobs that are not named, and their count. */
  readonly idleW: readonly number[]
  readonly otherW: readonly number[]
  readonly otherJobs: readonly number[]
  readonly gpusPerMW: readonly number[]
  /** Those that draw most, in the order in which they came. */
  readonly jobs: readonly JobAhead[]
}

export type JobAhead = {
  readonly number: number
  readonly name: string
  readonly gpus: number
  /** By step; 0 where it does not run there. */
  readonly watts: readonly number[]
  /** Steps at which it is held below its rating, from a set bit on. */
  readonly held: readonly boolean[]
}

export const NEWS = ['started', 'ended', 'stopped', 'paused', 'lowered', 'raised'] as const
export type NewsType = (typeof NEWS)[number]

/** What look-ahead saw to be decided from one step to the next. */
export type StepAhead = {
  readonly atMs: number
  readonly counts: Readonly<Record<NewsType, number>>
  /** The feeder of all at which a megawatt is worth most; null where none binds. */
  readonly dearest: { readonly feeder: string, readonly gpusPerMW: number } | null
  /** The largest of them. */
  readonly news: readonly {
    readonly type: NewsType, readonly number: number, readonly name: string, readonly gpus: number
    /** Watts of each of its devices; 0 where it has none. */
    readonly capW: number
  }[]
}

export type JobsAhead = {
  readonly atMs: number
  readonly stepMs: number
  readonly isPowered: boolean
  readonly rows: readonly RowAhead[]
  readonly steps: readonly StepAhead[]
}
