import type { TraceJob } from '../../model/index.ts'

/** What somebody says of how a job really behaves: of this the core sees nothing. */
export type Behaviour = Pick<TraceJob,
  'gpus' | 'workMs' | 'workload' | 'checkpointEveryMs' | 'checkpointStallMs' | 'outcome'>

/** Numbers of one job: see the fields of Profile, in their order. */
const CELLS = 45

/**
 * How jobs really behave, which only the twin sees: one row for each job row of the core. All
 * numbers of a row lie side by side: a run is looked at again days later, when other runs have
 * pushed it out of the core's caches, and then comes back in six pieces and not in forty-five.
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

  /** Watts at which each device is capped now, 0: it is paused; what its nodes would set alone. */
  get capW(): number { return this.cells[this.at + 28]! }
  set capW(value: number) { this.cells[this.at + 28] = value }

  get safeW(): number { return this.cells[this.at + 29]! }
  set safeW(value: number) { this.cells[this.at + 29] = value }

  /** Number of the last order that was taken, and the cap that is on its way with its number. */
  get order(): number { return this.cells[this.at + 30]! }
  set order(value: number) { this.cells[this.at + 30] = value }

  get nextCapW(): number { return this.cells[this.at + 31]! }
  set nextCapW(value: number) { this.cells[this.at + 31] = value }

  get nextOrder(): number { return this.cells[this.at + 32]! }
  set nextOrder(value: number) { this.cells[this.at + 32] = value }

  /** Grows with each order and each run: a timer of caps with an older one is void. */
  get capTicket(): number { return this.cells[this.at + 33]! }
  set capTicket(value: number) { this.cells[this.at + 33] = value }

  /** Throughput under the cap, and of slowed devices, each against that without: 0 to 1. */
  get capSpeed(): number { return this.cells[this.at + 34]! }
  set capSpeed(value: number) { this.cells[this.at + 34] = value }

  get slowRatio(): number { return this.cells[this.at + 35]! }
  set slowRatio(value: number) { this.cells[this.at + 35] = value }

  /** Ticket of the timer that ends the slow time; -1 where there is none. */
  get slowTicket(): number { return this.cells[this.at + 36]! }
  set slowTicket(value: number) { this.cells[this.at + 36] = value }

  /** What caps cost it so far in earlier segments. */
  get cappedMs(): number { return this.cells[this.at + 37]! }
  set cappedMs(value: number) { this.cells[this.at + 37] = value }

  /** How far its true curve is off that of its class, in throughput lost and in draw. */
  get lossFactor(): number { return this.cells[this.at + 38]! }
  set lossFactor(value: number) { this.cells[this.at + 38] = value }

  get drawFactor(): number { return this.cells[this.at + 39]! }
  set drawFactor(value: number) { this.cells[this.at + 39] = value }

  /** Since when it draws what it draws now. */
  get drawAtMs(): number { return this.cells[this.at + 40]! }
  set drawAtMs(value: number) { this.cells[this.at + 40] = value }

  /** Watts above idle of one device that are charged to its feeders, and their deviation. */
  get deviceW(): number { return this.cells[this.at + 41]! }
  set deviceW(value: number) { this.cells[this.at + 41] = value }

  get deviceSdW(): number { return this.cells[this.at + 42]! }
  set deviceSdW(value: number) { this.cells[this.at + 42] = value }

  /** GPUs that stand still by its cap, or would do with less of it. */
  get lostGpus(): number { return this.cells[this.at + 43]! }
  set lostGpus(value: number) { this.cells[this.at + 43] = value }

  /** Work that an ordered checkpoint holds, which is being written; 0 where there is none. */
  get writingMs(): number { return this.cells[this.at + 44]! }
  set writingMs(value: number) { this.cells[this.at + 44] = value }

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

/**
 * Of a row: nothing, waiting, ordered and coming up, working, hanging after a fault, saving before
 * it pauses, or paused.
 */
export const RUN = {
  none: 0, waiting: 1, rising: 2, working: 3, hanging: 4, saving: 5, suspended: 6,
} as const
