import { log } from '../src/base/math.ts'
import { fromSeconds } from '../src/base/units.ts'
import type { Source } from '../src/run/loop.ts'
import { plainJob } from '../test/plain-job.ts'

export type JobsAsked = {
  readonly jobs: number
  /** Nodes that the offered load is reckoned for, and that load: 1 fills them all, always. */
  readonly nodes: number
  readonly loadRatio: number
  readonly gpusPerNode: number
  /** Mean time between two arrivals. */
  readonly everyS: number
  /** Jobs that are there at the start, before the others come; 0 for none. */
  readonly atOnce: number
}

/** Sizes and run times of W1: 6.8 nodes and 3,630 s on average. */
const NODES = [1, 1, 1, 1, 2, 2, 4, 8, 16, 32]
const MEAN_NODES = 6.8
const MEAN_RUN_S = 3630
const LEAST_RUN_S = 60
const RUN_RANGE_S = 7140

/** What users declare over what they need. */
const LIMIT_RATIO = 1.2

/**
 * The jobs of W1, made one by one as they come and never held: its mix of sizes and its generator,
 * with run times stretched so that arrivals every `everyS` offer the load.
 */
export class JobStream implements Source {
  /** Node-seconds that were asked so far, for the load that was really offered. */
  nodeSeconds = 0
  made = 0
  lastAtS = 0
  private readonly asked: JobsAsked
  private readonly stretch: number
  private seed = 42
  private nextAtMs = 0

  constructor(asked: JobsAsked) {
    this.asked = asked
    const runS = (asked.nodes * asked.loadRatio * asked.everyS) / MEAN_NODES
    this.stretch = runS / MEAN_RUN_S
    this.schedule()
  }

  peekAtMs(): number {
    return this.nextAtMs
  }

  next() {
    const { gpusPerNode } = this.asked
    const submitAtMs = this.nextAtMs
    const nodes = NODES[Math.floor(this.draw() * NODES.length)]!
    const runS = Math.round(
      (LEAST_RUN_S + Math.floor(this.draw() * RUN_RANGE_S)) * this.stretch)
    this.made++
    this.nodeSeconds += nodes * runS
    const workMs = fromSeconds(runS)
    const limitMs = Math.round(workMs * LIMIT_RATIO)
    this.schedule()
    // Without a name it is called by its number.
    return { job: plainJob('', submitAtMs, nodes * gpusPerNode, workMs, limitMs), name: '' }
  }

  /** Load that all jobs so far came to. */
  offeredRatio(): number {
    return this.nodeSeconds / (this.asked.nodes * this.lastAtS)
  }

  private schedule(): void {
    const { jobs, atOnce, everyS } = this.asked
    if (this.made === jobs) {
      this.nextAtMs = Infinity
    } else if (this.made >= atOnce) {
      this.lastAtS += -log(1 - this.draw()) * everyS
      this.nextAtMs = fromSeconds(Math.floor(this.lastAtS))
    }
  }

  /** The generator of the comparison, exact in 31 bits. From 0 to just below 1. */
  private draw(): number {
    this.seed = (Math.imul(this.seed, 1103515245) + 12345) & 0x7fffffff
    return this.seed / 0x80000000
  }
}
