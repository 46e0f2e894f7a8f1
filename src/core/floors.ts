import { NONE } from '../base/id.ts'
import { LIMIT_KINDS, PHASE } from '../model/index.ts'
import { placementOf } from './allocation.ts'
import { convert, forEachRack } from './ledger.ts'
import type { State } from './state.ts'

/**
 * Whether floors fit (I4b): what can be held to whatever happens is under each limit that is known
 * of the future, for the jobs that are expected to run then. Only what was known when the last of
 * them started could be looked at, so of a limit that came later nothing is demanded, nor of
 * targets, which ask for what can be done. Neither is anything while the weather makes more of the
 * same watts, nor of jobs that showed, while they ran, what keeps what they are promised.
 */

const TARGET = LIMIT_KINDS.indexOf('target')

/** What breaks I4b. O(rows of limits), and O(racks of all jobs) for each that all floors pass. */
export function floorErrors(state: State): string[] {
  const { feeders } = state.layout.plant
  const errors = feeders.flatMap((feeder) => feeder.baseW > feeder.limitW
    ? [`feeder ${feeder.name} has ${feeder.baseW} W of base load under ${feeder.limitW} W`] : [])
  if (state.totals.shiftedRatios > 0) return errors
  const { limits } = state.tables
  for (let row = 0; row < state.totals.limitRows; row++) {
    const isOver = limits.endAtMs[row]! <= state.totals.nowMs
    if (isOver || limits.kind[row] === TARGET) continue
    const feeder = limits.feeder[row]!
    const watts = limits.watts[row]!
    if (mostFloorW(state, feeder) <= watts) continue
    const floorW = floorThen(state, feeder, row)
    if (floorW > watts) {
      errors.push(`feeder ${feeders[feeder]!.name} has floors of ${floorW} W under ${watts} W from `
        + `${limits.startAtMs[row]} ms`)
    }
  }
  return errors
}

/** Floors of all jobs that run now; where no power policy acts, what they are granted. */
function mostFloorW({ tables, totals }: State, feeder: number): number {
  return totals.isPowered === 1 ? tables.feeders.floorW[feeder]! : tables.feeders.grantW[feeder]!
}

/**
 * Floors at a feeder of the jobs that are expected to run when a row of the limits begins; 0 where
 * the last of them started before the row was known, or one has shown other than was believed.
 */
function floorThen(state: State, feeder: number, row: number): number {
  const { jobs, limits } = state.tables
  const { layout, totals } = state
  const perDeviceW = totals.isPowered === 1 ? jobs.floorW : jobs.chargeW
  const watts = Float64Array.from(layout.feederBaseW)
  let lastStartMs = -1
  for (let job = 0; job < totals.jobRows; job++) {
    if (jobs.phase[job]! < PHASE.starting || jobs.heldGpus[job] === 0) continue
    if (jobs.expectedEndAtMs[job]! <= limits.startAtMs[row]! || perDeviceW[job] === 0) continue
    let isBelow = false
    forEachRack(state, placementOf(state, job), (rack, devices) => {
      const leaf = layout.feederOfRack[rack]!
      watts[leaf] = watts[leaf]! + devices * perDeviceW[job]!
      isBelow ||= isUnder(state, leaf, feeder)
    })
    if (!isBelow) continue
    if (jobs.leastSpeed[job]! > 0 && jobs.firstSeen[job] !== NONE) return 0
    lastStartMs = Math.max(lastStartMs, jobs.startAtMs[job]!)
  }
  if (lastStartMs <= limits.setAtMs[row]!) return 0
  for (let at = watts.length - 1; at >= 0; at--) {
    const parent = layout.feederParent[at]!
    if (parent < 0) continue
    watts[parent] = watts[parent]! + convert(state.tables.feeders.ratioPer10k[at]!, watts[at]!)
  }
  return watts[feeder]!
}

function isUnder({ layout }: State, leaf: number, feeder: number): boolean {
  let at = leaf
  while (at > feeder) at = layout.feederParent[at]!
  return at === feeder
}
