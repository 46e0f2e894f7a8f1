import { NONE } from '../base/id.ts'
import { PHASE } from '../model/index.ts'
import { orderedDrawW } from './aims.ts'
import { placementOf } from './allocation.ts'
import { chargeAt } from './caps.ts'
import { biasW } from './doubt.ts'
import { jobOfDevice } from './holder.ts'
import { convert, headroomW, isSoldOver } from './ledger.ts'
import { devicesAt } from './spread.ts'
import type { State } from './state.ts'

/**
 * What breaks I4a. A feeder that grants too much had its limit cut (or its cooling takes more), and
 * then all that is ordered, or what nothing can be held below, is the plan to meet it. Where limits
 * are sold over they are not of grants: draw passes them no oftener than is stated, which readings
 * show. O(nodes + feeders), and O(racks of jobs) for each that grants too much.
 */
export function limitErrors(state: State): string[] {
  if (isSoldOver(state)) return soldOverErrors(state)
  const ordered = orderedGrantsW(state)
  return state.layout.plant.feeders.flatMap((feeder, id) => {
    if (headroomW(state, id) >= 0) return []
    const { limitW, floorW } = state.tables.feeders
    // Where cooling that took less takes as much as the plant says again, that is a cut too.
    const { shiftedRatios, ratioMovedAtMs } = state.totals
    const isCut = limitW[id]! < state.layout.feederLimitW[id]! || shiftedRatios > 0
      || (ratioMovedAtMs !== NONE && !hasStartSince(state, id, ratioMovedAtMs))
    if (isCut && state.totals.isPowered === 0) return []
    if (isCut && ordered[id]! <= Math.max(limitW[id]!, floorW[id]!)) return []
    return [`feeder ${feeder.name} grants ${-headroomW(state, id)} W more than its limit`]
  })
}

/**
 * Where limits are sold over, what is expected to be drawn stays below them by the deviations that
 * were stated, unless a limit was cut since, or jobs have shown that they draw more. Where readings
 * are lower than what is booked, less is expected, and the guard gives that away (`soldOverMost`);
 * once they are higher again, all that is ordered is the plan to meet the limit.
 */
function soldOverErrors(state: State): string[] {
  const { limitW, variance } = state.tables.feeders
  const { overDeviations, feederLimitW } = state.layout
  if (state.totals.seenRows > 0 || state.totals.shiftedRatios > 0) return []
  return state.layout.plant.feeders.flatMap(({ name }, id) => {
    if (limitW[id]! < feederLimitW[id]!) return []
    const expectedW = orderedDrawW(state, id) + Math.min(0, biasW(state, id))
    const overW = expectedW + overDeviations * Math.sqrt(variance[id]!) - limitW[id]!
    return overW <= 0 ? [] : [`feeder ${name} passes its limit too often: ${overW} W too much`]
  })
}

/** Whether a job that is placed below a feeder started at a time or later. */
function hasStartSince(state: State, feeder: number, sinceMs: number): boolean {
  const { phase, gpus, startAtMs } = state.tables.jobs
  for (let job = 0; job < state.totals.jobRows; job++) {
    if (phase[job]! < PHASE.starting || gpus[job] === 0 || startAtMs[job]! < sinceMs) continue
    if (devicesAt(state, placementOf(state, job), feeder) > 0) return true
  }
  return false
}

/** Grants as they will be when every open order of a cap is in force. O(nodes + feeders). */
function orderedGrantsW(state: State): Float64Array {
  const { layout, tables } = state
  const watts = Float64Array.from(layout.feederBaseW)
  for (let node = 0; node < layout.plant.nodes; node++) {
    const rack = layout.rackOfNode[node]!
    const pool = layout.pools[layout.poolOfRack[rack]!]!
    const leaf = layout.feederOfRack[rack]!
    for (let device = layout.firstDevice[node]!; device < layout.firstDevice[node + 1]!; device++) {
      const job = jobOfDevice(state, node, device)
      if (job >= 0) watts[leaf] = watts[leaf]! + chargeAt(pool, state, tables.jobs.orderedW[job]!)
    }
  }
  for (let at = watts.length - 1; at >= 0; at--) {
    const parent = layout.feederParent[at]!
    if (parent < 0) continue
    watts[parent] = watts[parent]! + convert(tables.feeders.ratioPer10k[at]!, watts[at]!)
  }
  return watts
}
