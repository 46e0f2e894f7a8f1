/** Counts for itself what a run does, to check the run's own accounts against. */
import { gpusOn, leastNodesOf, nodesIn } from '../../src/core/demand.ts'
import type { State } from '../../src/core/state.ts'
import type { Twin } from '../../src/engines/twin/twin.ts'
import { PHASE, type Event, type JobStarted } from '../../src/model/index.ts'
import type { Downtime } from '../../src/run/loop.ts'
import { Recorder } from '../../src/run/record.ts'

/** What a run loses to whole milliseconds, at most, for each of a job's starts. */
const ROUNDING_MS = 2

export class Watch extends Recorder {
  private readonly watched: State
  private readonly engine: Twin
  private readonly running = new Map<number, { gpus: number, atMs: number }>()
  private readonly accepted = new Set<number>()
  private readonly over = new Set<number>()
  private heldGpuMs = 0
  private slackGpuMs = 0
  private unheardGpuMs = 0
  private readonly downtimes: readonly Downtime[]

  constructor(state: State, twin: Twin, downtimes: readonly Downtime[]) {
    super(state, twin)
    this.watched = state
    this.engine = twin
    this.downtimes = downtimes
  }

  override before(event: Event): void {
    super.before(event)
    const { jobs } = this.watched.tables
    const { nowMs } = this.watched.totals
    switch (event.type) {
      case 'job.submitted':
        this.accepted.add(event.number)
        return
      case 'job.started':
        this.start(event, nowMs)
        return
      case 'job.ended':
        this.over.add(jobs.number[event.job]!)
        return this.leave(event.job)
      case 'job.interrupted':
      case 'job.preempted': return this.leave(event.job)
      default: return
    }
  }

  private start({ job, spans }: JobStarted, nowMs: number): void {
    const isElastic = leastNodesOf(this.watched, job) > 0
    const gpus = isElastic ? gpusOn(this.watched, job, nodesIn(spans))
      : this.watched.tables.jobs.gpus[job]!
    this.running.set(job, { gpus, atMs: nowMs })
    this.slackGpuMs += ROUNDING_MS * gpus
  }

  private leave(job: number): void {
    const run = this.running.get(job)
    if (run === undefined) return
    const { nowMs } = this.watched.totals
    this.heldGpuMs += run.gpus * (nowMs - run.atMs)
    // What ended while nobody listened was held, and not used, until it was known.
    for (const { startAtMs, endAtMs } of this.downtimes) {
      const heardMs = Math.min(nowMs, endAtMs) - Math.max(run.atMs, startAtMs)
      if (heardMs > 0) this.unheardGpuMs += run.gpus * heardMs
    }
    this.running.delete(job)
  }

  /** I13, and that useful time and losses add up to what was held. */
  problems(): string[] {
    const { tables, totals } = this.watched
    const there = new Set<number>()
    for (let job = 0; job < totals.jobRows; job++) {
      if (tables.jobs.phase[job] !== PHASE.free) there.add(tables.jobs.number[job]!)
    }
    const problems: string[] = []
    for (const number of this.accepted) {
      if (this.over.has(number) === there.has(number)) problems.push(`I13 job ${number} is lost`)
    }
    if (there.size + this.over.size !== this.accepted.size) problems.push('I13 jobs came unasked')
    for (const job of this.running.keys()) this.leave(job)
    const { useful, checkpoint, rework, detection, restart, slow, capped, suspended }
      = this.engine.accounts
    const parts = { useful, checkpoint, rework, detection, restart, slow, capped, suspended }
    const sum = Object.values(parts).reduce((total, part) => total + part, 0)
    const slack = this.slackGpuMs + 1e-9 * sum
    if (sum > this.heldGpuMs + slack || sum < this.heldGpuMs - slack - this.unheardGpuMs) {
      problems.push(`the accounts hold ${sum} GPU ms of ${this.heldGpuMs}: `
        + JSON.stringify(parts))
    }
    const negative = Object.entries(parts).filter(([, part]) => part < -this.slackGpuMs - 1e-6)
    if (negative.length > 0) problems.push(`negative accounts: ${negative.join('; ')}`)
    return problems
  }
}
