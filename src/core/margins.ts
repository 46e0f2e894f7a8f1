import { addBit, bitsetWords, nextBit, removeBit } from '../base/bitset.ts'
import { PHASE, type Placement } from '../model/index.ts'
import type { PowerJobs } from './allocate-input.ts'
import { NO_COLUMNS, patchColumns } from './allocate-patch.ts'
import { bestSpan } from './allocate-spot.ts'
import { costOf, pathPrices } from './allocate-stick.ts'
import { pendingCandidate, placedCandidate, type PowerCandidate } from './power-view.ts'
import type { State } from './state.ts'

/**
 * Where placed jobs stand at the prices that are published: what each loses by the cap that it is
 * ordered to, and between which caps it loses nothing. It follows from the state and is no part of
 * it: made when it is first asked for, from then on kept in step. Sums are of whole millionths, so
 * they do not depend on the order in which jobs came.
 */
export class Margins {
  private isKept = false
  private arePriced = false
  private arePathsLaid = false
  /** Rows to look at again, and why: CAP or CURVE; 0 for rows that are not among them. */
  private readonly stale: number[] = []
  private why = new Uint8Array(0)
  private readonly rows: (PowerCandidate | undefined)[] = []
  /** Rows that are others, or gone, since their columns were laid. */
  private readonly moved = new Set<number>()
  private ids = NO_COLUMNS.ids
  private placed: Candidates = { list: [], columns: NO_COLUMNS.jobs }
  /** The lowest and highest of the caps that are best for a row at its prices. */
  private lowW = new Int32Array(0)
  private highW = new Int32Array(0)
  /** The same where little is lost. */
  private nearLowW = new Int32Array(0)
  private nearHighW = new Int32Array(0)
  private sizeClass = new Uint8Array(0)
  private loss = new Float64Array(0)
  private value = new Float64Array(0)
  private sets: Record<Side, Int32Array> = setsOf(0)
  private open = new Int32Array(0)
  private pathPrice: Float64Array = new Float64Array(0)
  private priced: number[] = []
  private lossSum = 0
  private farSum = 0
  private valueSum = 0

  /** A job takes its place or leaves it, or is believed to do something else under a cap. */
  changed(job: number): void {
    if (this.isKept) this.mark(job, CURVE)
  }

  /** A job is ordered to another cap. */
  ordered(job: number): void {
    if (this.isKept) this.mark(job, CAP)
  }

  /** Other prices hold, or feeders take more of their parents than before. */
  repriced(): void {
    this.arePriced = false
    this.arePathsLaid = false
  }

  /** Placed jobs with devices, by row, with what they can be given. O(rows + changed). */
  candidates(state: State): Candidates {
    this.keep(state)
    if (this.moved.size === 0) return this.placed
    const changes = [...this.moved].toSorted((a, b) => a - b)
      .map((id) => ({ id, row: this.rows[id]?.row }))
    this.moved.clear()
    const { ids, jobs } = patchColumns({ ids: this.ids, jobs: this.placed.columns }, changes)
    this.ids = ids
    this.placed = { list: Array.from(ids, (job) => this.rows[job]!), columns: jobs }
    return this.placed
  }

  /** What all placed jobs are worth and lose at their caps. O(those that changed). */
  sums(state: State): Sums {
    this.price(state)
    return {
      value: this.valueSum / MILLION, loss: this.lossSum / MILLION, farLoss: this.farSum / MILLION,
    }
  }

  /** Feeders at which a watt of grant has a price, in their order. */
  pricedFeeders(state: State): readonly number[] {
    this.layPaths(state)
    return this.priced
  }

  /**
   * The job after one (-1: the first) that stands on a side of its best caps, the largest jobs
   * first, so that few are moved; -1 for none.
   */
  next(state: State, side: Side, after: number): number {
    this.price(state)
    const size = this.why.length
    const from = after < 0 ? 0 : this.placeOf(after) + 1
    const place = nextBit(this.sets[side], 0, CLASSES * size, from)
    return place < 0 ? -1 : place % size
  }

  /** The best caps of a placed job. O(1). */
  bestOf(job: number): { readonly lowW: number, readonly highW: number } {
    return { lowW: this.lowW[job]!, highW: this.highW[job]! }
  }

  /** The caps of a placed job that are nearly as good. O(1). */
  nearOf(job: number): { readonly lowW: number, readonly highW: number } {
    return { lowW: this.nearLowW[job]!, highW: this.nearHighW[job]! }
  }

  /** The placed job after one (-1: the first), by row, whose last cap is not confirmed; or -1. */
  nextOpen(state: State, after: number): number {
    this.keep(state)
    return nextBit(this.open, 0, this.why.length, after + 1)
  }

  /** What a placed job can be given. */
  candidateOf(job: number): PowerCandidate {
    return this.rows[job]!
  }

  /** What a watt on each device of a placed job costs at the prices. O(its racks). */
  costOfJob(job: number): number {
    return costOf(this.rows[job]!.row, this.pathPrice)
  }

  /**
   * The lowest of the best caps with which a job could start at a place, at the prices there: what
   * is left is given to those for which it takes few orders. O(its racks).
   */
  startCapW(state: State, job: number, placement: Placement, devices: number): number {
    this.layPaths(state)
    const { row, caps } = pendingCandidate(state, job, placement, devices)
    const { low } = bestSpan(row.options, costOf(row, this.pathPrice))
    // A job that starts is not paused, whatever watts cost.
    return caps[Math.max(low, row.options.canPause ? 1 : 0)]!
  }

  private mark(job: number, why: number): void {
    if (job >= this.why.length) this.grow(job + 1)
    if (this.why[job] === 0) this.stale.push(job)
    if (this.why[job]! < why) this.why[job] = why
  }

  /** What each job can be given, as things are. */
  private keep(state: State): void {
    if (!this.isKept) {
      this.isKept = true
      this.grow(Math.max(1, state.tables.jobs.phase.length))
      for (let job = 0; job < state.totals.jobRows; job++) this.mark(job, CURVE)
    }
    const { jobs } = state.tables
    for (const job of this.stale) {
      if (this.why[job] === CURVE) {
        if (this.arePriced && this.rows[job] !== undefined) this.leave(job)
        const isPlaced = jobs.phase[job]! >= PHASE.starting && jobs.heldGpus[job]! > 0
        if (isPlaced || this.rows[job] !== undefined) this.moved.add(job)
        this.rows[job] = isPlaced ? placedCandidate(state, job) : undefined
        // A gang of 2^n to 2^(n + 1) devices is of class n.
        this.sizeClass[job] = Math.min(CLASSES - 1, 31 - Math.clz32(jobs.heldGpus[job]! | 1))
      }
      this.why[job] = 0
      if (this.rows[job] !== undefined && jobs.capAtMs[job] !== 0) {
        addBit(this.open, 0, this.why.length, job)
      } else {
        removeBit(this.open, 0, this.why.length, job)
      }
      if (this.arePriced) this.stand(state, job)
    }
    this.stale.length = 0
  }

  /** Where each stands at the prices. */
  private price(state: State): void {
    this.keep(state)
    if (this.arePriced) return
    this.layPaths(state)
    this.lossSum = 0
    this.farSum = 0
    this.valueSum = 0
    this.loss.fill(0)
    this.value.fill(0)
    this.sets = setsOf(CLASSES * this.why.length)
    this.arePriced = true
    for (let job = 0; job < state.totals.jobRows; job++) {
      if (this.rows[job] !== undefined) this.stand(state, job)
    }
  }

  private stand(state: State, job: number): void {
    this.lossSum -= this.loss[job]!
    if (this.isFar(job)) this.farSum -= this.loss[job]!
    this.valueSum -= this.value[job]!
    this.loss[job] = 0
    this.value[job] = 0
    this.lowW[job] = this.highW[job] = 0
    const candidate = this.rows[job]
    const orderedW = state.tables.jobs.orderedW[job]!
    if (candidate !== undefined) this.measure(candidate, orderedW)
    this.lossSum += this.loss[job]!
    this.valueSum += this.value[job]!
    if (candidate === undefined) return
    const place = this.placeOf(job)
    const isFar = this.isFar(job)
    this.put('below', place, orderedW < this.highW[job]!)
    this.put('above', place, orderedW > this.lowW[job]!)
    this.put('nearBelow', place, orderedW < this.nearHighW[job]!)
    this.put('nearAbove', place, orderedW > this.nearLowW[job]!)
    this.put('far', place, isFar)
    if (isFar) this.farSum += this.loss[job]!
  }

  private leave(job: number): void {
    const place = this.placeOf(job)
    for (const side of SIDES) this.put(side, place, false)
  }

  private isFar(job: number): boolean {
    return this.loss[job]! > FAR_OFF_RATIO * (this.loss[job]! + this.value[job]!)
  }

  private measure(candidate: PowerCandidate, orderedW: number): void {
    const { job, caps, row } = candidate
    const { options } = row
    const cost = costOf(row, this.pathPrice)
    const { best, low, high } = bestSpan(options, cost)
    const near = bestSpan(options, cost, NEAR_RATIO)
    this.lowW[job] = caps[low]!
    this.highW[job] = caps[high]!
    this.nearLowW[job] = caps[near.low]!
    this.nearHighW[job] = caps[near.high]!
    const now = spotAt(candidate, orderedW)
    this.value[job] = Math.round(MILLION * now.value)
    const lost = netOf(options, best, cost) - (now.value - cost * now.grantW)
    this.loss[job] = Math.max(0, Math.round(MILLION * lost))
  }

  private put(side: Side, place: number, isIn: boolean): void {
    if (isIn) addBit(this.sets[side], 0, CLASSES * this.why.length, place)
    else removeBit(this.sets[side], 0, CLASSES * this.why.length, place)
  }

  /** Where a job is in the sets: by size class, the largest first, then by row. */
  private placeOf(job: number): number {
    return (CLASSES - 1 - this.sizeClass[job]!) * this.why.length + job
  }

  private layPaths(state: State): void {
    if (this.arePathsLaid) return
    this.arePathsLaid = true
    const { price, ratioPer10k } = state.tables.feeders
    this.priced = []
    for (let at = 0; at < price.length; at++) if (price[at]! > 0) this.priced.push(at)
    this.pathPrice = pathPrices({ parent: state.layout.feederParent, ratioPer10k }, price)
  }

  private grow(rows: number): void {
    const size = Math.max(rows, this.why.length * 2)
    const old = this.why
    this.why = new Uint8Array(size)
    this.why.set(old)
    const before = this.open
    this.open = new Int32Array(bitsetWords(size))
    for (let job = nextBit(before, 0, old.length, 0); job >= 0;
      job = nextBit(before, 0, old.length, job + 1)) addBit(this.open, 0, size, job)
    const classes = this.sizeClass
    this.sizeClass = new Uint8Array(size)
    this.sizeClass.set(classes)
    this.lowW = new Int32Array(size)
    this.highW = new Int32Array(size)
    this.nearLowW = new Int32Array(size)
    this.nearHighW = new Int32Array(size)
    this.loss = new Float64Array(size)
    this.value = new Float64Array(size)
    this.arePriced = false
  }
}

/** Placed jobs with devices, and the same in columns, in one order. */
export type Candidates = {
  readonly list: readonly PowerCandidate[], readonly columns: PowerJobs
}

/** Value of all at their caps, what they lose by them, and how much of that those far off lose. */
type Sums = { readonly value: number, readonly loss: number, readonly farLoss: number }

/**
 * Below the highest of its best caps or above the lowest; the same of caps that are nearly best; or
 * so far off that it loses much.
 */
export type Side = 'below' | 'above' | 'nearBelow' | 'nearAbove' | 'far'

const CAP = 1
const CURVE = 2
/** Size classes: up to a million devices in a gang. */
const CLASSES = 21
const MILLION = 1e6
const SIDES = ['below', 'above', 'nearBelow', 'nearAbove', 'far'] as const

/** A step that is off its price by less is taken where none is worth just what it costs. */
const NEAR_RATIO = 0.3

/** A job that loses more than this part of what it could be worth is helped at once. */
const FAR_OFF_RATIO = 0.05

type Options = PowerCandidate['row']['options']

function netOf({ value, grantW }: Options, k: number, cost: number): number {
  return value[k]! - cost * grantW[k]!
}

/** What a job is granted and worth under a cap that it could be ordered to. */
function spotAt({ caps, row }: PowerCandidate, capW: number) {
  const { grantW, value } = row.options
  let k = caps.length - 1
  while (k > 0 && caps[k]! > capW) k--
  if (k + 1 === caps.length || capW <= caps[k]!) return { grantW: grantW[k]!, value: value[k]! }
  const part = (capW - caps[k]!) / (caps[k + 1]! - caps[k]!)
  return {
    grantW: grantW[k]! + part * (grantW[k + 1]! - grantW[k]!),
    value: value[k]! + part * (value[k + 1]! - value[k]!),
  }
}

function setsOf(size: number): Record<Side, Int32Array> {
  const words = bitsetWords(size)
  return {
    below: new Int32Array(words), above: new Int32Array(words),
    nearBelow: new Int32Array(words), nearAbove: new Int32Array(words),
    far: new Int32Array(words),
  }
}
