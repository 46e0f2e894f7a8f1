import { cpuMs, median, type Figure } from './figure.ts'
import { runLive } from './live.ts'

const NODES = 62_500
const JOBS = 60_000
/** The first of the jobs fill the factory and warm the code, and are not counted. */
const WARM_JOBS = 20_000
const REPEATS = 5

export const nodesTwice: Figure = {
  name: 'nodes-x2',
  summary: 'cost of the same jobs on 125,000 nodes over that on 62,500',
  run: () => {
    const [small, large] = interleaved(
      () => costOf(NODES, NODES, JOBS), () => costOf(2 * NODES, NODES, JOBS))
    return [{
      name: 'nodes-x2', value: median(large) / median(small), unit: 'ratio', goal: { most: 1.1 },
      isCpu: false,
      detail: {
        repeats: REPEATS, jobs: JOBS - WARM_JOBS,
        smallCpuMs: median(small), largeCpuMs: median(large),
      },
    }]
  },
}

export const jobsTwice: Figure = {
  name: 'jobs-x2',
  summary: 'cost of twice as many jobs at one load',
  run: () => {
    const [few, many] = interleaved(
      () => costOf(NODES, NODES, JOBS), () => costOf(NODES, NODES, 2 * JOBS - WARM_JOBS))
    return [{
      name: 'jobs-x2', value: median(many) / median(few), unit: 'ratio', goal: { most: 2.2 },
      isCpu: false,
      detail: {
        repeats: REPEATS, jobs: JOBS - WARM_JOBS,
        fewCpuMs: median(few), manyCpuMs: median(many),
      },
    }]
  },
}

/** Both in turn, so that a noisy minute falls on both alike; the first pair only warms. */
function interleaved(a: () => number, b: () => number): [number[], number[]] {
  a()
  b()
  const times: [number[], number[]] = [[], []]
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    times[0].push(a())
    times[1].push(b())
  }
  return times
}

/** CPU ms between two arrivals: neither the factory's building nor its last check is in it. */
function costOf(nodes: number, loadNodes: number, jobs: number): number {
  let beforeMs = 0
  let afterMs = 0
  runLive({
    nodes, jobs, loadNodes, loadRatio: 0.6, everyS: 63.2, atOnce: 0, backfill: 'none',
    isFailing: false, untilMs: Infinity,
    onArrival: (made) => {
      if (made === WARM_JOBS) beforeMs = cpuMs()
      if (made === jobs - 1) afterMs = cpuMs()
    },
  })
  return afterMs - beforeMs
}
