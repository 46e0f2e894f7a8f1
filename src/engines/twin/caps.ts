import { randomStream, type RandomStream } from '../../base/random.ts'
import { fromMinutes } from '../../base/units.ts'
import { PAUSED_W } from '../../core/caps.ts'
import type { Command, Report } from '../../model/index.ts'
import { RUN, type Profile } from './profiles.ts'
import type { Runs } from './runs.ts'
import { TIMER } from './timers.ts'
import { trueDeviceW, trueSpeed } from './truth.ts'

/** No cap is on its way; or one that nodes set by themselves. */
const NO_ORDER = -1
const OWN = 0

/** How long telemetry looks at a job under a cap until it says what the job does. Guess. */
const MEASURE_MS = fromMinutes(5)

/**
 * Caps and pauses of running jobs: each order acts after a delay of its own, a later one makes an
 * earlier one void, and the answer carries its number. A job that is to pause saves first.
 */
export class Caps {
  private readonly runs: Runs
  private readonly delays: RandomStream
  private readonly errors: RandomStream
  private readonly curveErrorRatio: number

  /** `curveErrorRatio`: standard deviation of what jobs are off the curve of their class. */
  constructor(runs: Runs, seed: number, curveErrorRatio: number) {
    this.runs = runs
    this.delays = randomStream(seed, 'caps')
    this.errors = randomStream(seed, 'curves')
    this.curveErrorRatio = curveErrorRatio
  }

  /** How far a new job is off the curves of its class. */
  accept(run: Profile): void {
    run.lossFactor = this.factor()
    run.drawFactor = this.factor()
  }

  /** A run is ordered: it starts under the cap of its order. */
  begin(run: Profile, { capW, safeW, order }: Command): void {
    run.capW = capW
    run.safeW = safeW
    run.order = order
    run.nextOrder = NO_ORDER
    run.capTicket++
  }

  /** An order to cap or to pause. One that is older than the last is void; one may come twice. */
  order(command: Command, atMs: number): void {
    const { job, number, attempt, capW, safeW, order } = command
    const run = this.runs.profiles.of(job)
    if (run.number !== number || run.attempt !== attempt || order < run.order) return
    if (order === run.order) {
      if (run.nextOrder === NO_ORDER) this.runs.outbox.push(reportOf(job, run, order))
      return
    }
    run.order = order
    run.safeW = safeW
    this.set(job, run, atMs, capW, order)
  }

  /** Nodes that have not heard from us for too long set their safe caps. O(rows of jobs). */
  leaseEnded(atMs: number): void {
    const { state, profiles } = this.runs
    for (let row = 0; row < state.totals.jobRows; row++) {
      const run = profiles.of(row)
      if (run.state < RUN.rising || run.gpus === 0) continue
      const isOpen = run.nextOrder !== NO_ORDER
      if (run.safeW < run.capW || (isOpen && run.safeW < run.nextCapW)) {
        this.set(row, run, atMs, run.safeW, OWN)
      }
    }
  }

  /** A run came up: where it was to pause meanwhile it does so at once, with nothing to save. */
  risen(row: number, run: Profile, atMs: number, reports: Report[]): void {
    if (!this.runs.isPowered(run)) return
    if (run.nextOrder !== NO_ORDER && run.nextCapW === PAUSED_W) {
      run.capTicket++
      return this.pause(row, run, atMs, reports)
    }
    this.measureLater(row, run, atMs)
  }

  /** The timer of an order, or of the save before a pause. */
  due(row: number, ticket: number, atMs: number, reports: Report[]): void {
    const run = this.runs.profiles.of(row)
    if (run.capTicket !== ticket) return
    const isPause = run.nextCapW === PAUSED_W
    if (run.state === RUN.working && isPause) return this.save(row, run, atMs, reports)
    if (run.state === RUN.saving && isPause) return this.pause(row, run, atMs, reports)
    if (run.state === RUN.saving || run.state === RUN.suspended) {
      if (isPause) return this.confirm(row, run, reports)
      this.resume(row, run, atMs)
    } else if (isPause) {
      // Not up yet: it pauses when it is. Hanging: nothing answers.
      return
    }
    run.capW = run.nextCapW
    if (run.state === RUN.working) {
      const { state } = this.runs
      this.runs.changeSpeed(row, atMs, trueSpeed(state, row, run, run.capW), run.slowRatio)
      this.runs.redraw(row, run, atMs)
      this.measureLater(row, run, atMs)
    }
    this.confirm(row, run, reports)
  }

  /** What telemetry has seen of a job, unless something else slows it just now. */
  measure(row: number, ticket: number, atMs: number, reports: Report[]): void {
    const run = this.runs.profiles.of(row)
    if (run.capTicket !== ticket || run.state !== RUN.working) return
    if (run.slowRatio < 1) return this.measureLater(row, run, atMs)
    const { capW, capSpeed: speed, number } = run
    const drawW = Math.round(trueDeviceW(this.runs.state, row, run, capW))
    reports.push({ type: 'job.measured', job: row, number, capW, speed, drawW })
  }

  private set(row: number, run: Profile, atMs: number, capW: number, order: number): void {
    const isSaving = run.state === RUN.saving && run.nextCapW === PAUSED_W
    const isGoingOn = isSaving && capW === PAUSED_W && run.nextOrder !== NO_ORDER
    run.nextCapW = capW
    run.nextOrder = order
    if (isGoingOn) return
    const ticket = ++run.capTicket
    const { capMs } = this.runs.state.layout.plant.power
    const delayMs = Math.max(1, Math.ceil(this.delays.uniform() * capMs))
    this.runs.timers.push(atMs + delayMs, TIMER.cap, row, ticket)
  }

  /** It stands still until all that it did is written. */
  private save(row: number, run: Profile, atMs: number, reports: Report[]): void {
    const { checkpointStallMs, checkpointSaveMs } = this.runs.state.layout.plant.failures
    this.runs.settle(run, atMs)
    run.ticket++
    run.state = RUN.saving
    const ms = checkpointStallMs + checkpointSaveMs
    if (ms === 0) return this.pause(row, run, atMs, reports)
    this.runs.redraw(row, run, atMs)
    this.runs.timers.push(atMs + ms, TIMER.cap, row, run.capTicket)
  }

  private pause(row: number, run: Profile, atMs: number, reports: Report[]): void {
    if (run.state === RUN.working) this.runs.settle(run, atMs)
    else this.runs.stood(run, atMs)
    run.ticket++
    run.segmentSavedMs = run.segmentWorkMs
    run.state = RUN.suspended
    run.capW = PAUSED_W
    this.runs.redraw(row, run, atMs)
    this.confirm(row, run, reports)
  }

  /** It works on from where it stood; a save that is not done is given up. */
  private resume(row: number, run: Profile, atMs: number): void {
    this.runs.stood(run, atMs)
    run.capSpeed = trueSpeed(this.runs.state, row, run, run.nextCapW)
    run.speed = run.fullSpeed * run.capSpeed * run.slowRatio
    this.runs.work(row, run, atMs)
  }

  private confirm(row: number, run: Profile, reports: Report[]): void {
    reports.push(reportOf(row, run, run.nextOrder))
    run.nextOrder = NO_ORDER
  }

  private measureLater(row: number, run: Profile, atMs: number): void {
    const { layout, tables } = this.runs.state
    const { deviceRatedW } = layout.pools[tables.jobs.pool[row]!]!.system
    if (run.capW >= deviceRatedW) return
    this.runs.timers.push(atMs + MEASURE_MS, TIMER.measure, row, run.capTicket)
  }

  private factor(): number {
    if (this.curveErrorRatio === 0) return 1
    return Math.max(0, 1 + this.curveErrorRatio * this.errors.normal())
  }
}

function reportOf(row: number, run: Profile, order: number): Report {
  const { number, attempt, capW } = run
  const isOwn = order === OWN
  return { type: 'cap', job: row, number, attempt, order: isOwn ? run.order : order, isOwn, capW }
}
