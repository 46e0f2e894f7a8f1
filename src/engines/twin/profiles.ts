/**
 * How jobs really behave, which only the twin sees: one row for each job row of the core. Work is
 * time at full speed, in ms. A run is a row of segments of constant speed; inside one, work and
 * checkpoint stalls alternate, so progress is a formula and no checkpoint is an event.
 */
export class Profiles {
  /** Work of the whole job, and the part that its last checkpoint holds. */
  workMs = new Float64Array(0)
  savedMs = new Float64Array(0)
  /** Work between checkpoints, and the stall of each. */
  everyMs = new Float64Array(0)
  stallMs = new Float64Array(0)
  /** What the trace says of them: 0 and -1 leave them to the twin. */
  declaredEveryMs = new Float64Array(0)
  declaredStallMs = new Float64Array(0)
  /** The run: when it was ordered, when it came up (-1: not yet), its segment so far. */
  orderedAtMs = new Float64Array(0)
  upAtMs = new Float64Array(0)
  segmentAtMs = new Float64Array(0)
  segmentWorkMs = new Float64Array(0)
  segmentSavedMs = new Float64Array(0)
  /** Work at the start of the run, and stalls and slowness so far in earlier segments. */
  firstWorkMs = new Float64Array(0)
  stalledMs = new Float64Array(0)
  slowedMs = new Float64Array(0)
  /** Speed of the segment, and of the run while nothing slows it: below 1 on fewer nodes. */
  speed = new Float64Array(0)
  fullSpeed = new Float64Array(0)
  drawW = new Float64Array(0)
  facilityW = new Float64Array(0)
  number = new Float64Array(0)
  attempt = new Int32Array(0)
  gpus = new Int32Array(0)
  site = new Int32Array(0)
  outcome = new Uint8Array(0)
  /** Kind of workload: an index in the list of all. */
  kind = new Uint8Array(0)
  /** Grows with each start, stop and change of speed: a timer with an older one is void. */
  ticket = new Int32Array(0)
  state = new Uint8Array(0)

  /** Makes room for a row. */
  reserve(row: number): void {
    if (row < this.workMs.length) return
    const rows = Math.max(1024, this.workMs.length * 2, row + 1)
    for (const [name, column] of Object.entries(this)) {
      const grown = new (column.constructor as new (rows: number) => typeof column)(rows)
      grown.set(column)
      ;(this as unknown as Record<string, unknown>)[name] = grown
    }
  }

  /** Wall time from a segment's start until all work is done at its speed. */
  remainingMs(row: number): number {
    const left = this.workMs[row]! - this.segmentWorkMs[row]!
    const speed = this.speed[row]!
    const stalls = this.stallsWithin(row, left)
    return left / speed + stalls * this.stallMs[row]!
  }

  /** Progress of a run `elapsedMs` into its segment. */
  progress(row: number, elapsedMs: number): { workMs: number, savedMs: number, stalledMs: number } {
    const every = this.everyMs[row]!
    const stall = this.stallMs[row]!
    const speed = this.speed[row]!
    const workMs = this.segmentWorkMs[row]!
    const savedMs = this.segmentSavedMs[row]!
    const untilFirst = (savedMs + every - workMs) / speed
    if (every === Infinity || elapsedMs <= untilFirst) {
      return { workMs: workMs + elapsedMs * speed, savedMs, stalledMs: 0 }
    }
    const cycle = every / speed + stall
    const since = elapsedMs - untilFirst
    const done = Math.floor(since / cycle)
    const rest = since - done * cycle
    const saved = savedMs + every * (done + 1)
    const inStall = Math.min(rest, stall)
    const finished = rest >= stall ? saved : saved - every
    return {
      workMs: Math.min(this.workMs[row]!, saved + (rest - inStall) * speed),
      savedMs: finished,
      stalledMs: done * stall + inStall,
    }
  }

  /** Checkpoints taken while `leftMs` of work is done: none at the very end. */
  private stallsWithin(row: number, leftMs: number): number {
    const every = this.everyMs[row]!
    if (every === Infinity) return 0
    const sinceSaved = this.segmentWorkMs[row]! - this.segmentSavedMs[row]!
    return Math.max(0, Math.ceil((sinceSaved + leftMs) / every) - 1)
  }
}

/** Of a row: nothing, waiting, ordered and coming up, working, or hanging after a fault. */
export const RUN = { none: 0, waiting: 1, rising: 2, working: 3, hanging: 4 } as const
