import { randomStream, type RandomStream } from '../../base/random.ts'
import type { WaveJob } from '../../model/waveform.ts'

/**
 * What a job asks for, step by step: its training steps with their edges, checkpoints, its start
 * and its end. Every job draws its jitter from a stream of its own name.
 */
export class JobDemand {
  private readonly job: WaveJob
  private readonly random: RandomStream
  /** Where the present training step began, and how long it is. */
  private stepAtMs: number
  private periodMs: number

  constructor(job: WaveJob, seed: number) {
    this.job = job
    this.random = randomStream(seed, `waveform/${job.name}`)
    this.stepAtMs = -job.phaseMs
    this.periodMs = job.periodMs
  }

  /** Watts at a time; times never go back. */
  at(atMs: number): number {
    const { idleW } = this.job
    return idleW + (this.runningAt(atMs) - idleW) * presentAt(this.job, atMs)
  }

  /** Watts of the whole job while it runs. */
  private runningAt(atMs: number): number {
    const { edgeMs, checkpoint, start } = this.job
    const { everyMs, lastsMs, powerW } = checkpoint
    const ranMs = atMs - Math.max(0, start.atMs)
    const trainingW = this.trainingAt(atMs)
    if (ranMs < everyMs) return trainingW
    const intoMs = ranMs % everyMs
    if (intoMs >= lastsMs) return trainingW
    const share = Math.min(risen(intoMs, edgeMs), risen(lastsMs - intoMs, edgeMs))
    return trainingW + (powerW - trainingW) * share
  }

  /** The rise of a step lies at the beginning of its compute part, the fall at its end. */
  private trainingAt(atMs: number): number {
    const { computeW, communicationW, dutyRatio, edgeMs } = this.job
    if (dutyRatio >= 1) return computeW
    while (atMs - this.stepAtMs >= this.periodMs) this.nextStep()
    const intoMs = atMs - this.stepAtMs
    const computeMs = this.periodMs * dutyRatio
    const share = intoMs < computeMs ? risen(intoMs, edgeMs) : 1 - risen(intoMs - computeMs, edgeMs)
    return communicationW + (computeW - communicationW) * share
  }

  private nextStep(): void {
    const { periodMs, jitterRatio } = this.job
    this.stepAtMs += this.periodMs
    if (jitterRatio > 0) {
      this.periodMs = periodMs * (1 + jitterRatio * (2 * this.random.uniform() - 1))
    }
  }
}

/** The share of a job's devices that work: 0 before its start, 1 while all do, 0 at its end. */
export function presentAt({ start, end }: WaveJob, atMs: number): number {
  return Math.min(
    risen(atMs - start.atMs, start.withinMs), 1 - risen(atMs - end.atMs, end.withinMs))
}

/** 0 before a moment, 1 a while later, a straight line between. */
function risen(sinceMs: number, withinMs: number): number {
  if (sinceMs < 0) return 0
  return withinMs <= 0 || sinceMs >= withinMs ? 1 : sinceMs / withinMs
}
