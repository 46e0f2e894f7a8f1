/**
 * One limited segment of the power tree. Parents come before their children in the list, so the
 * tree has no cycle by construction. All watts are whole.
 */
export type Feeder = {
  readonly name: string
  /** Index of the feeder above, or -1 at a root. */
  readonly parent: number
  readonly limitW: number
  /** What it carries besides its children: fans, pumps, switches, node overhead, idle devices. */
  readonly baseW: number
  /**
   * Watts taken from the parent for 10,000 W delivered here: electric loss and cooling. 13,000
   * means that 1 W here is 1.3 W above.
   */
  readonly ratioPer10k: number
}

/** Denominator of a feeder's whole-number ratio. */
export const RATIO_ONE = 10_000

/**
 * What a limit over time is. `limit` (of the plant) and `budget` (of its operator) hold for grants:
 * what could be drawn. `target` holds for what is drawn: the grid asks for less.
 */
export const LIMIT_KINDS = ['limit', 'budget', 'target'] as const
export type LimitKind = (typeof LIMIT_KINDS)[number]

/**
 * Watts of a feeder over time: nothing before `startAtMs`, then down in a straight line from
 * `fromW` to `watts` at `holdAtMs`, `watts` until `holdEndAtMs`, up again to `fromW` at `endAtMs`,
 * and nothing from then on. A limit without ramps starts at its hold and ends with it.
 */
export type LimitCourse = {
  readonly feeder: number
  readonly kind: LimitKind
  readonly watts: number
  /** Watts at both ends of the ramps; no less than `watts`. */
  readonly fromW: number
  readonly startAtMs: number
  readonly holdAtMs: number
  readonly holdEndAtMs: number
  /** The largest whole number where it has no end. */
  readonly endAtMs: number
  /** Who asks for it and why, for people. */
  readonly cause: string
}

/** A limit or budget over time that a factory file announces, perhaps again and again. */
export type PlannedLimit = {
  readonly feeder: number
  readonly kind: 'limit' | 'budget'
  readonly watts: number
  /** From the start of the run, and how long it holds each time; 0: for ever. */
  readonly atMs: number
  readonly forMs: number
  /** From one time to the next; 0: once. */
  readonly everyMs: number
  /** How long before it is known. */
  readonly noticeMs: number
  readonly cause: string
}

/** How power is metered and set: times of the machinery between a decision and the watts. */
export type PowerPlan = {
  /** From the order to set a cap until it is in force, at most: out of band where not otherwise. */
  readonly capMs: number
  /** From the order to pause until the job draws no more than when paused, at most. */
  readonly pauseMs: number
  /** A node's agent keeps a cap so long without hearing from us; then it sets the safe one. */
  readonly leaseMs: number
  /** How often each meter is read, and how old its reading is when we have it. */
  readonly meterEveryMs: number
  readonly meterDelayMs: number
  /** Standard deviation of a reading's error, as a share of the reading. */
  readonly meterErrorRatio: number
  /** A reading older than this counts for nothing: what is granted counts in its place. */
  readonly staleMs: number
  /** Chance, at each reading, that a feeder is over its limit; 0: grants are what counts. */
  readonly breachRatio: number
  /**
   * Most watts that the draw of a site may rise or fall in a minute, by site; Infinity: any. Caps
   * limit rises alone; falls are for the grid of a site with supplies.
   */
  readonly rampUpWPerMin: readonly number[]
  readonly rampDownWPerMin: readonly number[]
}
