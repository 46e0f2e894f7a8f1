import type { Layout } from '../../core/layout.ts'
import { checkpointEveryMs } from '../../core/loss.ts'

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
      return checkpointEveryMs(this.layout, pool, gpus, stallMs)
    }
    const key = gpus * this.layout.pools.length + pool
    let everyMs = this.byGang.get(key)
    if (everyMs === undefined) {
      everyMs = checkpointEveryMs(this.layout, pool, gpus, stallMs)
      this.byGang.set(key, everyMs)
    }
    return everyMs
  }
}
