import { countBits } from '../../base/bitset.ts'
import { NONE } from '../../base/id.ts'
import type { State } from '../../core/state.ts'
import type { Profile } from './profiles.ts'

/**
 * Notes what a run of a job with devices, of which it works `busyRatio` of the time, adds to its
 * site above idle: whole watts at each rack, and what they are at the root by the `ratios` of the
 * racks. O(its racks).
 */
export function noteDraw(
  state: State, job: number, run: Profile, ratios: Float64Array, busyRatio: number): void {
  const { layout, tables } = state
  const { spans, jobs } = tables
  const { gpus, nodeTypicalW, nodeIdleW } = layout.pools[jobs.pool[job]!]!.system
  const perDeviceW = (nodeTypicalW - nodeIdleW) / gpus
  let itW = 0
  let facilityW = 0
  let rack: number = NONE
  for (let at = jobs.firstSpan[job]!; at !== NONE; at = spans.next[at]!) {
    const mask = spans.mask[at]!
    const perNode = mask === 0 ? gpus : countBits(mask)
    const end = spans.end[at]!
    for (let node = spans.first[at]!; node < end;) {
      rack = layout.rackOfNode[node]!
      const next = Math.min(end, layout.endNodeOfRack[rack]!)
      const watts = Math.round((next - node) * perNode * perDeviceW * busyRatio)
      itW += watts
      facilityW += Math.round(watts * ratios[rack]!)
      node = next
    }
  }
  run.site = layout.siteOfRack[rack]!
  run.drawW = itW
  run.facilityW = facilityW
}
