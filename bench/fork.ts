import { forkState, hashState } from '../src/core/state.ts'
import { fromHours } from '../src/base/units.ts'
import { cpuMs, median, quantile, type Figure } from './figure.ts'
import { runLive } from './live.ts'
import { EVERY_S, NODES } from './year.ts'

/** Forty days: the factory is as full as it gets. */
const UNTIL_MS = fromHours(960)
const REPEATS = 60

export const fork: Figure = {
  name: 'fork-1m',
  summary: 'a copy of the state of 1,000,000 GPUs in mid-run, into a buffer of an earlier copy',
  run: () => {
    const { state } = runLive({
      nodes: NODES, jobs: 1_000_000, loadNodes: NODES, loadRatio: 0.92, everyS: EVERY_S, atOnce: 0,
      backfill: 'none', isFailing: true, untilMs: UNTIL_MS,
    })
    const freshMs: number[] = []
    let copy = forkState(state)
    for (let repeat = 0; repeat < REPEATS / 4; repeat++) {
      const beforeMs = performance.now()
      copy = forkState(state)
      freshMs.push(performance.now() - beforeMs)
    }
    const againMs: number[] = []
    const beforeCpuMs = cpuMs()
    for (let repeat = 0; repeat < REPEATS; repeat++) {
      const beforeMs = performance.now()
      copy = forkState(state, copy)
      againMs.push(performance.now() - beforeMs)
    }
    const meanCpuMs = (cpuMs() - beforeCpuMs) / REPEATS
    if (hashState(copy) !== hashState(state)) throw new Error('a fork differs from its parent')
    return [{
      name: 'fork-1m', value: median(againMs), unit: 'ms', goal: { most: 10 }, isCpu: true,
      detail: {
        repeats: REPEATS, p90Ms: quantile(againMs, 0.9), meanCpuMs,
        freshBufferMs: median(freshMs),
        megabytes: state.arena.buffer.byteLength / 1e6,
        running: state.totals.running,
        pending: state.totals.pending,
      },
    }]
  },
}
