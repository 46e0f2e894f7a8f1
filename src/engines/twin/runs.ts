import { speedOn } from '../../core/speeds.ts'
import type { State } from '../../core/state.ts'
import { OUTCOMES, type Report } from '../../model/index.ts'
import { WORKLOADS, workloadOf } from '../../workload/index.ts'
import { Accounts, lossesOf, openEnergyWms } from './accounts.ts'
import { Intervals } from './intervals.ts'
import type { Power, DeviceDraw } from './power.ts'
import { Profiles, RUN, type Behaviour, type Profile, type Progress } from './profiles.ts'
import { TIMER, Timers } from './timers.ts'
import { trueDraw, trueSpeed } from './truth.ts'

const KINDS = Object.values(WORKLOADS)

/**
 * Runs of jobs: how they come up, progress, change their speed and end, what each draws, and where
 * its time goes. Who orders that, and what breaks, is the twin's.
 */
export class Runs {
  readonly accounts: Accounts
  readonly power: Power
  readonly profiles = new Profiles()
  readonly timers = new Timers()
  readonly state: State
  /** What is to be reported at once. */
  outbox: Report[] = []
  private readonly intervals: Intervals

  constructor(state: State, power: Power) {
    this.state = state
    this.power = power
    this.accounts = new Accounts(state.layout.plant.queues.length)
    this.intervals = new Intervals(state.layout)
  }

  /** Takes the profile of a job that the core accepted into a row. */
  accept(row: number, job: Behaviour): Profile {
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
    run.lostGpus = 0
    return run
  }

  /** Facility energy of a job so far, W·ms: what it drew above idle, over all its runs. */
  energyWms(row: number): number {
    const run = this.profiles.of(row)
    return run.energyWms + openEnergyWms(run, this.state.totals.nowMs)
  }

  /** A job on fewer nodes than it asks for does its work more slowly; on faster devices, faster. */
  takeSize(row: number, run: Profile): void {
    const { jobs } = this.state.tables
    const full = jobs.gpus[row]!
    run.gpus = jobs.heldGpus[row]!
    run.fullSpeed = full > 0 ? run.gpus / full * speedOn(this.state, row, jobs.pool[row]!) : 1
    run.capSpeed = 1
    run.slowRatio = 1
    run.slowTicket = -1
  }

  /** The job's first step: from here it works, under the cap that is set. */
  rise(row: number, run: Profile, atMs: number): void {
    const { state } = this
    run.state = RUN.working
    run.upAtMs = atMs
    run.segmentAtMs = atMs
    run.segmentWorkMs = run.savedMs
    run.segmentSavedMs = run.savedMs
    run.firstWorkMs = run.savedMs
    run.writingMs = 0
    run.stalledMs = 0
    run.slowedMs = 0
    run.cappedMs = 0
    if (this.isPowered(run)) run.capSpeed = trueSpeed(state, row, run, run.capW)
    run.speed = run.fullSpeed * run.capSpeed
    this.chooseInterval(run, state.tables.jobs.pool[row]!)
    this.timers.push(atMs + Math.ceil(run.remainingMs()), TIMER.done, row, run.ticket)
    if (run.gpus === 0) return
    run.drawAtMs = atMs
    this.power.begin(atMs, row, run, this.drawOf(row, run))
    this.noteLoss(run, atMs)
  }

  /** When the job saves, as its kind of workload does. */
  chooseInterval(run: Profile, pool: number): void {
    const { everyMs, stallMs } = KINDS[run.kind]!.checkpoints({
      everyMs: run.declaredEveryMs,
      stallMs: run.declaredStallMs,
      usualStallMs: this.state.layout.plant.failures.checkpointStallMs,
    }, (stall) => this.intervals.best(pool, run.gpus, stall) * run.fullSpeed)
    run.everyMs = everyMs
    run.stallMs = stallMs
  }

  /** Whether caps act on a run: only then its curve counts. */
  isPowered(run: Profile): boolean {
    return this.state.totals.isPowered === 1 && run.gpus > 0
  }

  /** Speeds under the cap and of slowed devices from now on. */
  changeSpeed(row: number, atMs: number, capSpeed: number, slowRatio: number): void {
    const run = this.profiles.of(row)
    const speed = run.fullSpeed * capSpeed * slowRatio
    const isOther = run.speed !== speed || run.capSpeed !== capSpeed
    if (run.state === RUN.working && isOther) {
      this.settle(run, atMs)
      run.speed = speed
      this.work(row, run, atMs)
    }
    run.capSpeed = capSpeed
    run.slowRatio = slowRatio
  }

  /** Goes on working from the start of a segment: the end is where its work is done. */
  work(row: number, run: Profile, atMs: number): void {
    run.state = RUN.working
    run.segmentAtMs = atMs
    run.ticket++
    this.timers.push(atMs + Math.ceil(run.remainingMs()), TIMER.done, row, run.ticket)
  }

  /** Closes a segment of work: what it came to is the start of the next one. */
  settle(run: Profile, atMs: number): void {
    const elapsedMs = atMs - run.segmentAtMs
    const done = run.progress(elapsedMs)
    const worked = done.workMs - run.segmentWorkMs
    const lostMs = elapsedMs - done.stalledMs - worked / run.fullSpeed
    const { cappedMs, slowMs } = lossesOf(run, worked, lostMs)
    run.stalledMs = run.stalledMs + done.stalledMs
    run.slowedMs = run.slowedMs + slowMs
    run.cappedMs = run.cappedMs + cappedMs
    run.segmentAtMs = atMs
    run.segmentWorkMs = done.workMs
    run.segmentSavedMs = done.savedMs
  }

  /** It is told to save now: it does so beside its work, and what it wrote counts once it is. */
  save(row: number, run: Profile, atMs: number): void {
    // What never saves cannot do so when it is told to.
    if (run.state !== RUN.working || run.everyMs === Infinity) return
    const { checkpointStallMs, checkpointSaveMs } = this.state.layout.plant.failures
    run.writingMs = run.progress(atMs - run.segmentAtMs).workMs
    this.timers.push(
      atMs + Math.max(1, checkpointStallMs + checkpointSaveMs), TIMER.saved, row, run.attempt)
  }

  /** An ordered checkpoint is written, where the run that wrote it still goes on. */
  saved(row: number, attempt: number, atMs: number): void {
    const run = this.profiles.of(row)
    const { writingMs } = run
    if (run.attempt !== attempt || run.state !== RUN.working || writingMs === 0) return
    run.writingMs = 0
    this.settle(run, atMs)
    run.segmentSavedMs = Math.max(run.segmentSavedMs, writingMs)
    this.work(row, run, atMs)
  }

  /** Draws from now on what it does under its cap. */
  redraw(row: number, run: Profile, atMs: number): void {
    this.accounts.energy(run, atMs)
    run.drawAtMs = atMs
    this.power.change(atMs, row, run, this.drawOf(row, run))
    this.noteLoss(run, atMs)
  }

  complete(row: number, run: Profile, atMs: number): void {
    const done = run.progress(atMs - run.segmentAtMs)
    const { workMs } = run
    this.launched(run, run.upAtMs)
    this.accounts.run(run, { workMs, savedMs: done.savedMs, stalledMs: done.stalledMs }, workMs)
    this.leave(row, run, atMs, RUN.none)
  }

  /** Ends a run that is not complete: only what a written checkpoint holds is kept. */
  endRun(row: number, run: Profile, atMs: number): void {
    const phase = run.state
    if (phase === RUN.rising) {
      this.launched(run, atMs)
    } else if (phase === RUN.hanging) {
      this.accounts.hang(run.gpus, atMs - run.segmentAtMs)
    } else if (phase === RUN.working) {
      const done = run.progress(atMs - run.segmentAtMs)
      const { checkpointSaveMs } = this.state.layout.plant.failures
      const writtenMs = atMs - run.segmentAtMs - checkpointSaveMs
      const savedMs = writtenMs > 0 ? run.progress(writtenMs).savedMs
        : Math.min(done.savedMs, run.segmentSavedMs)
      this.launched(run, run.upAtMs)
      this.accounts.run(run, done, savedMs)
      run.savedMs = savedMs
    } else if (phase === RUN.saving || phase === RUN.suspended) {
      this.stood(run, atMs)
      this.launched(run, run.upAtMs)
      this.accounts.run(run, standing(run), run.segmentSavedMs)
      run.savedMs = run.segmentSavedMs
    }
    this.leave(row, run, atMs, RUN.waiting)
  }

  /** Accounts for the time that a run stood paused, or saved before it. */
  stood(run: Profile, atMs: number): void {
    const ms = atMs - run.segmentAtMs
    const { checkpointStallMs } = this.state.layout.plant.failures
    const stallMs = run.state === RUN.saving ? Math.min(ms, checkpointStallMs) : 0
    run.stalledMs = run.stalledMs + stallMs
    this.accounts.pause(run.gpus, ms - stallMs)
    run.segmentAtMs = atMs
  }

  /** Accounts for a launch that ended, well or not, at `atMs`. */
  launched(run: Profile, atMs: number): void {
    this.accounts.launch(run.gpus, atMs - run.orderedAtMs)
  }

  /** The run is over: its timers and orders are void, and it draws nothing. */
  leave(row: number, run: Profile, atMs: number, phase: number): void {
    run.ticket++
    run.capTicket++
    run.nextOrder = -1
    run.slowTicket = -1
    run.state = phase
    this.noteLoss(run, atMs)
    if (run.drawW === 0 && run.deviceW === 0) return
    this.accounts.energy(run, atMs)
    this.power.end(atMs, row, run)
  }

  /** Accounts for a run that is still going on at the end of the time. */
  close(run: Profile, atMs: number): void {
    if (run.state === RUN.rising) {
      this.launched(run, atMs)
    } else if (run.state === RUN.hanging) {
      this.accounts.hang(run.gpus, atMs - run.segmentAtMs)
    } else if (run.state >= RUN.working) {
      const isWorking = run.state === RUN.working
      if (!isWorking) this.stood(run, atMs)
      const done = isWorking ? run.progress(atMs - run.segmentAtMs) : standing(run)
      this.launched(run, run.upAtMs)
      this.accounts.run(run, done, done.workMs)
      this.accounts.energy(run, atMs)
      run.facilityW = 0
    }
  }

  private drawOf(row: number, run: Profile): DeviceDraw {
    if (this.isPowered(run)) return trueDraw(this.state, row, run, run.capW)
    const { layout, tables } = this.state
    const { gpus, nodeTypicalW, nodeIdleW } = layout.pools[tables.jobs.pool[row]!]!.system
    const busyRatio = KINDS[run.kind]!.drawRatio({ everyMs: run.everyMs, stallMs: run.stallMs })
    return { watts: (nodeTypicalW - nodeIdleW) / gpus, busyRatio, sdW: 0 }
  }

  private noteLoss(run: Profile, atMs: number): void {
    const isStanding = run.state === RUN.saving || run.state === RUN.suspended
    const lostGpus = isStanding ? run.gpus
      : run.state === RUN.working ? run.gpus * (1 - run.capSpeed) : 0
    if (lostGpus === run.lostGpus) return
    this.accounts.lose(atMs, lostGpus - run.lostGpus)
    run.lostGpus = lostGpus
  }
}

function standing(run: Profile): Progress {
  return { workMs: run.segmentWorkMs, savedMs: run.segmentSavedMs, stalledMs: 0 }
}
