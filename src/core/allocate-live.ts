import { RATIO_ONE } from '../model/power.ts'
import { allocate } from './allocate.ts'
import type { Allotment } from './allocate-allotment.ts'
import { columnsOf, type PowerJob, type PowerTree } from './allocate-input.ts'
import { convert } from './allocate-loads.ts'
import { bestOf, marginOf, spot, type Spot } from './allocate-spot.ts'

/**
 * An allotment that is kept while jobs come, go and change and limits move. The prices stay: a
 * job takes what is best for it at them, and the jobs that are at their margin make room or take
 * what is left. The dual at the same prices is still an upper bound, so the gap is known after each
 * change; where it grows beyond a limit, all is solved again from these prices.
 *
 * The caller keeps the row that `add` returns, asks `grantOf(row)` for its grant, and reads the
 * rows whose grants moved from `takeChanged()`.
 */
export class LiveAllotment {
  private readonly tree: PowerTree
  private readonly limitW: Float64Array
  private readonly targetW: Float64Array
  private readonly jobs: (PowerJob | undefined)[] = []
  private readonly free: number[] = []
  private readonly grantW: number[] = []
  private readonly margin: number[] = []
  /** Limited feeders above a job, the highest first, with its watts there; made when needed. */
  private readonly reach: (Reach | undefined)[] = []
  private changed: number[] = []
  private prices: Pick<Allotment, 'grantPrice' | 'drawPrice'>
  private loadW: Float64Array = new Float64Array(0)
  private drawW: Float64Array = new Float64Array(0)
  /** Price of a watt at a feeder with all that it needs above. */
  private readonly grantPath: Float64Array
  private readonly drawPath: Float64Array
  private isStale = true
  /** Floors do not fit, so that the bound means nothing: each change is solved anew. */
  private isShort = false
  /** What rounding alone left missing when all was solved. */
  private solvedGap = 0
  value = 0
  boundValue = 0
  /** Full solutions so far. */
  solutions = 0

  constructor(tree: PowerTree) {
    this.limitW = tree.limitW.slice()
    this.targetW = tree.targetW.slice()
    this.tree = { ...tree, limitW: this.limitW, targetW: this.targetW }
    const none = new Float64Array(tree.parent.length)
    this.prices = { grantPrice: none, drawPrice: none }
    this.grantPath = none.slice()
    this.drawPath = none.slice()
  }

  /** Adds a job; its row. Nothing is granted before `settle`. O(1). */
  put(job: PowerJob): number {
    this.isStale = true
    return this.rowFor(job)
  }

  /** Solves everything where jobs were put without being placed. */
  settle(): void {
    if (this.isStale) this.solve()
  }

  /** Adds a job and gives it what is best; its row. O(shares x depth) where no price moves. */
  add(job: PowerJob): number {
    const row = this.rowFor(job)
    if (!this.isStale) this.enter(row)
    this.check()
    return row
  }

  /** Takes a job away and gives its watts to those at their margin. */
  remove(row: number): void {
    this.leave(row)
    this.jobs[row] = undefined
    this.free.push(row)
    this.fillMargin()
    this.check()
  }

  /** A job has other points, weight or place. */
  change(row: number, job: PowerJob): void {
    this.leave(row)
    this.jobs[row] = job
    this.reach[row] = undefined
    this.enter(row)
    this.check()
  }

  /** A limit of grants, or a target of draw, moved. */
  setLimit(feeder: number, watts: number, isDraw = false): void {
    const limits = isDraw ? this.targetW : this.limitW
    const price = (isDraw ? this.prices.drawPrice : this.prices.grantPrice)[feeder]!
    if (price > 0) this.boundValue += price * (watts - limits[feeder]!)
    if (limits[feeder] === Infinity) this.reach.fill(undefined)
    limits[feeder] = watts
    this.cutMargin(feeder, -1)
    if (this.isOver(feeder)) this.isStale = true
    this.fillMargin()
    this.check()
  }

  /** Whole watts above idle for each device of a job. */
  grantOf(row: number): number {
    return this.grantW[row]!
  }

  /** Value of a watt at a feeder. */
  priceOf(feeder: number): number {
    return this.prices.grantPrice[feeder]!
  }

  /** Rows whose grants may have changed since the last call, in the order of the changes. */
  takeChanged(): number[] {
    const { changed } = this
    this.changed = []
    return changed
  }

  private rowFor(job: PowerJob): number {
    const row = this.free.pop() ?? this.jobs.length
    this.jobs[row] = job
    this.grantW[row] = 0
    this.reach[row] = undefined
    return row
  }

  /** Gives a job its best point, or what fits of it, with room made by those at their margin. */
  private enter(row: number): void {
    const job = this.jobs[row]!
    const at = this.spotOf(row)
    const best = bestOf(job.options, at)
    this.boundValue += best.net
    this.grantW[row] = job.options.grantW[0]!
    this.value += job.options.value[0]!
    this.charge(row, 0, this.grantW[row]!, 0, job.options.drawW[0]!)
    this.changed.push(row)
    this.move(row, job.options.grantW[best.point]!)
    this.makeRoom(row)
    this.raise(row, job.options.grantW[best.point]!)
    if (!this.isFitting(row)) this.isStale = true
  }

  private leave(row: number): void {
    const job = this.jobs[row]!
    const at = this.spotOf(row)
    this.boundValue -= bestOf(job.options, at).net
    const now = spot(job.options, this.grantW[row]!)
    this.value -= now.value
    this.charge(row, this.grantW[row]!, 0, now.drawW, 0)
    this.grantW[row] = 0
  }

  /** Where a job overloads feeders: others give way, and where they cannot it does itself. */
  private makeRoom(row: number): void {
    const job = this.jobs[row]!
    for (const feeder of this.reachOf(row).feeders) {
      if (!this.isOver(feeder)) continue
      this.cutMargin(feeder, row)
      if (this.isOver(feeder)) this.move(row, job.options.grantW[0]!)
    }
  }

  /** Lowers jobs at their margin below a feeder until it is within its limits. */
  private cutMargin(feeder: number, spared: number): void {
    for (let i = this.margin.length - 1; i >= 0 && this.isOver(feeder); i--) {
      const row = this.margin[i]!
      const job = this.jobs[row]
      if (job === undefined || row === spared) continue
      const reach = this.reachOf(row)
      const at = reach.feeders.indexOf(feeder)
      if (at < 0) continue
      const perW = reach.weights[at]!
      const { low } = marginOf(job.options, this.grantW[row]!, this.spotOf(row))
      const overW = this.loadW[feeder]! - this.limitW[feeder]!
      const isDraw = this.drawW[feeder]! > this.targetW[feeder]!
      const needW = isDraw ? Infinity : Math.ceil(overW / perW)
      this.move(row, Math.max(low, this.grantW[row]! - needW))
    }
  }

  /** Raises jobs at their margin where there is room. */
  private fillMargin(): void {
    for (const row of this.margin) {
      const job = this.jobs[row]
      if (job === undefined) continue
      this.raise(row, marginOf(job.options, this.grantW[row]!, this.spotOf(row)).high)
    }
  }

  /** Raises a job towards a grant as far as there is room. */
  private raise(row: number, toW: number): void {
    const job = this.jobs[row]!
    const fromW = this.grantW[row]!
    if (toW <= fromW) return
    let mostW = toW - fromW
    const { feeders, weights } = this.reachOf(row)
    for (let i = 0; i < feeders.length; i++) {
      const roomW = this.limitW[feeders[i]!]! - this.loadW[feeders[i]!]!
      mostW = Math.min(mostW, Math.floor(roomW / weights[i]!))
      if (mostW <= 0) return
    }
    const floorW = job.options.grantW[1] ?? toW
    const isPaused = job.options.canPause && fromW === job.options.grantW[0]
    if (isPaused && fromW + mostW < floorW) return
    this.move(row, fromW + mostW)
    if (!this.isFitting(row)) this.move(row, fromW)
  }

  private isFitting(row: number): boolean {
    for (const feeder of this.reachOf(row).feeders) if (this.isOver(feeder)) return false
    return true
  }

  private isOver(feeder: number): boolean {
    return this.loadW[feeder]! > this.limitW[feeder]!
      || this.drawW[feeder]! > this.targetW[feeder]! * (1 + 1e-9)
  }

  private move(row: number, toW: number): void {
    const fromW = this.grantW[row]!
    if (toW === fromW) return
    const { options } = this.jobs[row]!
    const before = spot(options, fromW)
    const after = spot(options, toW)
    this.value += after.value - before.value
    this.charge(row, fromW, toW, before.drawW, after.drawW)
    this.grantW[row] = toW
    this.changed.push(row)
  }

  private charge(row: number, fromW: number, toW: number, drawFromW: number, drawToW: number) {
    const { parent, ratioPer10k } = this.tree
    const { feeders, devices } = this.jobs[row]!
    for (let i = 0; i < feeders.length; i++) {
      let by = (toW - fromW) * devices[i]!
      let byDraw = (drawToW - drawFromW) * devices[i]!
      for (let at = feeders[i]!; at >= 0; at = parent[at]!) {
        const ratio = ratioPer10k[at]!
        const before = this.loadW[at]!
        this.loadW[at] = before + by
        this.drawW[at] = this.drawW[at]! + byDraw
        by = convert(before + by, ratio) - convert(before, ratio)
        byDraw *= ratio / RATIO_ONE
      }
    }
  }

  /** O(1) once it is made, O(shares x depth) to make it. */
  private reachOf(row: number): Reach {
    const known = this.reach[row]
    if (known !== undefined) return known
    const { parent, ratioPer10k } = this.tree
    const { feeders, devices } = this.jobs[row]!
    const weight = new Map<number, number>()
    for (let i = 0; i < feeders.length; i++) {
      let watts = devices[i]!
      for (let at = feeders[i]!; at >= 0; at = parent[at]!) {
        const isLimited = this.limitW[at]! < Infinity || this.targetW[at]! < Infinity
        if (isLimited) weight.set(at, (weight.get(at) ?? 0) + watts)
        watts *= ratioPer10k[at]! / RATIO_ONE
      }
    }
    const limited = [...weight.keys()].sort((a, b) => a - b)
    const made = { feeders: limited, weights: limited.map((at) => weight.get(at)!) }
    this.reach[row] = made
    return made
  }

  /** What a job pays for a watt on each device. */
  private spotOf(row: number): Spot {
    const { feeders, devices } = this.jobs[row]!
    let grantCost = 0
    let drawCost = 0
    for (let i = 0; i < feeders.length; i++) {
      grantCost += devices[i]! * this.grantPath[feeders[i]!]!
      drawCost += devices[i]! * this.drawPath[feeders[i]!]!
    }
    return { grantCost, drawCost }
  }

  private check(): void {
    const grown = this.boundValue - this.value - this.solvedGap
    if (this.isStale || this.isShort || grown > GAP_MOST * this.boundValue) this.solve()
  }

  /** Everything anew, from the prices that are known. */
  private solve(): void {
    const rows: number[] = []
    const list: PowerJob[] = []
    this.jobs.forEach((job, row) => {
      if (job === undefined) return
      rows.push(row)
      list.push(job)
    })
    const allotment = allocate(this.tree, columnsOf(list), this.prices)
    this.prices = allotment
    this.loadW = allotment.loadW
    this.drawW = allotment.drawW
    this.value = allotment.value
    this.boundValue = allotment.boundValue
    this.solvedGap = allotment.boundValue - allotment.value
    rows.forEach((row, at) => {
      if (this.grantW[row] !== allotment.grantW[at]) this.changed.push(row)
      this.grantW[row] = allotment.grantW[at]!
    })
    this.layPaths()
    this.findMargin(rows)
    this.isStale = false
    this.isShort = allotment.shorts.length > 0
    this.solutions++
  }

  private layPaths(): void {
    const { parent, ratioPer10k } = this.tree
    for (let at = 0; at < parent.length; at++) {
      const above = parent[at]!
      const ratio = ratioPer10k[at]! / RATIO_ONE
      const { grantPrice, drawPrice } = this.prices
      this.grantPath[at] = grantPrice[at]! + (above < 0 ? 0 : ratio * this.grantPath[above]!)
      this.drawPath[at] = drawPrice[at]! + (above < 0 ? 0 : ratio * this.drawPath[above]!)
    }
  }

  /** The jobs that can move for almost exactly what a watt costs them, nearest first. */
  private findMargin(rows: readonly number[]): void {
    const near: { row: number; off: number }[] = []
    for (const row of rows) {
      const at = this.spotOf(row)
      if (at.grantCost + at.drawCost === 0) continue
      const { off, isNear } = marginOf(this.jobs[row]!.options, this.grantW[row]!, at)
      if (isNear) near.push({ row, off })
    }
    near.sort((a, b) => a.off - b.off || a.row - b.row)
    this.margin.length = 0
    for (const { row } of near.slice(0, MARGIN_MOST)) this.margin.push(row)
  }
}

type Reach = { readonly feeders: readonly number[]; readonly weights: readonly number[] }

/** Where this part of the value more is missing than rounding left, all is solved again. */
const GAP_MOST = 5e-4
/** Most of them that are kept: a change looks at each. */
const MARGIN_MOST = 200
