import { assert, unreachable } from '../../base/assert.ts'
import { jobOfDevice } from '../../core/holder.ts'
import { jobsOn } from '../../core/observe.ts'
import type { State } from '../../core/state.ts'
import type { Command, Report } from '../../model/index.ts'
import type { Accounts } from './accounts.ts'
import { BrokenNodes } from './broken.ts'
import { Caps } from './caps.ts'
import { CLOSED, Faults, type Fault } from './faults.ts'
import { faultOf, type Happening } from './happenings.ts'
import type { Meter } from './meter.ts'
import { Meters, type Breaches } from './meters.ts'
import { Power } from './power.ts'
import { RUN, type Behaviour } from './profiles.ts'
import { jobReport } from './reports.ts'
import { Runs } from './runs.ts'
import { TIMER, type Timer } from './timers.ts'

/** What is so of a factory besides its plant, and what will happen to it. */
export type World = {
  readonly hasFaults?: boolean
  /** Standard deviation of what jobs are off the curve of their class. */
  readonly curveErrorRatio?: number
  readonly happenings?: readonly Happening[]
  /** Feeders that are watched beside the roots; with a list, power is looked at closely. */
  readonly named?: readonly number[]
}

/**
 * The engine of a factory that is not there: it carries out commands on a virtual clock and
 * reports back like a real one, late and only what an engine could see. Jobs progress at their
 * speed, stall for checkpoints, hang when something under them breaks until that is detected,
 * and lose what their last checkpoint does not hold.
 */
export class Twin {
  readonly meter: Meter
  readonly accounts: Accounts
  readonly power: Power
  protected readonly runs: Runs
  protected readonly caps: Caps
  private readonly meters: Meters | undefined
  private readonly faults: Faults
  private readonly happenings: readonly Happening[]
  protected readonly state: State
  protected readonly broken: BrokenNodes
  protected openFaults: Fault[] = []
  /** Grows each time that the controller goes or comes: the end of an older lease is void. */
  private lease = 0

  /** For an empty factory; `Ahead` is for one in the middle of things. */
  constructor(state: State, seed: number, world: World = {}) {
    this.state = state
    const isClose = state.totals.isPowered === 1 || world.named !== undefined
    this.power = new Power(state, isClose, world.named ?? [])
    this.meter = this.power.meter
    this.runs = new Runs(state, this.power)
    this.accounts = this.runs.accounts
    this.caps = new Caps(this.runs, seed, world.curveErrorRatio ?? 0)
    this.faults = new Faults(state.layout, seed)
    this.broken = new BrokenNodes(state.layout.plant.nodes)
    const { feeders } = this.power
    this.meters = feeders === undefined ? undefined
      : new Meters(state, this.power, feeders, this.runs.timers, seed)
    this.happenings = world.happenings ?? []
    this.happenings.forEach(({ atMs }, at) => this.runs.timers.push(atMs, TIMER.happening, at, 0))
    if (world.hasFaults ?? true) this.scheduleFault(state.totals.nowMs)
  }

  /** When it has something to report or to do next; Infinity when never. */
  nextAtMs(): number {
    return this.runs.outbox.length > 0 ? this.state.totals.nowMs : this.runs.timers.nextAtMs()
  }

  /** Whether nodes are broken and will come back: what a stuck queue may wait for. */
  hasRepairs(): boolean {
    return this.broken.count > 0
  }

  /** Takes the profile of a job that the core accepted into a row. */
  accept(row: number, job: Behaviour): void {
    this.caps.accept(this.runs.accept(row, job))
  }

  /** Facility energy of a job so far, W·ms: what it drew above idle, over all its runs. */
  energyWms(row: number): number {
    return this.runs.energyWms(row)
  }

  /** Samples of the feeders that are watched; none where power is not looked at closely. */
  breaches(atMs: number): Breaches[] {
    return this.meters?.counts(atMs) ?? []
  }

  /** An order. One to stop a run must come while the run still has its nodes. */
  send(command: Command): void {
    switch (command.type) {
      case 'start': return this.start(command)
      case 'stop': return this.stop(command)
      case 'cap': return this.caps.order(command, this.state.totals.nowMs)
      case 'checkpoint': {
        const run = this.runs.profiles.of(command.job)
        if (run.number !== command.number || run.attempt !== command.attempt) return
        return this.runs.save(command.job, run, this.state.totals.nowMs)
      }
    }
  }

  /** The controller is gone: the nodes keep their caps until its lease ends. */
  controllerLost(atMs: number): void {
    const { leaseMs } = this.state.layout.plant.power
    this.runs.timers.push(atMs + leaseMs, TIMER.lease, 0, ++this.lease)
  }

  controllerBack(): void {
    this.lease++
  }

  /** Does everything that is due by `atMs` and appends what it has to report. */
  collect(atMs: number, reports: Report[]): void {
    const { runs } = this
    this.meters?.lookAtLimits(atMs)
    if (runs.outbox.length > 0) {
      for (const report of runs.outbox) reports.push(report)
      runs.outbox = []
    }
    while (runs.timers.nextAtMs() <= atMs) {
      const timer = runs.timers.pop()
      this.handle(timer, atMs, reports)
    }
  }

  /** Accounts for runs that are still going on at the end of the time. */
  finish(atMs: number): void {
    for (let row = 0; row < this.state.totals.jobRows; row++) {
      this.runs.close(this.runs.profiles.of(row), atMs)
    }
    this.meter.finish(atMs)
  }

  private start(command: Command): void {
    const { state, runs } = this
    const row = command.job
    const run = runs.profiles.of(row)
    const { launchMs, loadMs, detectMs } = state.layout.plant.failures
    const nowMs = state.totals.nowMs
    run.attempt = command.attempt
    run.orderedAtMs = nowMs
    run.upAtMs = -1
    runs.takeSize(row, run)
    this.caps.begin(run, command)
    const ticket = ++run.ticket
    if (this.broken.isUnder(state, row)) {
      // Nobody knows yet that a node is broken: the gang never comes up, and that is noticed.
      run.state = RUN.hanging
      run.segmentAtMs = nowMs
      runs.timers.push(nowMs + Math.max(1, detectMs), TIMER.lost, row, ticket)
      return
    }
    run.state = RUN.rising
    const riseMs = launchMs + (run.savedMs > 0 ? loadMs : 0)
    runs.timers.push(nowMs + riseMs, TIMER.up, row, ticket)
  }

  private stop(command: Command): void {
    const row = command.job
    const run = this.runs.profiles.of(row)
    const { number, attempt } = command
    if (run.number !== number || run.attempt !== attempt) return
    this.runs.endRun(row, run, this.state.totals.nowMs)
    this.runs.outbox.push({
      type: 'job.stopped', job: row, number, attempt, outcome: 'cancelled', cause: '',
      keptMs: Math.floor(run.savedMs),
    })
  }

  private handle({ kind, target, ticket }: Timer, atMs: number, reports: Report[]): void {
    switch (kind) {
      case TIMER.fault: return this.strike(atMs)
      case TIMER.detected: return this.detected(this.openFaults[target]!, atMs, reports)
      case TIMER.healthy: return this.healed(this.openFaults[target]!, target, reports)
      case TIMER.happening: return this.happen(this.happenings[target]!, atMs)
      case TIMER.meter: return this.meters!.read(atMs, reports)
      case TIMER.reading: return this.meters!.hear(reports)
      case TIMER.cap: return this.caps.due(target, ticket, atMs, reports)
      case TIMER.measure: return this.caps.measure(target, ticket, atMs, reports)
      case TIMER.saved: return this.runs.saved(target, ticket, atMs)
      case TIMER.lease: return ticket === this.lease ? this.caps.leaseEnded(atMs) : undefined
      default: return this.handleRun(kind, target, ticket, atMs, reports)
    }
  }

  private handleRun(
    kind: RunTimer, row: number, ticket: number, atMs: number, reports: Report[]): void {
    const run = this.runs.profiles.of(row)
    if (kind === TIMER.fast) {
      if (run.slowTicket !== ticket) return
      run.slowTicket = -1
      return this.runs.changeSpeed(row, atMs, run.capSpeed, 1)
    }
    if (run.ticket !== ticket) return
    switch (kind) {
      case TIMER.up:
        this.runs.rise(row, run, atMs)
        reports.push(jobReport('job.up', row, run, ''))
        return this.caps.risen(row, run, atMs, reports)
      case TIMER.done:
        this.runs.complete(row, run, atMs)
        reports.push(jobReport('job.done', row, run, ''))
        return
      case TIMER.lost: return this.lose(row, atMs, reports)
      default: return unreachable(kind)
    }
  }

  /** It is noticed that a gang hangs. */
  private lose(row: number, atMs: number, reports: Report[]): void {
    const run = this.runs.profiles.of(row)
    this.accounts.hang(run.gpus, atMs - run.segmentAtMs)
    this.runs.leave(row, run, atMs, RUN.waiting)
    reports.push(jobReport('job.lost', row, run, 'node'))
  }

  private scheduleFault(atMs: number): void {
    const inMs = this.faults.next()
    if (inMs !== Infinity) this.runs.timers.push(atMs + inMs, TIMER.fault, 0, 0)
  }

  private strike(atMs: number): void {
    const fault = this.faults.draw()
    this.scheduleFault(atMs)
    const { state } = this
    const { detectMs } = state.layout.plant.failures
    const first = fault.ranges[0]!
    if (fault.class.reach !== 'slow' && fault.class.reach !== 'none') {
      return this.break(fault, atMs)
    }
    const job = fault.device >= 0 ? jobOfDevice(state, first, fault.device)
      : jobsOn(state, first, fault.ranges[1]!)[0] ?? -1
    if (job < 0 || !this.isUp(job) || this.broken.has(first)) return
    this.accounts.fault(fault.class.name)
    if (fault.class.reach === 'none') return this.hang(job, atMs, detectMs)
    const run = this.runs.profiles.of(job)
    if (run.state === RUN.working) {
      this.runs.changeSpeed(job, atMs, run.capSpeed, fault.class.slowRatio)
      run.slowTicket = run.ticket
    }
    const { ticket } = run
    this.runs.timers.push(atMs + Math.max(1, fault.repairMs), TIMER.fast, job, ticket)
  }

  /** Nodes break: what runs on them hangs, and after a time that is noticed. */
  private break(fault: Fault, atMs: number): void {
    const { detectMs } = this.state.layout.plant.failures
    const fresh = this.broken.add(fault.ranges)
    if (fresh.length === 0) return
    this.accounts.fault(fault.class.name)
    for (let at = 0; at < fresh.length; at += 2) {
      for (const job of jobsOn(this.state, fresh[at]!, fresh[at + 1]!)) {
        if (this.isUp(job)) this.hang(job, atMs, detectMs)
      }
    }
    const open = this.openFaults.findIndex((each) => each === CLOSED)
    const slot = open < 0 ? this.openFaults.length : open
    this.openFaults[slot] = { ...fault, ranges: fresh }
    this.runs.timers.push(atMs + detectMs, TIMER.detected, slot, 0)
  }

  private happen(happening: Happening, atMs: number): void {
    switch (happening.type) {
      case 'feeder.lost':
      case 'node.lost': return this.break(faultOf(this.state.layout, happening), atMs)
      case 'ratio': {
        assert(this.power.feeders !== undefined, 'where things happen power is looked at closely')
        return this.power.changeRatio(atMs, happening.feeder, happening.ratioPer10k)
      }
      case 'meter.silent': return this.meters?.silence(happening.feeder, happening.untilMs)
      default: return unreachable(happening)
    }
  }

  /** The gang makes no progress from now on; that is noticed after the time to detect it. */
  private hang(job: number, atMs: number, detectMs: number): void {
    const run = this.runs.profiles.of(job)
    this.runs.endRun(job, run, atMs)
    run.state = RUN.hanging
    run.segmentAtMs = atMs
    this.runs.timers.push(atMs + detectMs, TIMER.lost, job, run.ticket)
  }

  private detected(fault: Fault, atMs: number, reports: Report[]): void {
    const { healthCheckMs } = this.state.layout.plant.failures
    for (let at = 0; at < fault.ranges.length; at += 2) {
      const first = fault.ranges[at]!
      const end = fault.ranges[at + 1]!
      // A gang that was started on them since the fault is found out with them.
      for (const job of jobsOn(this.state, first, end)) {
        if (this.runs.profiles.of(job).state === RUN.hanging) this.lose(job, atMs, reports)
      }
      reports.push({ type: 'nodes.lost', first, end, cause: fault.class.name })
      this.power.idle(atMs, first, end, -1)
    }
    const slot = this.openFaults.indexOf(fault)
    const inMs = Math.max(1, fault.repairMs + healthCheckMs)
    this.runs.timers.push(atMs + inMs, TIMER.healthy, slot, 0)
  }

  private healed(fault: Fault, slot: number, reports: Report[]): void {
    for (let at = 0; at < fault.ranges.length; at += 2) {
      const first = fault.ranges[at]!
      const end = fault.ranges[at + 1]!
      this.broken.remove(first, end)
      reports.push({ type: 'nodes.healthy', first, end })
      this.power.idle(this.runs.timers.nowMs, first, end, 1)
    }
    this.openFaults[slot] = CLOSED
  }

  private isUp(row: number): boolean {
    const phase = this.runs.profiles.of(row).state
    return phase >= RUN.rising && phase !== RUN.hanging
  }
}

/** Timers of a run. */
type RunTimer = typeof TIMER['up' | 'done' | 'lost' | 'fast']
