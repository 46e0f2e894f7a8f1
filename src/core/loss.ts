import { fromHours } from '../base/units.ts'
import { bestCheckpointInterval } from '../training/checkpoint.ts'
import type { Layout } from './layout.ts'
import type { State } from './state.ts'

/**
 * What stopping a job costs, as far as the core can know: it sees no checkpoint, so it expects the
 * interval that finishes work soonest for a gang of that size under the plant's failures.
 */

/** Faults that end a gang's run, per hour: what its checkpoint interval is chosen for. */
export function gangRatePerHour(
  layout: Layout, gpus: number, nodes: number, nodesPerRack: number): number {
  let rate = 0
  for (const each of layout.plant.failures.classes) {
    if (each.reach === 'slow') continue
    const units = each.unit === 'device' ? gpus : each.unit === 'node' ? nodes
      : each.unit === 'rack' ? nodes / nodesPerRack : 0
    rate += each.ratePerHour * units
  }
  return rate
}

/** Best work between checkpoints of that stall, for a gang of `gpus` in a pool. */
export function checkpointEveryMs(
  layout: Layout, pool: number, gpus: number, stallMs: number): number {
  const { system, levels } = layout.pools[pool]!
  const nodes = system.gpus === 0 ? 1 : Math.ceil(gpus / system.gpus)
  const rate = gangRatePerHour(layout, gpus, nodes, levels[0]!.mostNodes)
  const meanMs = rate > 0 ? fromHours(1 / rate) : Infinity
  // A checkpoint must be written before the next begins.
  const { checkpointSaveMs } = layout.plant.failures
  return Math.max(1, bestCheckpointInterval(stallMs, meanMs), checkpointSaveMs)
}

/**
 * Time of a placed job that is lost when it is stopped now and started again: on average half an
 * interval of work, at most what it has run, and the start with the reading of its checkpoint. A
 * job without devices is not expected to save anything.
 */
export function expectedLossMs(state: State, job: number): number {
  const { jobs } = state.tables
  const { launchMs, loadMs, checkpointStallMs } = state.layout.plant.failures
  const ranMs = state.totals.nowMs - jobs.startAtMs[job]!
  const gpus = jobs.heldGpus[job]!
  const everyMs = gpus === 0 ? Infinity
    : checkpointEveryMs(state.layout, jobs.pool[job]!, gpus, checkpointStallMs)
  return Math.min(ranMs, everyMs / 2) + launchMs + loadMs
}
