import { RATIO_ONE } from '../model/power.ts'
import type { Placement } from '../model/job.ts'
import { forEachRack } from './ledger.ts'
import type { State } from './state.ts'

/**
 * How far draw swings around its mean: variance by feeder. Devices of one job move together, since
 * they step together, so a job's deviation at a feeder is that of a device times its devices there;
 * jobs do not know of one another, so their variances add up. The weather is left out.
 */

/** Adds a job's variance at each feeder above it, or takes it away (-1). O(racks × depth). */
export function spread(state: State, placement: Placement, sdW: number, sign: number): void {
  const { variance } = state.tables.feeders
  eachDeviation(state, placement, sdW, (feeder, deviationW) => {
    variance[feeder] = variance[feeder]! + sign * deviationW * deviationW
  })
}

const scratches = new WeakMap<State['layout'], Float64Array>()

/** Calls back with each feeder above a placement and the whole watts of its deviation there. */
export function eachDeviation(
  state: State, placement: Placement, sdW: number,
  visit: (feeder: number, deviationW: number) => void): void {
  if (sdW === 0) return
  const { layout } = state
  let deviation = scratches.get(layout)
  if (deviation === undefined) {
    deviation = new Float64Array(layout.feederParent.length)
    scratches.set(layout, deviation)
  }
  const touched: number[] = []
  forEachRack(state, placement, (rack, devices) => {
    let by = devices * sdW
    for (let at = layout.feederOfRack[rack]!; at >= 0; at = layout.feederParent[at]!) {
      if (deviation[at] === 0) touched.push(at)
      deviation[at] = deviation[at]! + by
      by *= layout.feederRatio[at]! / RATIO_ONE
    }
  })
  for (const at of touched) {
    // Whole watts: what is added is taken away again to the last bit.
    visit(at, Math.round(deviation[at]!))
    deviation[at] = 0
  }
}

/** Deviations are whole watts: so many to a device count devices that losses make more of. */
const FINE = 10_000

/** Calls back with each feeder above a placement, and its devices as what they take there. */
export function eachDevices(
  state: State, placement: Placement, visit: (feeder: number, devices: number) => void): void {
  eachDeviation(state, placement, FINE, (feeder, deviationW) => visit(feeder, deviationW / FINE))
}

/** Devices of a placed job below a feeder, as what they take of it. O(racks × depth). */
export function devicesAt(state: State, placement: Placement, feeder: number): number {
  let devices = 0
  eachDevices(state, placement, (at, count) => {
    if (at === feeder) devices = count
  })
  return devices
}
