import { placementOf } from '../../core/allocation.ts'
import { forEachRack } from '../../core/ledger.ts'
import { jobOfDevice } from '../../core/holder.ts'
import { jobsOn } from '../../core/observe.ts'
import type { State } from '../../core/state.ts'
import type { Command, Report, TraceJob } from '../../model/index.ts'
import { OUTCOMES } from '../../model/index.ts'
import { WORKLOADS, workloadOf } from '../../workload/index.ts'
import { Accounts } from './accounts.ts'
import { BrokenNodes } from './broken.ts'
import { Faults, type Fault } from './faults.ts'
import { Intervals } from './intervals.ts'
import { facilityRatio, Meter } from './meter.ts'
import { Profiles, RUN } from './profiles.ts'
import { Timers, type Timer } from './timers.ts'

const KINDS = Object.values(WORKLOADS)

/**
 * The engine of a factory that is not there: it carries out commands on a virtual clock and
 * reports back like a real one, late and only what an engine could see. Jobs progress at their
 * speed, stall for checkpoints, hang when something under them breaks until that is detected,
 * and lose what their last checkpoint does not hold.
 */
export class Twin {
  readonly meter: Meter
  readonly accounts = new Accounts()
  private readonly profiles = new Profiles()
  private readonly timers = new Timers()
  private readonly faults: Faults
  private readonly state: State
  private readonly broken: BrokenNodes
  private readonly intervals: Intervals
  private readonly ratios: Float64Array
  private readonly outbox: Report[] = []
  private openFaults: Fault[] = []

  constructor(state: State, seed: number) {
    this.state = state
    this.meter = new Meter(state.layout)
    this.faults = new Faults(state.layout, seed)
    this.intervals = new Intervals(state.layout)
    this.broken = new BrokenNodes(state.layout.plant.nodes)
    this.ratios = Float64Array.from(
      state.layout.plant.racks, (_, rack) => facilityRatio(state.layout, rack))
    this.scheduleFault(0)
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
  accept(row: number, job: TraceJob): void {
    const { profiles } = this
    profiles.reserve(row)
    profiles.workMs[row] = Math.max(1, job.workMs)
    profiles.savedMs[row] = 0
    profiles.declaredEveryMs[row] = job.checkpointEveryMs
    profiles.declaredStallMs[row] = job.checkpointStallMs
    profiles.number[row] = this.state.tables.jobs.number[row]!
    profiles.gpus[row] = job.gpus
    profiles.kind[row] = KINDS.indexOf(workloadOf(job.workload, job.gpus))
    profiles.outcome[row] = OUTCOMES.indexOf(job.outcome)
    profiles.attempt[row] = 0
    profiles.state[row] = RUN.waiting
  }

  send(command: Command): void {
    if (command.type === 'start') this.start(command)
    else this.stop(command)
  }

  /** Does everything that is due by `atMs` and appends what it has to report. */
  collect(atMs: number, reports: Report[]): void {
    if (this.outbox.length > 0) {
      for (const report of this.outbox) reports.push(report)
      this.outbox.length = 0
    }
    while (this.timers.nextAtMs() <= atMs) {
      const timer = this.timers.pop()
      this.handle(timer, atMs, reports)
    }
  }

  /** Accounts for runs that are still going on at the end of the time. */
  finish(atMs: number): void {
    const { profiles, state } = this
    for (let row = 0; row < state.totals.jobRows; row++) {
      if (profiles.state[row] === RUN.rising) {
        this.launched(row, atMs)
      } else if (profiles.state[row] === RUN.working) {
        const done = this.progressAt(row, atMs)
        this.launched(row, profiles.upAtMs[row]!)
        this.accounts.run(profiles, row, done, done.workMs)
      } else if (profiles.state[row] === RUN.hanging) {
        this.accounts.hang(profiles.gpus[row]!, atMs - profiles.segmentAtMs[row]!)
      }
    }
    this.meter.finish(atMs)
  }

  private start(command: Command): void {
    const { profiles, state } = this
    const row = command.job
    const { launchMs, loadMs, detectMs } = state.layout.plant.failures
    const nowMs = state.totals.nowMs
    profiles.attempt[row] = command.attempt
    profiles.orderedAtMs[row] = nowMs
    profiles.upAtMs[row] = -1
    this.takeSize(row)
    const ticket = ++profiles.ticket[row]!
    if (this.broken.count > 0 && this.broken.hits(placementOf(state, row).spans)) {
      // Nobody knows yet that a node is broken: the gang never comes up, and that is noticed.
      profiles.state[row] = RUN.hanging
      profiles.segmentAtMs[row] = nowMs
      this.timers.push(nowMs + Math.max(1, detectMs), 'lost', row, ticket)
      return
    }
    profiles.state[row] = RUN.rising
    const riseMs = launchMs + (profiles.savedMs[row]! > 0 ? loadMs : 0)
    this.timers.push(nowMs + riseMs, 'up', row, ticket)
  }

  /** A job on fewer nodes than it asks for does its work more slowly. */
  private takeSize(row: number): void {
    const { jobs } = this.state.tables
    const { profiles } = this
    profiles.gpus[row] = jobs.heldGpus[row]!
    const full = jobs.gpus[row]!
    profiles.fullSpeed[row] = full > 0 ? jobs.heldGpus[row]! / full : 1
  }

  private stop(command: Command): void {
    const { profiles } = this
    const row = command.job
    const { number, attempt } = command
    if (profiles.number[row] !== number || profiles.attempt[row] !== attempt) return
    this.endRun(row, this.state.totals.nowMs)
    this.outbox.push({
      type: 'job.stopped', job: row, number, attempt, outcome: 'cancelled', cause: '',
      keptMs: Math.floor(profiles.savedMs[row]!),
    })
  }

  private handle(timer: Timer, atMs: number, reports: Report[]): void {
    const { profiles } = this
    const row = timer.target
    switch (timer.kind) {
      case 'fault': return this.strike(atMs)
      case 'detected': return this.detected(this.openFaults[row]!, atMs, reports)
      case 'healthy': return this.healed(this.openFaults[row]!, row, reports)
      case 'up':
        if (profiles.ticket[row] !== timer.ticket) return
        this.rise(row, atMs)
        reports.push(this.jobReport('job.up', row, ''))
        return
      case 'done':
        if (profiles.ticket[row] !== timer.ticket) return
        this.complete(row, atMs)
        reports.push(this.jobReport('job.done', row, ''))
        return
      case 'fast':
        if (profiles.ticket[row] === timer.ticket) {
          this.setSpeed(row, atMs, profiles.fullSpeed[row]!)
        }
        return
      case 'lost':
        if (profiles.ticket[row] === timer.ticket) this.lose(row, atMs, reports)
    }
  }

  /** It is noticed that a gang hangs. */
  private lose(row: number, atMs: number, reports: Report[]): void {
    this.accounts.hang(this.profiles.gpus[row]!, atMs - this.profiles.segmentAtMs[row]!)
    this.leave(row, atMs, RUN.waiting)
    reports.push(this.jobReport('job.lost', row, 'node'))
  }

  private jobReport(type: 'job.up' | 'job.done' | 'job.lost', row: number, cause: string): Report {
    const { profiles } = this
    return {
      type, job: row, number: profiles.number[row]!, attempt: profiles.attempt[row]!,
      outcome: OUTCOMES[profiles.outcome[row]!]!, cause, keptMs: Math.floor(profiles.savedMs[row]!),
    }
  }

  /** The job's first step: from here it works. */
  private rise(row: number, atMs: number): void {
    const { profiles, state } = this
    profiles.state[row] = RUN.working
    profiles.upAtMs[row] = atMs
    profiles.segmentAtMs[row] = atMs
    profiles.segmentWorkMs[row] = profiles.savedMs[row]!
    profiles.segmentSavedMs[row] = profiles.savedMs[row]!
    profiles.firstWorkMs[row] = profiles.savedMs[row]!
    profiles.stalledMs[row] = 0
    profiles.slowedMs[row] = 0
    profiles.speed[row] = profiles.fullSpeed[row]!
    this.chooseInterval(row)
    this.timers.push(
      atMs + Math.ceil(profiles.remainingMs(row)), 'done', row, profiles.ticket[row]!)
    if (profiles.gpus[row] === 0) return
    const placement = placementOf(state, row)
    const { system } = state.layout.pools[placement.pool]!
    const perDeviceW = (system.nodeTypicalW - system.nodeIdleW) / system.gpus
    const busyRatio = KINDS[profiles.kind[row]!]!.drawRatio({
      everyMs: profiles.everyMs[row]!, stallMs: profiles.stallMs[row]!,
    })
    let itW = 0
    let facilityW = 0
    forEachRack(state, placement, (rack, devices) => {
      const watts = Math.round(devices * perDeviceW * busyRatio)
      itW += watts
      facilityW += Math.round(watts * this.ratios[rack]!)
      profiles.site[row] = state.layout.siteOfRack[rack]!
    })
    profiles.drawW[row] = itW
    profiles.facilityW[row] = facilityW
    this.meter.change(atMs, profiles.site[row]!, itW, facilityW)
  }

  /** When the job saves, as its kind of workload does. */
  private chooseInterval(row: number): void {
    const { profiles, state } = this
    const pool = state.tables.jobs.pool[row]!
    const { everyMs, stallMs } = KINDS[profiles.kind[row]!]!.checkpoints({
      everyMs: profiles.declaredEveryMs[row]!,
      stallMs: profiles.declaredStallMs[row]!,
      usualStallMs: state.layout.plant.failures.checkpointStallMs,
    }, (stall) => this.intervals.best(pool, profiles.gpus[row]!, stall))
    profiles.everyMs[row] = everyMs
    profiles.stallMs[row] = stallMs
  }

  private progressAt(row: number, atMs: number) {
    return this.profiles.progress(row, atMs - this.profiles.segmentAtMs[row]!)
  }

  private complete(row: number, atMs: number): void {
    const { profiles } = this
    const done = this.progressAt(row, atMs)
    const workMs = profiles.workMs[row]!
    this.launched(row, profiles.upAtMs[row]!)
    this.accounts.run(profiles, row, { ...done, workMs }, workMs)
    this.leave(row, atMs, RUN.none)
  }

  /** Accounts for a launch that ended, well or not, at `atMs`. */
  private launched(row: number, atMs: number): void {
    this.accounts.launch(this.profiles.gpus[row]!, atMs - this.profiles.orderedAtMs[row]!)
  }

  /** Ends a run that is not complete: only what a written checkpoint holds is kept. */
  private endRun(row: number, atMs: number): void {
    const { profiles, state } = this
    const phase = profiles.state[row]
    if (phase === RUN.rising) {
      this.launched(row, atMs)
    } else if (phase === RUN.hanging) {
      this.accounts.hang(profiles.gpus[row]!, atMs - profiles.segmentAtMs[row]!)
    } else if (phase === RUN.working) {
      const done = this.progressAt(row, atMs)
      const { checkpointSaveMs } = state.layout.plant.failures
      const writtenMs = atMs - profiles.segmentAtMs[row]! - checkpointSaveMs
      const savedMs = writtenMs > 0 ? profiles.progress(row, writtenMs).savedMs
        : Math.min(done.savedMs, profiles.segmentSavedMs[row]!)
      this.launched(row, profiles.upAtMs[row]!)
      this.accounts.run(profiles, row, done, savedMs)
      profiles.savedMs[row] = savedMs
    }
    this.leave(row, atMs, RUN.waiting)
  }

  private leave(row: number, atMs: number, phase: number): void {
    const { profiles } = this
    profiles.ticket[row]!++
    profiles.state[row] = phase
    if (profiles.drawW[row] === 0) return
    this.meter.change(atMs, profiles.site[row]!, -profiles.drawW[row]!, -profiles.facilityW[row]!)
    profiles.drawW[row] = 0
    profiles.facilityW[row] = 0
  }

  private setSpeed(row: number, atMs: number, speed: number): void {
    const { profiles } = this
    if (profiles.state[row] !== RUN.working || profiles.speed[row] === speed) return
    const elapsedMs = atMs - profiles.segmentAtMs[row]!
    const done = this.progressAt(row, atMs)
    const worked = done.workMs - profiles.segmentWorkMs[row]!
    profiles.stalledMs[row] = profiles.stalledMs[row]! + done.stalledMs
    profiles.slowedMs[row] = profiles.slowedMs[row]! + (elapsedMs - done.stalledMs - worked)
    profiles.segmentAtMs[row] = atMs
    profiles.segmentWorkMs[row] = done.workMs
    profiles.segmentSavedMs[row] = done.savedMs
    profiles.speed[row] = speed
    const ticket = ++profiles.ticket[row]!
    this.timers.push(atMs + Math.ceil(profiles.remainingMs(row)), 'done', row, ticket)
  }

  private scheduleFault(atMs: number): void {
    const inMs = this.faults.next()
    if (inMs !== Infinity) this.timers.push(atMs + inMs, 'fault', 0, 0)
  }

  private strike(atMs: number): void {
    const fault = this.faults.draw()
    this.scheduleFault(atMs)
    const { state, profiles } = this
    const { detectMs } = state.layout.plant.failures
    const first = fault.ranges[0]!
    if (fault.class.reach === 'slow' || fault.class.reach === 'none') {
      const job = fault.device >= 0 ? jobOfDevice(state, first, fault.device)
        : jobsOn(state, first, fault.ranges[1]!)[0] ?? -1
      if (job < 0 || !this.isUp(job) || this.broken.has(first)) return
      this.accounts.fault(fault.class.name)
      if (fault.class.reach === 'none') return this.hang(job, atMs, detectMs)
      this.setSpeed(job, atMs, fault.class.slowRatio * profiles.fullSpeed[job]!)
      this.timers.push(atMs + Math.max(1, fault.repairMs), 'fast', job, profiles.ticket[job]!)
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
    this.timers.push(atMs + detectMs, 'detected', slot, 0)
  }

  /** The gang makes no progress from now on; that is noticed after the time to detect it. */
  private hang(job: number, atMs: number, detectMs: number): void {
    const { profiles } = this
    this.endRun(job, atMs)
    profiles.state[job] = RUN.hanging
    profiles.segmentAtMs[job] = atMs
    this.timers.push(atMs + detectMs, 'lost', job, profiles.ticket[job]!)
  }

  private detected(fault: Fault, atMs: number, reports: Report[]): void {
    const { healthCheckMs } = this.state.layout.plant.failures
    for (let at = 0; at < fault.ranges.length; at += 2) {
      const first = fault.ranges[at]!
      const end = fault.ranges[at + 1]!
      // A gang that was started on them since the fault is found out with them.
      for (const job of jobsOn(this.state, first, end)) {
        if (this.profiles.state[job] === RUN.hanging) this.lose(job, atMs, reports)
      }
      reports.push({ type: 'nodes.lost', first, end, cause: fault.class.name })
      this.idle(atMs, first, end, -1)
    }
    const slot = this.openFaults.indexOf(fault)
    this.timers.push(atMs + Math.max(1, fault.repairMs + healthCheckMs), 'healthy', slot, 0)
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
  private idle(atMs: number, first: number, end: number, sign: number): void {
    const { layout } = this.state
    for (let node = first; node < end; node++) {
      const rack = layout.rackOfNode[node]!
      const itW = Math.round(layout.pools[layout.poolOfRack[rack]!]!.system.nodeIdleW)
      const facilityW = Math.round(itW * this.ratios[rack]!)
      this.meter.change(atMs, layout.siteOfRack[rack]!, sign * itW, sign * facilityW)
    }
  }

  private isUp(row: number): boolean {
    const phase = this.profiles.state[row]
    return phase === RUN.rising || phase === RUN.working
  }
}

/** Stands where a fault was that is repaired: its slot is used again. */
const CLOSED: Fault = {
  class: {
    name: '', ratePerHour: 0, unit: 'node', reach: 'none', repairMs: [0, 0], slowRatio: 1,
  },
  ranges: [], device: -1, repairMs: 0,
}
