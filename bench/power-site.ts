import {
  columnsOf, type PowerJob, type PowerJobs, type PowerTree,
} from '../src/core/allocate-input.ts'
import { randomStream } from '../src/base/random.ts'

/** Feeders of each level: site, halls, busways, rows, distribution units, racks: 20,000. */
const LEVELS = [1, 16, 128, 1024, 3206, 15_625]
/** GPUs of a rack: 1,000,000 in all. */
const RACK_GPUS = 64
const JOBS = 5000

/**
 * Throughput and draw of an H100 at caps of 200 to 700 W (arXiv 2603.16164, Table 3;
 * arXiv 2604.11391), and of vision training beside it (the same, Table 4).
 */
const CAPS_W = [200, 300, 400, 500, 600, 700]
const DRAW_W = [199, 298, 395, 493, 591, 647]
const SPEEDS = [
  [0.320, 0.594, 0.821, 0.915, 0.966, 1],
  [0.380, 0.702, 0.846, 0.915, 0.973, 1],
]
/** Idle with and without a loaded program, per device (arXiv 2604.07345, 2605.23918). */
const IDLE_W = 72
const PAUSED_W = 122

export type PowerSite = {
  readonly tree: PowerTree
  readonly list: readonly PowerJob[]
  readonly jobs: PowerJobs
}

/**
 * A million GPUs under 20,000 feeders with 5,000 jobs side by side, all with full racks or parts
 * of one. The site, some halls and some rows have less than their jobs want; racks have enough.
 */
export function powerSite(seed = 1): PowerSite {
  const random = randomStream(seed, 'power-site')
  const parent: number[] = [-1]
  let first = 0
  for (let level = 1; level < LEVELS.length; level++) {
    const above = LEVELS[level - 1]!
    for (let at = 0; at < LEVELS[level]!; at++) {
      parent.push(first + Math.floor((at * above) / LEVELS[level]!))
    }
    first += above
  }
  const feeders = parent.length
  const gpus = new Float64Array(feeders)
  gpus.fill(RACK_GPUS, first)
  for (let at = feeders - 1; at > 0; at--) gpus[parent[at]!]! += gpus[at]!
  const limitW = Float64Array.from(gpus, (count, at) => {
    const fullW = count * (CAPS_W.at(-1)! - IDLE_W) * 1.3
    if (at === 0) return Math.floor(0.62 * fullW)
    if (at <= 16) return Math.floor((0.55 + 0.4 * random.uniform()) * fullW)
    if (at > 144 && at <= 1168 && random.below(10) === 0) {
      return Math.floor((0.4 + 0.4 * random.uniform()) * fullW)
    }
    return Math.ceil(2 * fullW)
  })
  const tree = {
    parent: Int32Array.from(parent), limitW,
    ratioPer10k: Int32Array.from(parent, (_, at) => (at > 0 && at <= 16 ? 12_500 : 10_050)),
    baseW: new Float64Array(feeders), targetW: new Float64Array(feeders).fill(Infinity),
  }
  const list = jobsOf(random, first)
  return { tree, list, jobs: columnsOf(list) }
}

function jobsOf(random: ReturnType<typeof randomStream>, firstRack: number): PowerJob[] {
  const racks = LEVELS.at(-1)!
  // Sizes with a long tail; what is over or missing at the end is the last job's.
  const sizes = Array.from({ length: JOBS }, () => Math.min(120, random.exponential(1) ** 2 + 0.1))
  const scale = racks / sizes.reduce((a, b) => a + b, 0)
  const list: PowerJob[] = []
  let at = 0
  let sum = 0
  for (let job = 0; job < JOBS; job++) {
    sum += sizes[job]! * scale
    const end = job === JOBS - 1 ? racks * RACK_GPUS : Math.max(at + 8, Math.floor(sum * 8) * 8)
    const feeders: number[] = []
    const devices: number[] = []
    while (at < Math.min(end, racks * RACK_GPUS)) {
      const rack = Math.floor(at / RACK_GPUS)
      const taken = Math.min(end, (rack + 1) * RACK_GPUS) - at
      feeders.push(firstRack + rack)
      devices.push(taken)
      at += taken
    }
    const total = devices.reduce((a, b) => a + b, 0)
    const speeds = SPEEDS[random.below(2)]!
    const loss = 0.6 + 0.5 * random.uniform()
    const weight = total * (0.5 + random.uniform())
    const canPause = random.below(2) === 0
    list.push({
      feeders, devices, priority: random.below(10),
      options: {
        grantW: [...(canPause ? [PAUSED_W] : []), ...CAPS_W].map((watts) => watts - IDLE_W),
        drawW: [...(canPause ? [PAUSED_W] : []), ...DRAW_W].map((watts) => watts - IDLE_W),
        value: [...(canPause ? [0] : []), ...speeds.map((s) => weight * (1 - loss * (1 - s)))],
        canPause,
      },
    })
  }
  return list
}
