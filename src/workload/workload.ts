/**
 * How a kind of job behaves in the twin: what it saves, and what it draws while it works. Only the
 * twin sees it; policies see what a job asks.
 */
export type Workload = {
  readonly name: string
  readonly summary: string
  /** When it saves. `best` gives the best interval for a stall. */
  readonly checkpoints: (declared: Declared, best: (stallMs: number) => number) => Checkpoints
  /** Share of a node's range from idle to typical that it draws on average, 0 to 1. */
  readonly drawRatio: (checkpoints: Checkpoints) => number
}

/** What a trace says: 0 and -1 where it says nothing; and the plant's own stall. */
export type Declared = {
  readonly everyMs: number
  readonly stallMs: number
  readonly usualStallMs: number
}

/** Work between checkpoints, Infinity for none, and the stall of each. */
export type Checkpoints = { readonly everyMs: number, readonly stallMs: number }
