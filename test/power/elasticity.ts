import { allocate } from '../../src/core/allocate.ts'
import { columnsOf, type PowerJob, type PowerTree } from '../../src/core/allocate-input.ts'
import { randomStream, type RandomStream } from '../../src/base/random.ts'

/**
 * A curtailment of random mixes of jobs whose true curves the policy does not know.
 *
 * How a job is drawn: its class by how many runs of each were published; its elasticity (PFI)
 * evenly below or evenly above the median of its class, within the range published for it; its
 * shape a mix, evenly drawn, of the two published H100 tables, for no H200 table is public. Its
 * loss of throughput at a cap is that shape's, scaled so that its PFI is the drawn one, with the
 * LLaMA table standing for the median of dense training (facts: "multiply the loss by 1.27/PFI").
 * A job has 8, 16 or 32 GPUs, as the published runs; a GPU's work is worth the same in each.
 */

/** Caps of an H200, and throughput lost at each: arXiv 2603.16164, Tables 3 and 4. */
const CAPS_W = [200, 300, 400, 500, 600, 700]
const LLAMA_LOSS = [0.680, 0.406, 0.179, 0.085, 0.034, 0]
const VISION_LOSS = [0.620, 0.298, 0.154, 0.085, 0.027, 0]
/** "Characterizing Job Power Elasticity", Emerald AI 2026: median, least, most and runs. */
const CLASSES = [
  { median: 1.27, least: 1.10, most: 1.52, runs: 14 },
  { median: 1.43, least: 1.24, most: 1.57, runs: 7 },
  { median: 2.10, least: 1.79, most: 2.67, runs: 4 },
]
const DENSE_MEDIAN = 1.27
const RUNS = 25
const SIZES = [8, 16, 32]
const TOP_W = CAPS_W.at(-1)!
/** Caps at which a job was seen before it is learnt. */
const SEEN_W = [300, 400, 500]

type Job = {
  readonly gpus: number
  readonly pfi: number
  /** Median of its class: all that the policy knows before it saw the job. */
  readonly classPfi: number
  readonly loss: readonly number[]
}

/** Part of the gap from an equal cut to the oracle that each policy closes, over all mixes. */
export type Recovered = {
  /** Each job's cut by (Pmax/Tmax) PFI, the published heuristic: class medians, and true PFIs. */
  readonly heuristic: number
  readonly heuristicTrue: number
  /** Prices with class medians, and once each job was seen at three caps. */
  readonly price: number
  readonly priceSeen: number
  /** The gap, as a part of the value of the equal cut. */
  readonly gap: number
}

export function recovered(mixes: number, jobs: number, cutRatio: number): Recovered {
  const sum = { equal: 0, oracle: 0, heuristic: 0, heuristicTrue: 0, price: 0, priceSeen: 0 }
  for (let mix = 0; mix < mixes; mix++) {
    const random = randomStream(mix, 'elasticity')
    const list = Array.from({ length: jobs }, () => jobOf(random))
    const gpus = list.reduce((total, job) => total + job.gpus, 0)
    const budgetW = Math.floor(gpus * TOP_W * (1 - cutRatio))
    const worth = (caps: readonly number[]): number => (
      list.reduce((total, job, at) => total + job.gpus * (1 - lossAt(job.loss, caps[at]!)), 0))
    const known = list.map((job) => lossOf(job.classPfi, 0.5))
    sum.equal += worth(list.map(() => TOP_W * (1 - cutRatio)))
    sum.oracle += worth(priced(list, list.map((job) => job.loss), budgetW))
    sum.heuristic += worth(inProportion(list, list.map((job) => job.classPfi), budgetW))
    sum.heuristicTrue += worth(inProportion(list, list.map((job) => job.pfi), budgetW))
    sum.price += worth(priced(list, known, budgetW))
    sum.priceSeen += worth(priced(list, list.map((job, at) => learnt(job, known[at]!)), budgetW))
  }
  const gap = sum.oracle - sum.equal
  return {
    heuristic: (sum.heuristic - sum.equal) / gap,
    heuristicTrue: (sum.heuristicTrue - sum.equal) / gap,
    price: (sum.price - sum.equal) / gap,
    priceSeen: (sum.priceSeen - sum.equal) / gap,
    gap: gap / sum.equal,
  }
}

function jobOf(random: RandomStream): Job {
  let run = random.below(RUNS)
  let at = 0
  while (run >= CLASSES[at]!.runs) run -= CLASSES[at++]!.runs
  const { median, least, most } = CLASSES[at]!
  const end = random.below(2) === 0 ? least : most
  const pfi = median + (end - median) * random.uniform()
  return {
    gpus: SIZES[random.below(SIZES.length)]!, pfi, classPfi: median,
    loss: lossOf(pfi, random.uniform()),
  }
}

/** Throughput lost at each cap: a mix of the two shapes with a given PFI. */
function lossOf(pfi: number, vision: number): number[] {
  const shape = LLAMA_LOSS.map((loss, k) => loss + vision * (VISION_LOSS[k]! - loss))
  const scale = (DENSE_MEDIAN / pfi) * (rawPfi(shape) / rawPfi(LLAMA_LOSS))
  return shape.map((loss) => loss * scale)
}

/** Mean over the caps of the part of the power saved over the part of the throughput lost. */
function rawPfi(loss: readonly number[]): number {
  let sum = 0
  for (let k = 0; k + 1 < CAPS_W.length; k++) sum += (1 - CAPS_W[k]! / TOP_W) / loss[k]!
  return sum / (CAPS_W.length - 1)
}

/** The curve of a class, bent through what the job lost at the caps where it was seen. */
function learnt(job: Job, known: readonly number[]): number[] {
  const ratios = SEEN_W.map((watts) => lossAt(job.loss, watts) / lossAt(known, watts))
  return CAPS_W.map((watts, k) => {
    let at = 0
    while (at + 1 < SEEN_W.length && SEEN_W[at + 1]! <= watts) at++
    const next = Math.min(SEEN_W.length - 1, at + 1)
    const part = next === at ? 0
      : Math.min(1, Math.max(0, (watts - SEEN_W[at]!) / (SEEN_W[next]! - SEEN_W[at]!)))
    return known[k]! * (ratios[at]! + part * (ratios[next]! - ratios[at]!))
  })
}

/** Caps by prices for the losses that are believed. */
function priced(list: readonly Job[], losses: readonly (readonly number[])[], budgetW: number) {
  const tree: PowerTree = {
    parent: Int32Array.of(-1), ratioPer10k: Int32Array.of(10_000), baseW: Float64Array.of(0),
    limitW: Float64Array.of(budgetW), targetW: Float64Array.of(Infinity),
  }
  const jobs = list.map((job, at): PowerJob => ({
    feeders: [0], devices: [job.gpus], priority: 0,
    options: {
      grantW: CAPS_W, drawW: CAPS_W, canPause: false,
      value: losses[at]!.map((loss) => job.gpus * (1 - loss)),
    },
  }))
  return [...allocate(tree, columnsOf(jobs)).grantW]
}

/** Each GPU cut in proportion to the PFI of its job, within the caps that can be set. */
function inProportion(list: readonly Job[], pfis: readonly number[], budgetW: number): number[] {
  let low = 0
  let high = TOP_W
  const caps = (scale: number): number[] => (
    pfis.map((pfi) => Math.max(CAPS_W[0]!, TOP_W - scale * pfi)))
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2
    const watts = caps(middle).reduce((sum, cap, at) => sum + cap * list[at]!.gpus, 0)
    if (watts > budgetW) low = middle
    else high = middle
  }
  return caps(high)
}

function lossAt(loss: readonly number[], capW: number): number {
  let k = 0
  while (k + 2 < CAPS_W.length && CAPS_W[k + 1]! <= capW) k++
  const part = (capW - CAPS_W[k]!) / (CAPS_W[k + 1]! - CAPS_W[k]!)
  return loss[k]! + part * (loss[k + 1]! - loss[k]!)
}
