import { unreachable } from '../../base/assert.ts'
import { jobOfDevice } from '../../core/holder.ts'
import { jobsOn } from '../../core/observe.ts'
import { speedOn } from '../../core/speeds.ts'
import type { State } from '../../core/state.ts'
import type { Command, Report } from '../../model/index.ts'
import { OUTCOMES } from '../../model/index.ts'
import { WORKLOADS, workloadOf } from '../../workload/index.ts'
import { Accounts, openEnergyWms } from './accounts.ts'
import { BrokenNodes } from './broken.ts'
import { noteDraw } from './draw.ts'
import { CLOSED, Faults, type Fault } from './faults.ts'
import { Intervals } from './intervals.ts'
import { facilityRatio, Meter } from './meter.ts'
import { Profiles, RUN, type Behaviour, type Profile } from './profiles.ts'
import { jobReport } from './reports.ts'
import { TIMER, Timers, type Timer } from './timers.ts'

const KINDS = Object.values(WORKLOADS)

/**
 * The engine of a factory that is not there: it carries out commands on a virtual clock and
 * reports back like a real one, late and only what an engine could see. Jobs progress at their
 * speed, stall for checkpoints, hang when something under them breaks until that is detected,
 * and lose what their last checkpoint does not hold.
 */
export class Twin {
  readonly meter: Meter
  readonly accounts: Accounts
  protected readonly profiles = new Profiles()
  protected readonly timers = new Timers()
  private readonly faults: Faults
  protected readonly state: State
  protected readonly broken: BrokenNodes
  private readonly intervals: Intervals
  private readonly ratios: Float64Array
  private outbox: Report[] = []
  protected openFaults: Fault[] = []

  /** For an empty factory; `Ahead` is for one in the middle of things. */
  constructor(state: State, seed: number, hasFaults = true) {
    this.state = state
    this.meter = new Meter(state.layout, state.totals.nowMs)
    this.accounts = new Accounts(state.layout.plant.queues.length)
    this.faults = new Faults(state.layout, seed)
    this.intervals = new Intervals(state.layout)
    this.broken = new BrokenNodes(state.layout.plant.nodes)
    this.ratios = Float64Array.from(
      state.layout.plant.racks, (_, rack) => facilityRatio(state.layout, rack))
    if (hasFaults) this.scheduleFault(state.totals.nowMs)
  }

  /** When it has something to report or to do next; Infinity when never. */
  nextAtMs(): number {
    return this.outbox.length > 0 ? this.state.totals.nowMs : this.timers.nextAtMs()
  }

  /** Whether nodes are broken and will come back: what a stuck queue may wait for. */
  hasRepairs(): boolean {
    return this.broken.count > 0
  }

  /** Takes the profile of a job that the core accepted into a row. */
  accept(row: number, job: Behaviour): void {
    this.profiles.reserve(row)
    const run = this.profiles.of(row)
    run.workMs = Math.max(1, job.workMs)
    run.savedMs = 0
    run.energyWms = 0
    run.queue = this.state.tables.jobs.queue[row]!
    run.declaredEveryMs = job.checkpointEveryMs
    run.declaredStallMs = job.checkpointStallMs
    run.number = this.state.tables.jobs.number[row]!
    run.gpus = job.gpus
    run.kind = KINDS.indexOf(workloadOf(job.workload, job.gpus))
    run.outcome = OUTCOMES.indexOf(job.outcome)
    run.attempt = 0
    run.state = RUN.waiting
  }

  /** Facility energy of a job so far, W·ms: what it drew above idle, over all its runs. */
  energyWms(row: number): number {
    const run = this.profiles.of(row)
    return run.energyWms + openEnergyWms(run, this.state.totals.nowMs)
  }

  send(command: Command): void {
    if (command.type === 'start') this.start(command)
    else if (command.type === 'stop') this.stop(command)
  }

  /** Does everything that is due by `atMs` and appends what it has to report. */
  collect(atMs: number, reports: Report[]): void {
    if (this.outbox.length > 0) {
      for (const report of this.outbox) reports.push(report)
      this.outbox = []
    }
    while (this.timers.nextAtMs() <= atMs) {
      const timer = this.timers.pop()
      this.handle(timer, atMs, reports)
    }
  }

  /** Accounts for runs that are still going on at the end of the time. */
  finish(atMs: number): void {
    for (let row = 0; row < this.state.totals.jobRows; row++) {
      const run = this.profiles.of(row)
      if (run.state === RUN.rising) {
        this.launched(run, atMs)
      } else if (run.state === RUN.working) {
        const done = run.progress(atMs - run.segmentAtMs)
        this.launched(run, run.upAtMs)
        this.accounts.run(run, done, done.workMs)
        this.accounts.energy(run, atMs)
        run.facilityW = 0
      } else if (run.state === RUN.hanging) {
        this.accounts.hang(run.gpus, atMs - run.segmentAtMs)
      }
    }
    this.meter.finish(atMs)
  }

  private start(command: Command): void {
    const { state } = this
    const row = command.job
    const run = this.profiles.of(row)
    const { launchMs, loadMs, detectMs } = state.layout.plant.failures
    const nowMs = state.totals.nowMs
    run.attempt = command.attempt
    run.orderedAtMs = nowMs
    run.upAtMs = -1
    this.takeSize(row, run)
    const ticket = ++run.ticket
    if (this.broken.isUnder(state, row)) {
      // Nobody knows yet that a node is broken: the gang never comes up, and that is noticed.
      run.state = RUN.hanging
      run.segmentAtMs = nowMs
      this.timers.push(nowMs + Math.max(1, detectMs), TIMER.lost, row, ticket)
      return
    }
    run.state = RUN.rising
    const riseMs = launchMs + (run.savedMs > 0 ? loadMs : 0)
    this.timers.push(nowMs + riseMs, TIMER.up, row, ticket)
  }

  /** A job on fewer nodes than it asks for does its work more slowly; on faster devices, faster. */
  protected takeSize(row: number, run: Profile): void {
    const { jobs } = this.state.tables
    const full = jobs.gpus[row]!
    run.gpus = jobs.heldGpus[row]!
    run.fullSpeed = full > 0 ? run.gpus / full * speedOn(this.state, row, jobs.pool[row]!) : 1
  }

  private stop(command: Command): void {
    const row = command.job
    const run = this.profiles.of(row)
    const { number, attempt } = command
    if (run.number !== number || run.attempt !== attempt) return
    this.endRun(run, this.state.totals.nowMs)
    this.outbox.push({
      type: 'job.stopped', job: row, number, attempt, outcome: 'cancelled', cause: '',
      keptMs: Math.floor(run.savedMs),
    })
  }

  private handle(timer: Timer, atMs: number, reports: Report[]): void {
    const row = timer.target
    switch (timer.kind) {
      case TIMER.fault: return this.strike(atMs)
      case TIMER.detected: return this.detected(this.openFaults[row]!, atMs, reports)
      case TIMER.healthy: return this.healed(this.openFaults[row]!, row, reports)
      default: break
    }
    const run = this.profiles.of(row)
    if (run.ticket !== timer.ticket) return
    switch (timer.kind) {
      case TIMER.up:
        this.rise(row, run, atMs)
        reports.push(jobReport('job.up', row, run, ''))
        return
      case TIMER.done:
        this.complete(run, atMs)
        reports.push(jobReport('job.done', row, run, ''))
        return
      case TIMER.fast: return this.setSpeed(row, atMs, run.fullSpeed)
      case TIMER.lost: return this.lose(row, atMs, reports)
      default: return unreachable(timer.kind)
    }
  }

  /** It is noticed that a gang hangs. */
  private lose(row: number, atMs: number, reports: Report[]): void {
    const run = this.profiles.of(row)
    this.accounts.hang(run.gpus, atMs - run.segmentAtMs)
    this.leave(run, atMs, RUN.waiting)
    reports.push(jobReport('job.lost', row, run, 'node'))
  }

  /** The job's first step: from here it works. */
  protected rise(row: number, run: Profile, atMs: number): void {
    const { state } = this
    run.state = RUN.working
    run.upAtMs = atMs
    run.segmentAtMs = atMs
    run.segmentWorkMs = run.savedMs
    run.segmentSavedMs = run.savedMs
    run.firstWorkMs = run.savedMs
    run.stalledMs = 0
    run.slowedMs = 0
    run.speed = run.fullSpeed
    this.chooseInterval(run, state.tables.jobs.pool[row]!)
    this.timers.push(atMs + Math.ceil(run.remainingMs()), TIMER.done, row, run.ticket)
    if (run.gpus === 0) return
    const busyRatio = KINDS[run.kind]!.drawRatio({ everyMs: run.everyMs, stallMs: run.stallMs })
    noteDraw(state, row, run, this.ratios, busyRatio)
    this.meter.change(atMs, run.site, run.drawW, run.facilityW)
  }

  /** When the job saves, as its kind of workload does. */
  protected chooseInterval(run: Profile, pool: number): void {
    const { everyMs, stallMs } = KINDS[run.kind]!.checkpoints({
      everyMs: run.declaredEveryMs,
      stallMs: run.declaredStallMs,
      usualStallMs: this.state.layout.plant.failures.checkpointStallMs,
    }, (stall) => this.intervals.best(pool, run.gpus, stall) * run.fullSpeed)
    run.everyMs = everyMs
    run.stallMs = stallMs
  }

  private complete(run: Profile, atMs: number): void {
    const done = run.progress(atMs - run.segmentAtMs)
    const { workMs } = run
    this.launched(run, run.upAtMs)
    this.accounts.run(run, { workMs, savedMs: done.savedMs, stalledMs: done.stalledMs }, workMs)
    this.leave(run, atMs, RUN.none)
  }

  /** Accounts for a launch that ended, well or not, at `atMs`. */
  private launched(run: Profile, atMs: number): void {
    this.accounts.launch(run.gpus, atMs - run.orderedAtMs)
  }

  /** Ends a run that is not complete: only what a written checkpoint holds is kept. */
  private endRun(run: Profile, atMs: number): void {
    const { state } = this
    const phase = run.state
    if (phase === RUN.rising) {
      this.launched(run, atMs)
    } else if (phase === RUN.hanging) {
      this.accounts.hang(run.gpus, atMs - run.segmentAtMs)
    } else if (phase === RUN.working) {
      const done = run.progress(atMs - run.segmentAtMs)
      const { checkpointSaveMs } = state.layout.plant.failures
      const writtenMs = atMs - run.segmentAtMs - checkpointSaveMs
      const savedMs = writtenMs > 0 ? run.progress(writtenMs).savedMs
        : Math.min(done.savedMs, run.segmentSavedMs)
      this.launched(run, run.upAtMs)
      this.accounts.run(run, done, savedMs)
      run.savedMs = savedMs
    }
    this.leave(run, atMs, RUN.waiting)
  }

  private leave(run: Profile, atMs: number, phase: number): void {
    run.ticket++
    run.state = phase
    if (run.drawW === 0) return
    this.accounts.energy(run, atMs)
    this.meter.change(atMs, run.site, -run.drawW, -run.facilityW)
    run.drawW = 0
    run.facilityW = 0
  }

  private setSpeed(row: number, atMs: number, speed: number): void {
    const run = this.profiles.of(row)
    if (run.state !== RUN.working || run.speed === speed) return
    const elapsedMs = atMs - run.segmentAtMs
    const done = run.progress(atMs - run.segmentAtMs)
    const worked = done.workMs - run.segmentWorkMs
    run.stalledMs = run.stalledMs + done.stalledMs
    run.slowedMs = run.slowedMs + (elapsedMs - done.stalledMs - worked / run.fullSpeed)
    run.segmentAtMs = atMs
    run.segmentWorkMs = done.workMs
    run.segmentSavedMs = done.savedMs
    run.speed = speed
    const ticket = ++run.ticket
    this.timers.push(atMs + Math.ceil(run.remainingMs()), TIMER.done, row, ticket)
  }

  private scheduleFault(atMs: number): void {
    const inMs = this.faults.next()
    if (inMs !== Infinity) this.timers.push(atMs + inMs, TIMER.fault, 0, 0)
  }

  private strike(atMs: number): void {
    const fault = this.faults.draw()
    this.scheduleFault(atMs)
    const { state } = this
    const { detectMs } = state.layout.plant.failures
    const first = fault.ranges[0]!
    if (fault.class.reach === 'slow' || fault.class.reach === 'none') {
      const job = fault.device >= 0 ? jobOfDevice(state, first, fault.device)
        : jobsOn(state, first, fault.ranges[1]!)[0] ?? -1
      if (job < 0 || !this.isUp(job) || this.broken.has(first)) return
      this.accounts.fault(fault.class.name)
      if (fault.class.reach === 'none') return this.hang(job, atMs, detectMs)
      const run = this.profiles.of(job)
      this.setSpeed(job, atMs, fault.class.slowRatio * run.fullSpeed)
      const { ticket } = run
      this.timers.push(atMs + Math.max(1, fault.repairMs), TIMER.fast, job, ticket)
      return
    }
    const fresh = this.broken.add(fault.ranges)
    if (fresh.length === 0) return
    this.accounts.fault(fault.class.name)
    for (let at = 0; at < fresh.length; at += 2) {
      for (const job of jobsOn(state, fresh[at]!, fresh[at + 1]!)) {
        if (this.isUp(job)) this.hang(job, atMs, detectMs)
      }
    }
    const open = this.openFaults.findIndex((each) => each === CLOSED)
    const slot = open < 0 ? this.openFaults.length : open
    this.openFaults[slot] = { ...fault, ranges: fresh }
    this.timers.push(atMs + detectMs, TIMER.detected, slot, 0)
  }

  /** The gang makes no progress from now on; that is noticed after the time to detect it. */
  private hang(job: number, atMs: number, detectMs: number): void {
    const run = this.profiles.of(job)
    this.endRun(run, atMs)
    run.state = RUN.hanging
    run.segmentAtMs = atMs
    this.timers.push(atMs + detectMs, TIMER.lost, job, run.ticket)
  }

  private detected(fault: Fault, atMs: number, reports: Report[]): void {
    const { healthCheckMs } = this.state.layout.plant.failures
    for (let at = 0; at < fault.ranges.length; at += 2) {
      const first = fault.ranges[at]!
      const end = fault.ranges[at + 1]!
      // A gang that was started on them since the fault is found out with them.
      for (const job of jobsOn(this.state, first, end)) {
        if (this.profiles.of(job).state === RUN.hanging) this.lose(job, atMs, reports)
      }
      reports.push({ type: 'nodes.lost', first, end, cause: fault.class.name })
      this.idle(atMs, first, end, -1)
    }
    const slot = this.openFaults.indexOf(fault)
    this.timers.push(atMs + Math.max(1, fault.repairMs + healthCheckMs), TIMER.healthy, slot, 0)
  }

  private healed(fault: Fault, slot: number, reports: Report[]): void {
    for (let at = 0; at < fault.ranges.length; at += 2) {
      const first = fault.ranges[at]!
      const end = fault.ranges[at + 1]!
      this.broken.remove(first, end)
      reports.push({ type: 'nodes.healthy', first, end })
      this.idle(this.timers.nowMs, first, end, 1)
    }
    this.openFaults[slot] = CLOSED
  }

  /** Idle draw of nodes that are switched off for repair, or on again. */
  protected idle(atMs: number, first: number, end: number, sign: number): void {
    const { layout } = this.state
    for (let node = first; node < end; node++) {
      const rack = layout.rackOfNode[node]!
      const itW = Math.round(layout.pools[layout.poolOfRack[rack]!]!.system.nodeIdleW)
      const facilityW = Math.round(itW * this.ratios[rack]!)
      this.meter.change(atMs, layout.siteOfRack[rack]!, sign * itW, sign * facilityW)
    }
  }

  private isUp(row: number): boolean {
    const phase = this.profiles.of(row).state
    return phase === RUN.rising || phase === RUN.working
  }
}
