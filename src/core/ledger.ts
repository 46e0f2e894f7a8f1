import { NONE } from '../base/id.ts'
import { RATIO_ONE } from '../model/power.ts'
import type { Placement } from '../model/job.ts'
import { jobOfDevice } from './holder.ts'
import type { Layout, PoolLayout } from './layout.ts'
import type { State } from './state.ts'

/**
 * The ledger of watts. A feeder's grant is its base load plus, for each child, the child's grant
 * converted by its whole-number ratio and rounded up (I5). A job is charged, at the leaf of each
 * rack it is in, what its devices may draw above idle; idle devices and nodes are base load.
 */

/** Grants of an idle factory. O(feeders). */
export function resetLedger(state: State): void {
  state.tables.feeders.grantW.set(state.layout.idleGrantW)
}

/** Watts a feeder can still grant: whole, negative where its limit is exceeded. O(1). */
export function headroomW(state: State, feeder: number): number {
  return state.layout.feederLimitW[feeder]! - state.tables.feeders.grantW[feeder]!
}

/**
 * Charges a job's spans, or takes the charge back (`sign` -1): the leaf of each rack, and what
 * feeds several of them once for all. O(racks + depth of the tree).
 */
export function chargeSpans(
  state: State, firstSpan: number, { chargeW, system }: PoolLayout, sign: number): void {
  const { layout, tables } = state
  const { spans } = tables
  let above: number = NONE
  let aboveW = 0
  for (let at = firstSpan; at !== NONE; at = spans.next[at]!) {
    const mask = spans.mask[at]!
    const deviceW = sign * chargeW * (mask === 0 ? system.gpus : bitCount(mask))
    const end = spans.end[at]!
    for (let node = spans.first[at]!; node < end;) {
      const rack = layout.rackOfNode[node]!
      const next = Math.min(end, layout.endNodeOfRack[rack]!)
      const leaf = layout.feederOfRack[rack]!
      if (layout.feederParent[leaf] !== above) {
        charge(state, above, aboveW)
        above = layout.feederParent[leaf]!
        aboveW = 0
      }
      aboveW += chargeOne(state, leaf, (next - node) * deviceW)
      node = next
    }
  }
  charge(state, above, aboveW)
}

/** Charges a feeder and everything above it. O(depth of the tree). */
export function charge(state: State, feeder: number, watts: number): void {
  const { feederParent } = state.layout
  let by = watts
  for (let at = feeder; at >= 0 && by !== 0; at = feederParent[at]!) by = chargeOne(state, at, by)
}

/** Charges one feeder and returns what that is for its parent. */
function chargeOne(state: State, feeder: number, watts: number): number {
  const { grantW } = state.tables.feeders
  const before = grantW[feeder]!
  const after = before + watts
  grantW[feeder] = after
  if (state.layout.feederRatio[feeder] === RATIO_ONE) return watts
  return convert(state.layout, feeder, after) - convert(state.layout, feeder, before)
}

/** Feeders that are asked before a draft is made: with more of them the draft is as cheap. */
const BINDING_MOST = 8

/**
 * Whether the feeders above a pool have room for a gang of `nodes` nodes wherever in it they lie,
 * so that no draft is needed. The bound is safe: a charge grows on its way by no more than the
 * largest ratio, and by less than a watt for rounding at each feeder of each rack.
 */
export function isAmple(
  layout: Layout, grantW: Float64Array, pool: PoolLayout, devices: number, nodes: number): boolean {
  const { binding, chargeW } = pool
  if (binding.length > BINDING_MOST) return false
  for (let at = 0; at < binding.length; at++) {
    const { feeder, mostRatio, depth } = binding[at]!
    const mostW = (devices * chargeW + nodes * depth) * mostRatio + 1
    if (mostW > layout.feederLimitW[feeder]! - grantW[feeder]!) return false
  }
  return true
}

/** Grants as they would be after some charges, without making them. */
export class Draft {
  private readonly byW: Float64Array
  private readonly touched: number[] = []

  constructor(feeders: number) {
    this.byW = new Float64Array(feeders)
  }

  clear(): void {
    for (const feeder of this.touched) this.byW[feeder] = 0
    this.touched.length = 0
  }

  add(state: State, leaf: number, watts: number): void {
    const { layout } = state
    const { grantW } = state.tables.feeders
    let by = watts
    for (let at = leaf; at >= 0 && by !== 0; at = layout.feederParent[at]!) {
      const before = grantW[at]! + this.byW[at]!
      if (this.byW[at] === 0) this.touched.push(at)
      this.byW[at] = this.byW[at]! + by
      if (layout.feederRatio[at] !== RATIO_ONE) {
        by = convert(layout, at, before + by) - convert(layout, at, before)
      }
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

  /** First feeder whose limit the draft exceeds, or -1. */
  overloaded(state: State): number {
    for (const feeder of this.touched) {
      if (this.byW[feeder]! > 0 && this.byW[feeder]! > headroomW(state, feeder)) return feeder
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
  const { layout, tables } = state
  const expected = Float64Array.from(layout.feederBaseW)
  for (let node = 0; node < layout.plant.nodes; node++) {
    const rack = layout.rackOfNode[node]!
    const { chargeW } = layout.pools[layout.poolOfRack[rack]!]!
    const leaf = layout.feederOfRack[rack]!
    for (let device = layout.firstDevice[node]!; device < layout.firstDevice[node + 1]!; device++) {
      if (jobOfDevice(state, node, device) >= 0) expected[leaf] = expected[leaf]! + chargeW
    }
  }
  const errors: string[] = []
  for (let at = expected.length - 1; at >= 0; at--) {
    const have = tables.feeders.grantW[at]!
    if (have !== expected[at]) {
      errors.push(`${layout.plant.feeders[at]!.name} grants ${have} W, sums to ${expected[at]} W`)
    }
    const parent = layout.feederParent[at]!
    if (parent >= 0) expected[parent] = expected[parent]! + convert(layout, at, expected[at]!)
  }
  return errors
}

/** Watts at the parent for watts at a feeder, rounded up. */
function convert(layout: Layout, feeder: number, watts: number): number {
  const ratio = layout.feederRatio[feeder]!
  return ratio === RATIO_ONE ? watts : Math.ceil((watts * ratio) / RATIO_ONE)
}

function bitCount(mask: number): number {
  let count = 0
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++
  return count
}
