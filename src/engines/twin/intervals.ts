import { fromHours } from '../../base/units.ts'
import type { Layout } from '../../core/layout.ts'
import { bestCheckpointInterval } from '../../training/checkpoint.ts'
import { gangRatePerHour } from './faults.ts'

/** Checkpoint intervals for gangs that declare none, each worked out once. */
export class Intervals {
  private readonly byGang = new Map<number, number>()
  private readonly layout: Layout

  constructor(layout: Layout) {
    this.layout = layout
  }

  /** Best work between checkpoints with that stall, for a gang of `gpus` in a pool. */
  best(pool: number, gpus: number, stallMs: number): number {
    if (stallMs !== this.layout.plant.failures.checkpointStallMs) {
      return this.compute(pool, gpus, stallMs)
    }
    const key = gpus * this.layout.pools.length + pool
    let everyMs = this.byGang.get(key)
    if (everyMs === undefined) {
      everyMs = this.compute(pool, gpus, stallMs)
      this.byGang.set(key, everyMs)
    }
    return everyMs
  }

  private compute(pool: number, gpus: number, stallMs: number): number {
    const { system, levels } = this.layout.pools[pool]!
    const nodes = system.gpus === 0 ? 1 : Math.ceil(gpus / system.gpus)
    const rate = gangRatePerHour(this.layout, gpus, nodes, levels[0]!.mostNodes)
    const meanMs = rate > 0 ? fromHours(1 / rate) : Infinity
    // A checkpoint must be written before the next begins.
    const { checkpointSaveMs } = this.layout.plant.failures
    return Math.max(1, bestCheckpointInterval(stallMs, meanMs), checkpointSaveMs)
  }
}
