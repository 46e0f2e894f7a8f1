import { LiveTwin, behaviourOf } from '../../engines/twin/live.ts'
import { PHASE } from '../../model/index.ts'
import type { ScaledTrace } from '../../traces/scale.ts'
import { Supplies } from '../supplies.ts'
import { EndlessArrivals } from './endless.ts'
import type { EngineKind } from './plugged.ts'

/**
 * The twin as the engine of a live factory, with jobs of traces that come again and again, if any.
 * After a restart each job goes on as its trace or its spec says, and supplies go on from where
 * they were last told to be.
 */
export function twinKind(
  traces: readonly ScaledTrace[], seed: number, hasFaults: boolean): EngineKind {
  return {
    name: 'twin',
    make: async ({ state, store }) => {
      const { jobs } = state.tables
      const isFresh = store.opened.lastSeq === 0
      // Faults of before a restart do not come again.
      const twin = new LiveTwin(state, seed + store.opened.epoch, hasFaults)
      const arrivals = traces.length === 0 ? undefined
        : new EndlessArrivals(traces, seed, isFresh ? -1 : state.totals.nowMs)
      for (let row = 0; row < state.totals.jobRows; row++) {
        if (jobs.phase[row] === PHASE.free) continue
        const known = arrivals?.jobNamed(state.names[row] ?? '')
        twin.goOn(row, known
          ?? behaviourOf(state, row, await store.specOf(jobs.number[row]!)))
      }
      const engine = { ...twin.asEngine(), close: async () => {} }
      // From where the state has them; without supplies it costs nothing.
      const supplies = new Supplies(state, twin)
      if (arrivals === undefined) return { engine, supplies }
      return {
        engine,
        supplies,
        source: {
          peekAtMs: () => arrivals.peekAtMs(),
          next: () => arrivals.next(),
          accepted: (row, job) => twin.accept(row, job),
        },
      }
    },
  }
}
