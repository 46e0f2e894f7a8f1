import { randomStream } from '../../base/random.ts'
import { usablePools } from '../../core/layout.ts'
import { DOWN, DRAINED, type State } from '../../core/state.ts'
import { PHASE } from '../../model/index.ts'
import { CLOSED, meanRepairMs } from './faults.ts'
import { RUN, type Behaviour, type Profile } from './profiles.ts'
import { TIMER } from './timers.ts'
import { Twin } from './twin.ts'

/**
 * A twin for a state that is in the middle of things, such as a fork. It knows no profiles: what
 * it is told of a job is what somebody believes. Jobs run on from where the state says they are,
 * save as jobs do that say nothing of it, and complete. Nodes that are down come back when their
 * repair ends: how long that has gone on is not in the state, so what is left of it is drawn
 * evenly up to the mean repair of the plant. Nodes that are down and drained stay away: a person
 * took them out. What is broken and not yet noticed is not known, so it is not so.
 */
export class Ahead extends Twin {
  constructor(state: State, seed: number, hasFaults: boolean) {
    super(state, seed, { hasFaults })
    this.repair(seed)
  }

  /**
   * Takes what is believed of a job in a row, pending or placed: how long it runs in all at full
   * size (see core/belief.ts), in ms, launch and stalls included, of which `keptMs` is behind it.
   */
  believe(row: number, runMs: number): void {
    const { jobs } = this.state.tables
    const keptMs = jobs.keptMs[row]!
    this.take(row, { ...BELIEVED, gpus: jobs.gpus[row]!, workMs: keptMs + 1 }, runMs)
  }

  /** A job goes on from where the state has it: for `runMs` in all, or to its work's end. */
  protected take(row: number, job: Behaviour, runMs: number | undefined): void {
    const { jobs } = this.state.tables
    const keptMs = jobs.keptMs[row]!
    this.accept(row, { ...job, workMs: Math.max(job.workMs, keptMs + 1) })
    const { runs } = this
    const run = runs.profiles.of(row)
    run.savedMs = keptMs
    run.attempt = jobs.starts[row]!
    run.fullSpeed = 1
    const phase = jobs.phase[row]!
    if (phase >= PHASE.starting) {
      runs.takeSize(row, run)
      this.takeCaps(row, run)
    }
    const restMs = runMs === undefined ? undefined : (runMs - keptMs) / run.fullSpeed
    if (phase >= PHASE.running) return this.resume(row, run, restMs)
    // Which pool it will run in is not known; stalls differ little between them.
    const pool = phase === PHASE.starting ? jobs.pool[row]!
      : usablePools(this.state.layout, jobs.queue[row]!, jobs.device[row]!)[0]!
    runs.chooseInterval(run, pool)
    if (restMs !== undefined) setWork(run, restMs - this.riseMs(run))
    if (phase === PHASE.starting) this.goOnStarting(row, run)
  }

  /** The order to start was given and will be answered. */
  private goOnStarting(row: number, run: Profile): void {
    const { nowMs } = this.state.totals
    run.state = RUN.rising
    run.orderedAtMs = nowMs
    run.upAtMs = -1
    const upAtMs = this.state.tables.jobs.startAtMs[row]! + this.riseMs(run)
    const ticket = ++run.ticket
    this.runs.timers.push(Math.max(nowMs, upAtMs), TIMER.up, row, ticket)
  }

  /** Goes on with a run that came up before now: its progress counts from then. */
  private resume(row: number, run: Profile, restMs: number | undefined): void {
    const { nowMs } = this.state.totals
    const startAtMs = this.state.tables.jobs.startAtMs[row]!
    const upAtMs = Math.min(nowMs, startAtMs + this.riseMs(run))
    this.runs.rise(row, run, nowMs)
    run.upAtMs = upAtMs
    run.drawAtMs = upAtMs
    run.segmentAtMs = upAtMs
    if (restMs !== undefined) setWork(run, startAtMs + restMs - upAtMs)
    // The accounts are of what is to come.
    const done = run.progress(nowMs - upAtMs)
    run.orderedAtMs = upAtMs
    run.firstWorkMs = done.workMs
    run.stalledMs = -done.stalledMs
    if (this.state.tables.jobs.phase[row] === PHASE.suspended) return this.stand(row, run)
    const ticket = ++run.ticket
    const endAtMs = Math.max(nowMs + 1, upAtMs + Math.ceil(run.remainingMs()))
    this.runs.timers.push(endAtMs, TIMER.done, row, ticket)
  }

  /** The cap that is charged is in force; one that was ordered and not confirmed is on its way. */
  private takeCaps(row: number, run: Profile): void {
    const { totals, tables } = this.state
    const { jobs } = tables
    if (totals.isPowered === 0 || jobs.gpus[row] === 0) return
    const order = jobs.capOrders[row]!
    const attempt = jobs.starts[row]!
    const command = { job: row, number: jobs.number[row]!, attempt }
    const capW = jobs.capW[row]!
    const isOpen = jobs.capAtMs[row] !== 0
    this.caps.begin(run, { ...command, type: 'start', capW, safeW: capW, order: order - 1 })
    // One that is paused comes up at its rating, and then stands still.
    if (capW === 0) run.capW = this.state.layout.pools[jobs.pool[row]!]!.system.deviceRatedW
    if (!isOpen) return
    const orderedW = jobs.orderedW[row]!
    this.caps.order(
      { ...command, type: 'cap', capW: orderedW, safeW: orderedW, order }, totals.nowMs)
  }

  /** A run that is paused: it stands where the state says it came to. */
  private stand(row: number, run: Profile): void {
    this.runs.settle(run, this.state.totals.nowMs)
    run.ticket++
    run.segmentSavedMs = run.segmentWorkMs
    run.state = RUN.suspended
    run.capW = 0
    this.runs.redraw(row, run, this.state.totals.nowMs)
  }

  private riseMs(run: Profile): number {
    const { launchMs, loadMs } = this.state.layout.plant.failures
    return launchMs + (run.savedMs > 0 ? loadMs : 0)
  }

  private repair(seed: number): void {
    const { flags } = this.state.tables.nodes
    const { nowMs } = this.state.totals
    const random = randomStream(seed, 'repairs')
    const { healthCheckMs } = this.state.layout.plant.failures
    const mostMs = meanRepairMs(this.state.layout) + healthCheckMs
    for (let first = 0; first < flags.length; first++) {
      if ((flags[first]! & DOWN) === 0) continue
      let end = first + 1
      while (end < flags.length && flags[end] === flags[first]) end++
      this.broken.add([first, end])
      this.power.idle(nowMs, first, end, -1)
      if ((flags[first]! & DRAINED) === 0) {
        const slot = this.openFaults.push({ ...CLOSED, ranges: [first, end] }) - 1
        const inMs = Math.ceil(random.uniform() * mostMs)
        this.runs.timers.push(nowMs + Math.max(1, inMs), TIMER.healthy, slot, 0)
      } else {
        // No fault reaches them, and nobody waits for their repair.
        this.broken.count -= end - first
      }
      first = end - 1
    }
  }
}

const BELIEVED = {
  workload: '', checkpointEveryMs: 0, checkpointStallMs: -1, outcome: 'completed',
} as const

/** The work that a run does in `runMs` after its launch, between its stalls. */
function setWork(run: Profile, runMs: number): void {
  const { everyMs, fullSpeed } = run
  const cycleMs = everyMs / fullSpeed + run.stallMs
  const cycles = everyMs === Infinity ? 0 : Math.floor(Math.max(0, runMs) / cycleMs)
  const restMs = cycles === 0 ? runMs : runMs - cycles * cycleMs
  const workMs = Math.min(restMs * fullSpeed, everyMs) + (cycles === 0 ? 0 : cycles * everyMs)
  run.workMs = run.savedMs + Math.max(1, workMs)
}
