import { allocate } from '../src/core/allocate.ts'
import { LiveAllotment } from '../src/core/allocate-live.ts'
import { randomStream } from '../src/base/random.ts'
import { median, quantile, threadMs, type Figure, type Row } from './figure.ts'
import { powerSite } from './power-site.ts'

const REPEATS = 41
/** The first ones are compiled while they run. */
const WARM = 8
const CHANGES = 4000

/** All caps of a million GPUs anew: 5,000 jobs below 20,000 feeders. */
export const allocateAll: Figure = {
  name: 'allocate-1m',
  summary: 'caps for 5,000 jobs on 1,000,000 GPUs below 20,000 feeders, from nothing',
  run: runAll,
}

/** One job of them changes, or goes and comes. */
export const allocateOne: Figure = {
  name: 'allocate-one-job',
  summary: 'one of 5,000 jobs changes or comes back, 1,000,000 GPUs, prices as they are',
  run: runOne,
}

function runAll(): Row[] {
  const { tree, jobs } = powerSite()
  const times: number[] = []
  let gapRatio = 0
  let cpuFromMs = 0
  let priced = 0
  for (let repeat = 0; repeat < REPEATS + WARM; repeat++) {
    if (repeat === WARM) cpuFromMs = threadMs()
    const beforeMs = performance.now()
    const allotment = allocate(tree, jobs)
    if (repeat >= WARM) times.push(performance.now() - beforeMs)
    gapRatio = 1 - allotment.value / allotment.boundValue
    priced = allotment.grantPrice.filter((price) => price > 0).length
  }
  return [{
    name: 'allocate-1m', value: median(times), unit: 'ms', goal: { most: 50 }, isCpu: true,
    detail: {
      repeats: REPEATS, cpuMs: (threadMs() - cpuFromMs) / REPEATS,
      leastMs: quantile(times, 0), p90Ms: quantile(times, 0.9),
      feeders: tree.parent.length, jobs: jobs.canPause.length, priced, gapRatio,
    },
  }]
}

function runOne(): Row[] {
  const { tree, list } = powerSite()
  const live = new LiveAllotment(tree)
  const rows = list.map((job) => live.put(job))
  live.settle()
  const random = randomStream(1, 'one-job')
  const times: number[] = []
  for (let change = 0; change < CHANGES; change++) {
    const at = random.below(rows.length)
    const job = list[at]!
    const scale = 0.9 + 0.2 * random.uniform()
    const value = job.options.value.map((worth) => worth * scale)
    const other = { ...job, options: { ...job.options, value } }
    const beforeMs = performance.now()
    if (change % 2 === 0) {
      live.change(rows[at]!, other)
      times.push(performance.now() - beforeMs)
    } else {
      live.remove(rows[at]!)
      rows[at] = live.add(job)
      times.push((performance.now() - beforeMs) / 2)
    }
  }
  return [{
    name: 'allocate-one-job', value: median(times), unit: 'ms', goal: { most: 0.1 }, isCpu: true,
    detail: {
      changes: CHANGES, p90Ms: quantile(times, 0.9), p99Ms: quantile(times, 0.99),
      solvedAnew: live.solutions - 1, gapRatio: 1 - live.value / live.boundValue,
    },
  }]
}
