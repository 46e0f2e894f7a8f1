/**
 * Watches the watts of a run from outside: what the twin truly draws is added up anew at every
 * turn, and held against grants, limits, promises and the times in which orders must act.
 */
import { blockerOf } from '../../src/core/blocker.ts'
import { speedOfJob } from '../../src/core/caps.ts'
import type { State } from '../../src/core/state.ts'
import type { Profile } from '../../src/engines/twin/profiles.ts'
import { RUN } from '../../src/engines/twin/profiles.ts'
import { drawAt, PHASE, RATIO_ONE, type Event, type JobCapped } from '../../src/model/index.ts'
import type { LateTwin } from './late-twin.ts'
import { nodesOfJob, systemOfNode } from './oracle.ts'
import type { World } from './world.ts'

/** Problems that are told: the first of them says most. */
const TOLD_MOST = 5

/** How far a cap may be below a promise, as noise and bends of what was seen allow. */
const PROMISE_SLACK = 0.02

/** Deviations by which samples may be above what is stated, and some for small counts. */
const FAR = 5

/** What a run may take beyond the work of its jobs: power that is short, waits, repairs. */
const SPARE_MS = 100_000_000

export class PowerWatch {
  private readonly state: State
  private readonly twin: LateTwin
  private readonly world: World
  private readonly found: string[] = []
  private readonly overDraw: Overs
  private readonly overGrant: Overs
  private readonly limitW: Float64Array
  /** Since when what is known of the plant is as it is, and somebody is there to act on it. */
  private steadyAtMs = 0
  private down = 0
  /** Work of paused jobs, by row, and where each stands since it was last started. */
  private readonly paused = new Map<number, { number: number, workMs: number, nodes?: string }>()
  /** When the run should be over, and how many jobs were left when that was last put off. */
  private horizonMs: number
  private leftMost = Infinity

  constructor(state: State, twin: LateTwin, world: World) {
    this.state = state
    this.twin = twin
    this.world = world
    this.limitW = state.tables.feeders.limitW.slice()
    this.overDraw = new Float64Array(this.limitW.length).fill(-1)
    this.overGrant = new Float64Array(this.limitW.length).fill(-1)
    const { launchMs, loadMs, detectMs, healthCheckMs } = world.failures
    const perJobMs = 3 * (launchMs + loadMs + detectMs + healthCheckMs) + 3_600_000
    this.horizonMs = world.quietAtMs + SPARE_MS
      + world.jobs.reduce((sum, job) => sum + perJobMs + 15 * job.workMs, 0)
  }

  before(event: Event): void {
    if (event.type === 'job.capped') this.looksAtOrder(event)
    // It was stopped and is started anew, which may be elsewhere.
    if (event.type === 'job.started') delete this.paused.get(event.job)?.nodes
    if (event.type === 'feeder.ratio') this.steadyAtMs = this.state.totals.nowMs
  }

  turn(): void {
    const { state } = this
    const { nowMs, isPowered } = state.totals
    if (nowMs > this.horizonMs && !this.isSlow(nowMs)) {
      throw new Error(`the run goes on at ${nowMs} ms: ${this.left()}`)
    }
    const { feeders } = this.twin.power
    if (isPowered === 0 || feeders === undefined) return
    this.lookAtTruth(feeders.meanW, feeders['ratioPer10k'])
    this.lookAtPauses()
    this.lookAtDowntimes(nowMs)
    this.lookAtAnswers(nowMs)
    this.lookAtLimits(nowMs, feeders.meanW, feeders['ratioPer10k'])
  }

  problems(): string[] {
    const { power, features } = this.world
    const p = this.state.layout.plant.power.breachRatio
    const isSteady = power !== undefined && this.state.totals.isPowered === 1 && p > 0
      && !features.has('adversary') && power.downtimes.length === 0 && power.curveErrorRatio === 0
      && !['events', 'targets', 'weather', 'noisy measures'].some((each) =>
        power.features.has(each as 'events'))
    for (const { feeder, samples, breaches } of this.twin.breaches(this.state.totals.nowMs)) {
      if (!isSteady) continue
      const most = samples * p + FAR * Math.sqrt(samples * p) + FAR
      if (breaches > most) {
        this.tell(`feeder ${feeder} is over its limit in ${breaches} of ${samples} samples at ${p}`)
      }
    }
    return this.found
  }

  /**
   * Whether a run goes on because its work takes so long: devices may be far slower than those that
   * a job is meant for, and the plant's own limits may leave them so little that it does a tenth of
   * its throughput there. Then it gets the time that it needs at the speed of now, and after that
   * fewer jobs are left.
   */
  private isSlow(nowMs: number): boolean {
    const { running, pending } = this.state.totals
    if (running + pending >= this.leftMost) return false
    this.leftMost = running + pending
    let leftMs = 0
    for (let job = 0; job < this.state.totals.jobRows; job++) {
      const run = this.runOf(job)
      if (run?.state !== RUN.working) continue
      leftMs = Math.max(leftMs, run.segmentAtMs + run.remainingMs() - nowMs)
    }
    this.horizonMs = nowMs + leftMs + SPARE_MS
    return leftMs > 0
  }

  /** Jobs that are left, and what each lacks. */
  private left(): string {
    const { jobs } = this.state.tables
    return Array.from({ length: this.state.totals.jobRows }, (_, job) => job)
      .filter((job) => jobs.phase[job] !== PHASE.free)
      .map((job) => `job ${jobs.number[job]} in phase ${jobs.phase[job]} `
        + `under ${jobs.capW[job]} W, `
        + `ordered ${jobs.orderedW[job]}: ${jobs.phase[job] !== PHASE.pending ? ''
          : JSON.stringify(blockerOf(this.state, job))}`)
      .join('; ')
  }

  private tell(problem: string): void {
    if (this.found.length < TOLD_MOST) {
      this.found.push(`at ${this.state.totals.nowMs} ms: ${problem}`)
    }
  }

  /** A cap keeps what the job is promised, as far as is believed. */
  private looksAtOrder({ job, capW, safeW }: JobCapped): void {
    const { jobs } = this.state.tables
    const promised = jobs.leastSpeed[job]!
    if (promised === 0) return
    const pool = this.state.layout.pools[jobs.pool[job]!]!
    for (const watts of [capW, safeW]) {
      const speed = speedOfJob(this.state, job, pool, watts)
      const isLeast = watts === pool.system.deviceRatedW || speed >= promised - PROMISE_SLACK
      if (!isLeast) this.tell(`job ${jobs.number[job]} is promised ${promised}, gets ${speed}`)
    }
  }

  /** What each feeder truly draws is the sum of what the runs below it do, to the watt. */
  private lookAtTruth(meanW: Float64Array, ratioPer10k: Int32Array): void {
    const { state } = this
    const { plant } = state.layout
    const sum = Float64Array.from(state.layout.drawBaseW)
    for (const node of this.twin.offNodes) {
      const { rack, system } = systemOfNode(state, node)
      sum[rack.feeder]! -= Math.round(system.nodeIdleW)
    }
    for (let job = 0; job < state.totals.jobRows; job++) {
      if (state.tables.jobs.phase[job]! < PHASE.starting) continue
      const run = this.runOf(job)
      if (run === undefined || run.gpus === 0) continue
      const leaves = new Map<number, number>()
      for (const { node, mask } of nodesOfJob(state, job)) {
        const { rack, system } = systemOfNode(state, node)
        const devices = mask === 0 ? system.gpus : bits(mask)
        leaves.set(rack.feeder, (leaves.get(rack.feeder) ?? 0) + devices)
      }
      const watts = this.deviceW(job, run)
      for (const [leaf, devices] of leaves) sum[leaf]! += Math.round(devices * watts)
    }
    for (let at = sum.length - 1; at >= 0; at--) {
      if (sum[at] !== meanW[at]) this.tell(`feeder ${at} draws ${meanW[at]} W, sums to ${sum[at]}`)
      const { parent } = plant.feeders[at]!
      if (parent < 0) continue
      const ratio = ratioPer10k[at]!
      sum[parent]! += ratio === RATIO_ONE ? sum[at]! : Math.ceil(sum[at]! * ratio / RATIO_ONE)
    }
    const { facilityW } = this.twin.meter
    plant.sites.forEach(({ feeder }, site) => {
      const watts = facilityW[site]
      if (watts !== meanW[feeder]) this.tell(`I11 site ${site} draws ${watts} W`)
    })
  }

  /** A run that draws; undefined for one that does not. */
  private runOf(job: number): Profile | undefined {
    const run = this.twin['runs'].profiles.of(job)
    const isDrawing = run.state === RUN.working || run.state >= RUN.saving
    return isDrawing && run.number === this.state.tables.jobs.number[job] ? run : undefined
  }

  private deviceW(job: number, run: Profile): number {
    const { plant } = this.state.layout
    const { jobs } = this.state.tables
    const system = plant.systems[plant.pools[jobs.pool[job]!]!.system]!
    const { deviceIdleW, deviceRatedW, gpus, nodeRatedW, nodeTypicalW, nodeIdleW, device } = system
    if (run.capW === 0) return Math.max(0, Math.ceil(plant.curves.pausedW[device]!) - deviceIdleW)
    const curve = plant.curves.byClass[jobs.curve[job]!]![device]!
    const hostW = (nodeTypicalW - nodeIdleW) / gpus - (curve.drawW.at(-1)! - deviceIdleW)
    const ownW = Math.min(run.capW, drawAt(curve, run.capW) * run.drawFactor)
    // A node draws no more than its rating, less what its caps take off that.
    const restW = Math.floor((nodeRatedW - nodeIdleW) / gpus - deviceRatedW + deviceIdleW)
    return Math.round(Math.min(Math.max(0, hostW) + ownW, Math.max(0, restW) + run.capW)
      - deviceIdleW)
  }

  /** A paused job keeps its nodes, and all the work that it had done. */
  private lookAtPauses(): void {
    const { jobs } = this.state.tables
    for (let job = 0; job < this.state.totals.jobRows; job++) {
      const run = this.twin['runs'].profiles.of(job)
      const known = this.paused.get(job)
      const number = jobs.number[job]!
      if (known !== undefined && known.number === number && run.number === number) {
        // Standing, or working on, or stopped: no work is lost by a pause.
        const workMs = run.state === RUN.working || run.state >= RUN.saving ? run.segmentWorkMs
          : run.savedMs
        const isThere = jobs.phase[job]! >= PHASE.pending && run.state !== RUN.none
        if (isThere && workMs < known.workMs - 1e-6) {
          this.tell(`job ${number} had ${known.workMs} ms of work when paused, has ${workMs}`)
        }
        const isMoved = known.nodes !== undefined && placeOf(this.state, job) !== known.nodes
        if (run.state === RUN.suspended && isMoved) {
          this.tell(`job ${number} was moved while it was paused`)
        }
      }
      if (run.state !== RUN.suspended || run.number !== number) this.paused.delete(job)
      else this.paused.set(job, {
        number, workMs: run.segmentWorkMs, nodes: placeOf(this.state, job) })
    }
  }

  private lookAtDowntimes(nowMs: number): void {
    const downtimes = this.world.power?.downtimes ?? []
    while (this.down < downtimes.length && downtimes[this.down]!.endAtMs <= nowMs) this.down++
    for (const { startAtMs, endAtMs } of downtimes) {
      if (startAtMs <= nowMs) this.steadyAtMs = Math.max(this.steadyAtMs, Math.min(nowMs, endAtMs))
    }
  }

  /** Each order of a cap is answered while it is fresh (I8); where answers get lost, in the end. */
  private lookAtAnswers(nowMs: number): void {
    const { jobs } = this.state.tables
    const isLossy = this.world.power?.features.has('lost answers') === true
    const mostMs = this.answerMs() * (isLossy ? 40 : 1) + (isLossy ? 1e7 : 0)
    for (let job = 0; job < this.state.totals.jobRows; job++) {
      const sinceMs = jobs.capAtMs[job]!
      if (sinceMs === 0 || nowMs - Math.max(sinceMs, this.steadyAtMs) <= mostMs) continue
      this.tell(`I8 job ${jobs.number[job]} is not heard of for ${nowMs - sinceMs} ms`)
    }
  }

  /** How long an order may take until it is answered: the job may come up, save or hang first. */
  private answerMs(): number {
    const { launchMs, loadMs, detectMs } = this.world.failures
    return this.actMs() + launchMs + loadMs + Math.max(1, detectMs)
  }

  /** How long an order may take until it acts. */
  private actMs(): number {
    const { checkpointStallMs, checkpointSaveMs } = this.world.failures
    return this.state.layout.plant.power.capMs + checkpointStallMs + checkpointSaveMs + 1
  }

  /**
   * Nothing draws more than is granted; and what is granted and drawn comes below a limit that fell
   * as soon as orders act, but where that is less than nothing can be held below. One that falls
   * above or below another asks at once for more of the same jobs (I4a), and a later order makes
   * void what is on its way: both have the time that orders take from then on.
   */
  private lookAtLimits(nowMs: number, meanW: Float64Array, ratioPer10k: Int32Array): void {
    const { feeders } = this.state.tables
    const { features } = this.world
    const isSame = ratioPer10k.every((ratio, at) => ratio === feeders.ratioPer10k[at])
    const isSoldOver = this.state.layout.plant.power.breachRatio > 0
    const isLossy = this.world.power?.features.has('lost answers') === true
    const fallen = [...this.limitW.keys()].filter((at) => feeders.limitW[at]! < this.limitW[at]!)
    this.limitW.set(feeders.limitW)
    for (let at = 0; at < meanW.length; at++) {
      const limitW = feeders.limitW[at]!
      const isFallen = fallen.some((other) => this.isAbove(other, at) || this.isAbove(at, other))
      if (!isSame) this.steadyAtMs = nowMs
      else if (meanW[at]! > feeders.grantW[at]!) {
        this.tell(`feeder ${at} draws ${meanW[at]} W of ${feeders.grantW[at]} W that it grants`)
      }
      if (isSoldOver || features.has('adversary')) continue
      const isExcused = isFallen || feeders.floorW[at]! > limitW
      this.look(this.overDraw, at, meanW[at]!, isExcused, this.actMs(), 'draws')
      if (isLossy) continue
      this.look(this.overGrant, at, feeders.grantW[at]!, isExcused, this.answerMs(), 'grants')
    }
  }

  /** Whether a feeder is above another, or the same. */
  private isAbove(feeder: number, other: number): boolean {
    let at = other
    while (at > feeder) at = this.state.layout.feederParent[at]!
    return at === feeder
  }

  private look(
    since: Overs, at: number, watts: number, isExcused: boolean, mostMs: number, what: string,
  ): void {
    const { nowMs } = this.state.totals
    const limitW = this.state.tables.feeders.limitW[at]!
    if (watts <= limitW) since[at] = -1
    else if (since[at]! < 0 || isExcused) since[at] = nowMs
    if (since[at]! < 0 || nowMs - Math.max(since[at]!, this.steadyAtMs) <= mostMs) return
    this.tell(`I4a feeder ${at} ${what} ${watts} W over ${limitW} W for ${nowMs - since[at]!} ms`)
  }
}

/** Since when each feeder is over its limit; -1: it is not. */
type Overs = Float64Array

function placeOf(state: State, job: number): string {
  return nodesOfJob(state, job).map(({ node, mask }) => `${node}/${mask}`).join()
}

function bits(mask: number): number {
  let count = 0
  for (let bit = 0; bit < 32; bit++) count += mask >>> bit & 1
  return count
}
