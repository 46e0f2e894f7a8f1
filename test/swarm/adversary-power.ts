/** Caps, pauses and prices that must not be, and some that may: the guard tells them apart. */
import type { RandomStream } from '../../src/base/random.ts'
import { leastCapW } from '../../src/core/caps.ts'
import type { State } from '../../src/core/state.ts'
import type { Decision, JobCapped, Step } from '../../src/model/index.ts'
import { PHASE } from '../../src/model/index.ts'
import { between, chance, pick } from './random-choice.ts'

/** What is wanted, and whether the guard must refuse it. */
export type Wild = { readonly decision: Decision, readonly isBad: boolean }

export function powerWish(random: RandomStream, view: State): Wild {
  const job = placedJob(random, view)
  if (job < 0 || chance(random, 0.15)) return wildPrices(random, view)
  switch (between(random, 0, 3)) {
    case 0: return { decision: { steps: [wrongCap(random, view, job)] }, isBad: true }
    case 1: return raises(random, view)
    case 2: return {
      decision: { steps: [{ type: 'power.due', atMs: view.totals.nowMs - between(random, 0, 1) }] },
      isBad: true,
    }
    default: return { decision: { steps: [possibleCap(random, view, job)] }, isBad: false }
  }
}

/** A cap that no device takes, one of a job that is not there, or a pause that was ruled out. */
function wrongCap(random: RandomStream, view: State, job: number): Step {
  const { jobs } = view.tables
  const pool = view.layout.pools[jobs.pool[job]!]!
  const leastW = leastCapW(view, job, pool)
  const { deviceRatedW } = pool.system
  const wrong = [
    leastW - 1, deviceRatedW + 1, leastW + 0.5, -1, NaN, Infinity,
    ...jobs.leastSpeed[job]! > 0 ? [0] : [],
  ].filter((capW) => capW !== 0 || jobs.leastSpeed[job]! > 0)
  const capW = pick(random, wrong)
  const fine: JobCapped = { type: 'job.capped', job, capW: leastW, safeW: leastW }
  const pending = jobs.phase.subarray(0, view.totals.jobRows).indexOf(PHASE.pending)
  switch (between(random, 0, 3)) {
    case 0: return { ...fine, safeW: capW }
    case 1: return { ...fine, job: pick(random, [-1, view.totals.jobRows, ...pending < 0 ? []
      : [pending]]) }
    case 2: return leastW < deviceRatedW ? { ...fine, safeW: deviceRatedW } : { ...fine, capW }
    default: return { ...fine, capW }
  }
}

/** Everybody up to the rating at once: fits or not, and then all of it is refused. */
function raises(random: RandomStream, view: State): Wild {
  const { jobs } = view.tables
  const steps: Step[] = []
  for (let job = 0; job < view.totals.jobRows; job++) {
    if (jobs.phase[job]! < PHASE.starting || jobs.gpus[job] === 0 || chance(random, 0.2)) continue
    const { deviceRatedW } = view.layout.pools[jobs.pool[job]!]!.system
    steps.push({ type: 'job.capped', job, capW: deviceRatedW, safeW: deviceRatedW })
  }
  return { decision: { steps }, isBad: false }
}

/** What devices take: down as likely as up, and now and then a pause. */
function possibleCap(random: RandomStream, view: State, job: number): Step {
  const { jobs } = view.tables
  const pool = view.layout.pools[jobs.pool[job]!]!
  const leastW = leastCapW(view, job, pool)
  const isPause = jobs.leastSpeed[job] === 0 && chance(random, 0.2)
  const capW = isPause ? 0 : between(random, leastW, pool.system.deviceRatedW)
  return { type: 'job.capped', job, capW, safeW: isPause ? 0 : leastW }
}

/** Prices of nothing, of a feeder twice, below nothing, or of less than was said. */
function wildPrices(random: RandomStream, view: State): Wild {
  const count = view.layout.plant.feeders.length
  const wrong: readonly { feeders: number[], prices: number[] }[] = [
    { feeders: [count], prices: [1] }, { feeders: [-1], prices: [1] },
    { feeders: [0.5], prices: [1] }, { feeders: [0, 0], prices: [1, 1] },
    { feeders: [0], prices: [-1] }, { feeders: [0], prices: [NaN] },
    { feeders: [0], prices: [] }, { feeders: [], prices: [1] },
    { feeders: [0], prices: [Infinity] },
  ]
  const { feeders, prices } = pick(random, wrong)
  const step = { type: 'power.priced', feeders, prices, drawPrices: prices.map(() => 0) } as const
  return { decision: { steps: [step] }, isBad: true }
}

/** A placed job with devices; -1 where there is none. */
function placedJob(random: RandomStream, view: State): number {
  const { jobs } = view.tables
  const placed = Array.from({ length: view.totals.jobRows }, (_, job) => job)
    .filter((job) => jobs.phase[job]! >= PHASE.starting && jobs.gpus[job]! > 0)
  return placed.length === 0 ? -1 : pick(random, placed)
}
