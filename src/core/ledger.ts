import { NONE } from '../base/id.ts'
import { RATIO_ONE } from '../model/power.ts'
import type { Placement } from '../model/job.ts'
import { jobOfDevice } from './holder.ts'
import type { PoolLayout } from './layout.ts'
import type { State } from './state.ts'

/**
 * The ledger of watts. A feeder's grant is its base load plus, for each child, the child's grant
 * converted by its whole-number ratio and rounded up (I5). A job is charged, at the leaf of each
 * rack it is in, what its devices may draw above idle; idle devices and nodes are base load.
 */

/** The ledgers of an idle factory, under the plant's own limits. O(feeders). */
export function resetLedger(state: State): void {
  const { feeders } = state.tables
  const { layout } = state
  feeders.limitW.set(layout.feederLimitW)
  feeders.ratioPer10k.set(layout.feederRatio)
  feeders.grantW.set(layout.idleGrantW)
  feeders.floorW.set(layout.idleGrantW)
  feeders.drawW.set(layout.idleDrawW)
  feeders.meteredAtMs.fill(NONE)
  feeders.history.fill(NONE)
  feeders.offVariance.fill(NONE)
}

/** Watts a feeder can still grant: whole, negative where its limit is exceeded. O(1). */
export function headroomW(state: State, feeder: number): number {
  const { limitW, grantW } = state.tables.feeders
  return limitW[feeder]! - grantW[feeder]!
}

/** What is kept of a job at its feeders: what it may draw, the least of it, what it should draw. */
export type Ledger = 'grantW' | 'floorW' | 'drawW'

/**
 * Charges a job's spans with `byW` watts for each device, negative to take back: the leaf of each
 * rack, and what feeds several of them once for all. O(racks + depth of the tree).
 */
export function chargeSpans(
  state: State, ledger: Ledger | 'risingW', firstSpan: number, gpusPerNode: number, byW: number,
): void {
  const { layout, tables } = state
  const { spans } = tables
  const column = tables.feeders[ledger]
  let above: number = NONE
  let aboveW = 0
  for (let at = firstSpan; at !== NONE; at = spans.next[at]!) {
    const mask = spans.mask[at]!
    const deviceW = byW * (mask === 0 ? gpusPerNode : bitCount(mask))
    const end = spans.end[at]!
    for (let node = spans.first[at]!; node < end;) {
      const rack = layout.rackOfNode[node]!
      const next = Math.min(end, layout.endNodeOfRack[rack]!)
      const leaf = layout.feederOfRack[rack]!
      if (layout.feederParent[leaf] !== above) {
        charge(state, column, above, aboveW)
        above = layout.feederParent[leaf]!
        aboveW = 0
      }
      aboveW += chargeOne(state, column, leaf, (next - node) * deviceW)
      node = next
    }
  }
  charge(state, column, above, aboveW)
}

/** What a device of a job is charged in each of the ledgers that a power policy keeps, watts. */
export type Charges = Readonly<Record<Ledger | 'risingW', number>>

/** `chargeSpans` for all ledgers of a powered state in one walk. O(racks + depth of the tree). */
export function chargeAll(
  state: State, firstSpan: number, gpusPerNode: number, by: Charges): void {
  const { layout } = state
  const { spans, feeders } = state.tables
  const { grantW, floorW, drawW, risingW } = feeders
  let above: number = NONE
  let grant = 0
  let floor = 0
  let draw = 0
  let rising = 0
  for (let at = firstSpan; at !== NONE; at = spans.next[at]!) {
    const mask = spans.mask[at]!
    const gpus = mask === 0 ? gpusPerNode : bitCount(mask)
    const end = spans.end[at]!
    for (let node = spans.first[at]!; node < end;) {
      const rack = layout.rackOfNode[node]!
      const next = Math.min(end, layout.endNodeOfRack[rack]!)
      const leaf = layout.feederOfRack[rack]!
      if (layout.feederParent[leaf] !== above) {
        charge(state, grantW, above, grant)
        charge(state, floorW, above, floor)
        charge(state, drawW, above, draw)
        charge(state, risingW, above, rising)
        above = layout.feederParent[leaf]!
        grant = floor = draw = rising = 0
      }
      const devices = (next - node) * gpus
      grant += chargeOne(state, grantW, leaf, devices * by.grantW)
      floor += chargeOne(state, floorW, leaf, devices * by.floorW)
      draw += chargeOne(state, drawW, leaf, devices * by.drawW)
      if (by.risingW !== 0) rising += chargeOne(state, risingW, leaf, devices * by.risingW)
      node = next
    }
  }
  charge(state, grantW, above, grant)
  charge(state, floorW, above, floor)
  charge(state, drawW, above, draw)
  charge(state, risingW, above, rising)
}

/** Charges a feeder and everything above it in one ledger. O(depth of the tree). */
export function charge(state: State, column: Float64Array, feeder: number, watts: number): void {
  const { feederParent } = state.layout
  let by = watts
  for (let at = feeder; at >= 0 && by !== 0; at = feederParent[at]!) {
    by = chargeOne(state, column, at, by)
  }
}

/** Charges one feeder and returns what that is for its parent. */
function chargeOne(state: State, column: Float64Array, feeder: number, watts: number): number {
  const before = column[feeder]!
  const after = before + watts
  column[feeder] = after
  const ratio = state.tables.feeders.ratioPer10k[feeder]!
  if (ratio === RATIO_ONE) return watts
  return convert(ratio, after) - convert(ratio, before)
}

/** The weather, or another cooling: a feeder takes more or less of its parent. O(depth). */
export function changeRatio(state: State, feeder: number, ratioPer10k: number): void {
  const { feeders } = state.tables
  const before = feeders.ratioPer10k[feeder]!
  const plainRatio = state.layout.feederRatio[feeder]!
  state.totals.shiftedRatios += Number(ratioPer10k !== plainRatio) - Number(before !== plainRatio)
  state.totals.ratioMovedAtMs = state.totals.nowMs
  feeders.ratioPer10k[feeder] = ratioPer10k
  const parent = state.layout.feederParent[feeder]!
  for (const column of [
    feeders.grantW, feeders.floorW, feeders.drawW, feeders.risingW, feeders.downW,
  ]) {
    const watts = column[feeder]!
    charge(state, column, parent, convert(ratioPer10k, watts) - convert(before, watts))
  }
}

/** Feeders that are asked before a draft is made: with more of them the draft is as cheap. */
const BINDING_MOST = 8

/**
 * Whether the feeders above a pool have room for a gang of `nodes` nodes wherever in it they lie,
 * so that no draft is needed. The bound is safe: a charge grows on its way by no more than the
 * largest ratio, and by less than a watt for rounding at each feeder of each rack.
 */
export function isAmple(
  limitW: Float64Array, grantW: Float64Array, pool: PoolLayout, chargeW: number, devices: number,
  nodes: number): boolean {
  const { binding } = pool
  if (binding.length > BINDING_MOST) return false
  for (let at = 0; at < binding.length; at++) {
    const { feeder, mostRatio, depth } = binding[at]!
    const mostW = (devices * chargeW + nodes * depth) * mostRatio + 1
    if (mostW > limitW[feeder]! - grantW[feeder]!) return false
  }
  return true
}

/** Whether the feeders above a pool could be overloaded by its jobs at all, as things are. O(1). */
export function canBind(state: State, pool: PoolLayout): boolean {
  return pool.canBind || !isPlain(state)
}

/** Whether only the plant's own limits of grants hold, now and as far as is known. O(1). */
export function isPlain({ totals, layout }: State): boolean {
  const isBound = totals.isPowered === 1 && (layout.isRamped || layout.overDeviations >= 0
    || totals.returnUntilMs > totals.nowMs)
  return totals.limits === 0 && totals.shiftedRatios === 0 && !isBound
}

/** Whether limits hold for draw at a stated chance, and not for what is granted. O(1). */
export function isSoldOver({ totals, layout }: State): boolean {
  return totals.isPowered === 1 && layout.overDeviations >= 0
}

/** A ledger as it would be after some charges, without making them. */
export class Draft {
  private readonly byW: Float64Array
  private readonly touched: number[] = []
  private ledger: Ledger = 'grantW'

  constructor(feeders: number) {
    this.byW = new Float64Array(feeders)
  }

  clear(ledger: Ledger = 'grantW'): void {
    for (const feeder of this.touched) this.byW[feeder] = 0
    this.touched.length = 0
    this.ledger = ledger
  }

  add(state: State, leaf: number, watts: number): void {
    const { layout } = state
    const { feeders } = state.tables
    const column = feeders[this.ledger]
    let by = watts
    for (let at = leaf; at >= 0 && by !== 0; at = layout.feederParent[at]!) {
      const before = column[at]! + this.byW[at]!
      if (this.byW[at] === 0) this.touched.push(at)
      this.byW[at] = this.byW[at]! + by
      const ratio = feeders.ratioPer10k[at]!
      if (ratio !== RATIO_ONE) by = convert(ratio, before + by) - convert(ratio, before)
    }
  }

  /** Adds only where every feeder above can carry it; says whether it did. */
  tryAdd(state: State, leaf: number, watts: number): boolean {
    this.add(state, leaf, watts)
    for (let at = leaf; at >= 0; at = state.layout.feederParent[at]!) {
      if (this.byW[at]! <= headroomW(state, at)) continue
      this.add(state, leaf, -watts)
      return false
    }
    return true
  }

  /** First feeder that the draft takes above `limitW`, or -1. Where it takes nothing it is none. */
  overloaded(state: State, limitW = state.tables.feeders.limitW): number {
    const column = state.tables.feeders[this.ledger]
    for (const feeder of this.touched) {
      const byW = this.byW[feeder]!
      if (byW > 0 && byW > limitW[feeder]! - column[feeder]!) return feeder
    }
    return -1
  }

  /** Watts that the draft adds at a feeder. */
  at(feeder: number): number {
    return this.byW[feeder]!
  }
}

/** Calls back with each rack of a placement and how many of its devices are taken. */
export function forEachRack(
  state: State, placement: Placement, visit: (rack: number, devices: number) => void): void {
  const { layout } = state
  const { spans } = placement
  for (let at = 0; at < spans.length; at += 3) {
    const mask = spans[at + 2]!
    const end = spans[at + 1]!
    let node = spans[at]!
    while (node < end) {
      const rack = layout.rackOfNode[node]!
      const endInRack = Math.min(end, layout.endNodeOfRack[rack]!)
      const devices = mask === 0
        ? layout.firstDevice[endInRack]! - layout.firstDevice[node]!
        : (endInRack - node) * bitCount(mask)
      visit(rack, devices)
      node = endInRack
    }
  }
}

/** Ledger errors against a sum from the bottom up (I5). O(nodes). */
export function ledgerErrors(state: State): string[] {
  const { layout } = state
  const errors = sumErrors(state, 'grantW', layout.feederBaseW, state.tables.jobs.chargeW)
  if (state.totals.isPowered === 0) return errors
  return [
    ...errors,
    ...sumErrors(state, 'floorW', layout.feederBaseW, state.tables.jobs.floorW),
    ...sumErrors(state, 'drawW', layout.drawBaseW, state.tables.jobs.drawW),
    ...sumErrors(state, 'risingW', new Float64Array(layout.feederBaseW.length),
      state.tables.jobs.risingW),
  ]
}

function sumErrors(
  state: State, ledger: Ledger | 'risingW', baseW: Float64Array, perDeviceW: Int32Array,
): string[] {
  const { layout, tables } = state
  const expected = Float64Array.from(baseW)
  for (let node = 0; node < layout.plant.nodes; node++) {
    const leaf = layout.feederOfRack[layout.rackOfNode[node]!]!
    for (let device = layout.firstDevice[node]!; device < layout.firstDevice[node + 1]!; device++) {
      const job = jobOfDevice(state, node, device)
      if (job >= 0) expected[leaf] = expected[leaf]! + perDeviceW[job]!
    }
  }
  const errors: string[] = []
  for (let at = expected.length - 1; at >= 0; at--) {
    const have = tables.feeders[ledger][at]!
    if (have !== expected[at]) {
      const { name } = layout.plant.feeders[at]!
      errors.push(`${name} has ${ledger} ${have} W, sums to ${expected[at]} W`)
    }
    const parent = layout.feederParent[at]!
    const ratio = tables.feeders.ratioPer10k[at]!
    if (parent >= 0) expected[parent] = expected[parent]! + convert(ratio, expected[at]!)
  }
  return errors
}

/** Watts at the parent for watts at a feeder, rounded up. */
export function convert(ratio: number, watts: number): number {
  return ratio === RATIO_ONE ? watts : Math.ceil((watts * ratio) / RATIO_ONE)
}

function bitCount(mask: number): number {
  let count = 0
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++
  return count
}
