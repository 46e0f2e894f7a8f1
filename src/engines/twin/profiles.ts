import type { TraceJob } from '../../model/index.ts'

/** What somebody says of how a job really behaves: of this the core sees nothing. */
export type Behaviour = Pick<TraceJob,
  'gpus' | 'workMs' | 'workload' | 'checkpointEveryMs' | 'checkpointStallMs' | 'outcome'>

/** Numbers of one job: see the fields of Profile, in their order. */
const CELLS = 28

/**
 * How jobs really behave, which only the twin sees: one row for each job row of the core. All
 * numbers of a row lie side by side: a run is looked at again days later, when other runs have
 * pushed it out of the core's caches, and then comes back in four pieces and not in twenty-eight.
 */
export class Profiles {
  private cells = new Float64Array(0)

  /** Makes room for a row. Profiles taken before must not be used afterwards. */
  reserve(row: number): void {
    if ((row + 1) * CELLS <= this.cells.length) return
    const grown = new Float64Array(Math.max(1024 * CELLS, this.cells.length * 2, (row + 1) * CELLS))
    grown.set(this.cells)
    this.cells = grown
  }

  of(row: number): Profile {
    return new Profile(this.cells, row * CELLS)
  }
}

/**
 * One row. Work is time at full speed, in ms. A run is a row of segments of constant speed; inside
 * one, work and checkpoint stalls alternate, so progress is a formula and no checkpoint an event.
 */
export class Profile {
  private readonly cells: Float64Array
  private readonly at: number

  constructor(cells: Float64Array, at: number) {
    this.cells = cells
    this.at = at
  }

  /** Grows with each start, stop and change of speed: a timer with an older one is void. */
  get ticket(): number { return this.cells[this.at]! }
  set ticket(value: number) { this.cells[this.at] = value }

  /** One of RUN. */
  get state(): number { return this.cells[this.at + 1]! }
  set state(value: number) { this.cells[this.at + 1] = value }

  get number(): number { return this.cells[this.at + 2]! }
  set number(value: number) { this.cells[this.at + 2] = value }

  get attempt(): number { return this.cells[this.at + 3]! }
  set attempt(value: number) { this.cells[this.at + 3] = value }

  get gpus(): number { return this.cells[this.at + 4]! }
  set gpus(value: number) { this.cells[this.at + 4] = value }

  get site(): number { return this.cells[this.at + 5]! }
  set site(value: number) { this.cells[this.at + 5] = value }

  /** An index in OUTCOMES. */
  get outcome(): number { return this.cells[this.at + 6]! }
  set outcome(value: number) { this.cells[this.at + 6] = value }

  /** Kind of workload: an index in the list of all. */
  get kind(): number { return this.cells[this.at + 7]! }
  set kind(value: number) { this.cells[this.at + 7] = value }

  /** The run: when it was ordered, when it came up (-1: not yet), its segment so far. */
  get orderedAtMs(): number { return this.cells[this.at + 8]! }
  set orderedAtMs(value: number) { this.cells[this.at + 8] = value }

  get upAtMs(): number { return this.cells[this.at + 9]! }
  set upAtMs(value: number) { this.cells[this.at + 9] = value }

  get segmentAtMs(): number { return this.cells[this.at + 10]! }
  set segmentAtMs(value: number) { this.cells[this.at + 10] = value }

  get segmentWorkMs(): number { return this.cells[this.at + 11]! }
  set segmentWorkMs(value: number) { this.cells[this.at + 11] = value }

  get segmentSavedMs(): number { return this.cells[this.at + 12]! }
  set segmentSavedMs(value: number) { this.cells[this.at + 12] = value }

  /** Work of the whole job, and the part that its last checkpoint holds. */
  get workMs(): number { return this.cells[this.at + 13]! }
  set workMs(value: number) { this.cells[this.at + 13] = value }

  get savedMs(): number { return this.cells[this.at + 14]! }
  set savedMs(value: number) { this.cells[this.at + 14] = value }

  /** Work between checkpoints, and the stall of each. */
  get everyMs(): number { return this.cells[this.at + 15]! }
  set everyMs(value: number) { this.cells[this.at + 15] = value }

  get stallMs(): number { return this.cells[this.at + 16]! }
  set stallMs(value: number) { this.cells[this.at + 16] = value }

  get speed(): number { return this.cells[this.at + 17]! }
  set speed(value: number) { this.cells[this.at + 17] = value }

  get drawW(): number { return this.cells[this.at + 18]! }
  set drawW(value: number) { this.cells[this.at + 18] = value }

  get facilityW(): number { return this.cells[this.at + 19]! }
  set facilityW(value: number) { this.cells[this.at + 19] = value }

  /** Work at the start of the run, and stalls and slowness so far in earlier segments. */
  get firstWorkMs(): number { return this.cells[this.at + 20]! }
  set firstWorkMs(value: number) { this.cells[this.at + 20] = value }

  get stalledMs(): number { return this.cells[this.at + 21]! }
  set stalledMs(value: number) { this.cells[this.at + 21] = value }

  get slowedMs(): number { return this.cells[this.at + 22]! }
  set slowedMs(value: number) { this.cells[this.at + 22] = value }

  /** What the trace says of checkpoints: 0 and -1 leave them to the twin. */
  get declaredEveryMs(): number { return this.cells[this.at + 23]! }
  set declaredEveryMs(value: number) { this.cells[this.at + 23] = value }

  get declaredStallMs(): number { return this.cells[this.at + 24]! }
  set declaredStallMs(value: number) { this.cells[this.at + 24] = value }

  /**
   * Speed of the run while nothing slows it: below 1 on fewer nodes or slower devices than its work
   * is meant for, above 1 on faster ones.
   */
  get fullSpeed(): number { return this.cells[this.at + 25]! }
  set fullSpeed(value: number) { this.cells[this.at + 25] = value }

  /** What its ended runs drew of the site, W·ms. */
  get energyWms(): number { return this.cells[this.at + 26]! }
  set energyWms(value: number) { this.cells[this.at + 26] = value }

  get queue(): number { return this.cells[this.at + 27]! }
  set queue(value: number) { this.cells[this.at + 27] = value }

  /** Wall time from a segment's start until all work is done at its speed. */
  remainingMs(): number {
    const left = this.workMs - this.segmentWorkMs
    const speed = this.speed
    const stalls = this.stallsWithin(left)
    return left / speed + stalls * this.stallMs
  }

  /** Progress of a run `elapsedMs` into its segment. */
  progress(elapsedMs: number): Progress {
    const { everyMs: every, stallMs: stall, speed, segmentWorkMs: workMs } = this
    const savedMs = this.segmentSavedMs
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
      workMs: Math.min(this.workMs, saved + (rest - inStall) * speed),
      savedMs: finished,
      stalledMs: done * stall + inStall,
    }
  }

  /** Checkpoints taken while `leftMs` of work is done: none at the very end. */
  private stallsWithin(leftMs: number): number {
    const every = this.everyMs
    if (every === Infinity) return 0
    const sinceSaved = this.segmentWorkMs - this.segmentSavedMs
    return Math.max(0, Math.ceil((sinceSaved + leftMs) / every) - 1)
  }
}

/** Work done and saved in all, and stalls of the open segment. */
export type Progress = {
  readonly workMs: number, readonly savedMs: number, readonly stalledMs: number
}

/** Of a row: nothing, waiting, ordered and coming up, working, or hanging after a fault. */
export const RUN = { none: 0, waiting: 1, rising: 2, working: 3, hanging: 4 } as const
