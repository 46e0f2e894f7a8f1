import { Series } from '../base/series.ts'
import { Sample } from '../base/stats.ts'
import { energyOf, toHours } from '../base/units.ts'
import { ownBlocker } from '../core/blocker.ts'
import { DOWN, type State } from '../core/state.ts'
import { firstItem } from '../core/tree.ts'
import type { Twin } from '../engines/twin/twin.ts'
import { PHASE, type Blocker, type Event, type Refusal, type TraceJob } from '../model/index.ts'
import type {
  GpuHours, JobCounts, Limiter, QueueUsage, RunSeries, SizeWait, Spread,
} from './summary.ts'
import { strandedGpus } from './stranded.ts'
import { Usage } from './usage.ts'

/** One line of jobs.csv, in the order of its columns. */
export type JobRow = {
  readonly job: string
  readonly queue: string
  readonly gpus: number
  readonly submitMs: number
  readonly startMs: number
  readonly endMs: number
  /** GPU·ms that it held, over all its starts: an elastic job may hold fewer than it asked for. */
  readonly gpuMs: number
  readonly outcome: string
  readonly restarts: number
  /** What it drew above idle nodes, at the site, over all its starts. */
  readonly energyJ: number
}

/** Says what may be drawn at all sites now. */
type Targets = { readonly hasTargets: boolean, readonly targetW: () => number }

/** First interval of the series; it doubles as a run grows long. */
const SERIES_MS = 60_000

/** How often the blocker of the first waiting job is asked for. */
const BLOCKER_MS = 300_000

/** Upper ends of the size classes, in GPUs. */
const SIZES = [0, 1, 7, 8, 63, 511, 4095, Infinity]

/**
 * Watches a run and keeps what its summary needs: counts, waits, series. It sees each event just
 * before it is applied, when the job that it ends is still there, and the state after each turn.
 */
export class Recorder {
  readonly jobs = {
    submitted: 0, started: 0, completed: 0, failed: 0, cancelled: 0, refused: 0, restarts: 0,
    preemptions: 0,
  }
  firstRefusal = ''
  lastEndAtMs = 0
  private readonly usage: Usage
  private readonly waits = new Sample()
  private readonly turnarounds = new Sample()
  private readonly sizes = SIZES.map(() => ({ jobs: 0, wait: new Sample(), gpuMs: 0 }))
  private readonly series = {
    gpusUp: new Series(SERIES_MS),
    gpusBusy: new Series(SERIES_MS),
    gpusWaiting: new Series(SERIES_MS),
    jobsWaiting: new Series(SERIES_MS),
    grantW: new Series(SERIES_MS),
    drawW: new Series(SERIES_MS),
    limitW: new Series(SERIES_MS),
    targetW: new Series(SERIES_MS),
  }
  private readonly blockers = new Map<string, { reason: string, at: string, ms: number }>()
  private blocker: Blocker | undefined
  private blockerAtMs = 0
  /** GPUs that stand idle since then because they are apart, and GPU·ms of that before. */
  private strandedGpus = 0
  private strandedMs = 0
  private wasWaiting = false
  private firstStartMs = new Float64Array(1024)
  private gpuMs = new Float64Array(1024)
  private gpusUp: number
  private readonly state: State
  private readonly twin: Twin
  private readonly onJob: ((row: JobRow) => void) | undefined

  private readonly targets: Targets | undefined

  constructor(state: State, twin: Twin, onJob?: (row: JobRow) => void, targets?: Targets) {
    this.state = state
    this.targets = targets
    this.twin = twin
    this.onJob = onJob
    this.gpusUp = state.layout.plant.gpus
    this.usage = new Usage(state.layout)
    this.turn()
  }

  /** An event that is about to be applied. */
  before(event: Event): void {
    const { jobs, nodes } = this.state.tables
    switch (event.type) {
      case 'job.submitted':
        this.jobs.submitted++
        this.sizes[sizeOf(event.gpus)]!.jobs++
        return
      case 'job.started': return this.started(event.job)
      case 'job.interrupted':
      case 'job.preempted':
      case 'job.requeued':
        if (event.type === 'job.preempted') this.jobs.preemptions++
        else this.jobs.restarts++
        return this.left(event.job)
      case 'job.ended': {
        this.jobs[event.outcome]++
        if (jobs.phase[event.job]! >= PHASE.starting) this.left(event.job)
        return this.ended(event.job, event.outcome)
      }
      case 'nodes.down':
      case 'nodes.up': {
        const isDown = event.type === 'nodes.down'
        const { firstDevice } = this.state.layout
        for (let node = event.first; node < event.end; node++) {
          if (((nodes.flags[node]! & DOWN) !== 0) === isDown) continue
          this.gpusUp += (isDown ? -1 : 1) * (firstDevice[node + 1]! - firstDevice[node]!)
        }
        return
      }
      default: return
    }
  }

  /** A job that was never accepted: it gets a row of jobs.csv, and the first one is told. */
  refused(job: TraceJob, name: string, { message }: Refusal): void {
    this.jobs.submitted++
    this.jobs.refused++
    if (this.firstRefusal === '') this.firstRefusal = `job ${name}: ${message}`
    this.onJob?.({
      job: name, queue: job.queue || this.state.layout.plant.queues[0]!.name, gpus: job.gpus,
      submitMs: this.state.totals.nowMs, startMs: -1, endMs: -1, gpuMs: 0,
      outcome: 'refused', restarts: 0, energyJ: 0,
    })
  }

  /** The end of a turn: what holds from now on. */
  turn(): void {
    const { totals, layout, tables } = this.state
    const { nowMs } = totals
    let grantW = 0
    let limitW = 0
    for (const { feeder } of layout.plant.sites) {
      grantW += tables.feeders.grantW[feeder]!
      limitW += tables.feeders.limitW[feeder]!
    }
    this.series.gpusUp.set(nowMs, this.gpusUp)
    this.series.gpusBusy.set(nowMs, totals.busyGpus)
    this.series.gpusWaiting.set(nowMs, totals.waitingGpus)
    this.series.jobsWaiting.set(nowMs, totals.pending)
    this.series.grantW.set(nowMs, grantW)
    this.series.drawW.set(nowMs, this.twin.meter.totalW())
    this.series.limitW.set(nowMs, limitW)
    if (this.targets?.hasTargets === true) this.series.targetW.set(nowMs, this.targets.targetW())
    const isWaiting = totals.pending > 0
    if (isWaiting !== this.wasWaiting || nowMs - this.blockerAtMs >= BLOCKER_MS) {
      this.sampleBlocker()
      this.wasWaiting = isWaiting
    }
  }

  /** Closes the books at the end of the run; jobs that are still there get a row of jobs.csv. */
  finish(): void {
    const { totals, tables } = this.state
    this.sampleBlocker()
    for (let job = 0; job < totals.jobRows; job++) {
      const phase = tables.jobs.phase[job]!
      if (phase === PHASE.free) continue
      if (phase >= PHASE.starting) this.left(job)
      this.row(job, phase === PHASE.pending ? 'waiting' : 'running', -1)
    }
    const all = Object.values(this.series)
    for (const each of all) each.advance(totals.nowMs)
    const widest = Math.max(...all.map((each) => each.intervalMs))
    for (const each of all) each.widen(widest)
  }

  counts(): JobCounts {
    const { restarts, preemptions, ...counts } = this.jobs
    void restarts
    void preemptions
    return { ...counts, running: this.state.totals.running, waiting: this.state.totals.pending }
  }

  gpuHours(): GpuHours {
    const { accounts } = this.twin
    const { totals, layout } = this.state
    const capacity = toHours(layout.plant.gpus * totals.nowMs)
    return {
      capacity,
      down: capacity - toHours(this.series.gpusUp.total()),
      allocated: toHours(this.series.gpusBusy.total()),
      stranded: toHours(this.strandedMs),
      useful: toHours(accounts.useful),
      lostCheckpoint: toHours(accounts.checkpoint),
      lostRework: toHours(accounts.rework),
      lostDetection: toHours(accounts.detection),
      lostRestart: toHours(accounts.restart),
      lostSlow: toHours(accounts.slow),
      lostCapped: toHours(accounts.capped),
      lostPaused: toHours(accounts.suspended),
    }
  }

  /** What each queue used, once the twin is finished. */
  usageOfQueues(): QueueUsage[] {
    return this.usage.rows(this.twin.accounts)
  }

  spreads(): { waitMs: Spread, jctMs: Spread } {
    return { waitMs: spreadOf(this.waits), jctMs: spreadOf(this.turnarounds) }
  }

  waitsBySize(): SizeWait[] {
    return this.sizes.flatMap((size, at) => size.jobs === 0 ? [] : [{
      gpus: sizeName(at),
      jobs: size.jobs,
      started: size.wait.size,
      waitMs: spreadOf(size.wait),
      gpuHours: toHours(size.gpuMs),
    }])
  }

  limitedBy(): Limiter[] {
    const all = [...this.blockers.values()]
    const total = all.reduce((sum, each) => sum + each.ms, 0)
    const byReason = new Map<string, { at: string, most: number, ms: number }>()
    for (const { reason, at, ms } of all) {
      const sum = byReason.get(reason) ?? { at, most: 0, ms: 0 }
      if (ms > sum.most) Object.assign(sum, { at, most: ms })
      sum.ms += ms
      byReason.set(reason, sum)
    }
    const list = [...byReason].map(([reason, { at, ms }]) => ({ reason, at, ratio: ms / total }))
    return list.sort((a, b) => b.ratio - a.ratio || (a.reason < b.reason ? -1 : 1))
  }

  runSeries(): RunSeries {
    const { gpusUp, gpusBusy, gpusWaiting, jobsWaiting, grantW, drawW } = this.series
    const { limitW, targetW } = this.series
    const { intervalMs } = gpusUp
    const atMs = Array.from({ length: gpusUp.count() }, (_, at) => at * intervalMs)
    return {
      intervalMs, atMs,
      gpusUp: gpusUp.means(), gpusBusy: gpusBusy.means(), gpusWaiting: gpusWaiting.means(),
      jobsWaiting: jobsWaiting.means(), grantW: grantW.means(), drawW: drawW.means(),
      limitW: limitW.means(),
      ...(this.targets?.hasTargets === true ? { targetW: targetW.means() } : {}),
      peakDrawW: drawW.maxima(),
    }
  }

  /** Highest draw and grant of the run. */
  peaks(): { drawW: number, grantW: number } {
    const most = (values: number[]) => values.reduce((a, b) => Math.max(a, b), 0)
    return { drawW: most(this.series.drawW.maxima()), grantW: most(this.series.grantW.maxima()) }
  }

  private started(job: number): void {
    const { jobs } = this.state.tables
    if (jobs.starts[job]! > 0) return
    const { nowMs } = this.state.totals
    this.jobs.started++
    const waitMs = nowMs - jobs.submitAtMs[job]!
    this.waits.add(waitMs)
    this.usage.started(jobs.queue[job]!, waitMs)
    this.sizes[sizeOf(jobs.gpus[job]!)]!.wait.add(waitMs)
    this.firstStartMs = withRoom(this.firstStartMs, job)
    this.gpuMs = withRoom(this.gpuMs, job)
    this.firstStartMs[job] = nowMs
    this.gpuMs[job] = 0
  }

  private left(job: number): void {
    const { jobs } = this.state.tables
    const ms = this.state.totals.nowMs - jobs.startAtMs[job]!
    const gpuMs = jobs.heldGpus[job]! * ms
    this.sizes[sizeOf(jobs.gpus[job]!)]!.gpuMs += gpuMs
    this.gpuMs[job] = this.gpuMs[job]! + gpuMs
    this.usage.left(jobs.queue[job]!, gpuMs, jobs.heldCores[job]! * ms)
  }

  private ended(job: number, outcome: string): void {
    const { nowMs } = this.state.totals
    this.lastEndAtMs = nowMs
    if (outcome === 'completed') {
      this.usage.completed(this.state.tables.jobs.queue[job]!)
      this.turnarounds.add(nowMs - this.state.tables.jobs.submitAtMs[job]!)
    }
    this.row(job, outcome, nowMs)
  }

  private row(job: number, outcome: string, endMs: number): void {
    if (this.onJob === undefined) return
    const { jobs } = this.state.tables
    const starts = jobs.starts[job]!
    this.onJob({
      job: this.state.names[job] || `${jobs.number[job]}`,
      queue: this.state.layout.plant.queues[jobs.queue[job]!]!.name,
      gpus: jobs.gpus[job]!,
      submitMs: jobs.submitAtMs[job]!,
      startMs: starts > 0 ? this.firstStartMs[job]! : -1,
      endMs,
      gpuMs: starts > 0 ? this.gpuMs[job]! : 0,
      outcome,
      restarts: Math.max(0, starts - 1),
      energyJ: energyOf(this.twin.energyWms(job), 1),
    })
  }

  /** Notes how long the blocker held that was found before, and looks for the one from now on. */
  private sampleBlocker(): void {
    const { blocker } = this
    const { nowMs } = this.state.totals
    const ms = nowMs - this.blockerAtMs
    this.strandedMs += this.strandedGpus * ms
    if (blocker !== undefined && ms > 0) {
      const { reason, at } = blocker
      const key = `${reason} ${at}`
      const known = this.blockers.get(key)
      if (known === undefined) this.blockers.set(key, { reason, at, ms })
      else known.ms += ms
    }
    const head = firstWaiting(this.state)
    this.blocker = head < 0 ? undefined : ownBlocker(this.state, head)
    this.strandedGpus = this.blocker === undefined ? 0
      : strandedGpus(this.state, head, this.blocker)
    this.blockerAtMs = nowMs
  }
}

/** Sum of the limits of the root feeders. */
export function limitOf(state: State): number {
  const { sites, feeders } = state.layout.plant
  return sites.reduce((sum, site) => sum + feeders[site.feeder]!.limitW, 0)
}

/** The pending job that goes first, or -1. */
function firstWaiting(state: State): number {
  const { tables, totals, layout } = state
  const { rank, number } = tables.jobs
  let best = -1
  for (let lane = 0; lane < totals.lanes; lane++) {
    const item = firstItem(state, tables.lanes.root[lane]!)
    const job = item - layout.plant.nodes
    if (item < 0) continue
    if (best < 0 || rank[job]! < rank[best]!
      || (rank[job] === rank[best] && number[job]! < number[best]!)) best = job
  }
  return best
}

function withRoom(column: Float64Array<ArrayBuffer>, row: number): Float64Array<ArrayBuffer> {
  if (row < column.length) return column
  const grown = new Float64Array(Math.max(row + 1, column.length * 2))
  grown.set(column)
  return grown
}

function sizeOf(gpus: number): number {
  let at = 0
  while (gpus > SIZES[at]!) at++
  return at
}

function sizeName(at: number): string {
  const most = SIZES[at]!
  const least = at === 0 ? 0 : SIZES[at - 1]! + 1
  if (least === most) return `${most}`
  return most === Infinity ? `${least}+` : `${least}-${most}`
}

function spreadOf(sample: Sample): Spread {
  const mean = sample.mean()
  const quantile = (ratio: number) => sample.quantile(ratio)
  return { mean, p50: quantile(0.5), p90: quantile(0.9), p99: quantile(0.99) }
}
