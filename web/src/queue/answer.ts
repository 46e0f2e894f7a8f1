/** What `GET /v1/jobs/{number}/why` answers: docs/why.md explains each field. */
export type Why = {
  readonly atMs: number
  readonly state: string
  readonly startsNext: boolean
  readonly startCapW: number
  readonly blockers: readonly Blocker[]
  readonly remedies: readonly Remedy[]
  readonly elsewhere: {
    readonly slurm: string
    readonly kueue: { readonly reason: string, readonly message: string }
  }
  readonly expected?: {
    /** Null: not within the time that was looked at. */
    readonly p10AtMs: number | null, readonly p50AtMs: number | null
    readonly p90AtMs: number | null, readonly of: number, readonly not: number
  } | null
}

export type Blocker = {
  readonly reason: string
  readonly need: number
  readonly have: number
  readonly unit: string
  readonly at: string
  readonly sentence: string
  readonly pool: string
  readonly holders: readonly {
    readonly type: string, readonly name: string, readonly number: number
    readonly amount: number, readonly unit: string, readonly untilMs: number
  }[]
}

export type Remedy = {
  readonly sentence: string
  readonly changes: readonly ({ readonly type: string } & Readonly<Record<string, unknown>>)[]
  readonly capW: number
}

/** What `GET /v1/starts` answers, in columns; null: not within the time. */
export type Starts = {
  readonly atMs: number
  readonly untilMs: number
  readonly futures: number
  readonly numbers: readonly number[]
  readonly leastAtMs: readonly (number | null)[]
  readonly middleAtMs: readonly (number | null)[]
  readonly mostAtMs: readonly (number | null)[]
}

/** When a job may start, in ms from the moment that was looked from; undefined: not seen. */
export type Expected = {
  readonly least: number | undefined
  readonly middle: number | undefined
  readonly most: number | undefined
  /** How far was looked. */
  readonly within: number
}

/** By number of job. O(jobs). */
export function expectedOf(starts: Starts): ReadonlyMap<number, Expected> {
  const within = starts.untilMs - starts.atMs
  const from = (atMs: number | null | undefined) =>
    atMs === null || atMs === undefined ? undefined : Math.max(0, atMs - starts.atMs)
  return new Map(starts.numbers.map((number, at) => [number, {
    least: from(starts.leastAtMs[at]), middle: from(starts.middleAtMs[at]),
    most: from(starts.mostAtMs[at]), within,
  }]))
}
